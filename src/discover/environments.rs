//! What discovery found, with what the user gave in its place; and what is compared with what.

use std::collections::BTreeMap;

use globset::Glob;

use super::words::is_main;
use super::{Found, Unit, discover, given};
use crate::config::{Environment, Options, option};
use crate::error::Error;
use crate::formats::{Because, Manifest};
use crate::report::{Left, Problem, ProblemKind, summary::first_few};
use crate::workspace::{Workspace, file_name};

/// So many of what was found, and of the reasons for what was left, are named.
const SHOWN: usize = 5;

/// The manifests of every environment: given on the command line, else by the configuration, else found.
///
/// # Errors
/// Usage and configuration: a path that does not exist or that no format knows, an environment that is not known.
pub fn environments(workspace: &dyn Workspace, options: &Options) -> Result<Found, Error> {
    let given = all_given(workspace, options)?;
    let to = options.to.as_deref().unwrap_or("prod");
    let wanted = [options.from.as_deref().unwrap_or("dev"), to];
    let by_command_line = |name: &str| options.manifests.iter().any(|(n, _)| n == name);
    let mut found = if wanted.into_iter().all(by_command_line) { Found::default() } else { discover(workspace) };
    if given.is_empty() {
        return known(found, options);
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
    }
    for manifest in unit.environments.values_mut().flatten() {
        manifest.unit.clear();
    }
    unit.environments.extend(given);
    found.units = vec![unit];
    known(found, options)
}

/// The manifests that were given, by environment. The command line wins over the configuration.
fn all_given(workspace: &dyn Workspace, options: &Options) -> Result<BTreeMap<String, Vec<Manifest>>, Error> {
    let mut out: BTreeMap<String, Vec<Manifest>> = BTreeMap::new();
    for (name, environment) in options.config.environments.iter().filter(|(_, e)| !e.manifests.is_empty()) {
        out.insert(name.clone(), configured(workspace, environment)?);
    }
    let mut names: Vec<&String> = options.manifests.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    for name in names {
        let paths: Vec<String> = options.manifests.iter().filter(|(n, _)| n == name).map(|(_, p)| p.clone()).collect();
        out.insert(name.clone(), given::given(workspace, &paths)?);
    }
    Ok(out)
}

/// The manifests of an environment of the configuration; an error cites the line.
fn configured(workspace: &dyn Workspace, environment: &Environment) -> Result<Vec<Manifest>, Error> {
    let mut paths: Vec<String> = Vec::new();
    for (path, at) in &environment.manifests {
        if !path.contains(['*', '?', '[', '{']) {
            given::given(workspace, std::slice::from_ref(path)).map_err(|e| e.at(at.clone()))?;
            paths.push(path.clone());
            continue;
        }
        let glob = Glob::new(path).map_err(|e| Error::usage(format!("`{path}` is no path pattern: {}", e.kind())).at(at.clone()))?;
        let glob = glob.compile_matcher();
        let (files, problems) = workspace.list("");
        let found: Vec<String> = files.into_iter().filter(|f| glob.is_match(f)).collect();
        if found.is_empty() {
            let error = Error::usage(format!("`{path}` matches no file")).at(at.clone());
            return Err(match problems.first() {
                Some(problem) => error.help(format!("not all was looked at: {}", problem.message)),
                None => error,
            });
        }
        paths.extend(found);
    }
    let manifests = given::given(workspace, &paths)?;
    Ok(manifests.into_iter().map(|m| Manifest { because: Because::Configured, ..m }).collect())
}

/// The configuration compares environments that there are.
fn known(found: Found, options: &Options) -> Result<Found, Error> {
    for (name, at) in options.config.compare.iter().flat_map(|c| [&c.from, &c.to]) {
        let names = || found.units.iter().flat_map(|u| u.environments.keys()).map(String::as_str);
        if !names().any(|n| n == name) {
            let mut all: Vec<&str> = names().collect();
            all.sort_unstable();
            all.dedup();
            let error = Error::usage(format!("there is no environment `{name}`")).at(at.clone());
            return Err(if all.is_empty() { error } else { error.help(format!("there are: {}", all.join(", "))) });
        }
    }
    Ok(found)
}

