//! One document as written → the form in which documents are merged: variables resolved, lists of `KEY=value` as mappings,
//! short forms as long ones, paths relative to the root (compose-go: `interpolation`, `transform`, `paths`).
//!
//! What cannot be resolved becomes [`Content::Expression`] with the reason; its place stays where it was written.

use super::interpolate::{closing, substitute};
use super::keys::{take, unique};
use super::schema::{self, Part};
use super::variables::Variables;
use crate::document::{Content, Entry, Node, Style};
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::join;

/// What a document is resolved with.
pub(super) struct Canonical<'c> {
    /// The file.
    pub(super) file: &'c str,
    /// The folder that paths are relative to.
    pub(super) dir: &'c str,
    pub(super) variables: &'c Variables,
    pub(super) problems: &'c mut Vec<Problem>,
}

impl Canonical<'_> {
    /// A whole document: `services` and `include`; of all else, what Compose would stop at.
    pub(super) fn document(&mut self, root: Node) -> Node {
        let Node { content, at, tag } = root;
        let Content::Mapping(entries) = content else { return Node { content, at, tag } };
        let mut out = Vec::new();
        let root = Node { content: Content::Mapping(entries), at: at.clone(), tag: None };
        for key in schema::unknown(&root, Part::Top) {
            let name = key.text().unwrap_or("a key that is no text").to_owned();
            self.problem(key, format!("`{}` has `{name}` at its top, which Compose refuses", self.file));
        }
        let Content::Mapping(entries) = root.content else { return Node { content: Content::Empty, at, tag } };
        for mut entry in entries {
            take(&mut entry.value, |value| self.resolved(value));
            match entry.key.text() {
                Some("services") => {
                    self.services(&mut entry.value);
                    out.push(entry);
                }
                Some("include") => out.push(entry),
                _ => {}
            }
        }
        Node { content: Content::Mapping(out), at, tag }
    }

    fn problem(&mut self, node: &Node, message: String) {
        self.problems.push(Problem::at(node.at.clone(), message));
    }

    fn services(&mut self, node: &mut Node) {
        if !node.is_mapping() && !node.is_null() {
            self.problem(node, "`services` is not a mapping".into());
        }
        let Content::Mapping(services) = &mut node.content else { return };
        for entry in services {
            let name = entry.key.text().unwrap_or_default().to_owned();
            let reset = entry.value.tag.as_deref() == Some("!reset");
            if !entry.value.is_mapping() && !reset {
                self.problem(&entry.key, format!("the service `{name}` is not a mapping"));
            }
            for key in schema::unknown(&entry.value, Part::Service) {
                let key_name = key.text().unwrap_or("a key that is no text");
                let message = format!("the service `{name}` has `{key_name}`, which Compose refuses");
                self.problems.push(Problem::at(key.at.clone(), message));
            }
            let Content::Mapping(entries) = &mut entry.value.content else { continue };
            for part in entries.iter_mut() {
                self.part(&name, part);
            }
        }
    }

    /// One key of a service.
    fn part(&mut self, service: &str, entry: &mut Entry) {
        let key = entry.key.text().unwrap_or_default().to_owned();
        let value = &mut entry.value;
        match key.as_str() {
            "environment" | "labels" | "annotations" | "sysctls" => {
                if !value.is_mapping() && !value.is_null() {
                    self.problem(value, format!("`{key}` of the service `{service}` is neither a list nor a mapping"));
                }
                for e in value.entries().iter().filter(|e| e.value.is_mapping() || e.value.is_sequence()) {
                    let message = format!("`{}` in `{key}` of the service `{service}` is not a scalar", e.key.text().unwrap_or_default());
                    self.problems.push(Problem::at(e.value.at.clone(), message));
                }
            }
            "depends_on" | "networks" | "models" => take(value, names_as_mapping),
            "dns" | "dns_search" | "tmpfs" if value.text().is_some() => take(value, listed),
            "build" => self.build(service, value),
            "env_file" => {
                if value.text().is_some() || value.is_mapping() {
                    take(value, listed);
                }
                if let Content::Sequence(items) = &mut value.content {
                    for item in items {
                        take(item, |item| under("path", item));
                        self.paths(item, "path");
                    }
                }
            }
            _ => {}
        }
    }

    fn build(&mut self, service: &str, node: &mut Node) {
        if !node.is_mapping() && !node.is_null() {
            take(node, |n| under("context", n));
        }
        for key in schema::unknown(node, Part::Build) {
            let message = format!("`build` of the service `{service}` has `{}`, which Compose refuses", key.text().unwrap_or_default());
            self.problems.push(Problem::at(key.at.clone(), message));
        }
        self.paths(node, "context");
    }

    /// Makes the path at a key of a mapping relative to the root.
    fn paths(&self, node: &mut Node, key: &str) {
        let Content::Mapping(entries) = &mut node.content else { return };
        for entry in entries.iter_mut().filter(|e| e.key.text() == Some(key)) {
            let Some(text) = entry.value.text() else { continue };
            let remote = text.contains("://") || text.starts_with("git@") || text.starts_with("github.com/");
            entry.value.content = match join(self.dir, text).filter(|_| !text.starts_with('~')) {
                Some(path) if !remote => Content::Scalar(path.into(), Style::Double),
                _ if remote => Content::Expression("it is not in this repository: it is fetched from the network".into()),
                _ => Content::Expression("it lies outside the root".into()),
            };
        }
    }

    /// Variables of every value, never of keys.
    fn resolved(&mut self, node: Node) -> Node {
        if let Some(text) = node.text() {
            let content = self.scalar(text, &node);
            return Node { content, at: node.at, tag: node.tag };
        }
        let Node { content, at, tag } = node;
        let content = match content {
            Content::Sequence(items) => Content::Sequence(items.into_iter().map(|i| self.resolved(i)).collect()),
            Content::Mapping(mut entries) => {
                for entry in &mut entries {
                    let pairs = entry.key.text().is_some_and(|k| PAIRS.contains(&k)) && entry.value.is_sequence();
                    take(&mut entry.value, |value| if pairs { self.pairs(value) } else { self.resolved(value) });
                }
                Content::Mapping(entries)
            }
            other => other,
        };
        Node { content, at, tag }
    }

    /// A scalar with its variables resolved: text from then on, whatever it looks like.
    fn scalar(&mut self, text: &str, node: &Node) -> Content {
        if !text.contains('$') {
            return node.content.clone();
        }
        match substitute(text, &|name| self.variables.get(name)) {
            Ok(text) => Content::Scalar(text.into(), Style::Double),
            Err(fault) => {
                self.variables.report(&fault, &node.at, self.file, self.problems);
                Content::Expression(fault.to_string().into())
            }
        }
    }

    /// A list of `KEY=value` as a mapping; the key stands where only the value is not known.
    fn pairs(&mut self, node: Node) -> Node {
        let Node { content, at, tag } = node;
        let Content::Sequence(items) = content else { return Node { content, at, tag } };
        let mut out = Vec::new();
        for item in items.into_iter().filter(|i| i.tag.as_deref() != Some("!reset")) {
            let Some(text) = item.text() else {
                self.problem(&item, "an item of a list of `KEY=value` is not a scalar".into());
                continue;
            };
            let (key, value) = match assigned(text) {
                Some((key, value)) => {
                    let key = self.scalar(key, &plain(key, &item));
                    (key, self.scalar(value, &Node { content: Content::Scalar(value.into(), Style::Double), ..item.clone() }))
                }
                // The whole text comes from a variable: it may bring its own `=`.
                None => match self.scalar(text, &plain(text, &item)) {
                    Content::Scalar(text, _) => match text.split_once('=') {
                        Some((key, value)) => (plain(key, &item).content, Content::Scalar(value.into(), Style::Double)),
                        None => (Content::Scalar(text, Style::Plain), Content::Empty),
                    },
                    other => (other, Content::Empty),
                },
            };
            if matches!(key, Content::Expression(_)) {
                // Without a name: keys that cannot be listed.
                let node = |content| Node { content, at: item.at.clone(), tag: None };
                out.push(Entry { key: node(key), value: node(Content::Empty) });
                continue;
            }
            let at = key_at(&item);
            let value = Node { content: value, at: item.at.clone(), tag: item.tag.clone() };
            out.push(Entry { key: Node { content: key, at, tag: None }, value });
        }
        Node { content: Content::Mapping(unique(out)), at, tag }
    }
}

