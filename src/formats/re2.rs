//! A regular expression as Go has it → one that ends in little time (github.com/google/re2: Syntax).
//!
//! Expressions are over bytes: `\d`, `\w` and `\b` are those of ASCII, as in Go.

use regex::bytes::{Regex, RegexBuilder};

/// Largest compiled expression, in bytes.
const LARGEST: usize = 64 * 1024;

/// An expression; `None` where it is none, is too large, or asks for more than that (classes of Unicode).
pub(super) fn expression(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).unicode(false).size_limit(LARGEST).build().ok()
}
