//! Files that pin the runtime of developers' machines (`.nvmrc`, `.tool-versions`, `rust-toolchain.toml`) → runtimes.
//!
//! They speak of development. Where the build of production reads the same file (buildpacks), both sides are equal by
//! construction, and there is nothing to compare.

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

    fn side(&self) -> Side {
        Side::Dev
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
            // It makes no environment by itself, so no comparison needs it.
            if let Err(problem) = cx.workspace.read(path) {
                reading.problems.push(problem.warning());
                continue;
            }
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

#[cfg(test)]
mod tests;
