//! `config/placeholder-secret`: does prod carry a placeholder, or dev's own value, as a secret?

use super::secrets;
use crate::finding::{Finding, Place, Which};
use crate::inventory::EnvVar;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/placeholder-secret`.
#[derive(Debug)]
pub struct PlaceholderSecret;

static META: Meta = Meta {
    id: "config/placeholder-secret",
    severity: Severity::Error,
    question: "Does prod carry a placeholder, or dev's own value, as a secret?",
    why: "A value that is written in every tutorial, or known to every developer, keeps nobody out.",
    drift: "`JWT_SECRET: changeme` in prod",
    parity: "`JWT_SECRET: changeme` in dev, and a Secret that is in no manifest in prod",
    opt_in: false,
};

impl Rule for PlaceholderSecret {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        super::once_a_place(comparison, Which::To, |pair| of(pair, comparison))
    }
}

fn of(pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
    let Some(to) = pair.to else { return Vec::new() };
    let own = |v: &&EnvVar| !secrets::of_workloads(v, to, comparison.to);
    to.environ.vars.iter().filter(own).filter(|v| secrets::written(v)).filter_map(|v| finding(v, pair, comparison)).collect()
}

fn finding(var: &EnvVar, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Option<Finding> {
    let environ = pair.from.map(|s| &s.environ);
    if !secrets::placeholder(var, environ) {
        return None;
    }
    let (a, b) = (&comparison.from.environment, &comparison.to.environment);
    let same = environ.and_then(|e| e.get(&var.key)).filter(|v| v.value.equals(&var.value));
    let message = match same {
        Some(_) => format!("`{}` of `{}` has the same value in {b} as in {a}", var.key, pair.name),
        None => format!("`{}` of `{}` holds a placeholder in {b}", var.key, pair.name),
    };
    let mut places: Vec<Place> = same.map(|v| Place::secret(Which::From, v.at.clone(), "the same value")).into_iter().collect();
    places.push(Place::secret(Which::To, var.at.clone(), format!("`{}`", var.key)));
    let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, places);
    // What stands behind `:-` is there only where nothing sets the variable.
    if var.by_default {
        finding.severity = META.severity.lower();
    }
    finding.help = Some(format!("give {b} a value of its own, from a secret store"));
    Some(finding)
}
