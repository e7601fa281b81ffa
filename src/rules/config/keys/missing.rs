//! A pair of workloads → a finding for each key that one side sets and the other has in no form.

use super::usual::{is_mode, usual};
use super::{provable, sides};
use crate::finding::{Finding, Place, Which};
use crate::inventory::EnvVar;
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
    let Some((difference, (from, to))) = comparison.difference(pair).zip(sides(pair)) else { return Vec::new() };
    let names = (comparison.from.environment.as_str(), comparison.to.environment.as_str());
    let (keys, here, there, (a, b), off) = match on {
        Which::From => (&difference.from, from, to, names, Which::To),
        Which::To => (&difference.to, to, from, (names.1, names.0), Which::From),
    };
    let (missing, perhaps, source) = provable(keys, &there.environ);
    let one = |var: &&EnvVar| {
        let message = format!("`{}` is set for `{}` in {a} and in no form in {b}", var.key, pair.name);
        let set = Place::secret(on, var.at.clone(), format!("`{}` is set here", var.key));
        let unset = Place::new(off, there.at.clone(), "it is not set here");
        let places = if on == Which::From { vec![set, unset] } else { vec![unset, set] };
        let mut finding = comparison.finding(meta, &pair.name, var.key.clone(), message, places);
        if here.conditional.is_some() || !here.profiles.is_empty() {
            finding.severity = meta.severity.lower();
        }
        if on == Which::From && is_mode(&var.key) && from.build.is_none() && to.build.is_none() {
            finding.severity = finding.severity.lower();
        }
        // One place that gives a key to several services gives it to this one too, which may have no use for it.
        let for_another = || comparison.used(on).beside(var, &here.at);
        if usual(&var.key, on) || (on == Which::To && var.is_of_an_addon()) || for_another() {
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
