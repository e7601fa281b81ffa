//! `config/missing-in-prod`: is a key set for an app service in dev and in no form in prod?

use super::keys;
use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::report::summary;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/missing-in-prod`.
#[derive(Debug)]
pub struct MissingInProd;

static META: Meta = Meta {
    id: "config/missing-in-prod",
    severity: Severity::Error,
    question: "Is a key set for an app service in dev and in no form in prod?",
    why: "The app reads a key that is not there: it fails at start, or runs on a default that nobody chose.",
    drift: "`STRIPE_KEY` in docker-compose.yml and in no manifest of prod",
    parity: "the key comes from a Secret",
    opt_in: false,
};

impl Rule for MissingInProd {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(difference) = keys::difference(pair, comparison) else { return Vec::new() };
        let Some((from, to)) = keys::sides(pair) else { return Vec::new() };
        let (here, there) = (from, to);
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let (missing, perhaps, source) = keys::provable(&difference.from, &there.environ);
        let one = |var: &&crate::inventory::EnvVar| {
            let message = format!("`{}` is set for `{}` in {a} and in no form in {b}", var.key, pair.name);
            let set = Place::secret(Which::From, var.at.clone(), format!("`{}` is set here", var.key));
            let unset = Place::new(Which::To, there.at.clone(), "it is not set here");
            let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, vec![set, unset]);
            if here.conditional.is_some() || !here.profiles.is_empty() {
                finding.severity = META.severity.lower();
            }
            // A key without a value asks for nothing; a switch for debugging is development's own.
            if var.value.is_empty() || keys::is_switch(&var.key) {
                finding.severity = Severity::Info;
            }
            finding
        };
        let mut out: Vec<Finding> = missing.iter().map(one).collect();
        // Where a source of keys could not be listed, a missing key cannot be shown.
        if let Some(source) = source {
            let what = summary::count(perhaps.len(), "key");
            let message =
                format!("`{}`: cannot tell whether {what} that {a} sets {} set in {b}: {}", pair.name, are(perhaps.len()), source.why);
            let place = Place::new(Which::To, source.at.clone(), "keys that could not be listed");
            let mut finding = comparison.finding(&META, &pair.name, "unlisted keys", message, vec![place]);
            finding.severity = Severity::Info;
            out.push(finding);
        }
        out
    }
}

fn are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}
