//! Files of several roots → the history of each, in the repository in which it lies.

use std::collections::BTreeMap;
use std::path::Path;

use crate::ask::git::{Commit, Git, GitError, Named};
use crate::ask::process::Programs;
use crate::workspace::{Workspace, root_of, within};

/// Files by the root in which they lie; "" is the root itself.
pub(super) fn by_root(workspace: &dyn Workspace, files: impl IntoIterator<Item = String>) -> BTreeMap<String, Vec<String>> {
    let mut roots: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        roots.entry(root_of(workspace, &file)).or_default().push(file);
    }
    for files in roots.values_mut() {
        files.sort_unstable();
        files.dedup();
    }
    roots
}

/// The repository of a root; `dir` is the folder of the root itself.
///
/// # Errors
/// As [`Git::open`].
pub(super) fn open<'a>(programs: &'a Programs, workspace: &'a dyn Workspace, dir: &'a Path, root: &str) -> Result<Git<'a>, GitError> {
    let beside = || workspace.beside().into_iter().find(|(name, _)| *name == root).and_then(|(_, files)| files.on_disk());
    let dir = if root.is_empty() { Some(dir) } else { beside() };
    Git::open(programs, dir.ok_or_else(|| GitError::NotThere("its files are not on disk".to_owned()))?)
}

/// Where the main line of a root's repository ends: at the same commit where it is the same repository, else at what it ships.
///
/// # Errors
/// As [`Git::shipped`].
pub(super) fn head(git: &Git<'_>, code: &str) -> Result<String, GitError> {
    match git.commits(&[code.to_owned()])?.as_slice() {
        [Named::Commit(commit)] => Ok(commit.clone()),
        _ => git.shipped(None),
    }
}

/// The commits of the main line that changed files of a root, newest first; paths are those of the workspace.
///
/// # Errors
/// As [`Git::ask`].
pub(super) fn main_line(git: &Git<'_>, head: &str, root: &str, files: &[String], most: usize) -> Result<Vec<Commit>, GitError> {
    let inside: Vec<String> = files.iter().filter_map(|f| within(f, root)).map(str::to_owned).collect();
    let mut commits = git.main_line(head, &inside, most)?;
    if !root.is_empty() {
        for change in commits.iter_mut().flat_map(|c| &mut c.changes) {
            change.path = format!("{root}/{}", change.path);
        }
    }
    Ok(commits)
}
