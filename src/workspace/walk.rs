//! A folder → the files below it, as far as it is looked at.

use std::path::PathBuf;

use super::{DiskWorkspace, PASSED_OVER, reason};
use crate::report::Problem;

/// What lies below a folder, as far as it is looked at.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) files: Vec<String>,
    /// How many folders were looked into.
    folders: usize,
    pub(super) problems: Vec<Problem>,
    /// Is there more than may be looked at?
    pub(super) full: bool,
}

impl DiskWorkspace {
    /// Lists a folder and those below it; `seen` are the folders that lead here.
    pub(super) fn walk(&self, dir: &str, depth: usize, seen: &mut Vec<PathBuf>, out: &mut Listing) {
        let problems = &mut out.problems;
        if depth > self.limits.depth {
            problems.push(Problem::file(dir, format!("is nested deeper than the limit of {} folders", self.limits.depth)));
            return;
        }
        let real = match self.found(dir) {
            Ok((real, _)) => real,
            Err(problem) => return problems.push(problem),
        };
        if seen.contains(&real) {
            return; // a loop of links
        }
        let entries = match std::fs::read_dir(&real) {
            Ok(entries) => entries,
            Err(e) => return problems.push(Problem::file(dir, reason(&e))),
        };
        seen.push(real);
        // Links make few folders into as many paths as there are ways through them.
        out.folders += 1;
        out.full |= out.folders > self.limits.files;
        let mut names: Vec<(String, std::fs::FileType)> = Vec::new();
        for entry in entries {
            let (entry, kind) = match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
                Ok(found) => found,
                Err(e) => {
                    problems.push(Problem::file(dir, reason(&e)));
                    continue;
                }
            };
            match entry.file_name().into_string() {
                Ok(name) => names.push((name, kind)),
                Err(name) => {
                    problems.push(Problem::file(&format!("{dir}/{}", name.to_string_lossy()), "has a name that is not UTF-8").info())
                }
            }
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, kind) in names {
            let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
            let is_dir = if kind.is_symlink() { self.found(&path).is_ok_and(|(_, meta)| meta.is_dir()) } else { kind.is_dir() };
            if out.full {
                return;
            }
            if is_dir {
                if !PASSED_OVER.contains(&name.as_str()) {
                    self.walk(&path, depth + 1, seen, out);
                }
            } else if out.files.len() < self.limits.files {
                out.files.push(path);
            } else {
                out.full = true;
            }
        }
        seen.pop();
    }
}
