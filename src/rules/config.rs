//! Environment variables: keys set on one side and not on the other; never a value.

pub mod dangling_reference;
pub mod keys;
pub mod missing_in_dev;
pub mod missing_in_prod;
