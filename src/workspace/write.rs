//! Texts → files below the root: all of them or none, each whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::DiskWorkspace;
use crate::report::Problem;

/// A file that gets another text.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Its path.
    pub path: &'a str,
    /// Its text as it was read.
    pub before: &'a str,
    /// Its new text.
    pub after: &'a str,
}

/// A new text beside the file whose place it will take. Dropped before, it is gone.
struct Staged<'a> {
    change: Change<'a>,
    real: PathBuf,
    new: PathBuf,
    permissions: Permissions,
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.new);
    }
}

impl DiskWorkspace {
    /// Gives files other texts: a new file beside each takes its place and its permissions, once all of them are on disk. A link
    /// is followed inside the root alone.
    ///
    /// # Errors
    /// A file is not as it was read, lies outside the root, or cannot be written: then none is changed.
    pub fn write(&self, changes: &[Change<'_>]) -> Result<(), Problem> {
        let staged = changes.iter().map(|change| self.staged(*change)).collect::<Result<Vec<_>, _>>()?;
        for (i, one) in staged.iter().enumerate() {
            if let Err(e) = fs::rename(&one.new, &one.real) {
                let stay = staged.iter().take(i).filter(|s| beside(&s.real, s.change.before, &s.permissions).is_err());
                let stay: Vec<String> = stay.map(|s| format!("`{}`", s.change.path)).collect();
                let problem = cannot(one.change.path, &e);
                return Err(if stay.is_empty() {
                    problem
                } else {
                    problem.help(format!("changed and not changed back: {}", stay.join(", ")))
                });
            }
        }
        Ok(())
    }

    fn staged<'a>(&self, change: Change<'a>) -> Result<Staged<'a>, Problem> {
        let Change { path, before, after } = change;
        let real = self.home(path).real_now(path)?;
        let meta = fs::metadata(&real).map_err(|e| cannot(path, &e))?;
        if !meta.is_file() || fs::read(&real).map_err(|e| cannot(path, &e))? != before.as_bytes() {
            return Err(Problem::file(path, "is no longer as it was read; it is not written"));
        }
        let permissions = meta.permissions();
        if permissions.readonly() {
            return Err(Problem::file(path, "cannot be written: it is read-only"));
        }
        let new = named(&real);
        let mut file = File::create_new(&new).map_err(|e| cannot(path, &e))?;
        let staged = Staged { change, real, new, permissions };
        filled(&mut file, after, &staged.permissions).map_err(|e| cannot(path, &e))?;
        Ok(staged)
    }
}

/// The name of the new file beside one.
fn named(real: &Path) -> PathBuf {
    let name = real.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    real.with_file_name(format!(".{name}.{}.parity", std::process::id()))
}

fn filled(file: &mut File, text: &str, permissions: &Permissions) -> io::Result<()> {
    file.set_permissions(permissions.clone())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives a file a text by one beside it.
fn beside(real: &Path, text: &str, permissions: &Permissions) -> io::Result<()> {
    let new = named(real);
    let written = File::create_new(&new).and_then(|mut file| filled(&mut file, text, permissions)).and_then(|()| fs::rename(&new, real));
    if written.is_err() {
        let _gone = fs::remove_file(&new);
    }
    written
}

fn cannot(path: &str, e: &io::Error) -> Problem {
    Problem::file(path, format!("cannot be written: {}", e.kind()))
}
