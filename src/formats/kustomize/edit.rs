//! Changes to trees: every node that stays keeps its place, every node that comes brings its own.

use crate::document::{Content, Entry, Node, Style};
use crate::source::Location;

/// A scalar with a text that is meant as text, at a place.
pub(in crate::formats) fn text(text: &str, at: &Location) -> Node {
    Node { content: Content::Scalar(text.into(), Style::Double), at: at.clone(), tag: None }
}

/// Something that is written at a place and could not be resolved: the reason.
pub(super) fn unknown(why: &str, at: &Location) -> Node {
    Node { content: Content::Expression(why.into()), at: at.clone(), tag: None }
}

/// A mapping at a place.
pub(in crate::formats) fn mapping(entries: Vec<(Node, Node)>, at: &Location) -> Node {
    let entries = entries.into_iter().map(|(key, value)| Entry { key, value }).collect();
    Node { content: Content::Mapping(entries), at: at.clone(), tag: None }
}

/// The entries of a mapping, for change; what is empty becomes a mapping.
pub(super) fn entries_mut(node: &mut Node) -> Option<&mut Vec<Entry>> {
    if node.is_null() {
        node.content = Content::Mapping(Vec::new());
    }
    match &mut node.content {
        Content::Mapping(entries) => Some(entries),
        _ => None,
    }
}

/// The items of a list, for change.
pub(in crate::formats) fn items_mut(node: &mut Node) -> Option<&mut Vec<Node>> {
    match &mut node.content {
        Content::Sequence(items) => Some(items),
        _ => None,
    }
}

/// The value of a key, for change; the last one where a key repeats.
pub(in crate::formats) fn get_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.content {
        Content::Mapping(entries) => entries.iter_mut().rev().find(|e| e.key.text() == Some(key)).map(|e| &mut e.value),
        _ => None,
    }
}

/// The value at a path of keys, for change.
pub(super) fn path_mut<'n>(node: &'n mut Node, keys: &[&str]) -> Option<&'n mut Node> {
    keys.iter().try_fold(node, |node, key| get_mut(node, key))
}

/// Sets a key; its own key node where it is new.
pub(super) fn set(node: &mut Node, key: &Node, value: Node) {
    let name = key.text().map(str::to_owned);
    let Some(entries) = entries_mut(node) else { return };
    match entries.iter_mut().rev().find(|e| e.key.text() == name.as_deref()) {
        Some(entry) => entry.value = value,
        None => entries.push(Entry { key: key.clone(), value }),
    }
}

/// Sets a value at a path of keys, with the mappings on the way; new keys stand at the value's place.
pub(super) fn set_at(node: &mut Node, keys: &[&str], value: Node) {
    match keys {
        [] => *node = value,
        [key, rest @ ..] => {
            let at = value.at.clone();
            if get_mut(node, key).is_none() {
                set(node, &text(key, &at), Node { content: Content::Empty, at, tag: None });
            }
            if let Some(inner) = get_mut(node, key) {
                set_at(inner, rest, value);
            }
        }
    }
}

/// Takes a key away, however often it stands there.
pub(super) fn remove(node: &mut Node, key: &str) -> bool {
    let Content::Mapping(entries) = &mut node.content else { return false };
    let before = entries.len();
    entries.retain(|e| e.key.text() != Some(key));
    entries.len() != before
}

/// Calls for every mapping of a tree, outermost first.
pub(super) fn each_mapping(node: &mut Node, change: &mut dyn FnMut(&mut Node)) {
    if node.is_mapping() {
        change(node);
    }
    match &mut node.content {
        Content::Mapping(entries) => entries.iter_mut().for_each(|e| each_mapping(&mut e.value, change)),
        Content::Sequence(items) => items.iter_mut().for_each(|i| each_mapping(i, change)),
        _ => {}
    }
}