/// Keys whose lists of `KEY=value` stand for mappings.
const PAIRS: [&str; 5] = ["environment", "labels", "annotations", "sysctls", "args"];

fn plain(text: &str, like: &Node) -> Node {
    Node { content: Content::Scalar(text.into(), Style::Plain), at: like.at.clone(), tag: None }
}

/// Where the key of an item stands: before its `=`, behind its quote.
fn key_at(item: &Node) -> Location {
    let text = item.at.text();
    let start = usize::from(text.starts_with(['"', '\'']));
    let end = text.find('=').unwrap_or_else(|| text.trim_end_matches(['"', '\'']).len());
    if start <= end { item.at.part(start, end) } else { item.at.clone() }
}

/// Splits `KEY=value` at the first `=` that is not inside `${...}`.
fn assigned(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let equals = rest.find('=')?;
        match rest.find("${").filter(|brace| *brace < equals) {
            Some(brace) => {
                let (_, after) = closing(rest.get(brace + 2..)?)?;
                from = text.len() - after.len();
            }
            None => return Some((text.get(..from + equals)?, text.get(from + equals + 1..)?)),
        }
    }
}

/// A short form as the mapping that it stands for. What is a mapping stays.
fn under(key: &str, node: Node) -> Node {
    if node.is_mapping() {
        return node;
    }
    let at = node.at.clone();
    let tag = node.tag.clone();
    let entry = Entry { key: plain(key, &node), value: Node { tag: None, ..node } };
    Node { content: Content::Mapping(vec![entry]), at, tag }
}

/// One item as a list of it.
fn listed(node: Node) -> Node {
    let (at, tag) = (node.at.clone(), node.tag.clone());
    Node { content: Content::Sequence(vec![Node { tag: None, ..node }]), at, tag }
}

/// A list of names as a mapping of them.
fn names_as_mapping(node: Node) -> Node {
    let Node { content, at, tag } = node;
    let content = match content {
        Content::Sequence(items) => {
            let entry = |item: Node| Entry { value: Node { content: Content::Empty, at: item.at.clone(), tag: None }, key: item };
            Content::Mapping(unique(items.into_iter().filter(|i| i.text().is_some()).map(entry).collect()))
        }
        other => other,
    };
    Node { content, at, tag }
}
