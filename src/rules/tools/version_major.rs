//! `tools/version-major`: do the two sides run different major series of the same kind?

use crate::catalogue::compare::Verdict;
use crate::finding::Finding;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/version-major`.
#[derive(Debug)]
pub struct VersionMajor;

static META: Meta = Meta {
    id: "tools/version-major",
    severity: Severity::Error,
    question: "Do the two sides run different major series of the same kind?",
    why: "A major series changes behaviour, file formats or what clients may say; what a major series is depends on the kind.",
    drift: "`postgres:15` in dev, RDS PostgreSQL 16.3 in prod",
    parity: "`postgres:15` in dev, RDS PostgreSQL 15.7 in prod",
    opt_in: false,
};

impl Rule for VersionMajor {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        words::are_versions_known(comparison)
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        words::version(&META, pair, comparison, Verdict::Major, "")
    }
}
