//! The line: options → discover → read → pair → compare → report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use crate::ask::time::{Asked, Placed, since};
use crate::catalogue;
use crate::config::{Config, Options, option};
use crate::discover::{self, Unit};
use crate::error::Error;
use crate::filter::{self, Against, Baseline};
use crate::finding::{Finding, Place, Which};
use crate::formats::{self, Manifest, ReadContext, Reading};
use crate::inventory::{Inventory, Service, UnlistedKeys};
use crate::pair;
use crate::report::{InventoryReport, Problem, Report, images};
use crate::rules::{Answered, Severity};
use crate::workspace::{Workspace, below_top, in_order};

mod alternatives;
mod before;
mod compare;
mod forms;
mod gaps;
mod history;
mod then;

pub use history::history;

/// Compares environments of a repository, in every part of it that has both; with a base revision, says what is new since.
///
/// # Errors
/// Usage and configuration: a path that does not exist or that no format knows, a revision or a baseline that is not there.
pub fn diff(workspace: &dyn Workspace, options: &Options) -> Result<Report, Error> {
    let Some(revision) = &options.base else {
        let baseline = options.baseline.as_ref().or(options.config.baseline.as_ref());
        let baseline = baseline.map(|path| Baseline::read(workspace, path).map(|b| (b, path))).transpose()?;
        let against = Against { baseline: baseline.as_ref().map(|(b, path)| (b, path.as_str())), ..Against::default() };
        let history = History { dir: workspace.on_disk(), head: None, since: true };
        return evaluate(workspace, options, &options.config, &against, history).map(|e| e.report);
    };
    before::diff(workspace, options, revision)
}

/// Which history is asked: that of the repository in which a folder lies.
#[derive(Clone, Copy)]
struct History<'a> {
    dir: Option<&'a Path>,
    /// Up to where work is counted; `None`: the end of the branch that is shipped.
    head: Option<&'a str>,
    /// Is it also asked since when places differ?
    since: bool,
}

/// What one run gives.
struct Evaluated {
    report: Report,
    /// How far each service lags.
    time: Vec<Placed>,
}

/// One run over one tree. `approved` is the configuration whose exceptions count.
fn evaluate(
    workspace: &dyn Workspace,
    options: &Options,
    approved: &Config,
    against: &Against<'_>,
    history: History<'_>,
) -> Result<Evaluated, Error> {
    options.progress.phase("looking for manifests");
    let found = in_order(workspace, || discover::environments(workspace, options))?;
    let mut report = Report {
        fail_on: options.fail_on.or(approved.fail_on).unwrap_or_default(),
        problems: found.problems.clone(),
        today: Some(options.today),
        inner: workspace.beside().into_iter().map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with("..")).collect(),
        below_top: workspace.on_disk().map(below_top).unwrap_or_default(),
        ..Report::default()
    };
    let mut time = Vec::new();
    for unit in &found.units {
        let comparisons = discover::comparisons(unit, options);
        let mut sides = compare::Sides::new(unit, &comparisons);
        for (from, to) in &comparisons {
            // How far an environment lags is measured once, from the side that says how its images are built.
            let first = comparisons.iter().filter(|(_, t)| t == to).map(|(f, _)| f).min_by_key(|f| f.as_str() != "dev");
            let asked = if first == Some(from) {
                Asked::of(workspace, history.dir, options, history.head).ok_or(Answered::No)
            } else {
                Err(Answered::Elsewhere)
            };
            time.extend(compare::compare(workspace, options, &mut sides, (from, to), asked, &mut report));
        }
    }
    if let Some(comparison) = report.comparisons.first_mut() {
        comparison.left.extend(found.left.iter().cloned());
        comparison.left.sort_by(|a, b| (&a.path, &a.format).cmp(&(&b.path, &b.format)));
    } else {
        report.problems.push(discover::nothing(&found, options));
    }
    once(&mut report.findings);
    let part = options.from.is_some() || options.to.is_some();
    if !part {
        report.problems.extend(options.config.pairs.iter().flat_map(|pair| pair::wrong(pair, &report.comparisons)));
    }
    filter::apply(&mut report, approved, options.today, &Against { part, ..*against });
    if let Some(dir) = history.dir.filter(|_| history.since) {
        options.progress.phase("looking since when places differ");
        since::fill(&options.programs, workspace, dir, &mut report.findings);
    }
    report.problems.sort();
    report.problems.dedup();
    Ok(Evaluated { report, time })
}

