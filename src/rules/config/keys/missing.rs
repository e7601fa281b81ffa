//! A pair of workloads → a finding for each key that one side sets and the other has in no form.

use super::usual::usual;
use super::{difference, provable, sides};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvVar, Inventory, Service};
use crate::pair::Pair;
use crate::report::summary;
use crate::rules::{Comparison, Meta, Severity};

/// The findings about keys that `on` sets alone; `finish` adds what its rule knows of each.
pub(in crate::rules::config) fn findings(
    meta: &'static Meta,
    pair: &Pair<'_>,
    comparison: &Comparison<'_>,
    on: Which,
    finish: impl Fn(&EnvVar, &mut Finding),
) -> Vec<Finding> {
    let Some((difference, (from, to))) = difference(pair, comparison).zip(sides(pair)) else { return Vec::new() };
    let names = (comparison.from.environment.as_str(), comparison.to.environment.as_str());
    let (keys, here, there, (a, b), off) = match on {
        Which::From => (difference.from, from, to, names, Which::To),
        Which::To => (difference.to, to, from, (names.1, names.0), Which::From),
    };
    let (missing, perhaps, source) = provable(&keys, &there.environ);
    let one = |var: &&EnvVar| {
        let mut message = format!("`{}` is set for `{}` in {a} and in no form in {b}", var.key, pair.name);
        let set = Place::secret(on, var.at.clone(), format!("`{}` is set here", var.key));
        let unset = Place::new(off, there.at.clone(), "it is not set here");
        let places = if on == Which::From { vec![set, unset] } else { vec![unset, set] };
        let open = package_with_defaults(there, if on == Which::From { comparison.to } else { comparison.from });
        message.extend(open.map(|path| format!("; `{path}` is read with its default values, and what {b} gives it may set it")));
        let mut finding = comparison.finding(meta, &pair.name, var.key.clone(), message, places);
        if here.conditional.is_some() || !here.profiles.is_empty() || open.is_some() {
            finding.severity = meta.severity.lower();
        }
        if usual(&var.key, on) || (on == Which::To && var.is_of_an_addon()) {
            finding.severity = Severity::Info;
        }
        // A key without a value asks for nothing.
        if var.value.is_empty() {
            finding.severity = Severity::Info;
        }
        finish(var, &mut finding);
        finding
    };
    let mut out: Vec<Finding> = missing.iter().map(one).collect();
    // Where a source of keys could not be listed, a missing key cannot be shown.
    if let Some(source) = source {
        let what = summary::count(perhaps.len(), "key");
        let are = if perhaps.len() == 1 { "is" } else { "are" };
        let message = format!("`{}`: cannot tell whether {what} that {a} sets {are} set in {b}: {}", pair.name, source.why);
        let place = Place::new(off, source.at.clone(), "keys that could not be listed");
        let mut finding = comparison.finding(meta, &pair.name, "unlisted keys", message, vec![place]);
        finding.severity = Severity::Info;
        out.push(finding);
    }
    out
}

/// The package that a service comes from, where it was read with its default values alone.
fn package_with_defaults<'i>(service: &Service, environment: &'i Inventory) -> Option<&'i str> {
    let path = environment.defaults.as_deref()?;
    service.at.path().strip_prefix(path).filter(|rest| rest.starts_with('/')).map(|_| path)
}
