//! The line: options → discover → read → pair → compare → report.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::config::Options;
use crate::discover::{self, Found, Unit};
use crate::error::Error;
use crate::finding::{Finding, Place, Which};
use crate::formats::{self, Manifest, ReadContext};
use crate::inventory::{Inventory, Role, Service};
use crate::pair::{self, Pair};
use crate::report::{ComparisonReport, InventoryReport, PairReport, Problem, Report};
use crate::rules::config::keys;
use crate::rules::{self, Comparison, Context};
use crate::workspace::Workspace;

/// Compares environments of a repository, in every part of it that has both.
///
/// # Errors
/// Usage: a path that does not exist or that no format knows.
pub fn diff(workspace: &dyn Workspace, options: &Options) -> Result<Report, Error> {
    let found = environments(workspace, options)?;
    let mut report = Report {
        fail_on: options.fail_on.or(options.config.fail_on).unwrap_or_default(),
        problems: found.problems.clone(),
        ..Report::default()
    };
    let to = options.to.clone().unwrap_or_else(|| "prod".into());
    for unit in &found.units {
        for from in froms(unit, options, &to) {
            compare(workspace, options, unit, &from, &to, &mut report);
        }
    }
    if let Some(comparison) = report.comparisons.first_mut() {
        comparison.left.clone_from(&found.left);
    } else {
        report.problems.push(nothing(&found, options, &to));
    }
    once(&mut report.findings);
    report.problems.sort();
    report.problems.dedup();
    Ok(report)
}

/// What is said of the second environment alone is said once, not in every comparison with it.
fn once(findings: &mut Vec<Finding>) {
    let alone = |f: &Finding| f.places.iter().all(|p| p.side == Which::To) && !f.places.is_empty();
    let place = |p: &Place| (p.at.path().to_owned(), p.at.span().start);
    let mut seen = BTreeSet::new();
    // Development is compared first when both are: of "ci" and "dev" the later word.
    findings.sort_by(|a, b| b.from.cmp(&a.from));
    findings.retain(|f| {
        let key = (f.rule, f.unit.clone(), f.subject.clone(), f.places.iter().map(place).collect::<Vec<_>>());
        let first = seen.insert(key);
        first || !alone(f)
    });
    findings.sort();
    findings.dedup();
}

