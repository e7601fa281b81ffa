//! Services of production → which commit each runs, what waits behind it, and how often it is changed; from git alone.
//!
//! Every figure is checked against the end of a shallow clone's history: what cannot be counted is not known, with what
//! mends it, and never a wrong number.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use super::World;
use super::deployments::Deployment;
use super::git::{Git, GitError};
use super::process::Programs;
use super::registry::Labels;
use crate::config::{Config, Options};
use crate::formats::{Manifest, ReadOptions};
use crate::inventory::Inventory;
use crate::pair::Pair;
use crate::report::{Problem, TimeReport};
use crate::workspace::Workspace;

mod deploys;
mod forms;
mod lag;
mod lines;
mod outside;
mod own;
mod past;
mod paths;
mod patterns;
pub mod preview;
pub mod revisions;
mod roots;
pub mod since;
pub mod teams;
mod updaters;

use outside::Outside;
use own::Pinned;
use patterns::Pattern;
use revisions::{Evidence, Revision, Revisions};
use updaters::Updaters;

/// Where, and under what settings, time is measured.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The files of production.
    pub workspace: &'a dyn Workspace,
    /// The folder in whose repository the code is.
    pub dir: &'a Path,
    /// Where git is.
    pub programs: &'a Programs,
    /// Paths, patterns, branch, window.
    pub config: &'a Config,
    /// The day that is now.
    pub today: Date,
    /// The commit up to which work is counted; `None`: the end of the branch that is shipped.
    pub head: Option<&'a str>,
    /// GitHub, where it may be asked.
    pub online: Option<&'a World>,
}

impl<'a> Asked<'a> {
    /// As the options say; `None` where the files are in no folder on disk.
    #[must_use]
    pub fn of(workspace: &'a dyn Workspace, dir: Option<&'a Path>, options: &'a Options, head: Option<&'a str>) -> Option<Self> {
        let dir = dir.or_else(|| workspace.on_disk())?;
        let online = options.online.as_deref();
        Some(Self { workspace, dir, programs: &options.programs, config: &options.config, today: options.today, head, online })
    }

    /// The first second after the day that is now.
    fn now(&self) -> i64 {
        seconds(self.today) + DAY
    }

    /// Days over which deployments are counted.
    fn window(&self) -> u32 {
        self.config.time.window_days.unwrap_or(WINDOW_DAYS)
    }
}

/// What was measured for a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// The index of its pair.
    pub pair: usize,
    /// The figures.
    pub report: TimeReport,
    /// What would mend what is not known.
    pub mend: Option<String>,
    /// The paths, as git is asked about them.
    pub specs: Vec<String>,
    /// Is the tag that runs kept outside the manifest? Then the manifest's history tells no deployment.
    pub kept_elsewhere: bool,
    /// Names of the commit that this clone's history does not reach.
    elsewhere: Vec<String>,
}

/// An entry, and which environment of which part it is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Placed {
    /// The part's folder.
    pub unit: String,
    /// The environment.
    pub environment: String,
    /// What was measured.
    pub entry: Entry,
}

/// What was measured of a comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// By service, in the order of the pairs.
    pub entries: Vec<Entry>,
    /// Why nothing could be measured though images of this repository are pinned.
    pub not_measured: Option<String>,
    /// Could git not be asked of what is pinned?
    pub refused: bool,
    /// The newest deployment that succeeded, where GitHub was asked.
    pub deployment: Option<Deployment>,
    /// What could not be asked.
    pub problems: Vec<Problem>,
}

/// Days over which deployments are counted, where the configuration does not say.
pub const WINDOW_DAYS: u32 = 90;

const DAY: i64 = 86_400;

/// The first second of a day.
fn seconds(day: Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    i64::from(epoch.until(day).map_or(0, |span| span.get_days())) * DAY
}

/// A moment in RFC 3339, UTC.
pub(super) fn moment(time: i64) -> String {
    jiff::Timestamp::from_second(time).map(|t| t.to_string()).unwrap_or_default()
}

/// The day of a moment, UTC.
pub(crate) fn day(time: i64) -> String {
    moment(time).get(..10).unwrap_or_default().to_owned()
}

