//! `tools/version-minor`: do the two sides run different minor versions of the same major series?

use crate::catalogue::compare::Verdict;
use crate::finding::Finding;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/version-minor`.
#[derive(Debug)]
pub struct VersionMinor;

static META: Meta = Meta {
    id: "tools/version-minor",
    severity: Severity::Warning,
    question: "Do the two sides run different minor versions of the same major series?",
    why: "A minor version adds features that the other side does not have.",
    drift: "`redis:7.2` in dev, `redis:7.0` in prod",
    parity: "`redis:7` in dev, `redis:7.2` in prod",
    opt_in: false,
};

impl Rule for VersionMinor {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        words::are_versions_known(comparison)
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        words::version(&META, pair, comparison, Verdict::Minor, "")
    }
}
