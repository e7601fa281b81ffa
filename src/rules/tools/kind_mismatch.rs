//! `tools/kind-mismatch`: is a need met by another kind of service on each side?

use crate::catalogue::Relation;
use crate::catalogue::compare::Verdict;
use crate::finding::Finding;
use crate::inventory::{Flag, Role, Service};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/kind-mismatch`.
#[derive(Debug)]
pub struct KindMismatch;

static META: Meta = Meta {
    id: "tools/kind-mismatch",
    severity: Severity::Error,
    question: "Is a need met by another kind of service on each side?",
    why: "Other software has other behaviour, whatever the protocol says.",
    drift: "sqlite in dev, PostgreSQL in prod",
    parity: "`minio` in dev, S3 in prod: a stand-in made for development (info)",
    opt_in: false,
};

impl Rule for KindMismatch {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(relation) = pair.outcome.relation.filter(|_| pair.outcome.verdict == Verdict::KindMismatch && pair.role == Role::Backing)
        else {
            return Vec::new();
        };
        let key = |s: Option<&Service>| s.map(|s| s.at.text().to_owned());
        // `config/backing-scheme` says it, of the one key.
        if words::both_by_key(pair) && key(pair.from) == key(pair.to) {
            return Vec::new();
        }
        let off = [pair.from, pair.to].into_iter().flatten().find_map(words::conditional);
        let message = format!("{}: {}{}", words::runs(pair, comparison), pair.outcome.because, off.as_deref().unwrap_or_default());
        let mut finding = comparison.finding(&META, &pair.name, words::subject(pair), message, words::places(pair));
        finding.severity = match relation {
            Relation::StandIn => Severity::Info,
            Relation::CompatibleFork | Relation::WireCompatible => Severity::Warning,
            Relation::DivergedFork | Relation::Unrelated => Severity::Error,
        };
        if pair.outcome.flags.contains(&Flag::GuessedKind) || off.is_some() {
            finding.severity = finding.severity.lower();
        }
        vec![finding]
    }
}
