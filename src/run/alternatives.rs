//! Manifests of one environment that each declare the whole of it → the first of them, what was left, and why.

use std::collections::BTreeSet;

use crate::catalogue::{self, Category, Kind};
use crate::config::option;
use crate::formats::{self, Manifest, Reading};
use crate::inventory::{Role, Service};
use crate::report::{Left, Problem, summary::some_names};

/// The least services that two have in common, to be taken for two forms of one deployment.
const LEAST: usize = 2;

/// So many of those that were left are named.
const NAMED: usize = 4;

/// Takes out the manifests that are another form of an earlier one (stacks, charts or overlays that declare the same
/// services), so that nothing is counted twice, and says so beside the path of that earlier one. What the user named is meant.
pub(super) fn leave(environment: &str, readings: &mut Vec<(Manifest, Reading)>) -> (Vec<Left>, Vec<(String, Problem)>) {
    let (mut left, mut problems) = (Vec::new(), Vec::new());
    let mut kept: Vec<(Manifest, BTreeSet<Declared>)> = Vec::new();
    readings.retain(|(manifest, reading)| {
        let own = declares(manifest, reading);
        if own.is_empty() {
            return true;
        }
        let same = |(first, other): &&(Manifest, BTreeSet<Declared>)| {
            let common = own.intersection(other).count();
            let alike = first.format == manifest.format && first.unit == manifest.unit;
            let least = if on_another_database(&own, other) { 1 } else { LEAST };
            alike && common >= least && common * 2 >= own.len().min(other.len())
        };
        let first = kept.iter().find(same).filter(|_| !manifest.because.is_named()).map(|(first, _)| first.clone());
        let Some((taken, path)) = first.as_ref().and_then(|f| f.paths.first()).zip(manifest.paths.first()) else {
            kept.push((manifest.clone(), own));
            return true;
        };
        left.push(left_of(path, manifest, "services", taken));
        problems.push((taken.clone(), one_was_taken(environment, "services", taken, std::slice::from_ref(path))));
        false
    });
    (left, problems)
}

/// A manifest that was left: it deploys the same (`app`, `services`) as the one that was taken.
pub(super) fn left_of(path: &str, manifest: &Manifest, same: &str, taken: &str) -> Left {
    let because = format!("it deploys the {same} of `{taken}` again, in another way");
    Left { path: path.to_owned(), format: manifest.format.clone(), because }
}

/// That several manifests deploy the same (`app`, `services`), which of them was taken, and how another one is.
pub(super) fn one_was_taken(environment: &str, same: &str, taken: &str, others: &[String]) -> Problem {
    let first = others.first().map(String::as_str).unwrap_or_default();
    let (names, ways) = (some_names(others.iter().map(String::as_str), NAMED), others.len() + 1);
    let message = format!("`{taken}` and {names} deploy the same {same} in {ways} ways; `{taken}` was taken for {environment}");
    Problem::of_run(message).info().help(format!("where another one runs, pass `{}`, or name it in parity.yml", option(environment, first)))
}

/// Does each of two keep its data in one database, of another kind than the other's? Then they are forms of one app.
fn on_another_database(a: &BTreeSet<Declared>, b: &BTreeSet<Declared>) -> bool {
    let databases = |all: &BTreeSet<Declared>| {
        let kinds: BTreeSet<&str> = all.iter().map(|(_, id, _)| *id).collect();
        kinds.into_iter().filter(|id| catalogue::kind(id).is_some_and(|k| k.category == Category::Database)).collect::<Vec<_>>()
    };
    matches!((databases(a).as_slice(), databases(b).as_slice()), ([a], [b]) if a != b)
}

/// A service by what it is and what it is called.
type Declared = (Role, &'static str, String);

/// What a manifest declares, where one of its format is a whole deployment.
fn declares(manifest: &Manifest, reading: &Reading) -> BTreeSet<Declared> {
    let Some(format) = formats::by_id(&manifest.format).filter(|f| f.deploys()) else { return BTreeSet::new() };
    let keeps = |k: &Kind| matches!(k.category, Category::Database | Category::Cache | Category::Queue | Category::Search);
    // Roots of an infrastructure are its layers as often as alternatives; but no two layers hold the same data.
    let counts = |s: &&Service| !format.alone() || s.kind().is_some_and(keeps);
    let key = |s: &Service| (s.role, s.kind().map_or("", |k| k.id.as_str()), s.name.to_lowercase());
    reading.services.iter().filter(counts).map(key).collect()
}
