//! Errors that end the run before there is a report (exit 2): message, help, place.

use crate::source::Location;

/// Why a run could not be made at all. All else is a [`crate::report::Problem`] in the report.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// One lower-case sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where, in the configuration.
    pub at: Option<Location>,
}

impl Error {
    /// An error of usage or configuration (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, at: None }
    }

    /// The same error at a place.
    #[must_use]
    pub fn at(mut self, at: Location) -> Self {
        self.at = Some(at);
        self
    }

    /// The same error with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
