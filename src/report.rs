//! The report: everything that was found, and how the run exits. Report forms only render it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use jiff::civil::Date;

use crate::ask::deployments::Deployment;
use crate::catalogue::compare::{Outcome, Verdict};
use crate::finding::{Finding, State};
use crate::formats::Manifest;
use crate::inventory::{Role, Service};
use crate::rules::{self, Severity};
use crate::source::Location;
use crate::workspace::{join, within};

pub mod asked;
pub mod badge;
pub mod counts;
pub mod escape;
pub mod fixes;
pub mod excerpt;
pub mod explain;
pub mod fold;
pub mod github;
pub mod gitlab;
pub mod group;
pub mod html;
pub mod images;
pub mod inventory;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod picture;
mod problem;
pub mod rdjson;
pub mod sarif;
pub mod stored;
#[cfg(test)]
pub(crate) mod sample;
pub mod summary;
pub mod table;
pub mod time;
pub mod trend;

pub use images::ImageReport;
pub use inventory::InventoryReport;
pub use problem::{Problem, ProblemKind};
pub use time::{Deploys, Release, Spread, TimeReport};

/// A manifest that was found and is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The path that was left.
    pub path: String,
    /// Its format.
    pub format: String,
    /// Why it was left.
    pub because: String,
}

/// One line of the services table: a pair, owned.
#[derive(Debug, Clone)]
pub struct PairReport {
    /// The name it is reported under.
    pub name: String,
    /// Backing or workload.
    pub role: Role,
    /// In the first environment.
    pub from: Option<Service>,
    /// In the second.
    pub to: Option<Service>,
    /// What comparing says.
    pub outcome: Outcome,
    /// Why these two.
    pub because: String,
    /// The keys of a workload, by side.
    pub env: Option<EnvReport>,
}

/// The keys of a workload, by side; sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvReport {
    /// On both sides.
    pub both: Vec<String>,
    /// In `from` alone.
    pub from_only: Vec<String>,
    /// In `to` alone.
    pub to_only: Vec<String>,
    /// One reason per source that could not be listed.
    pub unknown: Vec<String>,
}

/// A difference that was accepted: by an ignore entry, a line comment or the baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
pub struct Exception {
    /// The rule, or a pattern of rules.
    pub rule: String,
    /// The service it is limited to.
    pub service: Option<String>,
    /// The key, kind or image it is limited to.
    pub subject: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The day it ends.
    pub expires: Option<String>,
    /// How many findings it hides.
    pub hides: usize,
}

/// A comparison of two environments.
#[derive(Debug, Clone, Default)]
pub struct ComparisonReport {
    /// The first environment.
    pub from: String,
    /// The second environment.
    pub to: String,
    /// The deployable unit, `""` for the whole repository.
    pub unit: String,
    /// What was read for `from`.
    pub from_manifests: Vec<Manifest>,
    /// What was read for `to`.
    pub to_manifests: Vec<Manifest>,
    /// What was found and left.
    pub left: Vec<Left>,
    /// The services, paired.
    pub services: Vec<PairReport>,
    /// How far production lags, by service.
    pub time: Vec<TimeReport>,
    /// Why that was not measured though images of this repository are pinned.
    pub not_measured: Option<String>,
    /// What registries say of images, where they were asked.
    pub images: Vec<ImageReport>,
    /// The newest deployment of the second environment that succeeded, where GitHub was asked.
    pub deployment: Option<Deployment>,
    /// How manifests were read, where there is a choice.
    pub notes: Vec<String>,
}

/// Findings that are not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hidden {
    /// By an ignore entry or a line comment.
    pub ignored: usize,
    /// By the baseline.
    pub baselined: usize,
    /// Of rules that the configuration switches off.
    pub off: usize,
}

/// When the run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// At errors.
    #[default]
    Error,
    /// At warnings and errors.
    Warning,
    /// At anything.
    Info,
    /// Never.
    Never,
}

/// How a run ends; the same in every form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// No drift at or above the threshold.
    Clean = 0,
    /// Drift.
    Drift = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Something that the comparison needs could not be read, and no drift reached the threshold.
    Unknown = 3,
}

/// Everything that was found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One per pair of environments (and unit).
    pub comparisons: Vec<ComparisonReport>,
    /// All findings, in their order.
    pub findings: Vec<Finding>,
    /// All problems, in their order.
    pub problems: Vec<Problem>,
    /// What was hidden.
    pub hidden: Hidden,
    /// What hides it, and why; sorted.
    pub exceptions: Vec<Exception>,
    /// Rules that did not know all that they ask for: that they say nothing does not mean that nothing is so.
    pub unsure: BTreeSet<&'static str>,
    /// The threshold.
    pub fail_on: FailOn,
    /// What the findings are held against, where they are: then only what is new or worse fails the run.
    pub base: Option<Base>,
    /// What the change since the base revision deploys.
    pub releases: Vec<Release>,
    /// The day that ages are counted to.
    pub today: Option<Date>,
    /// The folder of the root below the top of its repository; "" where they are the same. Forges name files from the top.
    pub below_top: String,
    /// Paths of other repositories that are checked out inside the root.
    pub inner: Vec<String>,
    /// Edits that mend a finding, by its fingerprint, where they were asked for.
    pub suggestions: BTreeMap<String, Vec<Suggestion>>,
}

