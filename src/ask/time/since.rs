//! Findings → the day on which the lines of their places last changed on the main line: since then the two differ.
//!
//! It is the later of both places. A line that changed without ending the difference gives a day that is too late, never
//! one too early. One walk for all files, one run for their contents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::{day, lines, roots};
use crate::ask::git::{Commit, GitError};
use crate::ask::process::Programs;
use crate::finding::{Finding, Place};
use crate::source::Source;
use crate::workspace::Workspace;

/// Most commits that are looked at.
const COMMITS: usize = 2000;

/// Most versions of one file that are read.
const VERSIONS: usize = 100;

/// Longest place, in lines: a longer one is about a section, and its first line is taken.
const LINES: u32 = 4;

/// Gives every finding about tools and configuration its day, where history tells it.
pub fn fill(programs: &Programs, workspace: &dyn Workspace, dir: &Path, findings: &mut [Finding]) {
    let timed = |f: &&mut Finding| ["tools/", "config/"].iter().any(|group| f.rule.starts_with(group));
    let mut findings: Vec<&mut Finding> = findings.iter_mut().filter(timed).collect();
    let places = || findings.iter().flat_map(|f| &f.places).filter(|p| is_somewhere(p));
    let mut sources: BTreeMap<String, &Arc<Source>> = BTreeMap::new();
    for place in places() {
        sources.entry(place.at.path().to_owned()).or_insert(place.at.source());
    }
    let mut dates: BTreeMap<String, Vec<Since>> = BTreeMap::new();
    for (root, files) in roots::by_root(workspace, sources.keys().cloned()) {
        dates.extend(of_root(programs, workspace, dir, (&root, &files), &sources).unwrap_or_default());
    }
    for finding in &mut findings {
        let mut latest: Option<i64> = None;
        let mut known = true;
        for place in finding.places.iter().filter(|p| is_somewhere(p)) {
            match dates.get(place.at.path()).and_then(|of_file| of_place(place, of_file)) {
                Some(Since::Time(time)) => latest = latest.max(Some(time)),
                Some(Since::Older) => {}
                Some(Since::NotCommitted) | None => known = false,
            }
        }
        finding.since = latest.filter(|_| known).map(day);
    }
}

/// Since when the lines of a root's files are as they are.
fn of_root(
    programs: &Programs,
    workspace: &dyn Workspace,
    dir: &Path,
    (root, files): (&str, &[String]),
    sources: &BTreeMap<String, &Arc<Source>>,
) -> Result<BTreeMap<String, Vec<Since>>, GitError> {
    let git = roots::open(programs, workspace, dir, root)?;
    let commits = roots::main_line(&git, "HEAD", root, files, COMMITS)?;
    let shallow = git.is_shallow();
    let mut versions: BTreeMap<&str, Vec<Version<'_>>> = BTreeMap::new();
    for commit in &commits {
        for change in &commit.changes {
            let known = versions.entry(change.path.as_str()).or_default();
            if known.len() < VERSIONS {
                let before = change.before.as_deref();
                known.push(Version { commit, before, after: change.after.as_deref(), end: shallow && !commit.has_parent });
            }
        }
    }
    let ids: BTreeSet<&str> = versions.values().flatten().flat_map(|v| [v.before, v.after]).flatten().collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let blobs: BTreeMap<String, String> =
        git.blobs(&ids)?.into_iter().map(|(id, bytes)| (id, String::from_utf8_lossy(&bytes).into_owned())).collect();
    let of_file = |(path, versions): (&str, &Vec<Version<'_>>)| Some((path.to_owned(), history(sources.get(path)?, versions, &blobs)));
    Ok(versions.iter().map(|(path, v)| (*path, v)).filter_map(of_file).collect())
}

/// A version of a file.
struct Version<'c> {
    commit: &'c Commit,
    before: Option<&'c str>,
    after: Option<&'c str>,
    /// Here the clone's history ends: what seems new is older.
    end: bool,
}

/// Since when a line is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    /// Since a commit.
    Time(i64),
    /// Longer than what was looked at.
    Older,
    /// It is not in the last commit.
    NotCommitted,
}

/// A place of a line; not one that speaks of a whole file.
fn is_somewhere(place: &Place) -> bool {
    place.at.span().end > 0
}

/// Since when every line of a file is as it is now.
fn history(now: &Source, versions: &[Version<'_>], blobs: &BTreeMap<String, String>) -> Vec<Since> {
    let text: Vec<&str> = now.text().lines().collect();
    let lines_of = |id: Option<&str>| id.and_then(|id| blobs.get(id)).map(|t| t.lines().collect::<Vec<_>>());
    let mut since = vec![Since::Older; text.len()];
    let Some(newest) = versions.first().and_then(|v| lines_of(v.after)) else { return vec![Since::NotCommitted; text.len()] };
    // Where each line is in the version that is looked at.
    let mut at = lines::same(&newest, &text);
    for (i, line) in at.iter().enumerate() {
        if let (None, Some(slot)) = (line, since.get_mut(i)) {
            *slot = Since::NotCommitted;
        }
    }
    for version in versions.iter().filter(|v| !v.end) {
        let after = lines_of(version.after).unwrap_or_default();
        let before = lines_of(version.before).unwrap_or_default();
        let map = lines::same(&before, &after);
        for (i, line) in at.iter_mut().enumerate() {
            let Some(n) = *line else { continue };
            *line = map.get(n).copied().flatten();
            if let (None, Some(slot)) = (*line, since.get_mut(i)) {
                *slot = Since::Time(version.commit.time);
            }
        }
    }
    since
}

/// The latest of the lines of a place.
fn of_place(place: &Place, lines: &[Since]) -> Option<Since> {
    let (first, last) = (place.at.position().line.get(), place.at.end().line.get());
    let last = if last - first < LINES { last } else { first };
    let of = lines.get((first as usize).checked_sub(1)?..(last as usize).min(lines.len()))?;
    if of.contains(&Since::NotCommitted) {
        return Some(Since::NotCommitted);
    }
    let latest = of.iter().filter_map(|s| if let Since::Time(t) = s { Some(*t) } else { None }).max();
    Some(latest.map_or(Since::Older, Since::Time))
}
