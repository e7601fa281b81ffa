//! `tools/flavour`: is it the same version on another base system?

use crate::catalogue::Category;
use crate::catalogue::compare::Verdict;
use crate::finding::Finding;
use crate::inventory::{Flag, Role, Service};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/flavour`.
#[derive(Debug)]
pub struct Flavour;

static META: Meta = Meta {
    id: "tools/flavour",
    severity: Severity::Info,
    question: "Is it the same version on another base system?",
    why: "Another base has another libc, another locale and another collation order: a database sorts text differently.",
    drift: "`postgres:15.7-alpine` in dev, `postgres:15.7-bookworm` in prod",
    parity: "`postgres:15.7` on both sides",
    opt_in: false,
};

impl Rule for Flavour {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        // An extension that one side has not is `tools/extension`.
        let other = pair.outcome.flags.contains(&Flag::ExtensionDiffers);
        if pair.role != Role::Backing || pair.outcome.verdict != Verdict::Flavour || other {
            return Vec::new();
        }
        let extension = pair.outcome.flags.contains(&Flag::ExtensionVersion);
        let libc = |s: Option<&Service>| {
            s.and_then(Service::known_software).is_some_and(|s| s.version.flavours.iter().any(|f| f.starts_with("alpine")))
        };
        let musl = libc(pair.from) != libc(pair.to);
        let mut message = format!("{}: {}", words::runs(pair, comparison), pair.outcome.because);
        let database = [pair.from, pair.to].into_iter().flatten().filter_map(Service::kind).any(|k| k.category == Category::Database);
        if musl && database {
            message.push_str("; Alpine's libc sorts text in another order");
        }
        let mut finding = comparison.finding(&META, &pair.name, words::subject(pair), message, words::places(pair));
        if extension || (musl && database) {
            finding.severity = Severity::Warning;
        }
        vec![finding]
    }
}
