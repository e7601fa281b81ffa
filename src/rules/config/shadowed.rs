//! `config/shadowed`: is a key set twice for one service of prod, with different values, of which the later wins?

use crate::finding::{Finding, Place, Which};
use crate::inventory::EnvVar;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/shadowed`.
#[derive(Debug)]
pub struct Shadowed;

static META: Meta = Meta {
    id: "config/shadowed",
    severity: Severity::Info,
    question: "Is a key set twice for one service of prod, with different values, of which the later wins?",
    why: "A change of the hidden value changes nothing, and nobody sees why.",
    drift: "`env` sets `LOG_LEVEL`, and the ConfigMap of `envFrom` sets another",
    parity: "both sources hold the same value",
    opt_in: false,
};

impl Rule for Shadowed {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        super::once_a_place(comparison, Which::To, |pair| of(pair, comparison))
    }
}

fn of(pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
    let vars = pair.to.into_iter().flat_map(|s| &s.environ.vars);
    let one = |var: &EnvVar| {
        let hidden = var.shadows.clone()?;
        let message =
            format!("`{}` of `{}` is set twice in {}, and the later hides the other", var.key, pair.name, comparison.to.environment);
        let places = vec![Place::secret(Which::To, var.at.clone(), "wins"), Place::secret(Which::To, hidden, "is hidden")];
        let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, places);
        finding.help = Some("delete one of the two".to_owned());
        Some(finding)
    };
    vars.filter_map(one).collect()
}
