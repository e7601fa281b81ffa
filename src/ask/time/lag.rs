//! The commit that production runs → the commits that wait behind it.

use super::revisions::Evidence;
use super::{Entry, Once, moment};
use crate::ask::git::{Apart, Git, GitError};

/// Fills in what waits, by service. Services of one commit and one set of paths are asked for once.
pub(super) fn fill(git: &Git<'_>, head: &str, shallow: bool, entries: &mut [Entry]) {
    let mut commits: Vec<String> = entries.iter().filter(|e| e.elsewhere.is_empty()).filter_map(|e| e.report.commit.clone()).collect();
    commits.sort_unstable();
    commits.dedup();
    let dates = git.dates(&commits).unwrap_or_default();
    let mut cut: Once<String, Result<bool, GitError>> = Once::new();
    let mut apart: Once<(String, Vec<String>), Result<Vec<Apart>, GitError>> = Once::new();
    for entry in entries {
        let Some(commit) = entry.report.commit.clone() else { continue };
        entry.report.commit_date = dates.get(&commit).copied().map(moment);
        if entry.report.unknown.is_some() {
            continue;
        }
        let known = cut.entry(commit.clone()).or_insert_with(|| if shallow { git.is_cut(&commit, head) } else { Ok(false) });
        match known {
            Err(why) => not_known(entry, format!("the history cannot be walked: {why}"), why.mend()),
            Ok(true) => {
                not_known(
                    entry,
                    "this clone is shallow and its history ends between production's commit and the end of the branch".to_owned(),
                    Some("`git fetch --unshallow` (in actions/checkout: `fetch-depth: 0` with `filter: blob:none`)"),
                );
                entry.elsewhere = vec![commit];
            }
            Ok(false) => {
                let key = (commit.clone(), entry.specs.clone());
                match apart.entry(key).or_insert_with(|| git.apart(&commit, head, &entry.specs)) {
                    Ok(commits) => count(entry, commits),
                    Err(why) => not_known(entry, format!("the commits that wait cannot be told: {why}"), why.mend()),
                }
            }
        }
    }
}

fn not_known(entry: &mut Entry, why: String, mend: Option<&str>) {
    entry.report.unknown = Some(why);
    entry.mend = mend.map(str::to_owned);
}

fn count(entry: &mut Entry, commits: &[Apart]) {
    let number = |of: &dyn Fn(&&Apart) -> bool| u64::try_from(commits.iter().filter(of).count()).unwrap_or(u64::MAX);
    let waits = |c: &&Apart| !c.left && !c.equal;
    entry.report.waiting = Some(number(&waits));
    entry.report.production_only = Some(number(&|c| c.left && !c.equal));
    entry.report.oldest_waiting = commits.iter().filter(waits).map(|c| c.time).min().map(moment);
    if entry.report.evidence == Evidence::Estimated.as_str() {
        entry.report.notes.push("the commit is an estimate from the day in the tag".to_owned());
    }
}
