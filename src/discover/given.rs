//! Paths that the user gave → manifests.

use super::candidates::{claimed, inside, without_mark};
use crate::error::Error;
use crate::formats::{ALL, Because, Claim, Format, Manifest};
use crate::report::Problem;
use crate::workspace::{self, Workspace, parent};

/// The manifests of an environment whose paths the user gave.
///
/// # Errors
/// A path does not exist, or no format knows it.
pub(super) fn given(workspace: &dyn Workspace, paths: &[String]) -> Result<Vec<Manifest>, Error> {
    let mut out: Vec<Manifest> = Vec::new();
    for path in paths {
        let clean = workspace::given(workspace, path).ok_or_else(|| {
            Error::usage(format!("`{path}` lies outside the root"))
                .help("name it on the command line (`--prod ../gitops/apps/shop`): it is a root of its own then")
        })?;
        if workspace.is_dir(&clean) {
            out.extend(folder(workspace, path, &clean)?);
            continue;
        }
        if !workspace.is_file(&clean) {
            return Err(absent(workspace, path, &clean));
        }
        let format = file(workspace, &clean).ok_or_else(|| unknown(path))?;
        match out.iter_mut().find(|m| format.merges() && m.format == format.id()) {
            Some(manifest) => manifest.paths.push(clean),
            None => out.push(manifest(format, clean)),
        }
    }
    Ok(out)
}

/// The manifests in a folder. What lies there in another environment's name is meant as well: it was given.
fn folder(workspace: &dyn Workspace, given: &str, clean: &str) -> Result<Vec<Manifest>, Error> {
    let (files, problems) = workspace.list(clean);
    let mut out: Vec<Manifest> = Vec::new();
    for candidate in claimed(workspace, &files) {
        let around = candidate.folder && (candidate.path == clean || inside(clean, &candidate.path));
        let path = if around || (candidate.format.gathers() && inside(&candidate.path, clean)) { clean.to_owned() } else { candidate.path };
        if !out.iter().any(|m| m.format == candidate.format.id() && m.paths.contains(&path)) {
            let paths = if path == clean { vec![path] } else { candidate.format.layers(&path, workspace) };
            out.push(Manifest { paths, ..manifest(candidate.format, String::new()) });
        }
    }
    if out.is_empty() {
        // Perhaps that is because it cannot be read: who reads it says why.
        let unread = files.iter().filter(|f| workspace.read(f).is_err());
        out.extend(unread.filter_map(|f| Some(manifest(file(workspace, f)?, f.clone()))));
    }
    if out.is_empty() { Err(problems.into_iter().next().map_or_else(|| unknown(given), said)) } else { Ok(out) }
}

/// The format of a file: by what it says, else by its name alone, so that the reader says what is wrong with it.
fn file(workspace: &dyn Workspace, path: &str) -> Option<&'static dyn Format> {
    let by_name = || ALL.iter().copied().find(|f| f.may_claim(path));
    let Ok(source) = workspace.read(path) else { return by_name() };
    ALL.iter().copied().find(|f| f.may_claim(path) && f.claims(path, without_mark(source.text())) != Claim::No).or_else(by_name)
}

fn manifest(format: &dyn Format, path: String) -> Manifest {
    Manifest { format: format.id().to_owned(), paths: vec![path], because: Because::Given, unit: String::new() }
}

fn unknown(path: &str) -> Error {
    Error::usage(format!("no format knows `{path}`"))
        .help(format!("known formats: {}", ALL.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ")))
}

/// What keeps from reading, as an error.
fn said(problem: Problem) -> Error {
    Error { help: problem.help, ..Error::usage(problem.message) }
}

fn absent(workspace: &dyn Workspace, given: &str, clean: &str) -> Error {
    if let (true, Err(problem)) = (workspace.exists(clean), workspace.read(clean)) {
        return said(problem);
    }
    let beside = workspace.list(parent(clean)).0;
    let near = beside
        .iter()
        .map(|f| (strsim::jaro_winkler(f, clean), f))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    let error = Error::usage(format!("`{given}` does not exist"));
    match near {
        Some((_, near)) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}
