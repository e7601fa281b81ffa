//! A workspace without a disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Mark, Workspace, decode, listed, too_large};
use crate::limits::{Limits, Listed};
use crate::report::Problem;
use crate::source::Source;

/// Files held in memory, for tests and for what a manifest was in the past.
#[derive(Debug, Default)]
pub struct MemoryWorkspace {
    files: BTreeMap<String, Vec<u8>>,
    limits: Limits,
    variables: Arc<Listed>,
}

impl MemoryWorkspace {
    /// A workspace of `path → text`.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        Self { files: files.into_iter().map(|(p, t)| (p.into(), t.into())).collect(), ..Self::default() }
    }

    /// The same within other limits.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), text.into());
    }
}

impl Workspace for MemoryWorkspace {
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem> {
        match self.files.get(path) {
            Some(bytes) if bytes.len() as u64 > self.limits.file_bytes => Err(too_large(path, bytes.len() as u64, &self.limits)),
            Some(bytes) => decode(path, bytes.clone(), &self.limits),
            None if self.is_dir(path) => Err(Problem::file(path, "is a folder where a file should be")),
            None => Err(Problem::file(path, "does not exist")),
        }
    }

    fn is_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        path.is_empty() || self.files.range(format!("{path}/")..).next().is_some_and(|(p, _)| p.starts_with(&format!("{path}/")))
    }

    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>) {
        (listed(dir, self.files.keys()), Vec::new())
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn variables(&self) -> Arc<Listed> {
        Arc::clone(&self.variables)
    }

    fn mark(&self) -> Mark {
        Mark::of(&self.variables)
    }

    fn back_to(&self, mark: Mark) {
        mark.return_to(&self.variables);
    }
}
