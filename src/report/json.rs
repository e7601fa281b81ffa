//! Report → `parity-report/1`, the JSON that other programs read. Fields may be added; none is renamed or changes its
//! meaning without a new `schema`.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::escape::acts;
use super::{Base, ComparisonReport, Exception, ImageReport, Look, PairReport, Problem, Release, Render, Report, TimeReport};
use crate::ask::deployments::Deployment;
use crate::finding::{Finding, Place, Which};
use crate::formats::Manifest;
use crate::inventory::{Role, Service, Value};
use crate::source::Location;

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

/// Writes a document as indented JSON with a line break at its end.
///
/// # Errors
/// Those of the writer.
pub fn write(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Inert(PrettyFormatter::new()));
    document.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Indented JSON in which characters that act (marks that turn the direction of text, C1 controls) are escaped as well: a
/// report is looked at in terminals and logs.
struct Inert<'i>(PrettyFormatter<'i>);

impl Formatter for Inert<'_> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((i, c)) = rest.char_indices().find(|(_, c)| acts(*c)) {
            writer.write_all(rest.get(..i).unwrap_or("").as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = rest.get(i + c.len_utf8()..).unwrap_or("");
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
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

/// A comparison of two environments.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// The first environment.
    pub from: String,
    /// The second environment.
    pub to: String,
    /// The deployable unit, a folder; left out for the whole repository.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What was read, and what was left.
    pub manifests: Manifests,
    /// The services, paired.
    pub services: Vec<Pair>,
    /// How far production lags.
    pub time: Vec<TimeReport>,
    /// Why that was not measured though images of this repository are pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_measured: Option<String>,
    /// What registries say of images; only where they were asked (`--online`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageReport>,
    /// The newest deployment of the second environment that succeeded; only where GitHub was asked (`--online`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Deployment>,
    /// How manifests were read, where there is a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The manifests of both sides.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Manifests {
    /// Of the first environment.
    pub from: Vec<ManifestEntry>,
    /// Of the second.
    pub to: Vec<ManifestEntry>,
    /// Found and left.
    pub left: Vec<ManifestEntry>,
}

/// One manifest.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ManifestEntry {
    /// Its path, relative to the root, with `/`.
    pub path: String,
    /// Every file, where several are read together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Its format.
    pub format: String,
    /// Why it was taken, or left.
    pub because: String,
}

/// Two services that are the same need, or one whose other side is missing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pair {
    /// `backing` or `workload`.
    pub role: &'static str,
    /// The name it is reported under.
    pub name: String,
    /// The catalogue kind of a backing service: `from`'s, else `to`'s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// In the first environment.
    pub from: Option<Side>,
    /// In the second.
    pub to: Option<Side>,
    /// What comparing says.
    pub verdict: &'static str,
    /// How the kinds relate, for `kind-mismatch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    /// Words beside the verdict, sorted.
    pub flags: Vec<&'static str>,
    /// The keys of a workload, by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<Env>,
    /// Why the verdict is what it is.
    pub reason: String,
    /// Why these two are a pair.
    pub because: String,
}

/// Keys by side, sorted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Env {
    /// On both sides.
    pub both: Vec<String>,
    /// In `from` alone.
    pub from_only: Vec<String>,
    /// In `to` alone.
    pub to_only: Vec<String>,
    /// One reason per source that could not be listed.
    pub unknown: Vec<String>,
}

/// One side of a pair.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Side {
    /// Its name in the manifest.
    pub name: String,
    /// Who provides it.
    pub provider: &'static str,
    /// Its catalogue kind.
    pub kind: Option<String>,
    /// Its version as far as it is stated.
    pub version: Option<String>,
    /// The statement: an image, a version.
    pub text: Option<String>,
    /// Why the statement could not be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Where it is stated.
    #[serde(flatten)]
    pub at: At,
}

/// A place: a path relative to the root, and one-based lines and columns; the end is one past the last character.
#[derive(Debug, Serialize, JsonSchema)]
pub struct At {
    /// The path, with `/`.
    pub path: String,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
    /// The line of the end.
    pub end_line: u32,
    /// The column of the end.
    pub end_column: u32,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingEntry {
    /// The rule's id.
    pub rule: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// Against the base revision: `new`, `worse`, `better`, `unchanged`, `fixed`.
    pub state: Option<&'static str>,
    /// The first environment.
    pub from: String,
    /// The second environment.
    pub to: String,
    /// The pair's name.
    pub service: String,
    /// The part of the repository, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What of the service.
    pub subject: String,
    /// What differs and why it matters.
    pub message: String,
    /// What to change.
    pub help: Option<String>,
    /// The places, `from`'s first.
    pub places: Vec<PlaceEntry>,
    /// The day since which its two places differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Its stable name.
    pub fingerprint: String,
}

/// A place of a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlaceEntry {
    /// `from` or `to`.
    pub side: &'static str,
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// What is to be seen there.
    pub label: String,
}

