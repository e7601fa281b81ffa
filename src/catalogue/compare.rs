//! Would these two be drift? The comparison of two statements of software.

use std::cmp::Ordering;

use super::{Kind, Level, Relation, relation};
use crate::inventory::version::State;
use crate::inventory::{Confidence, Flag, Software, Version};

/// The answer of a comparison; the words of the JSON report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The same version.
    Same,
    /// The shorter statement covers the longer.
    Covers,
    /// Same version; other base, vendor, build or extension.
    Flavour,
    /// Other patch.
    Patch,
    /// Other minor.
    Minor,
    /// Other major series.
    Major,
    /// Other software.
    KindMismatch,
    /// A side names no version.
    Unpinned,
    /// Cannot be compared.
    Incomparable,
    /// `to` has it alone.
    MissingFrom,
    /// `from` has it alone.
    MissingTo,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Covers => "covers",
            Self::Flavour => "flavour",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::KindMismatch => "kind-mismatch",
            Self::Unpinned => "unpinned",
            Self::Incomparable => "incomparable",
            Self::MissingFrom => "missing-from",
            Self::MissingTo => "missing-to",
        }
    }
}

/// A verdict and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// How the kinds relate, for a kind mismatch.
    pub relation: Option<Relation>,
    /// Words beside it, sorted.
    pub flags: Vec<Flag>,
    /// Which side is newer, where versions differ: `Less` when `from` is older.
    pub direction: Option<Ordering>,
    /// The reason, one lower-case phrase without a full stop.
    pub because: String,
}

impl Outcome {
    /// A verdict with its reason and nothing else.
    pub fn of(verdict: Verdict, because: impl Into<String>) -> Self {
        Self { verdict, relation: None, flags: Vec::new(), direction: None, because: because.into() }
    }

    fn flag(mut self, flag: Flag) -> Self {
        self.flags.push(flag);
        self
    }
}

/// Compares what development (`from`) and production (`to`) state.
#[must_use]
pub fn compare(from: &Software, to: &Software) -> Outcome {
    let mut out = decide(from, to);
    out.flags.extend(from.flags.iter().chain(&to.flags).filter(|f| **f != Flag::Mapped || out.verdict != Verdict::Unpinned));
    if [from, to].iter().any(|s| s.kind.is_some() && s.confidence == Confidence::Guess) {
        out.flags.push(Flag::GuessedKind);
    }
    out.flags.sort_unstable();
    out.flags.dedup();
    out
}

fn decide(from: &Software, to: &Software) -> Outcome {
    let (a, b) = (&from.version, &to.version);
    let digest = |s: &Software| s.image.as_ref().and_then(|i| i.digest.clone());
    if let (Some(x), Some(y)) = (digest(from), digest(to))
        && x == y
    {
        return Outcome::of(Verdict::Same, "both name the same digest").flag(Flag::SameDigest);
    }
    let repository = |s: &Software| s.image.as_ref().map(|i| i.repository.clone());
    let kind = match (from.kind, to.kind) {
        (Some(x), Some(y)) => {
            if let Some(relation) = relation(x, y) {
                let because = words(relation, &x.name, &y.name);
                return Outcome { relation: Some(relation), ..Outcome::of(Verdict::KindMismatch, because) };
            }
            if let Some(out) = products(x, from, to) {
                return out;
            }
            Some(x)
        }
        _ => {
            if let Some(unnamed) = [from, to].into_iter().find(|s| s.is_unnamed()) {
                return Outcome::of(
                    Verdict::Incomparable,
                    format!("which engine and version {} runs is not in the manifest", unnamed.text),
                );
            }
            if repository(from) != repository(to) || from.image.is_none() || to.image.is_none() {
                return if from.text == to.text && a.state != State::Floating && b.state != State::Floating {
                    Outcome::of(Verdict::Same, "both name the same image")
                } else {
                    Outcome::of(Verdict::Incomparable, "the two are images of other repositories, of no known kind")
                };
            }
            None
        }
    };
    // The tag of an image of one's own counts something else: against another image, what it is built from is compared.
    if repository(from) != repository(to) && (from.built_from.is_some() || to.built_from.is_some()) {
        return match (beneath(from), beneath(to)) {
            (Some(from), Some(to)) => decide(&from, &to),
            _ => {
                Outcome::of(Verdict::Incomparable, "one side is an image of this repository, whose tag is not the version of what is in it")
            }
        };
    }
    if a.state == State::Opaque || b.state == State::Opaque {
        if from.text == to.text {
            return Outcome::of(Verdict::Same, "both name the same image");
        }
        let which = if a.state == State::Opaque { from } else { to };
        return Outcome::of(Verdict::Incomparable, format!("`{}` names no version that can be compared", which.text));
    }
    if a.state == State::Floating || b.state == State::Floating {
        let which = if a.state == State::Floating { from } else { to };
        return Outcome::of(Verdict::Unpinned, format!("`{}` names no version", which.text));
    }
    if a.state == State::Date || b.state == State::Date {
        return match a.state == b.state && a.components == b.components {
            true => flavour(from, to, a, b),
            false => Outcome::of(Verdict::Incomparable, "the tags are days, not versions"),
        };
    }
    numbers(kind, from, to)
}

