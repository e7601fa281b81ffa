//! Versions as tags and engine attributes state them.

/// What a tag or an attribute says about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum State {
    /// It names a version.
    Version,
    /// It names a channel that moves: `latest`, `stable`, `alpine`, nothing.
    #[default]
    Floating,
    /// It names a day.
    Date,
    /// It names something that cannot be compared: a git sha, a digest alone, a code name.
    Opaque,
}

/// A version statement: components as far as they were written, and what stood beside them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    /// The text it was read from.
    pub text: String,
    /// What it says.
    pub state: State,
    /// Components, `15.7` → `[15, 7]`; their number is the precision.
    pub components: Vec<u64>,
    /// Pre-release: `rc1`, `beta3`; empty for none.
    pub prerelease: String,
    /// Build or packaging revision: `r4`, `37`.
    pub revision: Vec<String>,
    /// Base system, variant, features: `alpine3.19`, `management`.
    pub flavours: Vec<String>,
    /// Version of the extension that the tag states (`16-3.4` of postgis).
    pub extension: Option<String>,
}

impl Version {
    /// Components joined by dots: what reports show as the version. `None` when the state is no version or date.
    #[must_use]
    pub fn number(&self) -> Option<String> {
        if self.components.is_empty() {
            return None;
        }
        let numbers: Vec<String> = self.components.iter().map(u64::to_string).collect();
        Some(numbers.join("."))
    }
}
