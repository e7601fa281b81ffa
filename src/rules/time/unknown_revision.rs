//! `time/unknown-revision`: which commit does production run?

use super::{entry, finding, is_measured};
use crate::finding::Finding;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `time/unknown-revision`.
#[derive(Debug)]
pub struct UnknownRevision;

static META: Meta = Meta {
    id: "time/unknown-revision",
    severity: Severity::Info,
    question: "Which commit of this repository does production run?",
    why: "Where the tag names no commit, or the clone does not hold it, nobody can say what waits to be deployed.",
    drift: "`image: acme/web:stable` in prod",
    parity: "`image: acme/web:1.4.2` in prod, and a git tag `v1.4.2`",
    opt_in: false,
};

impl Rule for UnknownRevision {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        is_measured(comparison)
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(entry) = entry(pair, comparison) else { return Vec::new() };
        let Some(why) = &entry.report.unknown else { return Vec::new() };
        let what = if entry.report.commit.is_some() { "what waits to be deployed" } else { "which commit runs" };
        let message = format!("`{}`: {what} in {} is not known: {why}", pair.name, comparison.to.environment);
        let mut finding = finding(&META, pair, comparison, entry, message);
        finding.help.clone_from(&entry.mend);
        vec![finding]
    }
}