/// What is said of the second environment alone is said once, not in every comparison with it; and not where another
/// comparison says more of the same place.
fn once(findings: &mut Vec<Finding>) {
    // Development is compared first when both are: of "ci" and "dev" the later word.
    findings.sort_by(|a, b| b.from.cmp(&a.from));
    let group = |f: &Finding| f.rule.split('/').next().unwrap_or_default().to_owned();
    let place = |p: &Place| (p.at.path().to_owned(), p.at.span().start);
    let of = |f: &Finding, place| (group(f), f.unit.clone(), f.subject.clone(), place);
    // What findings of both environments say of the second, and in the comparisons of which first ones.
    let mut both: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for f in findings.iter().filter(|f| !alone(f)) {
        for p in f.places.iter().filter(|p| p.side == Which::To) {
            both.entry(of(f, place(p))).or_default().insert(f.from.clone());
        }
    }
    let more = |f: &Finding| {
        let said = f.places.first().and_then(|p| both.get(&of(f, place(p))));
        said.is_some_and(|first| first.iter().any(|from| *from != f.from))
    };
    let mut seen = BTreeSet::new();
    findings.retain(|f| {
        let key = (f.rule, f.unit.clone(), f.subject.clone(), f.places.iter().map(place).collect::<Vec<_>>());
        !alone(f) || (seen.insert(key) && !more(f))
    });
    findings.sort();
    findings.dedup();
}

/// Is it said of the second environment alone?
fn alone(finding: &Finding) -> bool {
    finding.places.iter().all(|p| p.side == Which::To) && !finding.places.is_empty()
}

fn add(inventory: &mut Inventory, more: Vec<Service>) {
    inventory.services.extend(more);
    inventory.services.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
}

/// What an environment runs: in the whole repository, or in each of its parts.
///
/// # Errors
/// Usage: an environment for which nothing was found, and those of [`diff`].
pub fn inventory(workspace: &dyn Workspace, options: &Options, environment: &str) -> Result<InventoryReport, Error> {
    let found = in_order(workspace, || discover::environments(workspace, options))?;
    let own = found.units.iter().filter(|u| u.environments.contains_key(environment));
    let mut reports = own.map(|u| in_order(workspace, || read(workspace, options, environment, u)));
    let Some(mut all) = reports.next() else {
        let mut known: Vec<&str> = found.units.iter().flat_map(|u| u.environments.keys()).map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let error = Error::usage(format!("nothing was found for the environment `{environment}`"));
        return Err(if known.is_empty() {
            error.help(format!("name a manifest: `parity inventory {environment} {}`", option(environment, "PATH")))
        } else {
            error.help(format!("found: {}", known.join(", ")))
        });
    };
    for more in reports {
        let shift = all.manifests.len();
        add(&mut all.inventory, more.inventory.services.into_iter().map(|s| Service { manifest: s.manifest + shift, ..s }).collect());
        all.inventory.runtimes.extend(more.inventory.runtimes);
        all.manifests.extend(more.manifests);
        all.left.extend(more.left);
        all.problems.extend(more.problems);
        all.notes.extend(more.notes);
    }
    all.problems.extend(found.problems);
    if let Some(world) = &options.online {
        options.progress.phase("asking registries");
        let (answers, problems) = world.images(&mut Inventory::default(), &mut all.inventory);
        all.images = images::images(&answers);
        all.problems.extend(problems);
    }
    let alone = catalogue::reached(&all.inventory.services, &[]);
    let more = catalogue::told(&mut all.inventory.services, alone);
    add(&mut all.inventory, more);
    all.problems.sort();
    all.problems.dedup();
    Ok(all)
}

