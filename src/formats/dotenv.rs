//! `.env.example` and its relatives → the keys that a repository documents. They give a container nothing.

use std::sync::Arc;

use crate::document::dotenv;
use crate::inventory::{DocumentedKey, EnvValue};
use crate::source::{Source, Span};
use crate::workspace::file_name;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side};

/// The format.
#[derive(Debug)]
pub struct Dotenv;

/// Words in the name of a file that shows which keys there are.
const EXAMPLES: [&str; 6] = ["example", "sample", "dist", "template", "tpl", "default"];

/// Does a file show which keys there are?
pub(crate) fn documents(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let words: Vec<&str> = name.trim_start_matches('.').split(['.', '-', '_']).collect();
    words.contains(&"env") && words.iter().any(|w| EXAMPLES.contains(w)) && words.len() <= 4
}

impl Format for Dotenv {
    fn id(&self) -> &'static str {
        "dotenv"
    }

    fn name(&self) -> &'static str {
        "dotenv examples"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "-",
            env: "keys that are documented; commented ones are optional",
            processes: "-",
            unknown: "values: an example gives a container nothing",
        }
    }

    fn side(&self) -> Side {
        Side::Dev
    }

    fn may_claim(&self, path: &str) -> bool {
        documents(path)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // `env.example.yaml` is something else.
        let keys = head.lines().any(|l| l.trim_start_matches(['#', ' ']).split_once('=').is_some_and(|(k, _)| is_key(k.trim())));
        if documents(path) && keys { Claim::Yes { manifest: path.to_owned(), side: Side::Dev } } else { Claim::No }
    }

    fn beside(&self) -> bool {
        true
    }

    fn documents(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            match cx.workspace.read(path) {
                Ok(source) => reading.documented.extend(keys(&source)),
                Err(problem) => reading.problems.push(problem.warning()),
            }
        }
        reading
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// The keys of a source; one that stands in a comment (`# KEY=`) is optional.
fn keys(source: &Arc<Source>) -> Vec<DocumentedKey> {
    let mut out: Vec<DocumentedKey> = Vec::new();
    for entry in dotenv::read(source).0 {
        let value = entry.value.map_or(EnvValue::Unset, |value| EnvValue::set(&value.text));
        let example = value.is_known() && !value.is_placeholder();
        out.push(DocumentedKey { key: entry.key, at: entry.at, optional: false, example });
    }
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let commented = line.trim_start().strip_prefix('#').map(|rest| rest.trim_start_matches(['#', ' ']));
        if let Some((key, _)) = commented.and_then(|rest| rest.split_once('=')).filter(|(key, _)| is_key(key))
            && !out.iter().any(|d| d.key == key)
            && let Some(at) = line.find(key)
        {
            let span = Span { start: start + at, end: start + at + key.len() };
            out.push(DocumentedKey { key: key.to_owned(), at: source.at(span), optional: true, example: false });
        }
        start += line.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_commented_keys() {
        let source = Source::new(".env.example", "# The shop\nMODE=dev\nexport TOKEN=\n# SENTRY_DSN=\n# a = b c\n#MODE=prod\nnot a key\n");
        let found: Vec<String> =
            keys(&source).iter().map(|d| format!("{}{} {}", d.key, if d.optional { "?" } else { "" }, d.at.text() == d.key)).collect();
        assert_eq!(found, ["MODE true", "TOKEN true", "SENTRY_DSN? true"]);
        assert!(
            documents("web/.env.example") && documents("env.sample") && documents(".env-dist") && documents(".env.production.template")
        );
        assert!(
            !documents(".env") && !documents(".env.local") && !documents("environment.example.ts") && !documents("sample.env.d/readme.md")
        );
    }
}
