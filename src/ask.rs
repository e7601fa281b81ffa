//! Questions to the world outside the files; each may be answered with why it is not known.

pub mod process;