/// The environments of a part that are compared with `to`: the one asked for, else development and CI.
fn froms(unit: &Unit, options: &Options, to: &str) -> Vec<String> {
    let has = |name: &str| unit.environments.get(name).is_some_and(|m| !m.is_empty());
    if !has(to) {
        return Vec::new();
    }
    let given = options.manifests.iter().map(|(name, _)| name.as_str());
    let mut names: Vec<&str> = match &options.from {
        Some(from) => vec![from],
        None => ["dev", "ci"].into_iter().chain(given).collect(),
    };
    names.retain(|name| *name != to && has(name));
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// One comparison of one part.
fn compare(workspace: &dyn Workspace, options: &Options, unit: &Unit, from: &str, to: &str, report: &mut Report) {
    let (mut left, mut right) = rayon::join(|| read(workspace, options, from, unit), || read(workspace, options, to, unit));
    report.problems.extend(left.problems.iter().chain(&right.problems).cloned());
    for side in [&mut left, &mut right] {
        side.inventory.services = pair::fold(std::mem::take(&mut side.inventory.services));
    }
    let pairs = pair::pair(&left.inventory, &right.inventory);
    let context = Context { today: options.today };
    let comparison = Comparison { from: &left.inventory, to: &right.inventory, pairs: &pairs, context: &context };
    report.findings.extend(rules::compare(&comparison).into_iter().map(|f| Finding { unit: unit.path.clone(), ..f }));
    report.comparisons.push(ComparisonReport {
        from: from.to_owned(),
        to: to.to_owned(),
        unit: unit.path.clone(),
        services: pairs.iter().map(owned).collect(),
        notes: [left.notes, right.notes].concat(),
        from_manifests: left.manifests,
        to_manifests: right.manifests,
        ..ComparisonReport::default()
    });
}

/// What an environment runs: in the whole repository, or in each of its parts.
///
/// # Errors
/// Usage: an environment for which nothing was found, and those of [`diff`].
pub fn inventory(workspace: &dyn Workspace, options: &Options, environment: &str) -> Result<InventoryReport, Error> {
    let found = environments(workspace, options)?;
    let mut reports =
        found.units.iter().filter(|u| u.environments.contains_key(environment)).map(|u| read(workspace, options, environment, u));
    let Some(mut all) = reports.next() else {
        let mut known: Vec<&str> = found.units.iter().flat_map(|u| u.environments.keys()).map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let error = Error::usage(format!("nothing was found for the environment `{environment}`"));
        return Err(if known.is_empty() {
            error.help(format!("name a manifest: `parity inventory {environment} --env {environment}=PATH`"))
        } else {
            error.help(format!("found: {}", known.join(", ")))
        });
    };
    for more in reports {
        let shift = all.manifests.len();
        all.inventory.services.extend(more.inventory.services.into_iter().map(|s| Service { manifest: s.manifest + shift, ..s }));
        all.manifests.extend(more.manifests);
        all.problems.extend(more.problems);
        all.notes.extend(more.notes);
    }
    all.inventory.services.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
    all.problems.sort();
    all.problems.dedup();
    Ok(all)
}

/// What discovery found, with what the user gave in its place.
fn environments(workspace: &dyn Workspace, options: &Options) -> Result<Found, Error> {
    let mut names: Vec<&String> = options.manifests.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let to = options.to.as_deref().unwrap_or("prod");
    let wanted = [options.from.as_deref().unwrap_or("dev"), to];
    let all_given = wanted.iter().all(|w| names.iter().any(|n| n == w));
    let mut found = if all_given { Found::default() } else { discover::discover(workspace) };
    if names.is_empty() {
        return Ok(found);
    }
    let mut given: BTreeMap<String, Vec<Manifest>> = BTreeMap::new();
    for name in names {
        let paths: Vec<String> = options.manifests.iter().filter(|(n, _)| n == name).map(|(_, p)| p.clone()).collect();
        given.insert(name.clone(), discover::given(workspace, &paths)?);
    }
    // What was given speaks of one part: the one that it lies in, else all that was found.
    let paths: Vec<&String> = given.values().flatten().flat_map(|m| &m.paths).collect();
    let holds = |u: &Unit| !u.path.is_empty() && paths.iter().any(|p| p.starts_with(&format!("{}/", u.path)));
    let mut units: Vec<Unit> = std::mem::take(&mut found.units);
    if units.iter().any(holds) {
        units.retain(holds);
    }
    let mut unit = Unit::default();
    for part in units {
        for (name, manifests) in part.environments {
            unit.environments.entry(name).or_default().extend(manifests);
        }
        unit.shared.extend(part.shared);
    }
    for manifest in unit.environments.values_mut().flatten() {
        manifest.unit.clear();
    }
    unit.environments.extend(given);
    found.units = vec![unit];
    Ok(found)
}

/// Reads the manifests of an environment, on all cores, in their order.
fn read(workspace: &dyn Workspace, options: &Options, environment: &str, unit: &Unit) -> InventoryReport {
    let manifests = unit.environments.get(environment).cloned().unwrap_or_default();
    let cx = ReadContext { workspace, options: &options.read, environment, programs: &options.programs };
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

/// Why there is no comparison: what was found, what was left, and what to pass.
fn nothing(found: &Found, options: &Options, to: &str) -> Problem {
    let names: Vec<&String> = found.units.iter().flat_map(|u| u.environments.keys()).collect();
    let from = options.from.as_deref().unwrap_or("dev");
    let lacks: Vec<&str> = [from, to].into_iter().filter(|n| !names.iter().any(|k| k == n)).collect();
    let mut message = match lacks.as_slice() {
        [] => format!("no part of the repository has manifests of both {from} and {to}"),
        lacks => format!("there is nothing to compare: no manifest of {} was found below the root", lacks.join(" and of ")),
    };
    let have: Vec<String> = found
        .units
        .iter()
        .flat_map(|u| &u.environments)
        .flat_map(|(name, manifests)| manifests.iter().map(move |m| format!("`{}` ({name})", m.paths.join("`, `"))))
        .collect();
    for (what, list) in [("found", have), ("left", found.left.iter().map(|l| format!("`{}` ({})", l.path, l.because)).collect())] {
        if !list.is_empty() {
            let more = list.len().saturating_sub(5);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            message.push_str(&format!("; {what}: {}{more}", list.iter().take(5).cloned().collect::<Vec<_>>().join(", ")));
        }
    }
    let help = "name both sides: `parity diff --dev docker-compose.yml --prod deploy/k8s`";
    Problem { severity: rules::Severity::Error, at: None, message, help: Some(help.into()) }
}
