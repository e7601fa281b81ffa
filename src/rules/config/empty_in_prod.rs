//! `config/empty-in-prod`: is a key that has a value in dev empty in prod?

use super::{keys, smells};
use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/empty-in-prod`.
#[derive(Debug)]
pub struct EmptyInProd;

static META: Meta = Meta {
    id: "config/empty-in-prod",
    severity: Severity::Warning,
    question: "Is a key that has a value in dev empty in prod?",
    why: "An empty value is no missing value: it beats the default in the code.",
    drift: "`SMTP_HOST: mailer` in dev and `SMTP_HOST: \"\"` in prod",
    parity: "the key is empty on both sides, or a switch of development is empty in prod",
    opt_in: false,
};

impl Rule for EmptyInProd {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some((from, to)) = keys::sides(pair) else { return Vec::new() };
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let mut out = Vec::new();
        for var in to.environ.vars.iter().filter(|v| v.value.is_empty() && !v.optional) {
            let Some(other) = from.environ.get(&var.key).filter(|v| v.value.is_known()) else { continue };
            // What development switches on may well be empty in production.
            if smells::of_development(other) {
                continue;
            }
            let message = format!("`{}` of `{}` has a value in {a} and is empty in {b}", var.key, pair.name);
            let places =
                vec![Place::secret(Which::From, other.at.clone(), "has a value"), Place::secret(Which::To, var.at.clone(), "is empty")];
            let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, places);
            finding.help = Some(format!("give it a value in {b}, or leave the key out there"));
            out.push(finding);
        }
        out
    }
}
