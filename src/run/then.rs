//! A revision, and the roots beside its own as they were then → one tree of files.

use std::sync::Arc;

use crate::ask::git::{Git, Named, TreeWorkspace};
use crate::ask::process::Programs;
use crate::limits::{Limits, Listed};
use crate::report::Problem;
use crate::source::Source;
use crate::workspace::{Mark, Workspace, root_of};

/// The files of a commit, with those of the roots beside it.
pub(super) struct Then<'g> {
    main: TreeWorkspace<'g>,
    beside: Vec<(String, Beside<'g>)>,
}

/// A root beside it.
enum Beside<'g> {
    Then(Box<TreeWorkspace<'g>>),
    Now(&'g dyn Workspace),
}

impl Beside<'_> {
    fn files(&self) -> &dyn Workspace {
        match self {
            Self::Then(tree) => &**tree,
            Self::Now(files) => *files,
        }
    }
}

impl<'g> Then<'g> {
    /// The files of a commit. A root beside it that lies in the same repository is of the same commit; another one is as it is now, or
    /// as it was at the end of a day (RFC 3339).
    ///
    /// # Errors
    /// Why git cannot tell.
    pub(super) fn new(
        git: &Git<'g>,
        commit: &str,
        now: &'g dyn Workspace,
        programs: &'g Programs,
        limits: Limits,
        day: Option<&str>,
    ) -> Result<Self, String> {
        let mut beside = Vec::new();
        for (name, files) in now.beside() {
            let other = files
                .on_disk()
                .ok_or_else(|| "it is not on disk".to_owned())
                .and_then(|dir| Git::open(programs, dir).map_err(String::from));
            let of_it = match (&other, day) {
                (Ok(other), _) if other.commits(&[commit.to_owned()])? == [Named::Commit(commit.to_owned())] => Some(commit.to_owned()),
                (Ok(other), Some(day)) => {
                    let found = other.before(&other.shipped(None)?, day)?;
                    Some(found.ok_or_else(|| format!("the history of `{name}` begins later"))?.id)
                }
                (Err(why), Some(_)) => return Err(format!("what `{name}` held is not known: {why}")),
                (_, None) => None,
            };
            let as_it_was = match (other, of_it) {
                (Ok(other), Some(commit)) => Beside::Then(Box::new(TreeWorkspace::beside(other, &commit, limits, name)?)),
                _ => Beside::Now(files),
            };
            beside.push((name.to_owned(), as_it_was));
        }
        Ok(Self { main: TreeWorkspace::new(git.clone(), commit, limits)?, beside })
    }

    fn home(&self, path: &str) -> &dyn Workspace {
        let root = root_of(self, path);
        self.beside.iter().find(|(name, _)| *name == root).map_or(&self.main, |(_, beside)| beside.files())
    }
}

impl Workspace for Then<'_> {
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem> {
        self.home(path).read(path)
    }

    fn is_file(&self, path: &str) -> bool {
        self.home(path).is_file(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        self.home(path).is_dir(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.home(path).exists(path)
    }

    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>) {
        self.home(dir).list(dir)
    }

    fn limits(&self) -> Limits {
        self.main.limits()
    }

    fn variables(&self) -> Arc<Listed> {
        self.main.variables()
    }

    fn mark(&self) -> Mark {
        self.main.mark()
    }

    fn back_to(&self, mark: Mark) {
        self.main.back_to(mark);
    }

    fn beside(&self) -> Vec<(&str, &dyn Workspace)> {
        self.beside.iter().map(|(name, beside)| (name.as_str(), beside.files())).collect()
    }
}