/// A problem.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProblemEntry {
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// The file; left out where it is about none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What happened.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
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

impl Comparison {
    fn of(comparison: &ComparisonReport) -> Self {
        let left = comparison.left.iter().map(|l| ManifestEntry {
            path: l.path.clone(),
            paths: Vec::new(),
            format: l.format.clone(),
            because: l.because.clone(),
        });
        Self {
            from: comparison.from.clone(),
            to: comparison.to.clone(),
            unit: comparison.unit.clone(),
            manifests: Manifests {
                from: comparison.from_manifests.iter().map(ManifestEntry::of).collect(),
                to: comparison.to_manifests.iter().map(ManifestEntry::of).collect(),
                left: left.collect(),
            },
            services: comparison.services.iter().map(Pair::of).collect(),
            time: comparison.time.clone(),
            not_measured: comparison.not_measured.clone(),
            images: comparison.images.clone(),
            deployment: comparison.deployment.clone(),
            notes: comparison.notes.clone(),
        }
    }
}

impl ManifestEntry {
    /// The entry of a manifest.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            path: manifest.paths.first().cloned().unwrap_or_default(),
            paths: if manifest.paths.len() > 1 { manifest.paths.clone() } else { Vec::new() },
            format: manifest.format.clone(),
            because: manifest.because.clone(),
        }
    }
}

/// The word of a role.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Backing => "backing",
        Role::Workload => "workload",
    }
}

impl Pair {
    fn of(pair: &PairReport) -> Self {
        let kind = |s: &Option<Service>| s.as_ref().and_then(|s| s.kind()).map(|k| k.id.clone());
        let mut flags: Vec<&str> = pair.outcome.flags.iter().map(|f| f.as_str()).collect();
        flags.sort_unstable();
        flags.dedup();
        Self {
            role: role(pair.role),
            name: pair.name.clone(),
            kind: (pair.role == Role::Backing).then(|| kind(&pair.from).or_else(|| kind(&pair.to))).flatten(),
            from: pair.from.as_ref().map(Side::of),
            to: pair.to.as_ref().map(Side::of),
            verdict: pair.outcome.verdict.as_str(),
            relation: pair.outcome.relation.map(|r| r.as_str()),
            flags,
            env: pair.env.as_ref().map(|env| Env {
                both: sorted(&env.both),
                from_only: sorted(&env.from_only),
                to_only: sorted(&env.to_only),
                unknown: sorted(&env.unknown),
            }),
            reason: pair.outcome.because.clone(),
            because: pair.because.clone(),
        }
    }
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}

impl Side {
    fn of(service: &Service) -> Self {
        let software = service.known_software();
        Self {
            name: service.name.clone(),
            provider: service.provider.as_str(),
            kind: service.kind().map(|k| k.id.clone()),
            version: software.and_then(|s| s.version.number()),
            text: statement(service),
            unknown: match service.software.as_ref().map(|s| &s.value) {
                Some(Value::Unknown(why)) => Some(why.clone()),
                _ => None,
            },
            at: At::of(service.stated_at()),
        }
    }
}

/// What a service says it runs, as it may be shown: an image or a version; of a URL the scheme alone.
#[must_use]
pub fn statement(service: &Service) -> Option<String> {
    let text = service.known_software()?.text.as_str();
    Some(match text.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://…"),
        None => text.to_owned(),
    })
}

impl At {
    /// The place of a location.
    #[must_use]
    pub fn of(location: &Location) -> Self {
        let (start, end) = (location.position(), location.end());
        Self {
            path: location.path().to_owned(),
            line: start.line.get(),
            column: start.column.get(),
            end_line: end.line.get(),
            end_column: end.column.get(),
        }
    }
}

impl FindingEntry {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.as_str(),
            state: finding.state.map(|s| s.as_str()),
            from: finding.from.clone(),
            to: finding.to.clone(),
            service: finding.service.clone(),
            unit: Some(finding.unit.clone()).filter(|unit| !unit.is_empty()),
            subject: finding.subject.clone(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            places: finding.places.iter().map(PlaceEntry::of).collect(),
            since: finding.since.clone(),
            fingerprint: finding.fingerprint(),
        }
    }
}

impl PlaceEntry {
    fn of(place: &Place) -> Self {
        Self { side: side(place.side), at: At::of(&place.at), label: place.label.clone() }
    }
}

/// The word of a side.
#[must_use]
pub fn side(which: Which) -> &'static str {
    match which {
        Which::From => "from",
        Which::To => "to",
    }
}

impl ProblemEntry {
    /// The entry of a problem.
    #[must_use]
    pub fn of(problem: &Problem) -> Self {
        let position = problem.at.as_ref().map(Location::position);
        Self {
            severity: problem.severity.as_str(),
            path: problem.at.as_ref().map(|at| at.path().to_owned()),
            line: position.map(|p| p.line.get()),
            column: position.map(|p| p.column.get()),
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }
}
