//! Which service of one environment is which of the other, and why.

use crate::catalogue::compare::Outcome;
use crate::inventory::{Inventory, Role, Service};

/// Two services that are the same need, or one whose other side is missing.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The name under which it is reported: `from`'s, else `to`'s.
    pub name: String,
    /// Backing or workload.
    pub role: Role,
    /// In the first environment.
    pub from: Option<&'a Service>,
    /// In the second.
    pub to: Option<&'a Service>,
    /// Why these two: "only PostgreSQL on each side".
    pub because: String,
    /// What comparing their software says; for workloads of their images.
    pub outcome: Outcome,
}

/// Pairs the services of two inventories. Every service is in exactly one pair; the order is that of names.
#[must_use]
pub fn pair<'a>(from: &'a Inventory, to: &'a Inventory) -> Vec<Pair<'a>> {
    let _ = (from, to);
    Vec::new()
}
