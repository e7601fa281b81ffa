//! `tools/version-patch`: do the two sides run different patch versions of the same minor version?

use crate::catalogue::compare::Verdict;
use crate::finding::Finding;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/version-patch`.
#[derive(Debug)]
pub struct VersionPatch;

static META: Meta = Meta {
    id: "tools/version-patch",
    severity: Severity::Info,
    question: "Do the two sides run different patch versions of the same minor version?",
    why: "A patch version carries fixes; a bug may be seen on one side alone.",
    drift: "`redis:7.2.4` in dev, `redis:7.2.5` in prod",
    parity: "`redis:7.2` in dev, `redis:7.2.5` in prod",
    opt_in: false,
};

impl Rule for VersionPatch {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        words::are_versions_known(comparison)
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        words::version(&META, pair, comparison, Verdict::Patch, "")
    }
}
