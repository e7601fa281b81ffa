//! The same run on past commits of the main line, a week apart: how drift came and went. Nothing is stored.

use std::io;

use jiff::civil::Date;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::then::Then;
use super::{History, evaluate};
use crate::ask::git::Git;
use crate::config::Options;
use crate::error::Error;
use crate::filter::Against;
use crate::formats::Render;
use crate::progress::Progress;
use crate::report::{Report, json};
use crate::rules::Severity;
use crate::workspace::Workspace;

/// Most weeks.
const WEEKS: u32 = 520;

/// The points, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "parity-history/1")]
pub struct Trend {
    /// `parity-history/1`.
    pub schema: &'static str,
    /// One a week.
    pub points: Vec<Point>,
}

/// What was found of one commit.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Point {
    /// The day.
    pub day: String,
    /// The last commit of the main line on that day.
    pub commit: Option<String>,
    /// Errors.
    pub errors: Option<usize>,
    /// Warnings.
    pub warnings: Option<usize>,
    /// What is only worth knowing.
    pub notes: Option<usize>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

/// Recomputes the report of the last commit of each of so many weeks, under the configuration of now.
///
/// # Errors
/// No git, no repository, no such branch.
pub fn history(workspace: &dyn Workspace, options: &Options, weeks: u32) -> Result<Trend, Error> {
    let cannot = |why: String| Error::usage(format!("the history cannot be read: {why}"));
    let dir = workspace.on_disk().ok_or_else(|| cannot("the files are not on disk".into()))?;
    let git = Git::open(&options.programs, dir).map_err(cannot)?;
    let head = git.shipped(options.config.time.branch.as_deref()).map_err(cannot)?;
    let shallow = git.is_shallow();
    options.progress.phase("comparing past commits");
    let days: Vec<Date> =
        (0..weeks.min(WEEKS)).rev().map(|week| options.today.saturating_sub(jiff::Span::new().weeks(i64::from(week)))).collect();
    let points = days.par_iter().map(|day| point(workspace, &git, &head, shallow, options, *day)).collect();
    Ok(Trend { schema: "parity-history/1", points })
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
        let nowhere = History { dir: None, head: None, since: false };
        let found = evaluate(&tree, &then, &options.config, &Against::default(), nowhere).map_err(|e| e.message)?;
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
            }
        }
        Err(why) => point.unknown = Some(why),
    }
    point
}

impl Trend {
    /// Writes JSON.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(self, out)
    }

    /// Writes a table for people.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn table(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "day         commit      errors  warnings  notes")?;
        for p in &self.points {
            let commit = p.commit.as_deref().and_then(|c| c.get(..10)).unwrap_or("-");
            match (p.errors, p.warnings, p.notes) {
                (Some(errors), Some(warnings), Some(notes)) => {
                    writeln!(out, "{}  {commit:10}  {errors:>6}  {warnings:>8}  {notes:>5}", p.day)?;
                }
                _ => {
                    let why = p.unknown.as_deref().unwrap_or_default();
                    writeln!(out, "{}  {commit:10}  not known: {}", p.day, crate::report::escape::terminal(why))?;
                }
            }
        }
        Ok(())
    }
}
