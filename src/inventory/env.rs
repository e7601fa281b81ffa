//! Environment variables: keys, and values that may be asked but never shown.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::sync::Arc;

use crate::limits::listed;
use crate::source::Location;

mod questions;

pub use questions::Host;
mod reach;

/// Where a key came from, as the JSON report spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnvSource {
    /// `environment` of compose and its relatives.
    Environment,
    /// A file that `env_file` names.
    EnvFile,
    /// `env` of a container.
    Env,
    /// A ConfigMap, by key or as a whole.
    ConfigMap,
    /// A Secret (also sealed, external), by key or as a whole.
    Secret,
    /// The downward API, the platform itself.
    Injected,
    /// `ENV` of the Dockerfile.
    Dockerfile,
    /// An add-on, a binding or a relationship that the platform turns into the key.
    Binding,
}

impl EnvSource {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::EnvFile => "env_file",
            Self::Env => "env",
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
            Self::Injected => "injected",
            Self::Dockerfile => "dockerfile",
            Self::Binding => "binding",
        }
    }
}

/// The value of an environment variable. It has no `Display` and a redacted `Debug`; rules ask it questions.
#[derive(Clone, PartialEq, Eq)]
pub enum EnvValue {
    /// A value is written.
    Set(Text),
    /// Written and empty.
    Empty,
    /// A pass-through that nothing resolves, or `null`.
    Unset,
    /// The key is set from elsewhere (a Secret, a store): the value is not in the manifests. Says what holds it.
    Elsewhere(String),
    /// The value is an expression that could not be resolved: the reason, without any value.
    Unknown(String),
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Box<str>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl fmt::Debug for EnvValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.state())
    }
}

impl EnvValue {
    /// A written value; [`EnvValue::Empty`] for the empty text.
    #[must_use]
    pub fn set(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Set(Text(text.into())) }
    }

    /// How many bytes are written, or say why none are.
    fn len(&self) -> usize {
        match self {
            Self::Set(Text(text)) => text.len(),
            Self::Elsewhere(text) | Self::Unknown(text) => text.len(),
            Self::Empty | Self::Unset => 0,
        }
    }

    /// The word in reports: `set`, `empty`, `unset`, `unknown`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self {
            Self::Set(_) | Self::Elsewhere(_) => "set",
            Self::Empty => "empty",
            Self::Unset => "unset",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// One environment variable of a service.
#[derive(Debug, Clone)]
pub struct EnvVar {
    /// The key and where it is written. Its value is known for every key that is listed.
    pub key: String,
    /// Where the key is set.
    pub at: Location,
    /// Its value.
    pub value: EnvValue,
    /// Where it came from.
    pub source: EnvSource,
    /// May be absent without harm (`optional: true`, `required: false`).
    pub optional: bool,
    /// It overrides an earlier statement of the same key with another value: where that was.
    pub shadows: Option<Location>,
    /// What it refers to: the ConfigMap or Secret and its key, for messages.
    pub refers_to: Option<String>,
    /// The object that it refers to is declared in the same manifests and has no such key.
    pub dangling: bool,
    /// The value is what its own text falls back to (`${VAR:-this}`): nothing sets the variable.
    pub by_default: bool,
}

impl EnvVar {
    /// A key with a value at a place.
    pub fn new(key: impl Into<String>, at: Location, value: EnvValue, source: EnvSource) -> Self {
        Self { key: key.into(), at, value, source, optional: false, shadows: None, refers_to: None, dangling: false, by_default: false }
    }

    /// Does an add-on set it, whether the app reads it or not?
    #[must_use]
    pub fn is_of_an_addon(&self) -> bool {
        self.source == EnvSource::Binding && matches!(&self.value, EnvValue::Elsewhere(what) if what.starts_with("the add-on"))
    }
}

/// A source of keys that could not be listed: missing keys may come from it, so nothing is provable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlistedKeys {
    /// Why: "`app-secrets` is in no manifest", "`.env` does not exist".
    pub why: String,
    /// Where it is named.
    pub at: Location,
    /// Only keys with this prefix can come from it.
    pub prefix: String,
}

/// The environment variables of a service: what could be listed, and what could not.
#[derive(Debug, Clone, Default)]
pub struct Environ {
    /// Listed keys, the effective statement of each, sorted by key.
    pub vars: Vars,
    /// Sources that could not be listed.
    pub unlisted: Vec<UnlistedKeys>,
}

/// Variables, one of each key, in the order of the keys. Copies share what they hold.
#[derive(Debug, Default)]
pub struct Vars(Arc<BTreeMap<String, EnvVar>>);

impl Clone for Vars {
    /// The same variables; none past the limit of a reading ([`crate::limits::Listed`]), which the reading says.
    fn clone(&self) -> Self {
        if listed::take(self.len()) { Self(Arc::clone(&self.0)) } else { Self::default() }
    }
}

impl Vars {
    /// In the order of the keys.
    pub fn iter(&self) -> btree_map::Values<'_, String, EnvVar> {
        self.0.values()
    }

    /// In the order of the keys, to be changed; a key stays what it is.
    pub fn iter_mut(&mut self) -> btree_map::ValuesMut<'_, String, EnvVar> {
        Arc::make_mut(&mut self.0).values_mut()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'v> IntoIterator for &'v Vars {
    type Item = &'v EnvVar;
    type IntoIter = btree_map::Values<'v, String, EnvVar>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'v> IntoIterator for &'v mut Vars {
    type Item = &'v mut EnvVar;
    type IntoIter = btree_map::ValuesMut<'v, String, EnvVar>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Bytes of key and value for which a variable counts as one more.
const PER_VARIABLE: usize = 64;

impl Environ {
    /// The variable of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&EnvVar> {
        self.vars.0.get(key)
    }

    /// Sets a key; a later statement wins over an earlier one and remembers what it hides. Past the limit of a reading
    /// ([`crate::limits::Listed`]) no key comes to it.
    pub fn set(&mut self, mut var: EnvVar) {
        if let Some(earlier) = self.vars.0.get(&var.key).filter(|e| e.value != var.value && e.at != var.at) {
            var.shadows = Some(earlier.at.clone());
        }
        let size = 1 + (var.key.len() + var.value.len()) / PER_VARIABLE;
        let vars = Arc::make_mut(&mut self.vars.0);
        match vars.get_mut(&var.key) {
            Some(place) => *place = var,
            None if listed::take(size) => drop(vars.insert(var.key.clone(), var)),
            None => {}
        }
    }

    /// Has what is being read come to the limit of variables? Then no key more is listed, and there is no need to look for any.
    #[must_use]
    pub fn is_full() -> bool {
        listed::is_full()
    }
}

#[cfg(test)]
impl EnvValue {
    /// Is it this text, or without value? For tests alone, which keep values in memory.
    pub(crate) fn is(&self, text: Option<&str>) -> bool {
        match self {
            Self::Set(own) => text == Some(&own.0),
            Self::Empty => text == Some(""),
            Self::Unset => text.is_none(),
            Self::Elsewhere(_) | Self::Unknown(_) => false,
        }
    }
}
