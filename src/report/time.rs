//! What was measured of the time gap, in the words of the JSON report.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

/// How far production lags for one service; the words of the JSON report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct TimeReport {
    /// The pair's name.
    pub service: String,
    /// The tag that production pins.
    pub tag: Option<String>,
    /// How the commit is known: `exact`, `floating` (the newest of a series), `estimated` (from a day), `observed` (deployed,
    /// as GitHub says), or `unknown`.
    pub evidence: String,
    /// The commit that production runs.
    pub commit: Option<String>,
    /// What leads to it: a commit's id, a git tag or a day in the tag, and who says so; its image's label; a deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Its committer date, RFC 3339.
    pub commit_date: Option<String>,
    /// Commits of the default branch that touch the service and are not in production.
    pub waiting: Option<u64>,
    /// Committer date of the oldest of them, RFC 3339.
    pub oldest_waiting: Option<String>,
    /// Commits that production has and the default branch has not.
    pub production_only: Option<u64>,
    /// The paths that belong to the service; `.` is the whole repository.
    pub paths: Vec<String>,
    /// Why these.
    pub paths_because: String,
    /// When production's tag was last changed, RFC 3339.
    pub last_deploy: Option<String>,
    /// Deployments in the window.
    pub deploys: Option<Deploys>,
    /// Why the figures are not known.
    pub unknown: Option<String>,
    /// What of the rest is not known, or an estimate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Deployments of one service, from the history of its manifest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Deploys {
    /// Length of the window in days.
    pub window_days: u32,
    /// How many.
    pub count: u64,
    /// Of these, how many took code back.
    pub rollbacks: u64,
    /// Of these, how many brought nothing for the service's own paths.
    pub empty: u64,
    /// Of these, how many name no commit.
    pub unresolved: u64,
    /// Median time between two of them, in hours; none of too few.
    pub median_gap_hours: Option<f64>,
    /// From commit to production, in hours; none of too few.
    pub commit_to_production_hours: Option<Spread>,
    /// From merge to production, in hours.
    pub merge_to_production_hours: Option<Spread>,
}

/// Median and 90th percentile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// Half are at most this.
    pub median: f64,
    /// Nine of ten are at most this; none of fewer than five deployments.
    pub p90: Option<f64>,
}

/// What a change deploys: the base revision pins one tag, and this one another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Release {
    /// The deployable unit, a folder; left out for the whole repository.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The environment.
    pub environment: String,
    /// The service.
    pub service: String,
    /// The tag of the base revision.
    pub from_tag: Option<String>,
    /// The tag now.
    pub to_tag: Option<String>,
    /// The commit that it names.
    pub from_commit: Option<String>,
    /// The commit that it names.
    pub to_commit: Option<String>,
    /// Commits that it brings, of those that touch the service's paths.
    pub commits: Option<u64>,
    /// Committer date of the oldest of them, RFC 3339.
    pub oldest: Option<String>,
    /// Commits that it takes out of production.
    pub taken_back: Option<u64>,
    /// It brings nothing and goes back to what ran before.
    pub rollback: bool,
    /// Why this is not known.
    pub unknown: Option<String>,
}

/// The day of a moment (RFC 3339).
#[must_use]
pub fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

/// Days from a moment (RFC 3339) to a day; none below zero.
#[must_use]
pub fn days_since(moment: &str, today: Date) -> Option<u32> {
    let day: Date = day(moment).parse().ok()?;
    u32::try_from(day.until(today).ok()?.get_days().max(0)).ok()
}

/// A commit as people write it.
#[must_use]
pub fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
