//! Would these two be drift? The comparison of two statements of software.

use super::Relation;
use crate::inventory::{Flag, Software};

/// The answer of a comparison; the words of the JSON report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The same version.
    Same,
    /// The shorter statement covers the longer.
    Covers,
    /// Same version; other base, vendor, build or extension.
    Flavour,
    /// Other patch.
    Patch,
    /// Other minor.
    Minor,
    /// Other major series.
    Major,
    /// Other software.
    KindMismatch,
    /// A side names no version.
    Unpinned,
    /// Cannot be compared.
    Incomparable,
    /// `to` has it alone.
    MissingFrom,
    /// `from` has it alone.
    MissingTo,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Covers => "covers",
            Self::Flavour => "flavour",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::KindMismatch => "kind-mismatch",
            Self::Unpinned => "unpinned",
            Self::Incomparable => "incomparable",
            Self::MissingFrom => "missing-from",
            Self::MissingTo => "missing-to",
        }
    }
}

/// A verdict and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// How the kinds relate, for a kind mismatch.
    pub relation: Option<Relation>,
    /// Words beside it, sorted.
    pub flags: Vec<Flag>,
    /// Which side is newer, where versions differ: `Less` when `from` is older.
    pub direction: Option<std::cmp::Ordering>,
    /// The reason, one lower-case sentence without a full stop.
    pub because: String,
}

/// Compares what development (`from`) and production (`to`) state. Antisymmetric but for the words of sides.
#[must_use]
pub fn compare(from: &Software, to: &Software) -> Outcome {
    let _ = (from, to);
    todo!()
}
