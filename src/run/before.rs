//! The same run on the tree of the base revision: what is new, worse, better or fixed since.
//!
//! Each tree is read as its own configuration says. What hides findings (ignores, allowed differences, severities, the
//! threshold, the baseline) is taken from the base revision alone, so that a change cannot approve itself.

use super::then::Then;
use super::{Evaluated, History, evaluate};
use crate::ask::git::Git;
use crate::ask::time::{Asked, preview};
use crate::config::{self, Options};
use crate::error::Error;
use crate::filter::{self, Against, Baseline};
use crate::formats::Render;
use crate::report::{Base, Problem, Report};
use crate::workspace::Workspace;

/// Compares, and says what became of every finding since a revision.
pub(super) fn diff(workspace: &dyn Workspace, options: &Options, revision: &str) -> Result<Report, Error> {
    let cannot = |why: String| Error::usage(format!("cannot compare with the base revision `{revision}`: {why}"));
    let dir = workspace.on_disk().ok_or_else(|| cannot("the files are not on disk".into()))?;
    let git = Git::open(&options.programs, dir).map_err(|e| cannot(e.into()))?;
    let commit = git.commit(revision).map_err(|e| cannot(e.into()))?;
    let tree = Then::new(&git, &commit, workspace, &options.programs, options.config.limits, None).map_err(cannot)?;

    let path = options.config.source.as_ref().map(|s| s.path().to_owned()).filter(|p| tree.is_file(p));
    let approved = match config::load(&tree, path.as_deref()) {
        Ok(approved) => approved,
        Err(e) => {
            let what = format!("the configuration of the base revision `{revision}` cannot be read");
            // Nothing approves anything.
            let against = Against { base: Some(&tree), ..Against::default() };
            let history = History { dir: Some(dir), head: Some(&commit), since: true };
            let Evaluated { report, .. } = evaluate(workspace, options, &config::Config::default(), &against, history)?;
            return Ok(not_held_against(report, &what, e));
        }
    };
    if let Some(path) = options.baseline.as_ref().or(options.config.baseline.as_ref()).filter(|path| workspace.exists(path)) {
        // What this change breaks ends every run after it: it is said now.
        Baseline::read(workspace, path)?;
    }
    let (baseline, unread) = baseline(&tree, options.baseline.as_ref().or(approved.baseline.as_ref()), revision);
    let against = Against { baseline: baseline.as_ref().map(|(b, path)| (b, path.as_str())), base: Some(&tree), ..Against::default() };

    // Renderers read folders on disk, and the base revision is in none: both are read alike, by the built-in reading.
    let mut now = options.clone();
    now.read.render = Render::Never;
    let then = Options { config: approved.clone(), ..now.clone() };
    // Work is counted up to the base revision for both: what the change itself adds is no lag of production yet.
    let history = History { dir: Some(dir), head: Some(&commit), since: true };
    let Evaluated { mut report, time } = evaluate(workspace, &now, &approved, &against, history)?;
    report.problems.extend(unread);
    let before = match evaluate(&tree, &then, &approved, &against, History { since: false, ..history }) {
        Ok(before) => before,
        Err(e) => return Ok(not_held_against(report, &format!("the base revision `{revision}` could not be compared"), e)),
    };
    if let Some(asked) = Asked::of(workspace, Some(dir), &now, Some(&commit)) {
        report.releases = preview::releases(&asked, &before.time, &time);
    }
    filter::compare_with(&mut report, before.report);
    report.problems.sort();
    report.base = Some(Base { revision: revision.to_owned(), commit });
    Ok(report)
}

/// The baseline of the base revision; one that is broken there hides nothing, and is said, so that a change can mend it.
fn baseline<'p>(tree: &dyn Workspace, path: Option<&'p String>, revision: &str) -> (Option<(Baseline, &'p String)>, Option<Problem>) {
    // A baseline that the change itself brings is no baseline yet.
    let Some(path) = path.filter(|path| tree.exists(path)) else { return (None, None) };
    match Baseline::read(tree, path) {
        Ok(baseline) => (Some((baseline, path)), None),
        Err(e) => {
            let message = format!("the baseline of the base revision `{revision}` hides nothing: {}", e.message);
            (None, Some(Problem { help: e.help, ..Problem::of_run(message).warning() }))
        }
    }
}

/// A report that could not be held against the base revision, which says so.
fn not_held_against(mut report: Report, what: &str, because: Error) -> Report {
    let message = format!("{what}, so what is new is not known: {}", because.message);
    report.problems.push(Problem { help: because.help, ..Problem::of_run(message).warning() });
    report.problems.sort();
    report
}
