//! Environment variables: keys set on one side and not on the other, and values that betray themselves; never a value.

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
