//! `config/missing-in-prod`: is a key set for an app service in dev and in no form in prod?

use super::keys;
use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
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
        let Some((from, to)) = keys::sides(pair) else { return Vec::new() };
        let missing = keys::missing(from, &to.environ, true, comparison);
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        // Where a source of keys could not be listed, a missing key cannot be shown.
        if let Some(source) = to.environ.unlisted.first() {
            if missing.is_empty() {
                return Vec::new();
            }
            let message = format!(
                "cannot tell whether {} of `{}` that {a} sets are set in {b}: {}",
                crate::report::summary::count(missing.len(), "key"),
                pair.name,
                source.why
            );
            let mut finding = comparison.finding(
                &META,
                &pair.name,
                "unlisted keys",
                message,
                vec![Place::new(Which::To, source.at.clone(), "keys that could not be listed")],
            );
            finding.severity = Severity::Info;
            return vec![finding];
        }
        let one = |var: &&crate::inventory::EnvVar| {
            let message = format!("`{}` is set for `{}` in {a} and in no form in {b}", var.key, pair.name);
            let here = Place::secret(Which::From, var.at.clone(), format!("`{}` is set here", var.key));
            let there = Place::new(Which::To, to.at.clone(), "it is not set here");
            let places = vec![here, there];
            comparison.finding(&META, &pair.name, var.key.clone(), message, places)
        };
        missing.iter().map(one).collect()
    }
}
