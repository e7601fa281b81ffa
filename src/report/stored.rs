//! `parity-report/1` as it was written → what publishing and merging need of it. Whoever wrote it is not trusted: every text
//! is escaped again where it is shown.

use std::io;

use serde::{Deserialize, Deserializer};

use super::counts;
use crate::finding::State;
use crate::rules::Severity;

/// A report read back. Fields that are not needed are not kept.
#[derive(Debug, Clone, Deserialize)]
pub struct Stored {
    schema: String,
    /// Every finding that was not hidden, most severe first.
    #[serde(default)]
    pub findings: Vec<StoredFinding>,
    /// What could not be read.
    #[serde(default)]
    pub problems: Vec<StoredProblem>,
    /// Was it held against a revision?
    #[serde(default)]
    base: Option<serde::de::IgnoredAny>,
    /// How the run ended.
    pub exit: u8,
}

/// A finding of a stored report.
#[derive(Debug, Clone, Deserialize)]
pub struct StoredFinding {
    /// The rule's id.
    pub rule: String,
    /// How much it matters.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// What became of it since the base revision.
    #[serde(default, deserialize_with = "state")]
    pub state: Option<State>,
    /// The first environment.
    #[serde(default)]
    pub from: String,
    /// The second environment.
    #[serde(default)]
    pub to: String,
    /// The part of the repository.
    #[serde(default)]
    pub unit: Option<String>,
    /// The pair's name.
    #[serde(default)]
    pub service: String,
    /// What differs and why it matters.
    pub message: String,
    /// The places, the primary one first.
    #[serde(default)]
    pub places: Vec<StoredPlace>,
    /// Its stable name.
    pub fingerprint: String,
}

/// A place of a stored finding.
#[derive(Debug, Clone, Deserialize)]
pub struct StoredPlace {
    /// The path.
    pub path: String,
    /// The line.
    pub line: u32,
}

/// A problem of a stored report.
#[derive(Debug, Clone, Deserialize)]
pub struct StoredProblem {
    /// Error: "no drift" cannot be said.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// What happened.
    pub message: String,
}

fn severity<'de, D: Deserializer<'de>>(from: D) -> Result<Severity, D::Error> {
    let text = String::deserialize(from)?;
    let all = [Severity::Error, Severity::Warning, Severity::Info];
    all.into_iter().find(|s| s.as_str() == text).ok_or_else(|| serde::de::Error::custom("a severity is error, warning or info"))
}

fn state<'de, D: Deserializer<'de>>(from: D) -> Result<Option<State>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let all = [State::New, State::Worse, State::Better, State::Unchanged, State::Fixed];
    let known = all.into_iter().find(|s| s.as_str() == text);
    known.map(Some).ok_or_else(|| serde::de::Error::custom("a state is new, worse, better, unchanged or fixed"))
}

impl Stored {
    /// Reads a report.
    ///
    /// # Errors
    /// One lower-case sentence: it is no report, or one of a later form.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let stored: Self = serde_json::from_slice(bytes).map_err(|e| format!("it is no parity report: {e}"))?;
        match stored.schema.as_str() {
            "parity-report/1" => Ok(stored),
            _ => Err("it is a report of another form than `parity-report/1`".into()),
        }
    }

    /// Was it held against a revision, so that findings have a state?
    #[must_use]
    pub fn has_base(&self) -> bool {
        self.base.is_some()
    }

    /// The findings that are there now: all but what is fixed.
    pub fn present(&self) -> impl Iterator<Item = &StoredFinding> {
        counts::present(&self.findings)
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

    /// What could not be read and was needed.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.problems.iter().filter(|p| p.severity == Severity::Error).count()
    }

    /// The counts as `NAME=NUMBER` lines: severities, states, what could not be read.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn counts(&self, out: &mut dyn io::Write) -> io::Result<()> {
        for (name, severity) in [("errors", Severity::Error), ("warnings", Severity::Warning), ("notes", Severity::Info)] {
            writeln!(out, "{name}={}", self.count(severity))?;
        }
        for state in [State::New, State::Worse, State::Better, State::Unchanged, State::Fixed] {
            writeln!(out, "{}={}", state.as_str(), self.states(state))?;
        }
        writeln!(out, "unread={}", self.unread())
    }

    /// A complete run without drift: the only one after which "resolved" may be said.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.exit == 0 && self.unread() == 0 && self.count(Severity::Error) == 0
    }

    /// Is there something to say on a pull request? With a base revision: what is new or worse; without: errors and
    /// warnings; and in any case that the run could not tell.
    #[must_use]
    pub fn speaks(&self) -> bool {
        let changed = || self.states(State::New) + self.states(State::Worse) > 0;
        let present = || self.present().any(|f| f.severity > Severity::Info);
        self.exit != 0 || self.unread() > 0 || if self.has_base() { changed() } else { present() }
    }
}
