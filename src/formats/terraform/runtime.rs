//! The runtime of a function or an app → software.

use crate::catalogue::runtime;
use crate::document::Node;
use crate::inventory::{Fact, Software};

/// The software of an identifier (`nodejs20.x`).
pub(super) fn read(node: &Node) -> Option<Fact<Software>> {
    Some(Fact::known(runtime(node.text()?)?, node.at.clone()))
}

/// The software of an argument of Azure's `application_stack`: its name without `_version`, and `20-lts`, `v8.0`.
pub(super) fn stack(language: &str, node: &Node) -> Option<Fact<Software>> {
    let text = node.text().filter(|t| t.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '~' | 'v')))?;
    let software = runtime(&format!("{language}|{text}"))?;
    Some(Fact::known(Software { text: text.to_owned(), ..software }, node.at.clone()))
}
