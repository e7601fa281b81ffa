//! `tools/version-unknown`: does one side name no version that can be compared?

use crate::catalogue::compare::Verdict;
use crate::finding::Finding;
use crate::inventory::Role;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/version-unknown`.
#[derive(Debug)]
pub struct VersionUnknown;

static META: Meta = Meta {
    id: "tools/version-unknown",
    severity: Severity::Info,
    question: "Does one side name no version that can be compared?",
    why: "No drift must always mean: looked, and found none.",
    drift: "`postgres:15` in dev, a managed PostgreSQL without a version in prod",
    parity: "`postgres:15` on both sides",
    opt_in: false,
};

impl Rule for VersionUnknown {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        if pair.role != Role::Backing || !matches!(pair.outcome.verdict, Verdict::Unpinned | Verdict::Incomparable) {
            return Vec::new();
        }
        if words::both_by_key(pair) {
            return Vec::new();
        }
        let message = format!("{}, which cannot be compared: {}", words::runs(pair, comparison), pair.outcome.because);
        let finding = comparison.finding(&META, &pair.name, words::subject(pair), message, words::places(pair));
        vec![Finding { fix: words::fix(pair), ..finding }]
    }
}
