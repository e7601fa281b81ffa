//! The main line's history of the files that state production's tags → deployments: how often, how long work waits for
//! one, which took code back and which brought none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::own::{Pinned, Whose};
use super::past;
use super::revisions::Revisions;
use super::{Asked, DAY, Entry, day, moment, roots};
use crate::ask::git::{Commit, Git, GitError};
use crate::ask::process::Programs;
use crate::formats::{self, Manifest, ReadContext, ReadOptions};
use crate::limits::Limits;
use crate::report::{Deploys, Spread};
use crate::source::Source;
use crate::workspace::{decode, root_of};

/// Most commits that are looked at.
const COMMITS: usize = 1000;

/// Most revisions of one manifest that are read.
const REVISIONS: usize = 200;

/// Everything that is asked with.
pub(super) struct Told<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) git: &'a Git<'a>,
    pub(super) head: &'a str,
    pub(super) shallow: bool,
    pub(super) manifests: &'a [Manifest],
    pub(super) read: &'a ReadOptions,
    pub(super) environment: &'a str,
}

/// Files as they were; `None` is one that was not there.
type Files<'f> = BTreeMap<&'f str, Option<Arc<Source>>>;

/// The tag of a service after a commit; `None` where it was not declared.
struct State {
    time: i64,
    /// By service.
    tags: BTreeMap<String, Option<String>>,
}

/// A change of a tag.
struct Bump {
    time: i64,
    from: String,
    to: String,
}

/// The main line of the repository in which manifests lie.
struct Line {
    commits: Vec<Commit>,
    blobs: BTreeMap<String, Vec<u8>>,
    shallow: bool,
}

/// Fills in the deployments, by service.
pub(super) fn fill(told: &Told<'_>, pinned: &[Pinned<'_>], revisions: &mut Revisions<'_>, entries: &mut [Entry]) {
    let workspace = told.asked.workspace;
    let files = roots::by_root(workspace, pinned.iter().filter_map(file).map(str::to_owned));
    let lines: BTreeMap<&str, Result<Line, GitError>> =
        files.iter().map(|(root, files)| (root.as_str(), line(told, root, files))).collect();
    let mut by_manifest: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    for (i, p) in pinned.iter().enumerate() {
        if let Some(file) = file(p) {
            by_manifest.entry((p.service.manifest, root_of(workspace, file))).or_default().push(i);
        }
    }
    for ((manifest, root), services) in by_manifest {
        let (Some(manifest), Some(line)) = (told.manifests.get(manifest), lines.get(root.as_str())) else { continue };
        let of: Vec<&Pinned<'_>> = services.iter().filter_map(|i| pinned.get(*i)).collect();
        let files: BTreeSet<&str> = of.iter().filter_map(|p| file(p)).collect();
        let read = line.as_ref().map_err(Clone::clone).and_then(|line| {
            let touches = |c: &&Commit| c.changes.iter().any(|f| files.contains(f.path.as_str()));
            let touched: Vec<&Commit> = line.commits.iter().filter(touches).take(REVISIONS).collect();
            let states = states(told, manifest, &of, &files, &touched, &line.blobs);
            revisions.prepare(states.iter().flat_map(|s| s.tags.values()).flatten().map(String::as_str))?;
            let full = touched.len() == REVISIONS || line.commits.len() == COMMITS;
            Ok(Past { states, full, shallow: line.shallow, oldest: touched.last().copied() })
        });
        for (i, p) in services.iter().zip(&of) {
            let Some(entry) = entries.get_mut(*i).filter(|e| !e.kept_elsewhere) else { continue };
            match &read {
                Ok(past) => service(told, p, revisions, past, entry),
                Err(why) => {
                    let of = if root.is_empty() { String::new() } else { format!("`{root}`: ") };
                    let mend = why.mend().filter(|_| *why == GitError::Partial).map(|m| format!("; {m} brings them")).unwrap_or_default();
                    entry.report.notes.push(format!("deployments are not known: {of}{why}{mend}"));
                }
            }
        }
    }
}

/// The main line of the repository of a root, with the contents of its files.
fn line(told: &Told<'_>, root: &str, files: &[String]) -> Result<Line, GitError> {
    let git = roots::open(told.asked.programs, told.asked.workspace, told.asked.dir, root)?;
    let head = if root.is_empty() { told.head.to_owned() } else { roots::head(&git, told.head)? };
    let commits = roots::main_line(&git, &head, root, files, COMMITS)?;
    let ids: BTreeSet<&String> = commits.iter().flat_map(|c| &c.changes).flat_map(|c| [&c.before, &c.after]).flatten().collect();
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let blobs = git.blobs(&ids)?;
    if blobs.len() < ids.len() {
        return Err(GitError::Partial);
    }
    Ok(Line { commits, blobs, shallow: git.is_shallow() })
}

/// What a manifest declared over time.
struct Past<'l> {
    /// Oldest first.
    states: Vec<State>,
    /// Was not all of it read?
    full: bool,
    shallow: bool,
    /// The oldest commit that was read.
    oldest: Option<&'l Commit>,
}

