//! A finding: its total order and its fingerprint.

use sha2::{Digest, Sha256};

use crate::inventory::{Fact, Software};
use crate::rules::Severity;
use crate::source::Location;

/// The two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The first environment, usually `dev`.
    From,
    /// The second, usually `prod`.
    To,
}

/// A place that a finding quotes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Whose place it is.
    pub side: Which,
    /// Where.
    pub at: Location,
    /// What is to be seen there: a few words. Never a value of an environment variable.
    pub label: String,
    /// The text at the place may hold a value of an environment variable: show the place, not the text.
    pub secret: bool,
}

impl Place {
    /// A place whose text may be shown.
    pub fn new(side: Which, at: Location, label: impl Into<String>) -> Self {
        Self { side, at, label: label.into(), secret: false }
    }

    /// A place whose text is never shown.
    pub fn secret(side: Which, at: Location, label: impl Into<String>) -> Self {
        Self { side, at, label: label.into(), secret: true }
    }
}

/// Against the base revision: what became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Not there before.
    New,
    /// There before, with a lower severity.
    Worse,
    /// There before, with a higher severity.
    Better,
    /// There before.
    Unchanged,
    /// There before, gone now.
    Fixed,
}

impl State {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Unchanged => "unchanged",
            Self::Fixed => "fixed",
        }
    }
}

/// What would mend a finding on the first side; [`crate::fix`] finds the text to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// The first side is to state the version of the second.
    Version {
        /// Every statement of it on the first side.
        stated: Vec<Fact<Software>>,
        /// What the second side states.
        to: Box<Fact<Software>>,
    },
    /// A key is to be named where the first side names its keys.
    Key {
        /// The key.
        key: String,
        /// Where the service of the first side is declared.
        service: Location,
    },
}

/// One difference that a rule reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How much it matters, after configuration.
    pub severity: Severity,
    /// The first environment.
    pub from: String,
    /// The second environment.
    pub to: String,
    /// The part of the repository; "" is the whole.
    pub unit: String,
    /// The service it is about: the pair's name.
    pub service: String,
    /// What of the service: a kind, a key, an image.
    pub subject: String,
    /// One lower-case sentence: what differs and why it matters.
    pub message: String,
    /// What to change, where it can be known.
    pub help: Option<String>,
    /// The places, `from`'s first; at least one. The first is the primary place.
    pub places: Vec<Place>,
    /// What became of it since the base revision.
    pub state: Option<State>,
    /// How to mend it, where a rule knows.
    pub fix: Option<Fix>,
    /// Since when its two places differ (a day), from history.
    pub since: Option<String>,
}

impl Finding {
    /// A stable name: a hash of rule, comparison, service and subject; nothing positional.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let unit = Some(self.unit.as_str()).filter(|unit| !unit.is_empty());
        for part in [self.rule, &self.from, &self.to, &self.service, &self.subject].into_iter().chain(unit) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
    }

    /// Was it not there before, or with a lower severity? True of every finding where nothing is known of before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        match self.state {
            None | Some(State::New | State::Worse) => true,
            Some(State::Better | State::Unchanged | State::Fixed) => false,
        }
    }

    /// The environment of a side.
    #[must_use]
    pub fn environment(&self, side: Which) -> &str {
        match side {
            Which::From => &self.from,
            Which::To => &self.to,
        }
    }

    /// The key of the total order: most severe first, then rule, service, subject, places.
    fn order(&self) -> impl Ord + '_ {
        (
            std::cmp::Reverse(self.severity),
            self.rule,
            &self.unit,
            &self.from,
            &self.to,
            &self.service,
            &self.subject,
            &self.places,
            &self.message,
        )
    }
}

impl PartialOrd for Finding {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Finding {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}
