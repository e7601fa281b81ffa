//! Repository → manifests of each environment, and why.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::formats::{ALL, Claim, Format, Manifest, Side};
use crate::report::{Left, Problem};
use crate::workspace::{Workspace, file_name, join, parent};

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Manifests by environment.
    pub environments: BTreeMap<String, Vec<Manifest>>,
    /// What was left, and why.
    pub left: Vec<Left>,
    /// What could not be listed.
    pub problems: Vec<Problem>,
}

/// A file or folder that a format claims.
struct Candidate {
    format: &'static dyn Format,
    path: String,
    side: Side,
}

/// Looks through the whole workspace.
#[must_use]
pub fn discover(workspace: &dyn Workspace) -> Found {
    let (files, problems) = workspace.list("");
    let mut found = Found { problems, ..Found::default() };
    let mut candidates = claimed(workspace, &files);
    candidates.sort_by(|a, b| (rank(&a.path), &a.path, a.format.id()).cmp(&(rank(&b.path), &b.path, b.format.id())));
    for (side, environment) in [(Side::Dev, "dev"), (Side::Ci, "ci"), (Side::Prod, "prod")] {
        let mut taken: Vec<Manifest> = Vec::new();
        for candidate in candidates.iter().filter(|c| side_of(c) == Some(side)) {
            let beside = |m: &Manifest| {
                m.format == candidate.format.id()
                    && m.paths.iter().any(|p| parent(p) == parent(&candidate.path) || candidate.path.starts_with(&format!("{p}/")))
            };
            let because = match taken.first() {
                None => "the first choice by name and folder".to_owned(),
                Some(_) if side == Side::Prod && !not_meant(&candidate.path) && !taken.iter().any(beside) && rank(&candidate.path) <= 1 => {
                    "production by its format and name".to_owned()
                }
                Some(first) => {
                    let path = first.paths.first().cloned().unwrap_or_default();
                    found.left.push(left(candidate, format!("`{path}` was taken for {environment}")));
                    continue;
                }
            };
            if not_meant(&candidate.path) {
                found.left.push(left(candidate, "its name says that it is an example, a test or another environment".to_owned()));
                continue;
            }
            taken.push(Manifest {
                format: candidate.format.id().to_owned(),
                paths: vec![candidate.path.clone()],
                because,
                unit: String::new(),
            });
        }
        if !taken.is_empty() {
            found.environments.insert(environment.to_owned(), taken);
        }
    }
    found.left.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn left(candidate: &Candidate, because: String) -> Left {
    let path = if candidate.path.is_empty() { "." } else { &candidate.path };
    Left { path: path.to_owned(), format: candidate.format.id().to_owned(), because }
}

/// The claims of all formats on files; a folder that lies in another claimed folder of the format is part of it.
fn claimed(workspace: &dyn Workspace, files: &[String]) -> Vec<Candidate> {
    let mut by_path: BTreeMap<(String, &'static str), Candidate> = BTreeMap::new();
    for file in files {
        for format in ALL.iter().copied().filter(|f| f.may_claim(file)) {
            let Ok(source) = workspace.read(file) else { continue };
            if let Claim::Yes { manifest, side } = format.claims(file, source.text()) {
                by_path.entry((manifest.clone(), format.id())).or_insert(Candidate { format, path: manifest, side });
                break;
            }
        }
    }
    let folders: Vec<(String, &'static str)> = by_path.keys().filter(|(p, _)| workspace.is_dir(p)).cloned().collect();
    let inside = |path: &str, id: &str| folders.iter().any(|(p, i)| *i == id && !p.is_empty() && path.starts_with(&format!("{p}/")));
    by_path.into_iter().filter(|((p, id), _)| !inside(p, id)).map(|(_, c)| c).collect()
}

/// The environment of a candidate: names win over what the format is used for by nature.
fn side_of(candidate: &Candidate) -> Option<Side> {
    match candidate.side {
        Side::Shared => None,
        Side::Dev if production(&candidate.path) => Some(Side::Prod),
        side => Some(side),
    }
}

fn words(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '-', '_', '.'])
}

fn production(path: &str) -> bool {
    words(path).any(|w| matches!(w, "prod" | "production" | "live"))
}

/// Does the path say that it is not what the team runs?
fn not_meant(path: &str) -> bool {
    words(path).any(|w| {
        matches!(
            w,
            "test"
                | "tests"
                | "testing"
                | "e2e"
                | "example"
                | "examples"
                | "sample"
                | "samples"
                | "demo"
                | "staging"
                | "fixtures"
                | "testdata"
                | "docs"
                | "tutorial"
                | "load"
        )
    })
}

/// Smaller is better: production by name, near the root, of the usual folders.
fn rank(path: &str) -> usize {
    let depth = path.matches('/').count();
    let usual = words(path)
        .any(|w| matches!(w, "prod" | "production" | "k8s" | "kubernetes" | "deploy" | "deployment" | "manifests" | "helm" | "charts"));
    if not_meant(path) {
        50 + depth
    } else if usual || depth == 0 {
        depth / 3
    } else {
        2 + depth
    }
}

/// The manifests of an environment whose paths the user gave.
///
/// # Errors
/// A path does not exist, or no format knows it.
pub fn given(workspace: &dyn Workspace, paths: &[String]) -> Result<Vec<Manifest>, Error> {
    let mut out: Vec<Manifest> = Vec::new();
    for path in paths {
        let clean = join("", path)
            .ok_or_else(|| Error::usage(format!("`{path}` lies outside the root")).help("give --root a folder that holds both sides"))?;
        let files = if workspace.is_dir(&clean) { workspace.list(&clean).0 } else { vec![clean.clone()] };
        if !workspace.is_dir(&clean) && !workspace.is_file(&clean) {
            let beside = workspace.list(parent(&clean)).0;
            let near = beside
                .iter()
                .filter(|f| strsim::jaro_winkler(f, &clean) > 0.85)
                .max_by(|a, b| strsim::jaro_winkler(a, &clean).total_cmp(&strsim::jaro_winkler(b, &clean)));
            let error = Error::usage(format!("`{path}` does not exist"));
            return Err(match near {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            });
        }
        let folder = workspace.is_dir(&clean);
        let mut ids: Vec<&'static dyn Format> = Vec::new();
        let mut inside: Vec<(String, &'static dyn Format)> = Vec::new();
        for file in &files {
            for format in ALL.iter().copied().filter(|f| f.may_claim(file)) {
                let source = match workspace.read(file) {
                    Ok(source) => source,
                    Err(_) if folder => continue,
                    // The reader says what is wrong with it.
                    Err(_) => {
                        inside.push((file.clone(), format));
                        break;
                    }
                };
                if let Claim::Yes { manifest, .. } = format.claims(file, source.text()) {
                    let whole = workspace.is_dir(&manifest)
                        && folder
                        && (manifest == clean || manifest.starts_with(&format!("{clean}/")) || clean.is_empty());
                    let path = if whole {
                        clean.clone()
                    } else if folder {
                        manifest
                    } else {
                        file.clone()
                    };
                    if !inside.iter().any(|(p, f)| *p == path && f.id() == format.id()) {
                        inside.push((path, format));
                    }
                    if !ids.iter().any(|f| f.id() == format.id()) {
                        ids.push(format);
                    }
                    break;
                }
            }
        }
        if inside.is_empty() {
            // A file that a format knows by its name alone may be broken: its reader says so.
            let by_name = ALL.iter().copied().find(|f| !folder && f.may_claim(&clean));
            match by_name {
                Some(format) => inside.push((clean.clone(), format)),
                None => {
                    return Err(Error::usage(format!("no format knows `{path}`"))
                        .help(format!("known formats: {}", ALL.iter().map(|f| f.name()).collect::<Vec<_>>().join(", "))));
                }
            }
        }
        for (path, format) in inside {
            let merged = out.iter_mut().find(|m| format.merges() && m.format == format.id() && !folder);
            match merged {
                Some(manifest) => manifest.paths.push(path),
                None => out.push(Manifest {
                    format: format.id().to_owned(),
                    paths: vec![path],
                    because: "given on the command line".into(),
                    unit: String::new(),
                }),
            }
        }
    }
    Ok(out)
}

/// The shown name of a path.
#[must_use]
pub fn shown(path: &str) -> &str {
    if path.is_empty() { "." } else { file_name(path) }
}
