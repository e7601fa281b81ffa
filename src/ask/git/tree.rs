//! The files of a commit, read from git's objects: a workspace without a checkout.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{Git, GitError, OBJECTS};
use crate::formats;
use crate::limits::{Limits, Listed};
use crate::report::Problem;
use crate::source::Source;
use crate::workspace::{Kept, Mark, PASSED_OVER, Workspace, decode, file_name, join, listed, parent, too_large, within};

/// One file of the tree.
#[derive(Debug, Clone)]
struct Blob {
    id: String,
    bytes: u64,
    link: bool,
}

/// The files of a commit below the root.
pub struct TreeWorkspace<'g> {
    git: Git<'g>,
    /// The path that leads to its root from that beside which it is; "" for that root.
    name: String,
    files: BTreeMap<String, Blob>,
    limits: Limits,
    read: Mutex<Kept>,
}

/// Longest chain of links that is followed.
const LINKS: usize = 8;
/// Most bytes that are fetched in one run of git.
const AT_ONCE: u64 = 16 * 1024 * 1024;

impl<'g> TreeWorkspace<'g> {
    /// The tree of a commit. Files that a format may claim are fetched at once.
    ///
    /// # Errors
    /// Why git cannot list it.
    pub fn new(git: Git<'g>, commit: &str, limits: Limits) -> Result<Self, GitError> {
        Self::beside(git, commit, limits, "")
    }

    /// The same of a root beside another, by the path that leads there.
    ///
    /// # Errors
    /// As [`TreeWorkspace::new`].
    pub fn beside(git: Git<'g>, commit: &str, limits: Limits, name: &str) -> Result<Self, GitError> {
        let out = git.ask(&["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit])?;
        let prefix = if git.prefix().is_empty() { String::new() } else { format!("{}/", git.prefix()) };
        let text = out.text();
        let mut files = BTreeMap::new();
        for record in text.split('\0').filter(|r| !r.is_empty()) {
            let Some((head, path)) = record.split_once('\t') else { continue };
            let mut words = head.split_whitespace();
            let (Some(mode), Some("blob"), Some(id), Some(bytes)) = (words.next(), words.next(), words.next(), words.next()) else {
                continue;
            };
            let Some(path) = path.strip_prefix(&prefix) else { continue };
            let blob = Blob { id: id.to_owned(), bytes: bytes.parse().unwrap_or(u64::MAX), link: mode == "120000" };
            files.insert(full(name, path), blob);
        }
        let tree = Self { git, name: name.to_owned(), files, limits, read: Mutex::default() };
        tree.fetch()?;
        Ok(tree)
    }

    /// Reads what discovery will look at in one run of git.
    fn fetch(&self) -> Result<(), GitError> {
        let passed = |path: &str| path.split('/').any(|part| PASSED_OVER.contains(&part));
        let wanted: Vec<(&String, &Blob)> = self
            .files
            .iter()
            .filter(|(path, blob)| !blob.link && blob.bytes <= self.limits.file_bytes && !passed(path))
            .filter(|(path, _)| formats::ALL.iter().any(|f| f.may_claim(path)) || file_name(path).starts_with(".env"))
            .collect();
        let mut rest = wanted.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0_u64;
            let fits = rest.iter().take(OBJECTS).take_while(|(_, blob)| {
                bytes = bytes.saturating_add(blob.bytes);
                bytes <= AT_ONCE
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            self.fetch_these(now)?;
            rest = later;
        }
        Ok(())
    }

    /// Reads files in one run of git, as long as there is room for them.
    fn fetch_these(&self, wanted: &[(&String, &Blob)]) -> Result<(), GitError> {
        let Ok(mut read) = self.read.lock() else { return Ok(()) };
        let room = |(path, blob): &&(&String, &Blob)| read.take(path, blob.bytes, &self.limits).is_ok();
        let wanted: Vec<&(&String, &Blob)> = wanted.iter().filter(room).collect();
        let ids: Vec<String> = wanted.iter().map(|(_, blob)| blob.id.clone()).collect();
        let blobs = self.git.blobs(&ids)?;
        for (path, blob) in wanted {
            if let Some(Ok(source)) = blobs.get(&blob.id).map(|bytes| decode(path, bytes.clone(), &self.limits)) {
                // What is past the limit is said where it is read.
                let _past = read.keep(path, &source, &self.limits);
            }
        }
        Ok(())
    }

    /// The file at a path, through links inside the tree.
    fn resolved(&self, path: &str) -> Result<&Blob, Problem> {
        let inside = within(path, &self.name).and_then(|p| join("", p));
        let mut at = inside.ok_or_else(|| Problem::file(path, "lies outside the root"))?;
        for _ in 0..LINKS {
            let Some(blob) = self.files.get(&full(&self.name, &at)) else {
                return Err(Problem::file(path, if self.is_dir(path) { "is a folder where a file should be" } else { "does not exist" }));
            };
            if !blob.link {
                return Ok(blob);
            }
            let target = self.bytes(path, blob)?;
            let target = String::from_utf8_lossy(&target).into_owned();
            at = join(parent(&at), &target).ok_or_else(|| Problem::file(path, "is a link that leaves the root; it is not followed"))?;
        }
        Err(Problem::file(path, "is a chain of links that is too long"))
    }

    fn bytes(&self, path: &str, blob: &Blob) -> Result<Vec<u8>, Problem> {
        if blob.bytes > self.limits.file_bytes {
            return Err(too_large(path, blob.bytes, &self.limits));
        }
        let out = self.git.ask(&["cat-file", "blob", &blob.id]).map_err(|why| Problem::file(path, format!("cannot be read: {why}")))?;
        Ok(out.stdout)
    }
}

/// A path of the root that has a name.
fn full(name: &str, path: &str) -> String {
    if name.is_empty() { path.to_owned() } else { format!("{name}/{path}") }
}

impl Workspace for TreeWorkspace<'_> {
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem> {
        if let Some(known) = self.read.lock().ok().and_then(|mut read| read.get(path, &self.limits)) {
            return known;
        }
        let blob = self.resolved(path)?;
        self.read.lock().map_or(Ok(()), |mut read| read.take(path, blob.bytes, &self.limits))?;
        let source = decode(path, self.bytes(path, blob)?, &self.limits)?;
        if let Ok(mut read) = self.read.lock() {
            read.keep(path, &source, &self.limits)?;
        }
        Ok(source)
    }

    fn is_file(&self, path: &str) -> bool {
        self.resolved(path).is_ok()
    }

    fn is_dir(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path == self.name || self.files.range(below.clone()..).next().is_some_and(|(p, _)| p.starts_with(&below))
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(&full(&self.name, path)) || self.is_dir(path)
    }

    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>) {
        (listed(dir, self.files.keys()), Vec::new())
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn variables(&self) -> Arc<Listed> {
        self.read.lock().map(|read| read.variables()).unwrap_or_default()
    }

    fn mark(&self) -> Mark {
        self.read.lock().map(|read| read.mark()).unwrap_or_default()
    }

    fn back_to(&self, mark: Mark) {
        if let Ok(mut read) = self.read.lock() {
            read.back_to(mark);
        }
    }
}
