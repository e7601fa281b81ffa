//! A path that the user gave outside the root (`../gitops/apps/shop`), or in another repository that is checked out inside it → a root
//! of its own beside it, under the path that leads there: `../gitops`.
//!
//! It is the git repository in which the path lies (an overlay takes its base from there), else the path's own folder. Files of each
//! root stay inside it, links as well.

use std::path::{Path, PathBuf};

use super::{DiskWorkspace, Workspace, join};
use crate::error::Error;

/// The path inside a root that has a name; `None` where it lies elsewhere.
#[must_use]
pub fn within<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    if root.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// The name of the root in which a path lies; "" is the root itself.
#[must_use]
pub fn root_of(workspace: &dyn Workspace, path: &str) -> String {
    let names = workspace.beside().into_iter().map(|(name, _)| name).filter(|name| within(path, name).is_some());
    names.max_by_key(|name| name.len()).unwrap_or_default().to_owned()
}

/// A path as git names it from the top of a repository, here of that in which a file lies; `None` where it leaves it.
#[must_use]
pub fn from_top_of(workspace: &dyn Workspace, file: &str, path: &str) -> Option<String> {
    let root = root_of(workspace, file);
    join("", path).map(|inside| if root.is_empty() { inside } else { format!("{root}/{inside}") })
}

/// A path of the command line, as the workspace names it; `None` where it lies in none of its roots.
#[must_use]
pub fn given(workspace: &dyn Workspace, path: &str) -> Option<String> {
    join("", path).or_else(|| (!root_of(workspace, path).is_empty()).then(|| path.to_owned()))
}

/// The folder of a root below the top of its git repository; "" where they are the same, or in no repository.
#[must_use]
pub fn below_top(root: &Path) -> String {
    let top = root.ancestors().find(|dir| dir.join(".git").exists());
    top.and_then(|top| root.strip_prefix(top).ok()).and_then(relative).unwrap_or_default()
}

impl DiskWorkspace {
    /// Takes in a path that the user gave: one that lies outside, or in a checkout of another repository inside, makes a root of its
    /// own. The path as the workspace names it.
    ///
    /// # Errors
    /// There is nothing at the path, or no relative path leads there.
    pub fn take_in(&mut self, path: &str) -> Result<String, Error> {
        let inside = join("", path);
        let Ok(real) = self.root.join(path).canonicalize() else {
            // What is said of a path inside is said with what is near.
            return inside.map(|_| path.to_owned()).ok_or_else(|| Error::usage(format!("`{path}` does not exist")));
        };
        let top = top(&real);
        let unnamed = || Error::usage(format!("no relative path in UTF-8 leads from the root to `{path}`"));
        if top == self.root || !top.starts_with(&self.root) {
            if inside.is_some() {
                return Ok(path.to_owned());
            }
            if let Ok(inside) = real.strip_prefix(&self.root) {
                return relative(inside).ok_or_else(unnamed);
            }
        }
        let held = |root: &Self| real.strip_prefix(&root.root).ok().and_then(|inside| Some((root.name.clone(), relative(inside)?)));
        let (name, inside) = match self.beside.iter().find_map(held) {
            Some(held) => held,
            None => {
                let name = way(&self.root, &top).ok_or_else(unnamed)?;
                let inside = real.strip_prefix(&top).ok().and_then(relative).ok_or_else(unnamed)?;
                let beside = Self { root: top, name: name.clone(), limits: self.limits, ..Self::default() };
                self.beside.push(beside);
                (name, inside)
            }
        };
        Ok(if inside.is_empty() { name } else { format!("{name}/{inside}") })
    }

    /// The root that a path lies in.
    pub(super) fn home(&self, path: &str) -> &Self {
        let holds = self.beside.iter().filter(|b| within(path, &b.name).is_some());
        holds.max_by_key(|b| b.name.len()).unwrap_or(self)
    }
}

/// The folder that holds everything a path belongs to: its git repository, else its own folder.
fn top(real: &Path) -> PathBuf {
    let own = if real.is_dir() { real } else { real.parent().unwrap_or(real) };
    own.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(own).to_path_buf()
}

/// A relative path, with `/`.
fn relative(path: &Path) -> Option<String> {
    path.components().map(|c| c.as_os_str().to_str()).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

/// The way from one folder to another, as `../` and names; `None` from one drive to another.
fn way(from: &Path, to: &Path) -> Option<String> {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return None;
    }
    let up = from.components().skip(common).map(|_| Some(".."));
    let down = to.components().skip(common).map(|c| c.as_os_str().to_str());
    up.chain(down).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}
