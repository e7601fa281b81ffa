//! Repository → manifests of each environment, and why.
//!
//! Three steps: what the formats claim (`candidates`), what a path says about its environment (`words`), and which
//! parts of the repository are run on their own (`units`).

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::{Manifest, Side};
use crate::report::{Left, Problem};
use crate::workspace::{Workspace, file_name};

mod candidates;
mod environments;
mod gathered;
mod given;
mod live;
mod units;
mod unread;
mod words;

use candidates::Candidate;
pub use environments::{comparisons, environments, nothing};
pub(crate) use live::objects;
use words::Named;

/// Is a name that somebody gave to an environment (`Production (EU)`, `staging-2`) one of this environment?
#[must_use]
pub fn is_called(name: &str, environment: &str) -> bool {
    match words::named(&name.replace(|c: char| !c.is_alphanumeric(), "-")) {
        Named::Production => environment == "prod",
        Named::Development => environment == "dev",
        Named::Other(usual) => environment == usual,
        Named::NotMeant(_) | Named::Plain => name.eq_ignore_ascii_case(environment),
    }
}

/// A part of the repository that is developed and shipped on its own. Most repositories are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// Its folder; "" is the whole repository.
    pub path: String,
    /// The manifests of its environments: `dev`, `ci`, `prod` and others that have a name.
    pub environments: BTreeMap<String, Vec<Manifest>>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The parts, by path.
    pub units: Vec<Unit>,
    /// Manifests that belong to no environment that is compared, and why.
    pub left: Vec<Left>,
    /// Folders that could not be looked into.
    pub problems: Vec<Problem>,
}

/// Where a candidate goes.
enum Goes {
    To(Side),
    Named(String),
    /// Written for production by its format, for development by its name: production only where nothing else is.
    Doubtful,
    Left(String),
}

/// Finds the manifests of a repository.
#[must_use]
pub fn discover(workspace: &dyn Workspace) -> Found {
    let (files, problems) = workspace.list("");
    let mut found = Found { problems, ..Found::default() };
    let mut sorted = units::Sorted::default();
    let live = live::folders(workspace, &files, &mut found.problems);
    let claimed = candidates::claimed(workspace, &files);
    let runs: Vec<bool> = claimed.iter().map(|c| c.format.runs(&c.path, workspace)).collect();
    let run: BTreeSet<&str> = claimed.iter().zip(&runs).filter(|(_, runs)| **runs).map(|(c, _)| c.format.id()).collect();
    for (mut candidate, runs) in claimed.into_iter().zip(runs) {
        if candidate.format.fills_in() {
            sorted.fills_in(candidate);
            continue;
        }
        candidate.live = live.get(&candidate.path).cloned();
        match goes(&candidate) {
            Goes::To(_) | Goes::Doubtful | Goes::Named(_) if !runs && run.contains(candidate.format.id()) => {
                found.left.push(left(&candidate, "it configures no provider and no backend: others use it"));
            }
            Goes::To(side) => sorted.add(side, candidate),
            Goes::Doubtful => sorted.doubtful(candidate),
            Goes::Named(name) => sorted.named(name, candidate),
            Goes::Left(because) => found.left.push(left(&candidate, because)),
        }
    }
    sorted.into_units(workspace, &mut found);
    found.left.sort_by(|a, b| (&a.path, &a.format).cmp(&(&b.path, &b.format)));
    found
}

/// Is a folder called after a part of the repository, and not after how or where something is run?
pub(crate) fn is_called_after_a_part(folder: &str) -> bool {
    !words::says(folder) && words::named(folder) == Named::Plain
}

/// May something of this name be of an environment: does it say nothing, or that?
pub(crate) fn may_be_of(name: &str, environment: &str) -> bool {
    match words::named(name) {
        Named::Plain => true,
        Named::Production => environment == "prod",
        Named::Development => environment == "dev",
        Named::Other(other) => other == environment,
        Named::NotMeant(_) => false,
    }
}

fn goes(candidate: &Candidate) -> Goes {
    // A workflow is called `test.yml` because it tests, and `.env.example` documents: that says nothing about what is run.
    let path = if candidate.side == Side::Ci || candidate.format.documents() {
        crate::workspace::parent(&candidate.path)
    } else {
        &candidate.path
    };
    match (words::named(path), candidate.side) {
        (Named::NotMeant(word), _) => Goes::Left(format!("`{word}` in its path says that it is not what is run")),
        (Named::Other(name), Side::Dev) if name == "ci" => Goes::Left("its path says CI: `--ci` with this path compares it".to_owned()),
        (Named::Other(name), _) => Goes::Named(name),
        (Named::Production, Side::Dev) => Goes::To(Side::Prod),
        (Named::Development, Side::Prod) => Goes::Doubtful,
        (_, side) => Goes::To(side),
    }
}

fn left(candidate: &Candidate, because: impl Into<String>) -> Left {
    Left { path: shown(&candidate.path), format: candidate.format.id().to_owned(), because: because.into() }
}

/// A path as people write it: the root is `.`.
fn shown(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { path.to_owned() }
}

/// How near a file is to what a newcomer would start: few folders that are not about deployment, few words in the name.
/// What lies in `.devcontainer` is a second way to start what is there.
fn rank(candidate: &Candidate) -> (usize, bool, usize, usize) {
    let depth = candidate.path.matches('/').count();
    let plain = words::words(file_name(&candidate.path)).len();
    let second = candidate.path.split('/').any(|p| p == ".devcontainer") || file_name(&candidate.path) == ".devcontainer.json";
    (words::home(&candidate.path, candidate.folder).split('/').filter(|p| !p.is_empty()).count(), second, depth, plain)
}
