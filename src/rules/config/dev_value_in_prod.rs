//! `config/dev-value-in-prod`: does prod carry a value that belongs to development?

use super::smells;
use crate::finding::{Finding, Place, Which};
use crate::inventory::Role;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/dev-value-in-prod`.
#[derive(Debug)]
pub struct DevValueInProd;

static META: Meta = Meta {
    id: "config/dev-value-in-prod",
    severity: Severity::Warning,
    question: "Does prod carry a value that belongs to development?",
    why: "Debug pages show the source, a development mode is slow and open, and `localhost` is another machine in production.",
    drift: "`DEBUG: true`, `NODE_ENV: development`, `http://localhost:9000` in prod",
    parity: "`HOST: 0.0.0.0`, an address to listen on; `localhost` beside a sidecar",
    opt_in: false,
};

impl Rule for DevValueInProd {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        super::once_a_place(comparison, Which::To, |pair| of(pair, comparison))
    }
}

fn of(pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
    let Some(to) = pair.to.filter(|s| s.role == Role::Workload) else { return Vec::new() };
    let b = &comparison.to.environment;
    let mut out = Vec::new();
    for var in &to.environ.vars {
        let Some(smell) = smells::of(var, to, comparison) else { continue };
        let message = format!("`{}` of `{}` {smell} in {b}", var.key, pair.name);
        let other = pair.from.and_then(|s| s.environ.get(&var.key)).filter(|v| v.value.equals(&var.value));
        let mut places: Vec<Place> = other.map(|v| Place::secret(Which::From, v.at.clone(), "the same value")).into_iter().collect();
        places.push(Place::secret(Which::To, var.at.clone(), format!("`{}`", var.key)));
        let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, places);
        if var.by_default || smell.is_note() {
            finding.severity = Severity::Info;
        }
        finding.help = Some(format!("set `{}` for {b}", var.key));
        out.push(finding);
    }
    out
}
