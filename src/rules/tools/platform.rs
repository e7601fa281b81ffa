//! `tools/platform`: is another CPU architecture or operating system named on each side?

use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/platform`.
#[derive(Debug)]
pub struct Platform;

static META: Meta = Meta {
    id: "tools/platform",
    severity: Severity::Info,
    question: "Is another CPU architecture or operating system named on each side?",
    why: "Numbers, native libraries and images differ between architectures.",
    drift: "`platform: linux/amd64` in dev, `kubernetes.io/arch: arm64` in prod",
    parity: "one side names none",
    opt_in: false,
};

impl Rule for Platform {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        let (Some(x), Some(y)) = (&from.platform, &to.platform) else { return Vec::new() };
        let (Some(p), Some(q)) = (x.value.known(), y.value.known()) else { return Vec::new() };
        if !differ(p, q) {
            return Vec::new();
        }
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let message = format!("`{}` runs on `{p}` in {a} and on `{q}` in {b}", pair.name);
        let places = vec![Place::new(Which::From, x.at.clone(), p.clone()), Place::new(Which::To, y.at.clone(), q.clone())];
        let mut finding = comparison.finding(&META, &pair.name, "platform", message, places);
        finding.help = Some(format!("build and run it for `{q}` in {a} as well"));
        vec![finding]
    }
}

/// Do two platforms differ in a part that both name? (`arm64` is `linux/arm64`, `x86_64` is `amd64`.)
fn differ(a: &str, b: &str) -> bool {
    let parts = |text: &str| -> (Option<String>, String) {
        let lower = text.to_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        let (os, arch) = match parts.as_slice() {
            [os, arch, ..] => (Some((*os).to_owned()), *arch),
            [os @ ("linux" | "windows")] => return (Some((*os).to_owned()), String::new()),
            [arch] => (None, *arch),
            [] => (None, ""),
        };
        let arch = match arch {
            "x86_64" | "x64" => "amd64",
            "aarch64" | "armv8" => "arm64",
            arch => arch,
        };
        (os, arch.to_owned())
    };
    let ((os, arch), (other_os, other_arch)) = (parts(a), parts(b));
    let both = |x: &str, y: &str| !x.is_empty() && !y.is_empty() && x != y;
    both(&arch, &other_arch) || both(os.as_deref().unwrap_or(""), other_os.as_deref().unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::differ;

    #[test]
    fn platforms() {
        for (a, b, want) in [
            ("linux/amd64", "linux/arm64", true),
            ("linux/amd64", "amd64", false),
            ("x86_64", "linux/amd64", false),
            ("linux/arm64/v8", "linux/arm64", false),
            ("linux", "windows/amd64", true),
            ("linux", "arm64", false),
        ] {
            assert_eq!(differ(a, b), want, "{a} {b}");
        }
    }
}
