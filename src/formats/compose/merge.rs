//! One tree over another: files of a project, and services over what they extend (compose-spec: 13-merge; compose-go:
//! `override`). Both are in the form that `canonical` gives them. Every node keeps the place it came from.

use std::collections::BTreeMap;

use super::keys::{items, unique};
use crate::document::{Content, Entry, Node};
use crate::source::Location;

/// Deepest path at which trees are merged; below it the new one replaces.
const DEPTH: usize = 64;

/// Merges trees, and remembers what cannot be merged.
#[derive(Default)]
pub(super) struct Merger {
    /// Places of values of another form than what they override.
    pub(super) conflicts: Vec<Location>,
    path: Vec<String>,
}

impl Merger {
    /// Puts one whole tree over another.
    pub(super) fn over(&mut self, base: Node, new: Node) -> Node {
        self.path.clear();
        self.merge(base, new)
    }

    /// Puts a service over what it extends.
    pub(super) fn over_service(&mut self, base: Node, new: Node) -> Node {
        self.path = vec!["services".into(), String::new()];
        self.merge(base, new)
    }

    fn merge(&mut self, base: Node, new: Node) -> Node {
        if new.tag.as_deref() == Some("!override") || self.path.len() > DEPTH || self.replaces() {
            return new;
        }
        if new.is_null() && !self.null_wins() {
            return base;
        }
        match (base.content, new.content) {
            (Content::Mapping(old), Content::Mapping(entries)) => {
                Node { content: Content::Mapping(self.mapping(old, entries)), at: base.at, tag: base.tag }
            }
            (Content::Sequence(mut old), Content::Sequence(entries)) => {
                old.extend(entries);
                let content = Content::Sequence(self.unique(old));
                Node { content, at: new.at, tag: new.tag }
            }
            (Content::Mapping(_) | Content::Sequence(_), content)
            | (content @ Content::Scalar(..), Content::Mapping(_) | Content::Sequence(_)) => {
                self.conflicts.push(new.at.clone());
                Node { content, at: new.at, tag: new.tag }
            }
            (_, content) => Node { content, at: new.at, tag: new.tag },
        }
    }

    fn mapping(&mut self, old: Vec<Entry>, new: Vec<Entry>) -> Vec<Entry> {
        let mut out: Vec<Option<Entry>> = unique(old).into_iter().map(Some).collect();
        let mut index: BTreeMap<String, usize> = BTreeMap::new();
        for (i, entry) in out.iter().flatten().enumerate() {
            index.insert(entry.key.text().unwrap_or_default().to_owned(), i);
        }
        for entry in new {
            let key = entry.key.text().unwrap_or_default().to_owned();
            let slot = index.get(&key).and_then(|i| out.get_mut(*i));
            let reset = entry.value.tag.as_deref() == Some("!reset");
            let old = slot.and_then(Option::take);
            let merged = match old {
                _ if reset => None,
                Some(old) => {
                    self.path.push(key.clone());
                    let value = self.merge(old.value, entry.value);
                    self.path.pop();
                    Some(Entry { key: entry.key, value })
                }
                None => Some(entry),
            };
            match index.get(&key).and_then(|i| out.get_mut(*i)) {
                Some(slot) => *slot = merged,
                None => {
                    index.insert(key, out.len());
                    out.push(merged);
                }
            }
        }
        out.into_iter().flatten().collect()
    }

    fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// Is a value replaced as a whole?
    fn replaces(&self) -> bool {
        matches!(
            self.path()[..],
            ["services", _, "command" | "entrypoint"] | ["services", _, "healthcheck", "test"] | ["services", _, "ulimits", _]
        )
    }

    /// A key without value hides what it overrides where mappings stand for lists of `KEY=value`.
    fn null_wins(&self) -> bool {
        matches!(
            self.path()[..],
            ["services", _, "environment" | "labels" | "annotations" | "sysctls", _] | ["services", _, "build", "args" | "labels", _]
        )
    }

    /// The items of a list with each once, by what Compose tells them apart with.
    fn unique(&self, items: Vec<Node>) -> Vec<Node> {
        let key: fn(&Node) -> Option<String> = match self.path()[..] {
            ["services", _, "ports"] => port_key,
            ["services", _, "volumes" | "devices"] => target_key,
            ["services", _, "env_file"] => |n| Some(n.text_at(&["path"])?.to_owned()),
            ["services", _, "expose" | "dns" | "dns_opt" | "dns_search" | "cap_add" | "cap_drop" | "profiles" | "links" | "tmpfs"] => {
                |n| Some(n.text()?.to_owned())
            }
            _ => return items,
        };
        let mut out: Vec<Node> = Vec::new();
        let mut index: BTreeMap<String, usize> = BTreeMap::new();
        for item in items {
            let key = key(&item);
            match key.as_ref().and_then(|k| index.get(k)).and_then(|i| out.get_mut(*i)) {
                Some(old) => *old = item,
                None => {
                    index.extend(key.map(|k| (k, out.len())));
                    out.push(item);
                }
            }
        }
        out
    }
}

/// A port is told apart by address, published port, target and protocol.
fn port_key(node: &Node) -> Option<String> {
    if let Some(text) = node.text() {
        return Some(if text.contains('/') { text.to_owned() } else { format!("{text}/tcp") });
    }
    let part = |key| node.text_at(&[key]).unwrap_or_default();
    let before: Vec<&str> = [part("host_ip"), part("published"), part("target")].into_iter().filter(|p| !p.is_empty()).collect();
    let protocol = node.text_at(&["protocol"]).unwrap_or("tcp");
    Some(format!("{}/{protocol}", before.join(":")))
}

/// A mount is told apart by where it is mounted.
fn target_key(node: &Node) -> Option<String> {
    match node.text() {
        Some(text) => text.split(':').nth(1).or(Some(text)).map(str::to_owned),
        None => Some(node.text_at(&["target"])?.to_owned()),
    }
}

/// Drops what a first tree resets: there is nothing below it.
pub(super) fn without_resets(node: Node) -> Node {
    let Node { content, at, tag } = node;
    let content = match content {
        Content::Mapping(entries) => Content::Mapping(
            entries
                .into_iter()
                .filter(|e| e.value.tag.as_deref() != Some("!reset"))
                .map(|e| Entry { key: e.key, value: without_resets(e.value) })
                .collect(),
        ),
        Content::Sequence(list) => {
            let list = Node { content: Content::Sequence(list), at: at.clone(), tag: None };
            let kept = items(list).into_iter().filter(|i| i.tag.as_deref() != Some("!reset"));
            Content::Sequence(kept.map(without_resets).collect())
        }
        other => other,
    };
    Node { content, at, tag }
}

/// Do two trees say the same, wherever they say it?
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.content, &b.content) {
        (Content::Mapping(a), Content::Mapping(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key.text() == b.key.text() && same(&a.value, &b.value))
        }
        (Content::Sequence(a), Content::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Content::Empty, Content::Empty) => true,
        _ => a.text().is_some() && a.text() == b.text(),
    }
}
