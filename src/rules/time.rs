//! How far production lags behind what is developed, from history.

use super::{Answered, Comparison, Meta};
use crate::ask::time::Entry;
use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::report::time::{days_since, short};

pub mod deploy_lag;
pub mod image_age;
pub mod stale_manifest;
pub mod unknown_revision;
pub mod version_spread;

/// What was measured of a pair, which is one of the comparison's own; entries are in the order of the pairs.
fn entry<'c>(pair: &Pair<'_>, comparison: &'c Comparison<'_>) -> Option<&'c Entry> {
    let (number, entries) = (comparison.number(pair)?, &comparison.context.time);
    entries.get(entries.binary_search_by_key(&number, |e| e.pair).ok()?)
}

/// Could git be asked, here or with another comparison?
fn is_measured(comparison: &Comparison<'_>) -> bool {
    matches!(comparison.context.history, Answered::InFull | Answered::Elsewhere)
}

/// Is of every service known which commit runs, and what waits behind it?
fn are_commits_known(comparison: &Comparison<'_>) -> bool {
    is_measured(comparison) && comparison.context.time.iter().all(|e| e.report.unknown.is_none())
}

/// A finding at the place that states production's image.
fn finding(meta: &'static Meta, pair: &Pair<'_>, comparison: &Comparison<'_>, entry: &Entry, message: String) -> Finding {
    let label = entry.report.tag.as_ref().map_or_else(String::new, |t| format!("production's tag `{t}`"));
    let place = pair.to.map(|s| Place::new(Which::To, s.stated_at().clone(), label));
    let subject = pair.to.and_then(|s| s.image()).map_or_else(|| pair.name.clone(), crate::inventory::ImageRef::name);
    comparison.finding(meta, &pair.name, subject, message, place.into_iter().collect())
}

/// `1 day`, `2 days`.
fn days(n: u32) -> String {
    crate::report::summary::count(n as usize, "day")
}
