//! Environment variables: keys set on one side and not on the other, and values that betray themselves; never a value.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::finding::{Finding, Which};
use crate::inventory::{Process, Role, Service};
use crate::pair::Pair;
use crate::rules::Comparison;

pub mod backing_scheme;
pub mod dangling_reference;
pub mod dev_value_in_prod;
pub mod empty_in_prod;
pub mod fallback_differs;
pub mod keys;
pub mod likely_renamed;
pub mod literal_secret;
pub mod missing_in_dev;
pub mod missing_in_prod;
pub mod placeholder_secret;
mod secrets;
pub mod shadowed;
mod smells;
pub mod undocumented;

/// Asks about every pair, and keeps of the findings at one place of a side the first: a line that many services read is
/// one line to mend.
fn once_a_place(comparison: &Comparison<'_>, side: Which, of: impl Fn(&Pair<'_>) -> Vec<Finding>) -> Vec<Finding> {
    if comparison.is_of_one_side() {
        return Vec::new();
    }
    // A file that many read is the app's: it serves, it is on both sides, it needs most of the others.
    let needs = |s: &Service| (s.process != Process::Service, Reverse(s.needs.len()));
    let rank = |p: &&Pair<'_>| (p.role != Role::Workload, p.from.is_none(), p.to.map(needs));
    let mut pairs: Vec<&Pair<'_>> = comparison.pairs.iter().collect();
    pairs.sort_by_key(rank);
    let mut seen = BTreeSet::new();
    let all = pairs.into_iter().flat_map(of);
    all.filter(|f| {
        f.places.iter().rfind(|p| p.side == side).is_none_or(|p| seen.insert((f.subject.clone(), p.at.path().to_owned(), p.at.span())))
    })
    .collect()
}
