//! `parity` compares what a team develops on with what it ships.
//!
//! Data takes one straight line, one module per word, and moves only to the right:
//!
//! ```text
//! options → config → discover → read → ask → pair → compare → filter → Report → render → publish → exit
//!                               formats  outside        rules    exceptions, base       GitHub
//! ```
//!
//! Nothing left of [`report::Report`] prints; nothing right of it decides. What could not be understood is a
//! [`report::Problem`] that travels along: it is never dropped and never replaced by a default.
//!
//! Start with [`run`], which holds the line, then read the modules in the order below.

pub mod cli;
pub mod run;
pub mod config;
pub mod limits;
pub mod progress;
pub mod workspace;
pub mod source;
pub mod document;
pub mod discover;
pub mod inventory;
pub mod catalogue;
pub mod formats;
pub mod ask;
pub mod pair;
pub mod rules;
pub mod finding;
pub mod filter;
pub mod fix;
pub mod export;
pub mod report;
pub mod publish;
pub mod error;