/// Two products of one class of software (Mosquitto and EMQX): the numbers of each are its own.
fn products(class: &Kind, from: &Software, to: &Software) -> Option<Outcome> {
    let (x, y) = (product(from)?, product(to)?);
    // Jaeger's image is `jaegertracing/jaeger`, and was `jaegertracing/all-in-one`.
    if !class.class || x.starts_with(y) || y.starts_with(x) {
        return None;
    }
    if class.dev_only {
        return Some(Outcome::of(Verdict::Incomparable, format!("`{x}` and `{y}` are two products")));
    }
    let because = format!("`{x}` and `{y}` are two products of one class: {}", class.noun());
    Some(Outcome { relation: Some(Relation::WireCompatible), ..Outcome::of(Verdict::KindMismatch, because) })
}

/// The name of what an image holds.
fn product(software: &Software) -> Option<&str> {
    let mut parts = software.image.as_ref()?.repository.rsplit('/');
    let last = parts.next()?;
    Some(if last == "all-in-one" { parts.next().unwrap_or(last) } else { last })
}

/// The software without its own image's name, where it is built here.
fn beneath(software: &Software) -> Option<Software> {
    if software.built_from.is_none() { Some(software.clone()) } else { software.underlying() }
}

/// Both name a version of the same kind.
fn numbers(kind: Option<&Kind>, from: &Software, to: &Software) -> Outcome {
    let (mut a, mut b) = (from.version.clone(), to.version.clone());
    let name = kind.map_or("the image", |k| &k.name);
    let first = |v: &Version| v.components.first().copied().unwrap_or(0);
    let low = first(&a).min(first(&b));
    let levels = kind.map_or_else(|| vec![Level::Major, Level::Minor, Level::Patch], |k| k.levels(low));
    let minio = kind.is_some_and(|k| k.id == "minio");
    for version in [&mut a, &mut b] {
        if version.components.len() > levels.len() && !minio {
            let rest: Vec<String> = version.components.drain(levels.len()..).map(|n| n.to_string()).collect();
            // `15.7.0` is Bitnami's way to write 15.7.
            if rest.iter().any(|r| r != "0") {
                version.revision.insert(0, rest.join("."));
            }
        }
    }
    let differs = a.components.iter().zip(&b.components).position(|(x, y)| x != y);
    if let Some(i) = differs {
        // A jump between numbering schemes (5.26 and 2025.04) is a major one whatever the component.
        let scheme = |n: u64| n >= 2000;
        let level = if scheme(first(&a)) != scheme(first(&b)) {
            Level::Major
        } else if minio {
            Level::Minor
        } else {
            levels.get(i).copied().unwrap_or(Level::Patch)
        };
        let (verdict, what) = match level {
            Level::Major => (Verdict::Major, "different major series"),
            Level::Minor => (Verdict::Minor, "different minor versions"),
            Level::Patch => (Verdict::Patch, "different patch versions"),
        };
        let because = format!("{name} {} and {} are {what}", a.number().unwrap_or_default(), b.number().unwrap_or_default());
        let direction = a.components.iter().zip(&b.components).map(|(x, y)| x.cmp(y)).find(|o| o.is_ne());
        return Outcome { direction, ..Outcome::of(verdict, because) };
    }
    if a.prerelease != b.prerelease {
        let direction = semantic(&a).zip(semantic(&b)).map(|(x, y)| x.cmp(&y)).filter(|o| o.is_ne());
        let what = if a.prerelease.is_empty() || b.prerelease.is_empty() {
            "one of the two is a pre-release"
        } else {
            "the two are other pre-releases"
        };
        return Outcome { direction, ..Outcome::of(Verdict::Minor, what).flag(Flag::Prerelease) };
    }
    if a.components.len() != b.components.len() {
        let (short, long, flag) =
            if a.components.len() < b.components.len() { (&a, &b, Flag::DevFloats) } else { (&b, &a, Flag::ProdFloats) };
        let because = format!("{name} {} covers {}", short.number().unwrap_or_default(), long.number().unwrap_or_default());
        let mut out = Outcome::of(Verdict::Covers, because).flag(flag);
        if kind.is_some_and(|k| short.components.len() < k.series(low)) {
            out = out.flag(Flag::BelowSeries);
        }
        return out;
    }
    flavour(from, to, &a, &b)
}