/// An edit that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is replaced; an empty place is a place to insert at.
    pub at: Location,
    /// By what.
    pub with: String,
}

/// A revision with which the findings are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Base {
    /// As it was asked for.
    pub revision: String,
    /// The full id of its commit.
    pub commit: String,
}

impl Report {
    /// How the run ends: a function of the report alone.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.fail_on == FailOn::Never {
            Exit::Clean
        } else if self.findings.iter().any(|f| self.fails(f)) {
            Exit::Drift
        } else if self.problems.iter().any(|p| p.severity == Severity::Error) {
            Exit::Unknown
        } else {
            Exit::Clean
        }
    }

    /// Does the finding fail the run by itself?
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        let threshold = match self.fail_on {
            FailOn::Never => return false,
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
        };
        finding.is_new() && finding.severity >= threshold
    }

    /// Did every rule that a pattern (`group/name`, `group/*`) names know all that it asks for?
    #[must_use]
    pub fn is_sure(&self, pattern: &str) -> bool {
        !self.unsure.iter().any(|rule| rules::is_named(rule, pattern))
    }

    /// The findings that are there now: all but what is fixed.
    pub fn present(&self) -> impl Iterator<Item = &Finding> {
        counts::present(&self.findings)
    }

    /// The findings that are there now, new and worse before what was there before; else in their order.
    #[must_use]
    pub fn urgent(&self) -> Vec<&Finding> {
        let (mut new, old): (Vec<&Finding>, Vec<&Finding>) = self.present().partition(|f| f.is_new());
        new.extend(old);
        new
    }

    /// The problems, most severe first; else in their order.
    #[must_use]
    pub fn by_severity(&self) -> Vec<&Problem> {
        let mut problems: Vec<&Problem> = self.problems.iter().collect();
        problems.sort_by_key(|p| std::cmp::Reverse(p.severity));
        problems
    }

    /// The first manifest that was read, for what has to stand somewhere; `.` where there is none.
    #[must_use]
    pub fn first_path(&self) -> &str {
        let manifests = self.comparisons.iter().flat_map(|c| c.from_manifests.iter().chain(&c.to_manifests));
        manifests.flat_map(|m| &m.paths).find(|p| self.from_top(p).is_some()).map_or(".", String::as_str)
    }

    /// A path as a forge names it, from the top of the repository; `None` where it lies in another one.
    #[must_use]
    pub fn from_top(&self, path: &str) -> Option<String> {
        // A path of another root begins with `..`, which leads up within the repository, or out of it.
        join(&self.below_top, path).filter(|_| !self.inner.iter().any(|root| within(path, root).is_some()))
    }

    /// The place of a finding that a forge can show: the first that lies in this repository.
    #[must_use]
    pub fn shown_at<'f>(&self, finding: &'f Finding) -> Option<&'f Location> {
        finding.places.iter().map(|p| &p.at).find(|at| self.from_top(at.path()).is_some())
    }

    /// How many findings that are there now have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        counts::count(&self.findings, severity)
    }

    /// How many findings have a state.
    #[must_use]
    pub fn states(&self, state: State) -> usize {
        counts::states(&self.findings, state)
    }

    /// How many pairs have a verdict.
    #[must_use]
    pub fn verdicts(&self, verdict: Verdict) -> usize {
        self.comparisons.iter().flat_map(|c| &c.services).filter(|s| s.outcome.verdict == verdict).count()
    }
}

/// What a form may know of where it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Use colour.
    pub color: bool,
    /// Break long sentences at the width: a person looks at it. Otherwise a sentence is one line.
    pub wrap: bool,
    /// Show everything in full, also what is only worth knowing.
    pub all: bool,
}

impl Default for Look {
    /// Of a file: 100 columns, plain, no sentence broken.
    fn default() -> Self {
        Self { width: 100, color: false, wrap: false, all: false }
    }
}

/// A report form.
pub trait Render: Sync {
    /// Its id: `json`.
    fn id(&self) -> &'static str;

    /// One line of help.
    fn about(&self) -> &'static str;

    /// Does it show the edits that mend findings?
    fn suggests(&self) -> bool {
        false
    }

    /// Writes the report.
    ///
    /// # Errors
    /// Those of the writer.
    fn render(&self, report: &Report, look: Look, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Every report form.
pub static ALL: &[&dyn Render] = &[
    &table::Terminal,
    &json::Json,
    &markdown::Markdown,
    &markdown::Comment,
    &sarif::Sarif,
    &github::Annotations,
    &junit::Junit,
    &gitlab::CodeQuality,
    &rdjson::Rdjson,
    &html::Html,
    &badge::Badge,
];

/// The form of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Render> {
    ALL.iter().copied().find(|form| form.id() == id)
}
