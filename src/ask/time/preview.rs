//! A change that moves a production tag → what it deploys: commits, the oldest of them, and whether it takes code back.

use super::{Asked, Placed, moment};
use crate::ask::git::{Git, GitError};
use crate::report::Release;

/// The releases between what was measured of the base revision and what is measured now.
#[must_use]
pub fn releases(asked: &Asked<'_>, before: &[Placed], now: &[Placed]) -> Vec<Release> {
    let mut out = Vec::new();
    let mut git: Option<Result<(Git<'_>, bool), GitError>> = None;
    for placed in now {
        let new = &placed.entry;
        let same =
            |p: &&Placed| p.unit == placed.unit && p.environment == placed.environment && p.entry.report.service == new.report.service;
        let Some(old) = before.iter().find(same).map(|p| &p.entry).filter(|old| old.report.tag != new.report.tag) else { continue };
        let mut release = Release {
            unit: placed.unit.clone(),
            environment: placed.environment.clone(),
            service: new.report.service.clone(),
            from_tag: old.report.tag.clone(),
            to_tag: new.report.tag.clone(),
            from_commit: old.report.commit.clone(),
            to_commit: new.report.commit.clone(),
            ..Release::default()
        };
        let opened = git.get_or_insert_with(|| Git::open(asked.programs, asked.dir).map(|g| (g.clone(), g.is_shallow())));
        match (opened, &old.report.commit, &new.report.commit) {
            (Err(why), _, _) => release.unknown = Some(why.to_string()),
            (_, None, _) => release.unknown.clone_from(&old.report.unknown),
            (_, _, None) => release.unknown.clone_from(&new.report.unknown),
            (Ok((git, shallow)), Some(from), Some(to)) => {
                if let Err(why) = fill(git, *shallow, from, to, &new.specs, &mut release) {
                    release.unknown = Some(why);
                }
            }
        }
        out.push(release);
    }
    out
}

fn fill(git: &Git<'_>, shallow: bool, from: &str, to: &str, specs: &[String], release: &mut Release) -> Result<(), String> {
    if shallow && git.is_cut(from, to)? {
        return Err("this clone is shallow and its history ends between the two; `git fetch --unshallow` brings the rest".to_owned());
    }
    let apart = git.apart(from, to, specs)?;
    let new = || apart.iter().filter(|c| !c.left && !c.equal);
    release.commits = Some(new().count() as u64);
    release.oldest = new().map(|c| c.time).min().map(moment);
    release.taken_back = Some(apart.iter().filter(|c| c.left && !c.equal).count() as u64);
    release.rollback = from != to && git.is_ancestor(to, from)?;
    Ok(())
}