/// The version as a semantic one (semver.org), for the order of pre-releases; `None` where it is none.
fn semantic(version: &Version) -> Option<semver::Version> {
    let mut numbers = version.components.iter().copied();
    let (major, minor, patch) = (numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let pre = semver::Prerelease::new(&version.prerelease).ok()?;
    numbers.next().is_none().then_some(semver::Version { pre, ..semver::Version::new(major, minor, patch) })
}

/// The same number: what else differs?
fn flavour(from: &Software, to: &Software, a: &Version, b: &Version) -> Outcome {
    let number = a.number().unwrap_or_default();
    if from.is_managed() || to.is_managed() {
        return Outcome::of(Verdict::Same, format!("both are {number}"));
    }
    let mut out = Outcome::of(Verdict::Flavour, format!("both are {number}"));
    if from.extension != to.extension {
        out.because.push_str(", one carries an extension that the other has not");
        return out.flag(Flag::ExtensionDiffers);
    }
    if a.extension != b.extension {
        out.because.push_str(" with other versions of the extension");
        return out.flag(Flag::ExtensionVersion);
    }
    let vendor = |s: &Software| vendor(&s.image.as_ref().map(|i| i.repository.clone()).unwrap_or_default());
    if vendor(from) != vendor(to) {
        out.because.push_str(", of other publishers");
        return out.flag(Flag::VendorDiffers);
    }
    if a.flavours != b.flavours {
        out.because.push_str(", on other base systems or variants");
        return out;
    }
    if a.revision != b.revision {
        out.because.push_str(", of other builds");
        return out;
    }
    let digest = |s: &Software| s.image.as_ref().and_then(|i| i.digest.clone());
    let mut same = Outcome::of(Verdict::Same, format!("both are {number}"));
    if let (Some(x), Some(y)) = (digest(from), digest(to))
        && x != y
    {
        same = same.flag(Flag::DigestDiffers);
    }
    same
}

/// Who publishes an image; the projects' own images are one publisher.
fn vendor(repository: &str) -> &'static str {
    let parts: Vec<&str> = repository.split('/').collect();
    for (word, vendor) in [
        ("bitnami", "bitnami"),
        ("bitnamilegacy", "bitnami"),
        ("bitnamisecure", "bitnami"),
        ("percona", "percona"),
        ("cloudnative-pg", "cloudnative-pg"),
        ("supabase", "supabase"),
        ("strimzi", "strimzi"),
        ("confluentinc", "confluent"),
        ("sclorg", "red hat"),
        ("chainguard", "chainguard"),
        ("cimg", "circleci"),
        ("circleci", "circleci"),
        ("crunchydata", "crunchy"),
        ("spilo", "zalando"),
    ] {
        if parts.contains(&word) {
            return vendor;
        }
    }
    "upstream"
}

fn words(relation: Relation, from: &str, to: &str) -> String {
    match relation {
        Relation::CompatibleFork => format!("{from} and {to} are forks that still behave alike"),
        Relation::WireCompatible => format!("{from} and {to} are other engines with the same protocol"),
        Relation::StandIn => format!("{from} stands in for {to} while developing"),
        Relation::DivergedFork => format!("{from} and {to} are forks that went their own ways"),
        Relation::Unrelated => format!("{from} and {to} are different software"),
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
