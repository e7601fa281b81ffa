//! The line: options → discover → read → pair → compare → report.

use rayon::prelude::*;

use crate::config::Options;
use crate::discover;
use crate::error::Error;
use crate::formats::{self, Manifest, ReadContext};
use crate::inventory::{Inventory, Role};
use crate::pair::{self, Pair};
use crate::report::{ComparisonReport, InventoryReport, PairReport, Problem, Report};
use crate::rules::config::keys;
use crate::rules::{self, Comparison, Context};
use crate::workspace::Workspace;

/// Compares environments of a workspace.
///
/// # Errors
/// Usage: a path or an environment that is not there.
pub fn diff(workspace: &dyn Workspace, options: &Options) -> Result<Report, Error> {
    let found = environments(workspace, options)?;
    let mut report = Report { fail_on: options.fail_on, problems: found.problems.clone(), ..Report::default() };
    let to = options.to.clone().unwrap_or_else(|| "prod".into());
    let froms: Vec<String> = match &options.from {
        Some(from) => vec![from.clone()],
        None => found.environments.keys().filter(|e| **e != to).cloned().collect(),
    };
    let missing = |name: &str| found.environments.get(name).is_none_or(Vec::is_empty);
    if missing(&to) || froms.is_empty() || froms.iter().all(|f| missing(f)) {
        report.problems.push(nothing(&found, &to));
        return Ok(report);
    }
    let right = read(workspace, options, &to, found.environments.get(&to).cloned().unwrap_or_default());
    report.problems.extend(right.problems.iter().cloned());
    for from in froms {
        let left = read(workspace, options, &from, found.environments.get(&from).cloned().unwrap_or_default());
        report.problems.extend(left.problems.iter().cloned());
        let pairs = pair::pair(&left.inventory, &right.inventory);
        let context = Context { today: options.today };
        let comparison = Comparison { from: &left.inventory, to: &right.inventory, pairs: &pairs, context: &context };
        report.findings.extend(rules::compare(&comparison));
        report.comparisons.push(ComparisonReport {
            from,
            to: to.clone(),
            from_manifests: left.manifests,
            to_manifests: right.manifests.clone(),
            left: found.left.clone(),
            services: pairs.iter().map(owned).collect(),
            ..ComparisonReport::default()
        });
    }
    report.findings.sort();
    report.findings.dedup();
    report.problems.sort();
    report.problems.dedup();
    Ok(report)
}

/// Reads one environment.
///
/// # Errors
/// Usage: a path or an environment that is not there.
pub fn inventory(workspace: &dyn Workspace, options: &Options, environment: &str) -> Result<InventoryReport, Error> {
    let found = environments(workspace, options)?;
    match found.environments.get(environment) {
        Some(manifests) => Ok(read(workspace, options, environment, manifests.clone())),
        None => {
            let known: Vec<&str> = found.environments.keys().map(String::as_str).collect();
            Err(Error::usage(format!("nothing was found for the environment `{environment}`")).help(format!("found: {}", known.join(", "))))
        }
    }
}

/// The manifests of each environment: what the user gave, else what is discovered.
fn environments(workspace: &dyn Workspace, options: &Options) -> Result<discover::Found, Error> {
    let mut names: Vec<&String> = options.manifests.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let to = options.to.as_deref().unwrap_or("prod");
    let wanted = [options.from.as_deref().unwrap_or("dev"), to];
    let mut found =
        if wanted.iter().all(|w| names.iter().any(|n| n == w)) { discover::Found::default() } else { discover::discover(workspace) };
    for name in names {
        let paths: Vec<String> = options.manifests.iter().filter(|(n, _)| n == name).map(|(_, p)| p.clone()).collect();
        found.environments.insert(name.clone(), discover::given(workspace, &paths)?);
    }
    Ok(found)
}

/// Reads the manifests of an environment, on all cores, in their order.
fn read(workspace: &dyn Workspace, options: &Options, environment: &str, manifests: Vec<Manifest>) -> InventoryReport {
    let cx = ReadContext { workspace, options: &options.read, environment };
    let readings: Vec<_> = manifests.par_iter().map(|m| formats::by_id(&m.format).map(|f| f.read(m, &cx)).unwrap_or_default()).collect();
    let mut out = InventoryReport {
        inventory: Inventory { environment: environment.to_owned(), ..Inventory::default() },
        ..InventoryReport::default()
    };
    for (i, reading) in readings.into_iter().enumerate() {
        out.problems.extend(reading.problems);
        out.notes.extend(reading.notes);
        let inventory = &mut out.inventory;
        inventory.services.extend(reading.services.into_iter().map(|mut s| {
            s.manifest = i;
            crate::catalogue::classify(&mut s);
            s
        }));
        inventory.runtimes.extend(reading.runtimes);
        inventory.documented.extend(reading.documented);
        inventory.injected.extend(reading.injected);
    }
    out.inventory.services.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
    out.problems.sort();
    out.manifests = manifests;
    out
}

fn owned(pair: &Pair<'_>) -> PairReport {
    PairReport {
        name: pair.name.clone(),
        role: pair.role,
        from: pair.from.cloned(),
        to: pair.to.cloned(),
        outcome: pair.outcome.clone(),
        because: pair.because.clone(),
        env: (pair.role == Role::Workload).then(|| keys::env_report(pair)),
    }
}

/// Nothing to compare: where it was looked, and what to do.
fn nothing(found: &discover::Found, to: &str) -> Problem {
    let have: Vec<String> = found.environments.iter().map(|(name, m)| format!("{} manifest(s) of {name}", m.len())).collect();
    let have = if have.is_empty() { "no manifest of a known format".to_owned() } else { have.join(", ") };
    Problem {
        severity: rules::Severity::Error,
        at: None,
        message: format!("there is nothing to compare with {to}: looked at every file below the root and found {have}"),
        help: Some("name both sides: `parity diff --dev docker-compose.yml --prod deploy/k8s`".into()),
    }
}
