//! Something that could not be read or understood.

use crate::rules::Severity;
use crate::source::{Location, Source};

/// Something that could not be read or understood. It travels to the report and is never dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Error: what the comparison needs is missing, so "no drift" cannot be said. Warning and info: it can.
    pub severity: Severity,
    /// Where; the first character of a file where it is about the whole of it.
    pub at: Option<Location>,
    /// One lower-case sentence without a full stop. Never quotes a value.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What it is, where that decides something.
    pub kind: ProblemKind,
}

/// What a problem is, where that decides something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// Anything that was not read or not understood.
    #[default]
    Other,
    /// An environment has no manifest: nothing is missing of what was read.
    NoManifest,
}

impl Problem {
    /// An error about a whole file: "`path` MESSAGE" is how it reads.
    pub fn file(path: &str, message: impl AsRef<str>) -> Self {
        Self::at(Source::new(path, "").whole(), format!("`{path}` {}", message.as_ref()))
    }

    /// An error at a place.
    pub fn at(at: Location, message: impl Into<String>) -> Self {
        Self { at: Some(at), ..Self::of_run(message) }
    }

    /// An error of the run as a whole, which has no place.
    pub fn of_run(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, at: None, message: message.into(), help: None, kind: ProblemKind::default() }
    }

    /// The same problem as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same problem as information.
    #[must_use]
    pub fn info(mut self) -> Self {
        self.severity = Severity::Info;
        self
    }

    /// The same problem with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
