//! A pair of workloads → its keys by side.

use std::collections::BTreeSet;

use crate::catalogue::{injected, matches};
use crate::inventory::{EnvSource, EnvVar, Environ, Inventory, Process, Role, Service, UnlistedKeys};
use crate::pair::Pair;
use crate::report::EnvReport;
use crate::rules::Comparison;

pub(super) mod forms;
pub(super) mod missing;
mod used;
mod usual;

pub(super) use forms::{OtherForm, Rename};
pub(in crate::rules) use used::UsedKeys;

/// Keys that belong to development alone: clients of the machine, emulators, credentials that production takes from its role.
const DEVELOPMENT: [&str; 8] = [
    "COMPOSE_*",
    "DOCKER_*",
    "*_EMULATOR_HOST",
    "AWS_ENDPOINT_URL*",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
];

/// The keys of a pair, as they are listed: what the JSON report shows.
#[must_use]
pub fn env_report(pair: &Pair<'_>) -> EnvReport {
    let keys = |s: Option<&Service>| -> BTreeSet<String> {
        let vars = s.into_iter().flat_map(|s| &s.environ.vars);
        vars.filter(|v| v.source != EnvSource::Injected).map(|v| v.key.clone()).collect()
    };
    let (from, to) = (keys(pair.from), keys(pair.to));
    let unknown = [pair.from, pair.to].into_iter().flatten().flat_map(|s| s.environ.unlisted.iter().map(|u| u.why.clone()));
    let mut unknown: Vec<String> = unknown.collect();
    unknown.sort();
    unknown.dedup();
    EnvReport {
        both: from.intersection(&to).cloned().collect(),
        from_only: from.difference(&to).cloned().collect(),
        to_only: to.difference(&from).cloned().collect(),
        unknown,
    }
}

/// Both sides of a pair whose keys can be compared: a workload that runs and serves.
pub(super) fn sides<'p>(pair: &Pair<'p>) -> Option<(&'p Service, &'p Service)> {
    let (from, to) = (pair.from?, pair.to?);
    let runs = |s: &Service| s.process == Process::Service;
    (pair.role == Role::Workload && runs(from) && runs(to)).then_some((from, to))
}

/// The keys of a pair that one side has and the other has in no form.
pub(in crate::rules) struct Difference<'s> {
    /// Set in the first environment alone.
    pub(in crate::rules) from: Vec<&'s EnvVar>,
    /// Set in the second environment alone.
    pub(in crate::rules) to: Vec<&'s EnvVar>,
    /// One key under two names.
    pub(in crate::rules) renames: Vec<Rename<'s>>,
    /// One service in two forms.
    pub(in crate::rules) forms: Vec<OtherForm<'s>>,
}

/// What the keys of a pair differ in; `None` where the pair is no workload of both sides.
pub(in crate::rules) fn difference<'p>(pair: &Pair<'p>, comparison: &Comparison<'_>) -> Option<Difference<'p>> {
    let (from, to) = sides(pair)?;
    let mut out = Difference {
        from: missing(from, to, comparison.from, comparison),
        to: missing(to, from, comparison.to, comparison),
        renames: Vec::new(),
        forms: Vec::new(),
    };
    // What the repository documents is what a developer sets.
    let documented: BTreeSet<&str> = comparison.from.documented.iter().map(|d| d.key.as_str()).collect();
    let in_both = forms::wholes_of_both(from, to);
    out.from.retain(|v| !DEVELOPMENT.iter().any(|p| matches(p, &v.key)) && !forms::is_part_of(v, &in_both));
    out.to.retain(|v| !forms::is_part_of(v, &in_both));
    out.renames = forms::renames(&out.from, &out.to);
    let renamed: BTreeSet<&str> = out.renames.iter().flat_map(|r| [r.from.key.as_str(), r.to.key.as_str()]).collect();
    out.from.retain(|v| !renamed.contains(v.key.as_str()));
    out.to.retain(|v| !renamed.contains(v.key.as_str()) && !documented.contains(v.key.as_str()));
    out.forms = forms::other_forms(&out.from, &out.to);
    let formed: BTreeSet<&str> = out.forms.iter().flat_map(|f| f.from.iter().chain(&f.to)).map(|v| v.key.as_str()).collect();
    out.from.retain(|v| !formed.contains(v.key.as_str()));
    out.to.retain(|v| !formed.contains(v.key.as_str()));
    Some(out)
}

/// The variables of `here` that `there` has in no form, as findings count them.
fn missing<'s>(here: &'s Service, there: &Service, environment: &Inventory, comparison: &Comparison<'_>) -> Vec<&'s EnvVar> {
    let platforms = comparison.from.injected.iter().chain(&comparison.to.injected).map(String::as_str);
    let patterns: Vec<&str> = injected("any").iter().chain(injected("kubernetes")).copied().chain(["PORT"]).chain(platforms).collect();
    // What the Dockerfile sets is in the image, which both sides run.
    let image = [here, there].into_iter().filter_map(|s| s.build.as_ref()).flat_map(|b| &b.env);
    let names: BTreeSet<String> = there.environ.vars.iter().chain(image).map(|v| relaxed(&v.key)).collect();
    let has = |key: &str| names.contains(&relaxed(key));
    let own = |v: &EnvVar| matches!(v.source, EnvSource::Injected | EnvSource::Dockerfile);
    let wanted = |v: &&EnvVar| {
        !own(v) && !v.optional && !patterns.iter().any(|p| matches(p, &v.key)) && !has(&v.key) && !of_a_container(v, here, environment)
    };
    here.environ.vars.iter().filter(wanted).collect()
}

/// A key as every framework spells it: a secret's file, Spring's and .NET's relaxed names, Windows' case.
fn relaxed(key: &str) -> String {
    let upper = key.replace(['.', ':'], "_").replace('-', "").to_uppercase().replace("__", "_");
    upper.strip_suffix("_FILE").map(str::to_owned).unwrap_or(upper)
}

/// Does a key configure a backing service's container, and comes to the app only by the file that both read?
fn of_a_container(var: &EnvVar, service: &Service, environment: &Inventory) -> bool {
    var.source == EnvSource::EnvFile
        && environment.services.iter().filter(|s| s.role == Role::Backing && s.name != service.name).any(|s| {
            s.kind().is_some_and(|k| k.container_env.iter().any(|p| matches(p, &var.key)))
                && s.environ
                    .get(&var.key)
                    .is_some_and(|v| v.at == var.at || v.source == EnvSource::EnvFile || v.source == EnvSource::Environment)
        })
}

/// Splits missing keys by whether a source that could not be listed may hold them: (missing, perhaps missing, the source).
pub(super) fn provable<'s, 'u>(keys: &[&'s EnvVar], there: &'u Environ) -> (Vec<&'s EnvVar>, Vec<&'s EnvVar>, Option<&'u UnlistedKeys>) {
    let holder = |v: &EnvVar| there.unlisted.iter().find(|u| v.key.starts_with(&u.prefix));
    let (open, sure): (Vec<&EnvVar>, Vec<&EnvVar>) = keys.iter().partition(|v| holder(v).is_some());
    let source = open.first().and_then(|v| holder(v));
    (sure, open, source)
}
