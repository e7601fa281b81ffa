//! Strategic merge of a patch into an object (kubernetes: strategic-merge-patch.md; kustomize: kyaml `merge2`).

use std::collections::BTreeMap;

use super::edit::{get_mut, items_mut, remove, set};
use crate::document::{Content, Node};

/// Lists of built-in objects that are merged by a key: name of the list, the keys that its items may have.
const KEYED: [(&str, &[&str]); 12] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("env", &["name"]),
    ("ports", &["containerPort", "port"]),
    ("imagePullSecrets", &["name"]),
    ("hostAliases", &["ip"]),
    ("secrets", &["name"]),
    ("conditions", &["type"]),
];

/// Groups whose objects have a schema: in all others lists are replaced as a whole.
const BUILT_IN: [&str; 6] = ["", "apps", "batch", "extensions", "networking.k8s.io", "autoscaling"];

/// What becomes of the object.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// It was changed.
    Changed,
    /// The patch takes it away.
    Deleted,
}

/// Merges a patch into an object.
pub(super) fn object(target: &mut Node, patch: &Node) -> Merged {
    let group = target.text_at(&["apiVersion"]).and_then(|v| v.rsplit_once('/')).map_or("", |(g, _)| g).to_owned();
    if patch.text_at(&["$patch"]) == Some("delete") {
        return Merged::Deleted;
    }
    merge(target, patch, BUILT_IN.contains(&group.as_str()));
    Merged::Changed
}

/// Merges what is no object of Kubernetes: mappings are merged, null takes out, all else takes the place of what was there (RFC 7386).
pub(in crate::formats) fn plain(target: &mut Node, patch: &Node) {
    merge(target, patch, false);
}

/// Is it a word to the merger, not a field?
fn directive(key: &str) -> bool {
    key == "$patch" || key == "$retainKeys" || key.starts_with("$setElementOrder/") || key.starts_with("$deleteFromPrimitiveList/")
}

fn merge(target: &mut Node, patch: &Node, keyed: bool) {
    if patch.text_at(&["$patch"]) == Some("replace") || !target.is_mapping() {
        *target = clean(patch);
        return;
    }
    for entry in patch.entries() {
        let Some(key) = entry.key.text() else { continue };
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            let gone: Vec<&str> = entry.value.items().iter().filter_map(Node::text).collect();
            if let Some(items) = get_mut(target, list).and_then(items_mut) {
                items.retain(|i| i.text().is_none_or(|t| !gone.contains(&t)));
            }
        }
        if directive(key) {
            continue;
        }
        if entry.value.is_null() || entry.value.text_at(&["$patch"]) == Some("delete") {
            remove(target, key);
            continue;
        }
        let by = if keyed { KEYED.iter().find(|(list, _)| *list == key).map(|(_, by)| *by) } else { None };
        match get_mut(target, key) {
            Some(old) if old.is_mapping() && entry.value.is_mapping() => merge(old, &entry.value, keyed),
            Some(old) if old.is_sequence() && entry.value.is_sequence() && by.is_some() => {
                list(old, &entry.value, by.unwrap_or_default(), keyed);
            }
            // What a patch repeats to say which item it means stays where it was.
            Some(old) if key == "name" && old.text() == entry.value.text() => {}
            _ => set(target, &entry.key, clean(&entry.value)),
        }
    }
}

/// Merges lists of mappings by the key of their items.
fn list(target: &mut Node, patch: &Node, by: &[&str], keyed: bool) {
    if patch.items().iter().any(|i| i.text_at(&["$patch"]) == Some("replace") && i.entries().len() == 1) {
        *target = clean(patch);
        return;
    }
    let id = |node: &Node| by.iter().find_map(|key| node.text_at(&[key])).map(str::to_owned);
    // A port is one of its protocol.
    let protocol = |node: &Node| node.text_at(&["protocol"]).unwrap_or("TCP").to_owned();
    let key = |node: &Node| id(node).map(|id| (id, protocol(node)));
    let Some(items) = items_mut(target) else { return };
    let mut old: Vec<Option<Node>> = std::mem::take(items).into_iter().map(Some).collect();
    // Where those of one key stand, the first of them last.
    let mut places: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (i, item) in old.iter().enumerate().rev() {
        if let Some(key) = item.as_ref().and_then(key) {
            places.entry(key).or_default().push(i);
        }
    }
    // Patched and new items come first, in the patch's order (kyaml: `MergeOptionsListPrepend`).
    for change in patch.items() {
        let place = key(change).and_then(|key| places.get_mut(&key)?.pop());
        match place.and_then(|i| old.get_mut(i)?.take()) {
            _ if change.text_at(&["$patch"]) == Some("delete") => {}
            Some(mut old) => {
                merge(&mut old, change, keyed);
                items.push(old);
            }
            None => items.push(clean(change)),
        }
    }
    items.extend(old.into_iter().flatten());
}

/// A patch's own tree, without words to the merger and without what it takes away.
fn clean(node: &Node) -> Node {
    let content = match &node.content {
        Content::Mapping(entries) => {
            let kept = entries.iter().filter(|e| !e.key.text().is_some_and(directive) && e.value.text_at(&["$patch"]) != Some("delete"));
            Content::Mapping(kept.map(|e| crate::document::Entry { key: e.key.clone(), value: clean(&e.value) }).collect())
        }
        Content::Sequence(items) => {
            let word = |i: &&Node| {
                let patch = i.text_at(&["$patch"]);
                patch != Some("delete") && !(patch == Some("replace") && i.entries().len() == 1)
            };
            Content::Sequence(items.iter().filter(word).map(clean).collect())
        }
        other => other.clone(),
    };
    Node { content, at: node.at.clone(), tag: node.tag.clone() }
}
