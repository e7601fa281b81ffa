//! What discovery found → a commented `parity.yml` to begin with.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::discover::Found;
use crate::report::escape::printable;

/// So many manifests that were left are named.
const LEFT: usize = 12;

/// The text of a first configuration: what was found, and what else can be said, as comments.
#[must_use]
pub fn init(found: &Found) -> String {
    let mut out = String::from(
        "# yaml-language-server: $schema=parity.schema.json\n# (`parity schema > parity.schema.json` writes it.) Every key has a default; an empty file is valid.\n\n",
    );
    let mut environments: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    for (name, manifest) in found.units.iter().flat_map(|u| &u.environments).flat_map(|(name, list)| list.iter().map(move |m| (name, m))) {
        let list = environments.entry(name).or_default();
        for path in &manifest.paths {
            // A folder that is the whole root has the empty path.
            let path = if path.is_empty() { "." } else { path.as_str() };
            if !list.iter().any(|(p, _)| *p == path) {
                list.push((path, manifest.because.to_string()));
            }
        }
    }
    let parts = found.units.iter().filter(|u| !u.path.is_empty()).count();
    if parts > 1 {
        let _written = writeln!(
            out,
            "# This repository has {parts} parts that are compared each on its own; environments that are named here are\n# compared as a whole. Leave `environments` out to keep the parts.\n"
        );
    }
    if environments.is_empty() {
        out.push_str("# Nothing was found. Name the manifests of both sides:\n# environments:\n#   dev: [docker-compose.yml]\n#   prod: [deploy/k8s]\n");
    } else {
        let sign = if parts > 1 { "# " } else { "" };
        let _written = writeln!(out, "{sign}environments:");
        for (name, manifests) in environments {
            let _written = writeln!(out, "{sign}  {}:", word(name));
            for (path, because) in manifests {
                let _written = writeln!(out, "{sign}    - {} # {}", word(path), printable(&because));
            }
        }
    }
    if !found.left.is_empty() {
        out.push_str("\n# Found and left:\n");
        for left in found.left.iter().take(LEFT) {
            let _written = writeln!(out, "#   {} ({}): {}", printable(&left.path), left.format, printable(&left.because));
        }
        if found.left.len() > LEFT {
            let _written = writeln!(out, "#   and {} more", found.left.len() - LEFT);
        }
    }
    out.push_str(
        "\n# fail-on: error # error, warning, info, never\n
# What is compared with what; default: every environment with prod.
# compare:
#   - { from: dev, to: prod }

# Severities: off, on, info, warning, error. `parity rules` lists the rules.
# rules:
#   tools/version-patch: off

# Images that the catalogue does not know.
# images:
#   acme/orders-db: postgresql

# Differences that are meant.
# allow:
#   - kind: postgresql
#     to-ahead: 1 minor
#     reason: production is upgraded first
#     until: 2027-06-30

# Findings that are not shown. A comment in the manifest does the same for one line: # parity: ignore[RULE] reason
# ignore:
#   - rule: config/missing-in-prod
#     subject: FEATURE_*
#     reason: feature flags are off in production
",
    );
    out
}

/// A text as a YAML scalar.
fn word(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) && !text.starts_with(['-', '.']);
    if plain || text.starts_with("./") || text.starts_with(".github/") || text.starts_with(".gitlab") || text.starts_with(".circleci") {
        return text.to_owned();
    }
    serde_json::to_string(text).unwrap_or_default()
}
