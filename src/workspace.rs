//! All access to files: bound to a root, capped in size, on disk or in memory.
//!
//! Paths are relative to the root, with `/` on every system and without `.` or `..`; [`join`] makes them.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::limits::{Limits, Listed};
use crate::report::Problem;
use crate::source::Source;

mod beside;
mod kept;
mod memory;
mod walk;
mod write;

pub use beside::{below_top, from_top_of, given, root_of, within};
pub(crate) use kept::Kept;
pub use kept::Mark;
pub use memory::MemoryWorkspace;
use walk::Listing;

pub use write::Change;

/// A tree of files below a root.
pub trait Workspace: Sync {
    /// Reads one file as text.
    ///
    /// # Errors
    /// A problem that names file and reason: absent, a folder, no permission, too large, binary, not UTF-8 (it is
    /// the same problem each time), or a link that leaves the root.
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem>;

    /// Is there a file (not a folder) at the path?
    fn is_file(&self, path: &str) -> bool;

    /// Is there a folder at the path? The root is `""`.
    fn is_dir(&self, path: &str) -> bool;

    /// Is there anything at the path, also what cannot be read, as a link that leaves the root?
    fn exists(&self, path: &str) -> bool {
        self.is_file(path) || self.is_dir(path)
    }

    /// Every file below a folder (`""` for the root), sorted; folders that hold no manifests (`.git`,
    /// `node_modules`, `target`, ...) are left out. What could not be listed is a problem.
    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>);

    /// The folder on disk that it is, for programs that read files themselves; `None` where it is not on disk.
    fn on_disk(&self) -> Option<&Path> {
        None
    }

    /// What reading may cost.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// The variables that were listed of what is read here, within the limit of all of it.
    fn variables(&self) -> Arc<Listed> {
        Arc::default()
    }

    /// Where reading has come to, within the limits of all files.
    fn mark(&self) -> Mark {
        Mark::default()
    }

    /// Forgets what was read since.
    fn back_to(&self, _mark: Mark) {}

    /// Other roots that the user named, by the path that leads there (`../gitops`); paths in them begin with it.
    fn beside(&self) -> Vec<(&str, &dyn Workspace)> {
        Vec::new()
    }
}

/// Runs something that reads files on all cores. Where a limit of all files refused one, which one depends on who came first:
/// then it is run again, file after file, so that it is the same one each time.
pub fn in_order<T: Send>(workspace: &dyn Workspace, read: impl Fn() -> T + Sync) -> T {
    let before = workspace.mark();
    let out = read();
    if !workspace.mark().refused_since(before) {
        return out;
    }
    drop(out);
    workspace.back_to(before);
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(one) => one.install(&read),
        // No thread can be had: what is read by this one alone is in order too.
        Err(_) => read(),
    }
}

/// The path of what comes on standard input.
pub const STDIN: &str = "-";

/// Folders in which nobody keeps manifests.
pub const PASSED_OVER: [&str; 12] =
    [".git", ".hg", ".svn", "node_modules", "vendor", "target", ".terraform", ".venv", "venv", "__pycache__", ".tox", ".cache"];

/// Of the paths of all files, those below a folder (`""` for the root) that are looked at, in their order.
pub(crate) fn listed<'p>(dir: &str, paths: impl Iterator<Item = &'p String>) -> Vec<String> {
    let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let wanted = |p: &&String| p.starts_with(&prefix) && !p.split('/').any(|part| PASSED_OVER.contains(&part));
    paths.filter(wanted).cloned().collect()
}

/// Joins a path onto a folder, resolving `.` and `..`. `None` when the result leaves the root or is absolute.
#[must_use]
pub fn join(dir: &str, path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') || path.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = dir.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // What leads to another root is not gone back.
            ".." if parts.last() == Some(&"..") => return None,
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path (`""` for the root).
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |i| &path[..i])
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rfind('/').map_or(path, |i| &path[i + 1..])
}

/// Turns the bytes of a file into its source.
pub(crate) fn decode(path: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Arc<Source>, Problem> {
    if bytes.contains(&0) && !bytes.starts_with(&[0xff, 0xfe]) && !bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::file(path, "is a binary file"));
    }
    String::from_utf8(bytes).map(|text| Source::limited(path, text, limits.tree)).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        Problem::file(path, format!("is not valid UTF-8 (line {line})")).help("save the file as UTF-8")
    })
}

pub(crate) fn too_large(path: &str, bytes: u64, limits: &Limits) -> Problem {
    Problem::file(path, format!("has {bytes} bytes, more than the limit of {} bytes a file", limits.file_bytes))
}

/// Files on disk below a root; links are followed inside the root alone. Reads are remembered.
#[derive(Default)]
pub struct DiskWorkspace {
    root: PathBuf,
    /// The path that leads here from the root beside which this one is; "" for that root.
    name: String,
    beside: Vec<Self>,
    limits: Limits,
    read: Mutex<Kept>,
    /// Real paths of the folders that were looked into: most files of a folder are no links.
    folders: Mutex<BTreeMap<String, PathBuf>>,
    given: BTreeMap<String, Vec<u8>>,
}

