//! `config/missing-in-dev`: is a key set in prod and not in dev?

use super::keys;
use crate::finding::{Finding, Fix, Place, Which};
use crate::pair::Pair;
use crate::report::summary;
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
        let Some(difference) = keys::difference(pair, comparison) else { return Vec::new() };
        let Some((from, to)) = keys::sides(pair) else { return Vec::new() };
        let (here, there) = (to, from);
        let (a, b) = (&comparison.to.environment, &comparison.from.environment);
        let (missing, perhaps, source) = keys::provable(&difference.to, &there.environ);
        let one = |var: &&crate::inventory::EnvVar| {
            let message = format!("`{}` is set for `{}` in {a} and in no form in {b}", var.key, pair.name);
            let set = Place::secret(Which::To, var.at.clone(), format!("`{}` is set here", var.key));
            let unset = Place::new(Which::From, there.at.clone(), "it is not set here");
            let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, vec![unset, set]);
            finding.fix = Some(Fix::Key { key: var.key.clone(), service: there.at.clone() });
            if here.conditional.is_some() || !here.profiles.is_empty() {
                finding.severity = META.severity.lower();
            }
            // A key without a value asks for nothing.
            if var.value.is_empty() {
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
            let place = Place::new(Which::From, source.at.clone(), "keys that could not be listed");
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
