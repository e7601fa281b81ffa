//! Findings, of this run or read back → how many there are of a severity and of a state.

use crate::finding::{Finding, State};
use crate::rules::Severity;

use super::stored::StoredFinding;

/// What is counted.
pub trait Counted {
    /// How much it matters.
    fn severity(&self) -> Severity;

    /// What became of it since the base revision.
    fn state(&self) -> Option<State>;

    /// Is it there now?
    fn is_present(&self) -> bool {
        self.state() != Some(State::Fixed)
    }
}

impl Counted for Finding {
    fn severity(&self) -> Severity {
        self.severity
    }

    fn state(&self) -> Option<State> {
        self.state
    }
}

impl Counted for StoredFinding {
    fn severity(&self) -> Severity {
        self.severity
    }

    fn state(&self) -> Option<State> {
        self.state
    }
}

/// Those that are there now: all but what is fixed.
pub fn present<F: Counted>(findings: &[F]) -> impl Iterator<Item = &F> {
    findings.iter().filter(|f| f.is_present())
}

/// How many that are there now have a severity.
#[must_use]
pub fn count<F: Counted>(findings: &[F], severity: Severity) -> usize {
    present(findings).filter(|f| f.severity() == severity).count()
}

/// How many have a state.
#[must_use]
pub fn states<F: Counted>(findings: &[F], state: State) -> usize {
    findings.iter().filter(|f| f.state() == Some(state)).count()
}
