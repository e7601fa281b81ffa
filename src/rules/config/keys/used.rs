//! Which keys of a side the other side of the same service has too.

use std::collections::BTreeMap;

use crate::finding::Which;
use crate::inventory::EnvVar;
use crate::pair::Pair;
use crate::source::{Location, Span};

/// A key as one place (a file, an anchor, a ConfigMap) gives it, and the services of that side which have it on both sides.
type Given<'a> = (&'a str, &'a str, Span);

/// By what is given: the first two services that use it; more tell nothing.
pub(in crate::rules) struct UsedKeys<'a>(BTreeMap<Given<'a>, Vec<&'a Location>>);

impl<'a> UsedKeys<'a> {
    pub(in crate::rules) fn new(pairs: &'a [Pair<'a>], on: Which) -> Self {
        let mut out: BTreeMap<Given<'a>, Vec<&Location>> = BTreeMap::new();
        for pair in pairs {
            let (ours, theirs) = if on == Which::From { (pair.from, pair.to) } else { (pair.to, pair.from) };
            let Some((ours, theirs)) = ours.zip(theirs) else { continue };
            for var in ours.environ.vars.iter().filter(|v| theirs.environ.get(&v.key).is_some()) {
                let users = out.entry(given(var)).or_default();
                if users.len() < 2 && !users.contains(&&ours.at) {
                    users.push(&ours.at);
                }
            }
        }
        Self(out)
    }

    /// Does the same place give a key to a service beside the one at `here`, which has it on the other side too?
    pub(in crate::rules) fn beside(&self, var: &EnvVar, here: &Location) -> bool {
        self.0.get(&given(var)).is_some_and(|users| users.iter().any(|at| *at != here))
    }
}

fn given(var: &EnvVar) -> Given<'_> {
    (&var.key, var.at.path(), var.at.span())
}
