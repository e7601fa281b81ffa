//! The same run on past commits of the main line, a week apart: how drift came and went. Nothing is stored.

use jiff::civil::Date;
use rayon::prelude::*;

use super::then::Then;
use super::{History, evaluate};
use crate::ask::git::Git;
use crate::config::Options;
use crate::error::Error;
use crate::filter::Against;
use crate::formats::Render;
use crate::progress::Progress;
use crate::report::Report;
use crate::report::time::days_since;
use crate::report::trend::{Point, Trend};
use crate::rules::Severity;
use crate::workspace::Workspace;

/// Most weeks.
const WEEKS: u32 = 520;

/// Recomputes the report of the last commit of each of so many weeks, under the configuration of now.
///
/// # Errors
/// No git, no repository, no such branch.
pub fn history(workspace: &dyn Workspace, options: &Options, weeks: u32) -> Result<Trend, Error> {
    let cannot = |why: String| Error::usage(format!("the history cannot be read: {why}"));
    let dir = workspace.on_disk().ok_or_else(|| cannot("the files are not on disk".into()))?;
    let git = Git::open(&options.programs, dir).map_err(|e| cannot(e.into()))?;
    let head = git.shipped(options.config.time.branch.as_deref()).map_err(|e| cannot(e.into()))?;
    let shallow = git.is_shallow();
    options.progress.phase("comparing past commits");
    let days: Vec<Date> =
        (0..weeks.min(WEEKS)).rev().map(|week| options.today.saturating_sub(jiff::Span::new().weeks(i64::from(week)))).collect();
    let points = days.par_iter().map(|day| point(workspace, &git, &head, shallow, options, *day)).collect();
    Ok(Trend::new(points))
}

fn point(workspace: &dyn Workspace, git: &Git<'_>, head: &str, shallow: bool, options: &Options, day: Date) -> Point {
    let mut point = Point { day: day.to_string(), ..Point::default() };
    let counted = || -> Result<(String, Report), String> {
        let end = format!("{day}T23:59:59Z");
        let commit = git.before(head, &end)?;
        let commit = commit.ok_or_else(|| match shallow {
            true => "this clone is shallow and its history begins later; `git fetch --unshallow` brings the rest".to_owned(),
            false => "the history begins later".to_owned(),
        })?;
        let tree = Then::new(git, &commit.id, workspace, &options.programs, options.config.limits, Some(&end))?;
        // Renderers read folders on disk, and the past is in none.
        let mut then = Options { today: day, progress: Progress::default(), ..options.clone() };
        then.read.render = Render::Never;
        // Work is counted up to that commit; git tags are those of now.
        let history = History { dir: workspace.on_disk(), head: Some(&commit.id), since: false };
        let found = evaluate(&tree, &then, &options.config, &Against::default(), history).map_err(|e| e.message)?;
        Ok((commit.id, found.report))
    };
    match counted() {
        Ok((commit, report)) => {
            point.commit = Some(commit);
            if report.comparisons.is_empty() {
                point.unknown = Some("there was nothing to compare".to_owned());
            } else {
                point.errors = Some(report.count(Severity::Error));
                point.warnings = Some(report.count(Severity::Warning));
                point.notes = Some(report.count(Severity::Info));
                point.oldest_waiting_days = oldest_waiting(&report, day);
            }
        }
        Err(why) => point.unknown = Some(why),
    }
    point
}

/// Days that the oldest commit had waited, of the services whose commit is known for certain; `None` without any.
fn oldest_waiting(report: &Report, day: Date) -> Option<u32> {
    let known = report.comparisons.iter().flat_map(|c| &c.time).filter(|t| t.evidence == "exact" && t.waiting.is_some());
    known.map(|t| t.oldest_waiting.as_deref().and_then(|moment| days_since(moment, day)).unwrap_or(0)).max()
}
