//! What the user said, turned into what is meant.

use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::report::FailOn;

/// The options of a comparison.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The environments to compare; empty: every one against `prod`.
    pub from: Option<String>,
    /// The second environment.
    pub to: Option<String>,
    /// `environment → path`, in the order given.
    pub manifests: Vec<(String, String)>,
    /// Threshold of the exit.
    pub fail_on: FailOn,
    /// How manifests are read.
    pub read: ReadOptions,
    /// The day at which time is judged.
    pub today: jiff::civil::Date,
    /// The programs of the machine: git, and those that render manifests.
    pub programs: Programs,
}
