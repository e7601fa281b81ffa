//! `config/missing-in-prod`: is a key set for an app service in dev and in no form in prod?

use super::keys::missing;
use crate::finding::{Finding, Which};
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
        missing::findings(&META, pair, comparison, Which::From, |_, _| {})
    }
}