/// The file that states a service's tag.
fn file<'p>(pinned: &'p Pinned<'_>) -> Option<&'p str> {
    pinned.service.software.as_ref().map(|s| s.at.path())
}

/// What production declared before the first and after each of these commits, oldest first.
fn states(
    told: &Told<'_>,
    manifest: &Manifest,
    of: &[&Pinned<'_>],
    files: &BTreeSet<&str>,
    touched: &[&Commit],
    blobs: &BTreeMap<String, Vec<u8>>,
) -> Vec<State> {
    let blob = |path: &str, id: &Option<String>| -> Option<Arc<Source>> {
        id.as_ref().and_then(|id| blobs.get(id)).and_then(|bytes| decode(path, bytes.clone(), &Limits::default()).ok())
    };
    let mut now = Files::new();
    // The state before all of them.
    for change in touched.iter().flat_map(|c| &c.changes) {
        if let Some(path) = files.get(change.path.as_str()) {
            now.insert(path, blob(path, &change.before));
        }
    }
    let mut versions: Vec<(i64, Files<'_>)> = vec![(i64::MIN, now.clone())];
    for commit in touched.iter().rev() {
        for change in &commit.changes {
            if let Some(path) = files.get(change.path.as_str()) {
                now.insert(path, blob(path, &change.after));
            }
        }
        versions.push((commit.time, now.clone()));
    }
    let programs = Programs::default();
    let read = |(time, then): &(i64, Files<'_>)| {
        let gone = then.values().all(Option::is_none);
        let past = past::Past { now: told.asked.workspace, then: then.clone() };
        let cx = ReadContext { workspace: &past, options: told.read, environment: told.environment, programs: &programs };
        let reading = formats::by_id(&manifest.format).filter(|_| !gone).map(|f| f.read(manifest, &cx)).unwrap_or_default();
        let tag = |p: &&Pinned<'_>| {
            let mut same = reading.services.iter().filter(|s| s.name == p.service.name).filter_map(|s| s.image());
            let wanted = p.service.image().map(crate::inventory::ImageRef::name);
            let first = same.clone().find(|i| Some(i.name()) == wanted).or_else(|| same.next());
            (p.service.name.clone(), first.and_then(|i| i.tag.clone()))
        };
        State { time: *time, tags: of.iter().map(tag).collect() }
    };
    versions.par_iter().map(read).collect()
}

/// The deployments of one service.
fn service(told: &Told<'_>, pinned: &Pinned<'_>, revisions: &Revisions<'_>, past: &Past<'_>, entry: &mut Entry) {
    let Past { states, full, shallow, oldest } = past;
    let Some(oldest) = oldest else {
        entry.report.notes.push("deployments are not known: the file that states the tag is not committed".to_owned());
        return;
    };
    let start = told.asked.now() - i64::from(told.asked.window()) * DAY;
    let cut = *shallow && !oldest.has_parent;
    let mut bumps: Vec<Bump> = Vec::new();
    let mut last: Option<&str> = None;
    for (i, state) in states.iter().enumerate() {
        let Some(tag) = state.tags.get(&pinned.service.name).and_then(Option::as_deref) else { continue };
        // The commit where a clone's history ends seems to bring every file.
        let real = !(cut && i <= 1);
        if let Some(before) = last.filter(|before| *before != tag && real) {
            bumps.push(Bump { time: state.time, from: before.to_owned(), to: tag.to_owned() });
        }
        last = Some(tag);
    }
    let newest = bumps.last().map(|b| b.time);
    entry.report.last_deploy = newest.map(moment);
    if newest.is_none() && !cut && !*full && states.iter().any(|s| s.time > i64::MIN) {
        // Never changed: it was declared once.
        let first = states.iter().find(|s| s.tags.get(&pinned.service.name).is_some_and(Option::is_some));
        entry.report.last_deploy = first.filter(|s| s.time > i64::MIN).map(|s| moment(s.time));
    }
    if (cut || *full) && oldest.time > start {
        let mend = if cut { "; `git fetch --unshallow` brings the rest" } else { "" };
        let window = told.asked.window();
        let began = day(oldest.time);
        entry
            .report
            .notes
            .push(format!("deployments are not counted: the history that was read begins on {began}, within the {window} days{mend}"));
        return;
    }
    bumps.retain(|b| b.time < told.asked.now());
    let within = bumps.iter().position(|b| b.time >= start).unwrap_or(bumps.len());
    let bumps = bumps.get(within..).unwrap_or_default();
    let mut deploys = Deploys { window_days: told.asked.window(), count: bumps.len() as u64, ..Deploys::default() };
    let gaps: Vec<i64> = bumps.windows(2).filter_map(|w| Some(w.last()?.time - w.first()?.time)).collect();
    deploys.median_gap_hours = spread(gaps, bumps.len()).map(|s| s.median);
    if let Err(why) = leads(told, revisions, &pinned.whose(), bumps, &entry.specs, &mut deploys) {
        entry.report.notes.push(format!("how long work waits for a deployment is not known: {why}"));
    }
    entry.report.deploys = Some(deploys);
}

/// How long each commit waited for the deployment that first brought it.
fn leads(
    told: &Told<'_>,
    revisions: &Revisions<'_>,
    whose: &Whose<'_>,
    bumps: &[Bump],
    specs: &[String],
    deploys: &mut Deploys,
) -> Result<(), String> {
    let Some(first) = bumps.first() else { return Ok(()) };
    let commit = |tag: &str| revisions.resolve(tag, whose).commit;
    // The chain of production's commits, with the moment of each deployment; its first is what ran before.
    let chain = std::iter::once((first.time, commit(&first.from))).chain(bumps.iter().map(|b| (b.time, commit(&b.to))));
    let chain: Vec<(i64, Option<String>)> = chain.collect();
    deploys.unresolved = chain.iter().skip(1).filter(|(_, c)| c.is_none()).count() as u64;
    let Some(base) = chain.iter().find_map(|(_, c)| c.clone()) else { return Ok(()) };
    let mut all: Vec<String> = chain.iter().filter_map(|(_, c)| c.clone()).collect();
    all.sort_unstable();
    all.dedup();
    let lack = std::slice::from_ref(&base);
    let graph = told.git.graph(&all, lack)?;
    if told.shallow && graph.values().any(Vec::is_empty) {
        return Err("the history of this shallow clone ends within the deployments; `git fetch --unshallow` brings the rest".to_owned());
    }
    let touching = told.git.touching(&all, lack, specs, false)?;
    let merged = told.git.touching(&all, lack, specs, true)?;
    let (mut from_commit, mut from_merge) = (Vec::new(), Vec::new());
    let mut seen: BTreeSet<String> = BTreeSet::from([base]);
    let mut changing = 0;
    for pair in chain.windows(2) {
        let [(_, before), (time, Some(after))] = pair else { continue };
        let new = reached(after, &graph, &mut seen);
        let Some(before) = before else { continue };
        if new.is_empty() && before != after {
            deploys.rollbacks += 1;
            continue;
        }
        let waited = |dates: &BTreeMap<String, i64>| -> Vec<i64> {
            new.iter().filter_map(|c| dates.get(c)).map(|t| time - t).filter(|t| *t >= 0).collect()
        };
        let commits = waited(&touching);
        if commits.is_empty() {
            deploys.empty += 1;
        } else {
            changing += 1;
        }
        from_commit.extend(commits);
        from_merge.extend(waited(&merged));
    }
    deploys.commit_to_production_hours = spread(from_commit, changing);
    deploys.merge_to_production_hours = spread(from_merge, changing);
    Ok(())
}

/// The commits that can be reached and were not seen before; they are seen from now on.
fn reached(from: &str, graph: &BTreeMap<String, Vec<String>>, seen: &mut BTreeSet<String>) -> Vec<String> {
    let mut new = Vec::new();
    let mut open = vec![from.to_owned()];
    while let Some(commit) = open.pop() {
        let Some(parents) = graph.get(&commit) else { continue };
        if seen.insert(commit.clone()) {
            open.extend(parents.iter().cloned());
            new.push(commit);
        }
    }
    new
}

/// Fewest values of which there is a median.
const FEW: usize = 3;

/// Fewest deployments of which there is a 90th percentile.
const DEPLOYS: usize = 5;

/// Median and 90th percentile (nearest rank), in hours to a tenth; none of too few values.
fn spread(mut seconds: Vec<i64>, deploys: usize) -> Option<Spread> {
    seconds.sort_unstable();
    let n = seconds.len();
    if n < FEW {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a duration in seconds is small")]
    let hours = |s: i64| (s as f64 / 360.0).round() / 10.0;
    let middle = (seconds.get((n - 1) / 2)? + seconds.get(n / 2)?) / 2;
    let p90 = if deploys < DEPLOYS { None } else { seconds.get((n * 9).div_ceil(10).saturating_sub(1)).copied().map(hours) };
    Some(Spread { median: hours(middle), p90 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_values_have_no_median_and_too_few_deployments_no_percentile() {
        let hours = |n: i64| (1..=n).map(|h| h * 3600).collect::<Vec<_>>();
        assert_eq!(spread(hours(2), 9), None);
        assert_eq!(spread(hours(3), 4), Some(Spread { median: 2.0, p90: None }));
        assert_eq!(spread(hours(10), 5), Some(Spread { median: 5.5, p90: Some(9.0) }));
    }

    #[test]
    fn what_was_reached_once_is_not_new_again() {
        let graph = BTreeMap::from([("c", "b"), ("b", "a")]).into_iter().map(|(k, v)| (k.to_owned(), vec![v.to_owned()])).collect();
        let mut seen = BTreeSet::from(["a".to_owned()]);
        assert_eq!(reached("b", &graph, &mut seen), ["b"]);
        assert_eq!(reached("c", &graph, &mut seen), ["c"]);
        assert!(reached("b", &graph, &mut seen).is_empty());
    }
}