/// What is compared with what in a part: what was asked for, else what the configuration says, else development, CI and every
/// environment that was named with production.
#[must_use]
pub fn comparisons(unit: &Unit, options: &Options) -> Vec<(String, String)> {
    let has = |name: &str| unit.environments.get(name).is_some_and(|m| !m.is_empty());
    let mut out: Vec<(String, String)> = Vec::new();
    if options.from.is_none() && options.to.is_none() && !options.config.compare.is_empty() {
        out.extend(options.config.compare.iter().map(|c| (c.from.0.clone(), c.to.0.clone())));
    } else {
        let to = options.to.as_deref().unwrap_or("prod");
        let named = options.manifests.iter().map(|(name, _)| name.as_str()).chain(options.config.environments.keys().map(String::as_str));
        let mut names: Vec<&str> = match &options.from {
            Some(from) => vec![from],
            None => ["dev", "ci"].into_iter().chain(named).collect(),
        };
        names.sort_unstable();
        names.dedup();
        out.extend(names.into_iter().map(|from| (from.to_owned(), to.to_owned())));
    }
    out.retain(|(from, to)| from != to && has(from) && has(to));
    out
}

/// Why there is no comparison: what was found, what was left, and what to pass.
#[must_use]
pub fn nothing(found: &Found, options: &Options) -> Problem {
    let to = options.to.as_deref().unwrap_or("prod");
    let names: Vec<&String> = found.units.iter().flat_map(|u| u.environments.keys()).collect();
    let from = options.from.as_deref().unwrap_or("dev");
    let lacks: Vec<&str> = [from, to].into_iter().filter(|n| !names.iter().any(|k| k == n)).collect();
    let (kind, mut message) = match lacks.as_slice() {
        [] => (ProblemKind::Other, format!("no part of the repository has manifests of both {from} and {to}")),
        lacks => {
            let lacks = lacks.join(" and of ");
            (ProblemKind::NoManifest, format!("there is nothing to compare: no manifest of {lacks} was found below the root"))
        }
    };
    let have: Vec<String> = found
        .units
        .iter()
        .flat_map(|u| &u.environments)
        .flat_map(|(name, manifests)| manifests.iter().map(move |m| format!("`{}` ({name})", m.paths.join("`, `"))))
        .collect();
    if !have.is_empty() {
        message.push_str(&format!("; found: {}", first_few(have, SHOWN, |words| words)));
    }
    // Many files are left for one reason.
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for left in &found.left {
        match reasons.iter_mut().find(|(because, _)| *because == left.because) {
            Some((_, paths)) => paths.push(format!("`{}`", left.path)),
            None => reasons.push((&left.because, vec![format!("`{}`", left.path)])),
        }
    }
    let reasons: Vec<String> =
        reasons.iter().map(|(because, paths)| format!("{} ({because})", first_few(paths, 2, Clone::clone))).collect();
    if !reasons.is_empty() {
        message.push_str(&format!("; left: {}", first_few(reasons, SHOWN, |words| words)));
    }
    Problem { kind, ..Problem::of_run(message) }.help(what_to_pass(found, options))
}

/// The options that name both sides: what was found, and a place for what was not. Where production is missing and another
/// manifest of development's format was left, the one that was taken may be production's.
fn what_to_pass(found: &Found, options: &Options) -> String {
    let (from, to) = (options.from.as_deref().unwrap_or("dev"), options.to.as_deref().unwrap_or("prod"));
    let named: String = [&options.from, &options.to].into_iter().flatten().map(|name| format!("{name} ")).collect();
    let manifest = |name: &str| found.units.iter().find_map(|u| u.environments.get(name)?.first());
    let path = |name: &str| manifest(name).and_then(|m| m.paths.first()).map_or("PATH", String::as_str);
    let both = |a: &str, b: &str| format!("`parity diff {named}{} {}`", option(from, a), option(to, b));
    let mut help = format!("name both sides: {}", both(path(from), path(to)));
    if let Some(taken) = manifest(from).filter(|_| manifest(to).is_none()) {
        let depth = |l: &&Left| l.path.matches('/').count();
        let main = |l: &&Left| l.format == taken.format && is_main(file_name(&l.path));
        if let Some(other) = found.left.iter().filter(main).min_by_key(depth) {
            help.push_str(&format!("; where `{0}` is what {to} runs: {1}", path(from), both(&other.path, path(from))));
        }
    }
    help
}
