//! Report → `parity-report/1`, the JSON that other programs read. Fields may be added; none is renamed or changes its
//! meaning without a new `schema`.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Base, Exception, Look, Release, Render, Report};

mod comparison;
mod finding;
mod write;

pub use comparison::{Comparison, Env, ManifestEntry, Manifests, Pair, Side, role, statement};
pub use finding::{At, FindingEntry, PlaceEntry, ProblemEntry, side};
pub use write::write;

/// The form.
#[derive(Debug)]
pub struct Json;

impl Render for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "one JSON object, for programs"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        write(&Document::of(report), out)
    }
}

/// The JSON Schema of the report, with a line break at its end.
#[must_use]
pub fn schema() -> String {
    schema_of::<Document>()
}

/// The JSON Schema of a document as it is written: what may be left out is not required.
pub(super) fn schema_of<T: JsonSchema>() -> String {
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut text = serde_json::to_string_pretty(&generator.into_root_schema_for::<T>()).unwrap_or_default();
    text.push('\n');
    text
}

/// The report of `parity diff --report json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "parity-report/1")]
pub struct Document {
    /// `parity-report/1`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// One per pair of environments (and deployable unit).
    pub comparisons: Vec<Comparison>,
    /// Every finding that is not hidden, most severe first.
    pub findings: Vec<FindingEntry>,
    /// What could not be read or understood.
    pub problems: Vec<ProblemEntry>,
    /// The revision that the findings are compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// What the change since the base revision deploys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    /// How many findings are not shown.
    pub hidden: HiddenEntry,
    /// What hides findings, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// How the run ends: 0 no drift, 1 drift, 3 could not tell.
    pub exit: u8,
}

/// Name and version of the program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `parity`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Tool {
    /// This program.
    pub const THIS: Self = Self { name: "parity", version: env!("CARGO_PKG_VERSION") };
}

/// How many findings are not shown.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HiddenEntry {
    /// By an ignore.
    pub ignored: usize,
    /// By the baseline.
    pub baselined: usize,
    /// Of rules that the configuration switches off.
    pub off: usize,
}

impl Document {
    /// The document of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            schema: "parity-report/1",
            tool: Tool::THIS,
            comparisons: report.comparisons.iter().map(Comparison::of).collect(),
            findings: report.findings.iter().map(FindingEntry::of).collect(),
            problems: report.problems.iter().map(ProblemEntry::of).collect(),
            hidden: HiddenEntry { ignored: report.hidden.ignored, baselined: report.hidden.baselined, off: report.hidden.off },
            base: report.base.clone(),
            releases: report.releases.clone(),
            exceptions: report.exceptions.clone(),
            exit: report.exit() as u8,
        }
    }
}
