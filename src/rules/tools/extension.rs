//! `tools/extension`: does one side's image carry an extension that the other side's declaration does not?

use super::words;
use crate::finding::Finding;
use crate::inventory::{Role, Service};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/extension`.
#[derive(Debug)]
pub struct Extension;

static META: Meta = Meta {
    id: "tools/extension",
    severity: Severity::Warning,
    question: "Does one side's image carry an extension that the other side's declaration does not?",
    why: "Queries that use the extension fail where it is not installed.",
    drift: "`postgis/postgis:15-3.4` in dev, `postgres:15` in prod",
    parity: "`postgis/postgis:15-3.4` on both sides",
    opt_in: false,
};

impl Rule for Extension {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        let (Some(x), Some(y)) = (from.known_software(), to.known_software()) else { return Vec::new() };
        if pair.role != Role::Backing || from.kind() != to.kind() || x.extension == y.extension {
            return Vec::new();
        }
        let carried = |s: &Service| match s.known_software().and_then(|s| s.extension.as_deref()) {
            Some(extension) => format!("carries {extension}"),
            None => "carries no extension".to_owned(),
        };
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let mut message = format!("{}: {a}'s {} and {b}'s {}", words::runs(pair, comparison), carried(from), carried(to));
        // A managed server has many extensions to create, and its declaration names none of them.
        let managed = x.is_managed() || y.is_managed();
        if managed {
            message.push_str("; a managed server may have it, which its declaration does not say");
        }
        let subject = x.extension.as_deref().or(y.extension.as_deref()).unwrap_or_default().to_owned();
        let mut finding = comparison.finding(&META, &pair.name, subject.clone(), message, words::places(pair));
        if managed {
            finding.severity = Severity::Info;
        }
        finding.help = Some(format!("run an image with {subject} on both sides"));
        vec![finding]
    }
}
