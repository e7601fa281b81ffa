//! Who ships: aggregates alone, off unless asked for, and never a name.

pub mod disjoint_teams;
