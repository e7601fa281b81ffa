//! `config/missing-in-dev`: is a key set in prod and not in dev?

use super::keys;
use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/missing-in-dev`.
#[derive(Debug)]
pub struct MissingInDev;

static META: Meta = Meta {
    id: "config/missing-in-dev",
    severity: Severity::Warning,
    question: "Is a key set in prod and not in dev?",
    why: "What a key switches on is met for the first time in production.",
    drift: "`SENTRY_DSN` in the Deployment and not in docker-compose.yml",
    parity: "the key is in the `env_file` of dev",
    opt_in: false,
};

impl Rule for MissingInDev {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some((from, to)) = keys::sides(pair) else { return Vec::new() };
        let missing = keys::missing(to, &from.environ, false, comparison);
        let (a, b) = (&comparison.to.environment, &comparison.from.environment);
        // Where a source of keys could not be listed, a missing key cannot be shown.
        if let Some(source) = from.environ.unlisted.first() {
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
                vec![Place::new(Which::From, source.at.clone(), "keys that could not be listed")],
            );
            finding.severity = Severity::Info;
            return vec![finding];
        }
        let one = |var: &&crate::inventory::EnvVar| {
            let message = format!("`{}` is set for `{}` in {a} and in no form in {b}", var.key, pair.name);
            let here = Place::secret(Which::To, var.at.clone(), format!("`{}` is set here", var.key));
            let there = Place::new(Which::From, from.at.clone(), "it is not set here");
            let places = vec![there, here];
            comparison.finding(&META, &pair.name, var.key.clone(), message, places)
        };
        missing.iter().map(one).collect()
    }
}
