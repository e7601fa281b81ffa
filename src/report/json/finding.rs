//! Findings and problems → their entries, each with its places.

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{Finding, Place, Which};
use crate::report::Problem;
use crate::source::Location;

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
    pub(super) fn of(finding: &Finding) -> Self {
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
    pub(super) fn of(place: &Place) -> Self {
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