/// Reads the manifests of an environment, on all cores, in their order.
fn read(workspace: &dyn Workspace, options: &Options, environment: &str, unit: &Unit) -> InventoryReport {
    let manifests = unit.environments.get(environment).cloned().unwrap_or_default();
    let cx = ReadContext { workspace, options: &options.read_of(environment), environment, programs: &options.programs };
    let (variables, most) = (workspace.variables(), workspace.limits().variables);
    let one = |m: &Manifest| {
        let read = || formats::by_id(&m.format).map(|f| f.read(m, &cx)).unwrap_or_default();
        let (mut reading, full) = variables.count(most, read);
        if full {
            past_the_limit(&mut reading, m, most);
        }
        reading.services.iter_mut().for_each(|s| catalogue::classify(s, &options.config.images));
        // A root of an infrastructure is one of its layers, and its folder says of what.
        if let Some(root) = m.paths.first().filter(|_| formats::by_id(&m.format).is_some_and(formats::Format::alone)) {
            reading.services.iter_mut().for_each(|s| pair::name_by_folder(s, root));
        }
        reading
    };
    let mut readings: Vec<(Manifest, Reading)> = manifests.into_par_iter().map(|m| (m.clone(), one(&m))).collect();
    first_services(&mut readings, workspace.limits().services);
    let mut out = InventoryReport {
        inventory: Inventory { environment: environment.to_owned(), ..Inventory::default() },
        ..InventoryReport::default()
    };
    let (left, twice) = alternatives::leave(environment, &mut readings);
    let others = forms::leave(environment, &mut readings);
    // Which of several was taken says nothing where that one is left as well.
    let gone = |path: &String| others.left.iter().any(|l| l.path == *path);
    out.problems = twice.into_iter().filter(|(taken, _)| !gone(taken)).map(|(_, problem)| problem).collect();
    out.left = left.into_iter().chain(others.left).collect();
    out.problems.extend(others.problems);
    out.others = others.services;
    gaps::leave(&mut readings);
    out.inventory.undeclared = gaps::undeclared(&readings);
    for (i, (manifest, reading)) in readings.into_iter().enumerate() {
        out.manifests.push(manifest);
        out.problems.extend(reading.problems);
        out.notes.extend(reading.notes);
        let inventory = &mut out.inventory;
        inventory.services.extend(reading.services.into_iter().map(|s| Service { manifest: i, ..s }));
        inventory.runtimes.extend(reading.runtimes);
        inventory.documented.extend(reading.documented);
        inventory.injected.extend(reading.injected);
        inventory.defaults = inventory.defaults.take().or(reading.defaults);
    }
    let unread = out.problems.iter().find(|p| p.severity == Severity::Error).and_then(|p| p.at.as_ref());
    out.inventory.unread = unread.map(|at| at.path().to_owned());
    out.inventory.services.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
    out.problems.sort();
    out
}

/// Leaves the services past the limit, manifest by manifest, and says so.
fn first_services(readings: &mut [(Manifest, Reading)], most: usize) {
    let mut left = most;
    for (manifest, reading) in readings {
        if reading.services.len() > left {
            let what = format!("the environment has more than the limit of {most} services; the rest is not compared");
            reading.problems.push(Problem::file(first_path(manifest), what));
        }
        reading.services.truncate(left);
        left -= reading.services.len();
    }
}

fn first_path(manifest: &Manifest) -> &str {
    manifest.paths.first().map_or(".", String::as_str)
}

/// Of no service of a manifest is it known which keys are not listed, where some are not.
fn past_the_limit(reading: &mut Reading, manifest: &Manifest, most: usize) {
    let why = format!("the services have more than the limit of {most} variables in all; the rest is not listed");
    for service in &mut reading.services {
        let unlisted = UnlistedKeys { why: why.clone(), at: service.at.clone(), prefix: String::new() };
        service.environ.unlisted.push(unlisted);
    }
    reading.problems.push(Problem::file(first_path(manifest), why));
}
