//! `config/missing-in-dev`: is a key set in prod and not in dev?

use super::keys::missing;
use crate::finding::{Finding, Fix, Which};
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
    drift: "`PAYMENTS_KEY` in the Deployment and not in docker-compose.yml",
    parity: "the key is in the `env_file` of dev",
    opt_in: false,
};

impl Rule for MissingInDev {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        missing::findings(&META, pair, comparison, Which::To, |var, finding| {
            finding.fix = pair.from.map(|from| Fix::Key { key: var.key.clone(), service: from.at.clone() });
        })
    }
}
