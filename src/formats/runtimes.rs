//! Files that pin the runtime of developers' machines (`.nvmrc`, `.tool-versions`, `rust-toolchain.toml`) → runtimes.
//!
//! They speak of development. Where the build of production reads the same file (buildpacks), both sides are equal by
//! construction, and there is nothing to compare.

use crate::catalogue::kind;
use crate::inventory::{Software, Version};
use crate::workspace::file_name;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side};

pub(super) mod devcontainer;
pub(super) mod files;

/// The format.
#[derive(Debug)]
pub struct Runtimes;

impl Format for Runtimes {
    fn id(&self) -> &'static str {
        "runtimes"
    }

    fn name(&self) -> &'static str {
        "files of runtimes"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "versions of languages: `.nvmrc`, `.tool-versions`, `mise.toml`, `go.mod`, `engines` and their relatives",
            env: "-",
            processes: "-",
            unknown: "ranges are compared by what they cover; names of lines (`lts/*`) that no number is known for",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        files::known(file_name(path)) || super::devcontainer::named(path)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let pins = match file_name(path) {
            _ if super::devcontainer::named(path) => {
                ["\"image\"", "\"build\"", "\"dockerFile\"", "\"features\""].iter().any(|k| head.contains(k))
            }
            "package.json" => head.contains("\"engines\"") || head.contains("\"volta\""),
            "composer.json" => head.contains("\"php\""),
            "go.mod" => head.lines().any(|l| l.starts_with("toolchain ")),
            "Gemfile" => head.lines().any(|l| l.starts_with("ruby ") || l.starts_with("ruby(")),
            "Pipfile" => head.contains("python_version") || head.contains("python_full_version"),
            "runtime.txt" => head.trim_start().starts_with("python-"),
            _ => true,
        };
        if pins { Claim::Yes { manifest: path.to_owned(), side: Side::Dev } } else { Claim::No }
    }

    fn beside(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            if super::devcontainer::named(path) {
                let root = super::devcontainer::root(path, cx, &mut reading);
                root.iter().for_each(|r| devcontainer::read(path, r, cx, &mut reading));
            } else {
                files::read(path, cx, &mut reading);
            }
        }
        reading
    }
}

/// Names of Node.js's long-term releases (github.com/nodejs/Release: CODENAMES.md).
const LTS: [(&str, &str); 11] = [
    ("argon", "4"),
    ("boron", "6"),
    ("carbon", "8"),
    ("dubnium", "10"),
    ("erbium", "12"),
    ("fermium", "14"),
    ("gallium", "16"),
    ("hydrogen", "18"),
    ("iron", "20"),
    ("jod", "22"),
    ("krypton", "24"),
];

/// What a version text states of a runtime. `None` where it allows several series (`>=18`), or names another
/// implementation (`pypy3.10`).
pub(super) fn stated(id: &str, text: &str) -> Option<Software> {
    let text = text.trim().trim_matches(['"', '\'']);
    let lower = text.to_ascii_lowercase();
    let mut out = Software::of_kind(&kind(id)?.id, None)?;
    text.clone_into(&mut out.text);
    if let Some((_, number)) = lower.strip_prefix("lts/").and_then(|name| LTS.iter().find(|(n, _)| *n == name)) {
        out.version = Version { text: text.to_owned(), ..Version::parse(number) };
        return Some(out);
    }
    if matches!(lower.as_str(), "lts" | "lts/*" | "latest" | "stable" | "node" | "current" | "nightly" | "*" | "x" | "beta") {
        out.version = Version::floating(text);
        return Some(out);
    }
    if lower.is_empty() || lower.contains(['<', '>', '|', ',', '!', '$', '{']) && !lower.starts_with("~>") || lower.contains(" - ") {
        return None;
    }
    let start = lower.find(|c: char| c.is_ascii_digit())?;
    let (before, number) = lower.split_at(start);
    let kept = number.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '-'))).map_or(number, |i| &number[..i]);
    let components: Vec<&str> = kept.split('.').collect();
    // The component that an operator lets move: `^20.1` is any 20, `~20.1.3` any 20.1, `~> 3.2` any 3.
    let fixed = match before.trim() {
        "" | "v" | "=" | "==" | "python" | "python-" | "ruby-" | "node-" | "node/v" | "go" | "php-" => components.len(),
        "^" => 1,
        "~" | "~=" if id == "node" => components.len().min(2),
        "~>" | "~" | "~=" => components.len().saturating_sub(1).max(1),
        word if id == "java" && !word.contains("graal") => components.len(),
        _ => return None,
    };
    let mut version = components.get(..fixed).unwrap_or(&components).join(".");
    if id == "java" {
        // `21.0.2-tem`, `1.8`: a vendor behind, and Java's old way to count.
        version = version.split('-').next().unwrap_or_default().to_owned();
        if let Some(old) = version.strip_prefix("1.") {
            version = old.to_owned();
        }
    }
    let parsed = Version::parse(&version);
    if parsed.components.is_empty() {
        return None;
    }
    out.version = Version { text: text.to_owned(), ..parsed };
    Some(out)
}

#[cfg(test)]
mod tests;