/// Measures how far production lags, for every service whose image is built from this repository.
#[must_use]
pub fn measure(
    asked: &Asked<'_>,
    pairs: &[Pair<'_>],
    from: &Inventory,
    to: &Inventory,
    manifests: &[Manifest],
    (read, images): (&ReadOptions, &BTreeMap<String, Labels>),
) -> Measured {
    let mut pinned = own::pinned(pairs, from, to);
    if pinned.is_empty() {
        return Measured::default();
    }
    let not = |why: &GitError, pinned: &[Pinned<'_>]| Measured {
        not_measured: pinned.iter().any(|p| p.build.is_some()).then(|| why.to_string()),
        refused: true,
        ..Measured::default()
    };
    let git = match Git::open(asked.programs, asked.dir) {
        Ok(git) => git,
        Err(why) => return not(&why, &pinned),
    };
    let named = own::remotes(&git, &pinned);
    // Without a build or a name that says so, only a commit's id in the tag shows whose image it is.
    let surely = |p: &Pinned<'_>| p.build.is_some() || p.service.image().is_some_and(|i| own::is_called_like(i, &named));
    let label = |p: &Pinned<'_>| outside::label(p, images).map(str::to_owned);
    pinned.retain(|p| surely(p) || label(p).is_some() || p.tag().is_some_and(|t| forms::ids(t).iter().any(|id| !forms::is_date(id))));
    if pinned.is_empty() {
        return Measured::default();
    }
    let shipped = asked.head.map_or_else(|| git.shipped(asked.config.time.branch.as_deref()), |head| Ok(head.to_owned()));
    let head = match shipped {
        Ok(head) => head,
        Err(why) => return not(&why, &pinned),
    };
    let shallow = git.is_shallow();
    let updaters = Updaters::of(asked.workspace);
    let said = asked.config.time.tags.iter().filter_map(|text| Pattern::of_user(text).ok());
    let mut revisions = Revisions::new(&git, &head, shallow, said.chain(updaters.patterns.iter().cloned()).collect());
    let labels: Vec<String> = pinned.iter().filter_map(label).collect();
    if let Err(why) = revisions.prepare(pinned.iter().filter_map(Pinned::tag).chain(labels.iter().map(String::as_str))) {
        return not(&why, &pinned);
    }
    let holds = |text: &str| revisions.holds_commit(text);
    pinned.retain(|p| surely(p) || p.tag().is_some_and(holds) || label(p).is_some_and(|l| revisions.of_id(&l).is_some()));
    if pinned.is_empty() {
        return Measured::default();
    }
    let mut outside = Outside::ask(asked, &git, images, &to.environment);
    if let Err(why) = revisions.prepare(outside.deployment.iter().map(|d| d.commit.as_str())) {
        return not(&why, &pinned);
    }
    let excluded = paths::excluded(asked.workspace, manifests);
    let mut entries: Vec<Entry> = pinned.iter().map(|p| entry(asked, p, (&revisions, &outside), &updaters, &excluded)).collect();
    entries.iter_mut().for_each(|e| outside.note(e, &to.environment));
    lag::fill(&git, &head, shallow, &mut entries);
    outside.compare(&head, &mut entries);
    let told = deploys::Told { asked, git: &git, head: &head, shallow, manifests, read, environment: &to.environment };
    deploys::fill(&told, &pinned, &mut revisions, &mut entries);
    Measured { entries, deployment: outside.deployment, problems: outside.problems, ..Measured::default() }
}

/// The commit and the paths of a service.
fn entry(
    asked: &Asked<'_>,
    pinned: &Pinned<'_>,
    (revisions, outside): (&Revisions<'_>, &Outside<'_>),
    updaters: &Updaters,
    excluded: &[String],
) -> Entry {
    let whose = pinned.whose();
    let digest = pinned.service.image().is_some_and(|i| i.digest.is_some());
    let unresolved = pinned.service.software.as_ref().and_then(|s| s.value.why_unknown());
    let elsewhere = updaters.elsewhere(&whose, pinned.service.software.as_ref().map(|s| s.at.path()));
    let revision = match (elsewhere, pinned.tag(), unresolved) {
        (Some(e), ..) => Revision::unknown(&e.why, &e.mend),
        (None, Some(tag), _) => revisions.resolve(tag, &whose),
        (None, None, Some(why)) => {
            Revision::unknown(format!("the tag is not written: {why}"), "give the file or variable that sets the tag")
        }
        (None, None, None) if digest => {
            Revision::unknown("a digest names no commit", "write the tag beside the digest (`image:TAG@sha256:...`)")
        }
        (None, None, None) => Revision::unknown("no tag is written, so it runs `latest`", "pin a version or a commit's id in production"),
    };
    let revision = outside.revise(pinned, revision, revisions);
    let mut entry = Entry {
        pair: pinned.pair,
        report: TimeReport {
            service: pinned.name.to_owned(),
            tag: pinned.tag().map(str::to_owned),
            evidence: revision.evidence.as_str().to_owned(),
            commit: revision.commit,
            because: revision.because,
            unknown: revision.why,
            ..TimeReport::default()
        },
        mend: revision.mend,
        specs: Vec::new(),
        kept_elsewhere: elsewhere.is_some(),
        elsewhere: revision.elsewhere,
    };
    match paths::of(asked, &whose.names, pinned.build) {
        Ok(found) => {
            entry.specs = found.specs(excluded);
            entry.report.paths = found.paths;
            entry.report.paths_because = found.because;
        }
        Err((why, mend)) if entry.report.evidence != Evidence::Unknown.as_str() => {
            entry.report.unknown = Some(why);
            entry.mend = Some(mend);
            entry.elsewhere.clear();
        }
        Err(_) => {}
    }
    entry
}

/// What is wrong with a pattern of `time.tags`.
///
/// # Errors
/// In words: it is not closed, or names nothing that leads to a commit.
pub fn check_pattern(text: &str) -> Result<(), String> {
    Pattern::of_user(text).map(drop)
}

/// What stands behind a key, computed once.
type Once<K, V> = BTreeMap<K, V>;
