//! The files of now, some of them as they were: what a reader needs to read a manifest of the past.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::report::Problem;
use crate::source::Source;
use crate::workspace::Workspace;

/// The files of now with some in another state; `None` is a file that was not there.
pub(super) struct Past<'a> {
    pub(super) now: &'a dyn Workspace,
    pub(super) then: BTreeMap<&'a str, Option<Arc<Source>>>,
}

impl Workspace for Past<'_> {
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem> {
        match self.then.get(path) {
            Some(Some(source)) => Ok(Arc::clone(source)),
            Some(None) => Err(Problem::file(path, "does not exist")),
            None => self.now.read(path),
        }
    }

    fn is_file(&self, path: &str) -> bool {
        self.then.get(path).map_or_else(|| self.now.is_file(path), Option::is_some)
    }

    fn is_dir(&self, path: &str) -> bool {
        self.now.is_dir(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.then.get(path).map_or_else(|| self.now.exists(path), Option::is_some)
    }

    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>) {
        let (mut files, problems) = self.now.list(dir);
        files.retain(|f| !matches!(self.then.get(f.as_str()), Some(None)));
        (files, problems)
    }

    fn beside(&self) -> Vec<(&str, &dyn Workspace)> {
        self.now.beside()
    }
}
