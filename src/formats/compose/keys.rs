//! Mappings with `<<` or with a key that stands twice → plain mappings.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Content, Entry, Node};
use crate::source::Location;

/// Resolves `<<` everywhere, also inside what is merged (yaml.org/type/merge: the mapping's own keys win, then the source
/// named first). Nodes are moved and never copied, so the tree does not grow. The places of sources that are no mapping go to
/// `wrong`.
pub(crate) fn merge_keys(node: Node, wrong: &mut Vec<Location>) -> Node {
    let Node { content, at, tag } = node;
    let content = match content {
        Content::Sequence(items) => Content::Sequence(items.into_iter().map(|i| merge_keys(i, wrong)).collect()),
        Content::Mapping(entries) => {
            let (merges, mut out): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|e| e.key.text() == Some("<<"));
            for entry in &mut out {
                take(&mut entry.value, |value| merge_keys(value, wrong));
            }
            if !merges.is_empty() {
                let mut have: BTreeSet<String> = out.iter().filter_map(|e| e.key.text().map(str::to_owned)).collect();
                for source in merges.into_iter().flat_map(|m| if m.value.is_sequence() { items(m.value) } else { vec![m.value] }) {
                    let at = source.at.clone();
                    match merge_keys(source, wrong).content {
                        Content::Mapping(entries) => {
                            out.extend(entries.into_iter().filter(|e| e.key.text().is_some_and(|k| have.insert(k.to_owned()))));
                        }
                        _ => wrong.push(at),
                    }
                }
            }
            Content::Mapping(out)
        }
        other => other,
    };
    Node { content, at, tag }
}

/// The items of a list, by value.
pub(super) fn items(node: Node) -> Vec<Node> {
    match node.content {
        Content::Sequence(items) => items,
        _ => Vec::new(),
    }
}

/// Changes a node in its place.
pub(super) fn take(node: &mut Node, change: impl FnOnce(Node) -> Node) {
    let empty = Node { content: Content::Empty, at: node.at.clone(), tag: None };
    *node = change(std::mem::replace(node, empty));
}

/// The entries of a mapping with each key once: at the place of its first, with what its last says.
pub(super) fn unique(entries: Vec<Entry>) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let key = entry.key.text().unwrap_or_default().to_owned();
        match index.get(&key).and_then(|i| out.get_mut(*i)) {
            Some(old) => *old = entry,
            None => {
                index.insert(key, out.len());
                out.push(entry);
            }
        }
    }
    out
}