impl DiskWorkspace {
    /// The workspace below an existing folder.
    ///
    /// # Errors
    /// The system's error when the folder cannot be resolved.
    pub fn new(root: &Path, limits: Limits) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, limits, ..Self::default() })
    }

    /// The same with a file that is not on disk.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: Vec<u8>) -> Self {
        self.given.insert(path.to_owned(), bytes);
        self
    }

    /// The root, with links resolved.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path inside this root.
    fn inside(&self, path: &str) -> Result<String, Problem> {
        within(path, &self.name).and_then(|inside| join("", inside)).ok_or_else(|| Problem::file(path, "lies outside the root"))
    }

    /// The real path of a file or folder below the root, whose folders are asked anew: what was a folder when it was read may be a
    /// link by now.
    fn real_now(&self, path: &str) -> Result<PathBuf, Problem> {
        self.below(&self.root.join(self.inside(path)?), path)
    }

    /// What is at a path below the root: its real path, and what the system says of it.
    fn found(&self, path: &str) -> Result<(PathBuf, Metadata), Problem> {
        let (real, meta) = self.entry(path)?;
        if !meta.is_symlink() {
            return Ok((real, meta));
        }
        let real = match self.below(&real, path) {
            Err(_) if matches!(real.try_exists(), Ok(false)) => return Err(Problem::file(path, "is a link to what does not exist")),
            followed => followed?,
        };
        let meta = std::fs::metadata(&real).map_err(|e| Problem::file(path, reason(&e)))?;
        Ok((real, meta))
    }

    /// What stands at a path below the root, with the links of its folders followed, but not its own.
    fn entry(&self, path: &str) -> Result<(PathBuf, Metadata), Problem> {
        let clean = self.inside(path)?;
        let real = match clean.as_str() {
            "" => self.root.clone(),
            clean => self.folder(parent(clean), path)?.join(file_name(clean)),
        };
        let meta = std::fs::symlink_metadata(&real).map_err(|e| Problem::file(path, reason(&e)))?;
        Ok((real, meta))
    }

    /// The real path of the folder in which a path is.
    fn folder(&self, clean: &str, path: &str) -> Result<PathBuf, Problem> {
        if let Some(real) = self.folders.lock().ok().and_then(|known| known.get(clean).cloned()) {
            return Ok(real);
        }
        let real = self.below(&self.root.join(clean), path)?;
        if let Ok(mut known) = self.folders.lock() {
            known.insert(clean.to_owned(), real.clone());
        }
        Ok(real)
    }

    /// Follows the links of a path, inside the root alone.
    fn below(&self, at: &Path, path: &str) -> Result<PathBuf, Problem> {
        let real = at.canonicalize().map_err(|e| Problem::file(path, reason(&e)))?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(Problem::file(path, "is a link that leaves the root; it is not followed")) }
    }
}

/// The system's words for an error, without paths of the machine.
fn reason(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "does not exist".into(),
        std::io::ErrorKind::PermissionDenied => "cannot be read: permission denied".into(),
        std::io::ErrorKind::NotADirectory => "does not exist".into(),
        _ => format!("cannot be read: {}", e.kind()),
    }
}

impl Workspace for DiskWorkspace {
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem> {
        if let Some(known) = self.read.lock().ok().and_then(|mut read| read.get(path, &self.limits)) {
            return known;
        }
        if let Some(bytes) = self.given.get(path) {
            let size = bytes.len() as u64;
            let large = size > self.limits.file_bytes;
            return if large { Err(too_large(path, size, &self.limits)) } else { decode(path, bytes.clone(), &self.limits) };
        }
        let (real, meta) = self.home(path).found(path)?;
        if meta.is_dir() {
            return Err(Problem::file(path, "is a folder where a file should be"));
        }
        if !meta.is_file() {
            return Err(Problem::file(path, "is not a regular file"));
        }
        if meta.len() > self.limits.file_bytes {
            return Err(too_large(path, meta.len(), &self.limits));
        }
        self.read.lock().map_or(Ok(()), |mut read| read.take(path, meta.len(), &self.limits))?;
        // It may have grown since.
        let bytes = bytes(&real, meta.len(), self.limits.file_bytes.saturating_add(1)).map_err(|e| Problem::file(path, reason(&e)))?;
        if bytes.len() as u64 > self.limits.file_bytes {
            return Err(too_large(path, bytes.len() as u64, &self.limits));
        }
        let source = decode(path, bytes, &self.limits)?;
        if let Ok(mut read) = self.read.lock() {
            read.keep(path, &source, &self.limits)?;
        }
        Ok(source)
    }

    fn is_file(&self, path: &str) -> bool {
        self.given.contains_key(path) || self.home(path).found(path).is_ok_and(|(_, meta)| meta.is_file())
    }

    fn is_dir(&self, path: &str) -> bool {
        self.home(path).found(path).is_ok_and(|(_, meta)| meta.is_dir())
    }

    fn exists(&self, path: &str) -> bool {
        self.given.contains_key(path) || self.home(path).entry(path).is_ok()
    }

    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>) {
        let mut out = Listing::default();
        self.home(dir).walk(dir, 0, &mut Vec::new(), &mut out);
        if out.full {
            let most = self.limits.files;
            let what = format!("has more than the limit of {most} files or folders; the rest is not looked at");
            out.problems.push(Problem::file(if dir.is_empty() { "." } else { dir }, what));
        }
        out.files.sort();
        (out.files, out.problems)
    }

    fn on_disk(&self) -> Option<&Path> {
        Some(&self.root)
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

    fn beside(&self) -> Vec<(&str, &dyn Workspace)> {
        self.beside.iter().map(|b| (b.name.as_str(), b as &dyn Workspace)).collect()
    }
}

/// The first bytes of a file that is said to have so many.
fn bytes(real: &Path, size: u64, most: u64) -> std::io::Result<Vec<u8>> {
    // One more, so that its end is met without more room.
    let mut out = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0).saturating_add(1));
    std::io::Read::read_to_end(&mut std::io::Read::take(std::fs::File::open(real)?, most), &mut out)?;
    Ok(out)
}
