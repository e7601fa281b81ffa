//! Files → the manifests they could be.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::Either;
use rayon::prelude::*;

use super::{gathered, unread};
use crate::config::NAMES;
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
    /// The files that it is, where it is not the whole of the folder.
    pub(super) files: Vec<String>,
    /// What says that it is deployed to production, if something does.
    pub(super) live: Option<super::live::Live>,
}

impl Candidate {
    /// What is read, in order.
    pub(super) fn paths(&self, workspace: &dyn Workspace) -> Vec<String> {
        let mut paths = if self.files.is_empty() { self.format.layers(&self.path, workspace) } else { self.files.clone() };
        // What deploys it may change it.
        let changes = self.live.as_ref().and_then(|l| l.changes.clone());
        paths.extend(changes.filter(|_| matches!(self.format.id(), "kustomize" | "kubernetes")));
        paths
    }
}

/// What the formats claim of these files, less what another claimed manifest takes in; by path, then format.
pub(super) fn claimed(workspace: &dyn Workspace, files: &[String]) -> Vec<Candidate> {
    let (claims, unread): (Vec<Claimed>, Vec<&String>) = files.par_iter().filter_map(|file| claim(workspace, file)).partition_map(|of| of);
    let mut all: BTreeMap<(String, &'static str), Candidate> = BTreeMap::new();
    for claim in claims.iter().filter(|c| !c.format.gathers()) {
        let (path, format, side) = (claim.manifest.clone(), claim.format, claim.side);
        let folder = workspace.is_dir(&path);
        all.entry((path.clone(), format.id())).or_insert(Candidate { format, path, side, folder, files: Vec::new(), live: None });
    }
    for candidate in gathered::candidates(&claims) {
        all.insert((candidate.path.clone(), candidate.format.id()), candidate);
    }
    let mut all: Vec<Candidate> = all.into_values().collect();
    let unread: Vec<Candidate> = unread.into_iter().filter_map(|file| unread::candidate(file, &claims, &all)).collect();
    all.extend(unread);
    all.sort_by(|a, b| (&a.path, a.format.id()).cmp(&(&b.path, b.format.id())));
    let taken = taken_in(workspace, &all);
    let kept = |c: &Candidate| {
        let nested = !c.format.gathers()
            && c.format.in_place_of().is_none()
            && !c.format.alone()
            && all.iter().any(|o| o.folder && o.format.id() == c.format.id() && o.path != c.path && inside(&c.path, &o.path));
        let part = taken.iter().any(|t| match t.format.in_place_of() {
            // An overlay may lie below its base.
            Some(_) if t.format.id() == c.format.id() => t.by != c.path && t.part == c.path,
            Some(other) => other == c.format.id() && c.files.is_empty() && t.holds(&c.path),
            None => t.by != c.path && !inside(&t.by, &t.part) && t.holds(&c.path),
        });
        !nested && !part
    };
    all.iter().filter(|c| kept(c)).filter_map(|c| c.without(&taken)).collect()
}

impl Candidate {
    /// Less the files that a manifest of another format takes in; `None` where nothing is left.
    fn without(&self, taken: &[Taken]) -> Option<Self> {
        let mut out = self.clone();
        let meant = |t: &Taken| t.format.in_place_of().is_none_or(|other| other == self.format.id());
        let other = |file: &String| taken.iter().any(|t| t.format.id() != self.format.id() && meant(t) && t.holds(file));
        out.files.retain(|file| !other(file));
        (self.files.is_empty() || !out.files.is_empty()).then_some(out)
    }
}

/// What a format says of a file.
pub(super) struct Claimed {
    pub(super) file: String,
    pub(super) manifest: String,
    pub(super) side: Side,
    pub(super) format: &'static dyn Format,
}

/// The first format that claims a file; the file alone where one may, and its text cannot be read.
fn claim<'f>(workspace: &dyn Workspace, file: &'f String) -> Option<Either<Claimed, &'f String>> {
    let may: Vec<_> = ALL.iter().copied().filter(|f| f.may_claim(file)).collect();
    if may.is_empty() || NAMES.contains(&file.as_str()) {
        return None;
    }
    // What cannot be read is claimed by its name alone; who reads it again says why.
    let source = workspace.read(file).ok();
    let text = source.as_ref().map_or("", |s| without_mark(s.text()));
    let claimed = may.into_iter().find_map(|format| match format.claims(file, text) {
        Claim::Yes { manifest, side } => Some(Claimed { file: file.clone(), manifest, side, format }),
        Claim::No => None,
    });
    claimed.map(Either::Left).or_else(|| source.is_none().then_some(Either::Right(file)))
}

/// A text without the byte order mark that some editors put first.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What a manifest takes in.
#[derive(Clone)]
struct Taken {
    by: String,
    format: &'static dyn Format,
    part: String,
}

impl Taken {
    /// Is the path the part, or in it?
    fn holds(&self, path: &str) -> bool {
        self.part == path || inside(path, &self.part)
    }
}

/// What manifests take in.
fn taken_in(workspace: &dyn Workspace, all: &[Candidate]) -> Vec<Taken> {
    let of = |c: &Candidate| -> Vec<Taken> {
        // The files that change it are no manifests of their own; the file that it changes is.
        let layers = c.format.layers(&c.path, workspace).into_iter().skip_while(|l| *l != c.path).skip(1);
        let parts = c.format.parts(&c.path, workspace).into_iter().filter_map(|p| join("", &p));
        layers.chain(parts).map(|part| Taken { by: c.path.clone(), format: c.format, part }).collect()
    };
    let mut out: Vec<Taken> = all.par_iter().flat_map_iter(of).collect();
    // Of two that take each other in, the first by name stands.
    let pairs: BTreeSet<(String, String)> = out.iter().map(|t| (t.by.clone(), t.part.clone())).collect();
    out.retain(|t| t.by <= t.part || !pairs.contains(&(t.part.clone(), t.by.clone())));
    out
}

/// Does `path` lie below `folder`?
pub(super) fn inside(path: &str, folder: &str) -> bool {
    if folder.is_empty() { !path.is_empty() } else { path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')) }
}
