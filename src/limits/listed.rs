//! How many variables one run may list: a file that every service reads makes as many of them as services times keys.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the manifests of a workspace have listed so far, and how often there was no room for more.
///
/// Every list that is made counts, and so does every copy of one.
#[derive(Debug, Default)]
pub struct Listed {
    listed: AtomicUsize,
    refused: AtomicUsize,
}

/// A reading that counts.
struct Scope {
    all: Arc<Listed>,
    most: usize,
    full: bool,
}

thread_local! {
    /// The reading of this thread. Formats make variables in many places, and none of them may forget to count.
    static SCOPE: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

impl Listed {
    /// Counts the variables that `read` lists on this thread; says too whether there were more than `most` in all.
    pub fn count<T>(self: &Arc<Self>, most: usize, read: impl FnOnce() -> T) -> (T, bool) {
        // A thread that waits for others may begin another reading within this one.
        let outer = SCOPE.replace(Some(Scope { all: Arc::clone(self), most, full: false }));
        let out = read();
        (out, SCOPE.replace(outer).is_some_and(|scope| scope.full))
    }

    /// (listed, refused)
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.listed.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    /// Forgets what was counted since.
    pub(crate) fn back_to(&self, (listed, refused): (usize, usize)) {
        self.listed.store(listed, Ordering::Relaxed);
        self.refused.store(refused, Ordering::Relaxed);
    }
}

/// Takes room for more variables; false where there is none.
pub(crate) fn take(more: usize) -> bool {
    SCOPE.with_borrow_mut(|scope| {
        let Some(scope) = scope else { return true };
        let before = scope.all.listed.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) <= scope.most {
            return true;
        }
        if !scope.full {
            scope.full = true;
            scope.all.refused.fetch_add(1, Ordering::Relaxed);
        }
        false
    })
}

/// Has this reading come to its limit?
pub(crate) fn is_full() -> bool {
    SCOPE.with_borrow(|scope| scope.as_ref().is_some_and(|scope| scope.full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ};
    use crate::source::Source;

    fn add(environ: &mut Environ, keys: &[&str]) {
        let at = Source::new("x", "").whole();
        keys.iter().for_each(|key| environ.set(EnvVar::new(*key, at.clone(), EnvValue::Empty, EnvSource::Env)));
    }

    #[test]
    fn at_the_limit_all_is_listed_and_past_it_that_is_said() {
        let all = Arc::new(Listed::default());
        let (first, full) = all.count(4, || {
            let mut environ = Environ::default();
            add(&mut environ, &["A", "B", "A"]);
            let copy = environ.clone();
            (environ.vars.len(), copy.vars.len())
        });
        assert_eq!((first, full), ((2, 2), false), "a key that is set again is one");
        let mark = all.mark();
        let (len, full) = all.count(4, || {
            let mut environ = Environ::default();
            add(&mut environ, &["A"]);
            assert!(Environ::is_full());
            environ.vars.len()
        });
        assert_eq!((len, full), (0, true));
        assert!(!Environ::is_full() && all.mark().1 == 1);
        all.back_to(mark);
        assert_eq!(all.mark(), mark);
    }

    #[test]
    fn a_reading_within_another_is_counted_and_said_by_itself() {
        let all = Arc::new(Listed::default());
        let ((inner, own), outer) = all.count(1, || {
            let mut environ = Environ::default();
            add(&mut environ, &["A"]);
            all.count(1, || add(&mut Environ::default(), &["B"]))
        });
        assert_eq!((inner, own, outer), ((), true, false));
    }

    #[test]
    fn outside_of_a_reading_nothing_is_counted() {
        let mut environ = Environ::default();
        add(&mut environ, &["A", "B"]);
        assert_eq!(environ.clone().vars.len(), 2);
    }
}
