//! Questions to the world outside the files; each may be answered with why it is not known.

pub mod deployments;
mod endoflife;
pub mod git;
pub mod github;
pub mod http;
pub mod online;
pub mod process;
pub mod registry;
pub mod time;

pub use online::World;
