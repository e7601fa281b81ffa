//! Files → the manifests they could be.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::formats::{ALL, Claim, Format, Side};
use crate::workspace::{Workspace, join};

/// What a format claims.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) format: &'static dyn Format,
    /// The file or folder.
    pub(super) path: String,
    /// What it is written for, as far as its format says.
    pub(super) side: Side,
    /// Is it a folder?
    pub(super) folder: bool,
}

/// What the formats claim of these files, less what another claimed manifest takes in; by path, then format.
pub(super) fn claimed(workspace: &dyn Workspace, files: &[String]) -> Vec<Candidate> {
    let claims: Vec<(String, Side, &'static dyn Format)> = files.par_iter().filter_map(|file| claim(workspace, file)).collect();
    let mut all: BTreeMap<(String, &'static str), Candidate> = BTreeMap::new();
    for (path, side, format) in claims {
        let folder = workspace.is_dir(&path);
        all.entry((path.clone(), format.id())).or_insert(Candidate { format, path, side, folder });
    }
    let all: Vec<Candidate> = all.into_values().collect();
    let taken = taken_in(workspace, &all);
    let kept = |c: &Candidate| {
        let nested = all.iter().any(|o| o.folder && o.format.id() == c.format.id() && o.path != c.path && inside(&c.path, &o.path));
        let part = taken.iter().any(|(by, part)| *by != c.path && (*part == c.path || inside(&c.path, part)));
        !nested && !part
    };
    all.iter().filter(|c| kept(c)).cloned().collect()
}

/// The first format that claims a file.
fn claim(workspace: &dyn Workspace, file: &str) -> Option<(String, Side, &'static dyn Format)> {
    let may: Vec<_> = ALL.iter().copied().filter(|f| f.may_claim(file)).collect();
    if may.is_empty() {
        return None;
    }
    let source = workspace.read(file).ok()?;
    may.into_iter().find_map(|format| match format.claims(file, without_mark(source.text())) {
        Claim::Yes { manifest, side } => Some((manifest, side, format)),
        Claim::No => None,
    })
}

/// A text without the byte order mark that some editors put first.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What manifests take in: (the one that does, what it takes in).
fn taken_in(workspace: &dyn Workspace, all: &[Candidate]) -> Vec<(String, String)> {
    let of = |c: &Candidate| -> Vec<(String, String)> {
        // The files that change it are no manifests of their own; the file that it changes is.
        let layers = c.format.layers(&c.path, workspace).into_iter().skip_while(|l| *l != c.path).skip(1);
        let parts = c.format.parts(&c.path, workspace).into_iter().filter_map(|p| join("", &p));
        layers.chain(parts).filter(|p| !inside(&c.path, p)).map(|p| (c.path.clone(), p)).collect()
    };
    let mut out: Vec<(String, String)> = all.par_iter().flat_map_iter(of).collect();
    // Of two that take each other in, the first by name stands.
    let second: Vec<_> = out.iter().filter(|(a, b)| a > b && out.contains(&(b.clone(), a.clone()))).cloned().collect();
    out.retain(|pair| !second.contains(pair));
    out
}

/// Does `path` lie below `folder`?
pub(super) fn inside(path: &str, folder: &str) -> bool {
    if folder.is_empty() { !path.is_empty() } else { path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')) }
}
