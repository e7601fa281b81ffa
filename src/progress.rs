//! Which phase of a run has begun → whoever watches. The library shows nothing itself.

use std::fmt;
use std::sync::Arc;

/// Someone who watches.
pub trait Watch: Send + Sync {
    /// A phase begins, and the one before it is over.
    fn phase(&self, words: &'static str);
}

/// The phases of a run, as they begin. Nobody watches by default.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Watch>>);

impl Progress {
    /// Someone watches.
    #[must_use]
    pub fn new(watch: Arc<dyn Watch>) -> Self {
        Self(Some(watch))
    }

    /// A phase begins: a few words on what is done.
    pub fn phase(&self, words: &'static str) {
        if let Some(watch) = &self.0 {
            watch.phase(words);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress(..)")
    }
}
