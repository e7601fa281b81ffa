//! Merge keys, overrides and `extends` on trees; every node keeps the place it came from (compose-spec: 13-merge).

use crate::document::{Content, Entry, Node, Style};
use crate::source::Location;

/// Deepest nesting of merge keys.
const DEPTH: usize = 64;

/// Resolves `<<` everywhere, also inside what is merged.
pub(crate) fn merge_keys(node: &Node, depth: usize) -> Node {
    if depth > DEPTH {
        return node.clone();
    }
    let content = match &node.content {
        Content::Sequence(items) => Content::Sequence(items.iter().map(|i| merge_keys(i, depth + 1)).collect()),
        Content::Mapping(entries) => {
            let mut out: Vec<Entry> = Vec::new();
            for entry in entries.iter().filter(|e| e.key.text() != Some("<<")) {
                out.push(Entry { key: entry.key.clone(), value: merge_keys(&entry.value, depth + 1) });
            }
            for merge in entries.iter().filter(|e| e.key.text() == Some("<<")) {
                let sources = if merge.value.is_sequence() { merge.value.items().to_vec() } else { vec![merge.value.clone()] };
                for source in sources {
                    for entry in merge_keys(&source, depth + 1).entries() {
                        if !out.iter().any(|e| e.key.text() == entry.key.text()) {
                            out.push(entry.clone());
                        }
                    }
                }
            }
            Content::Mapping(out)
        }
        other => other.clone(),
    };
    Node { content, at: node.at.clone(), tag: node.tag.clone() }
}

/// Places of keys that stand twice in one mapping, two levels below the services and above.
pub(super) fn duplicates(root: &Node) -> Vec<Location> {
    fn walk(node: &Node, depth: usize, out: &mut Vec<Location>) {
        let mut seen: Vec<&str> = Vec::new();
        for entry in node.entries() {
            if let Some(key) = entry.key.text() {
                if seen.contains(&key) {
                    out.push(entry.key.at.clone());
                }
                seen.push(key);
            }
            if depth < 6 {
                walk(&entry.value, depth + 1, out);
            }
        }
    }
    let mut out = Vec::new();
    walk(root, 0, &mut out);
    out
}

/// Keys of a service whose lists are appended and made unique by key.
const KEYED: [&str; 9] = ["environment", "labels", "annotations", "env_file", "extra_hosts", "sysctls", "args", "depends_on", "networks"];
/// Lists that are replaced.
const REPLACED: [&str; 4] = ["command", "entrypoint", "test", "ulimits"];

/// Puts one tree over another.
pub(super) fn over(base: Node, new: Node, path: &mut Vec<String>) -> Node {
    if new.tag.as_deref() == Some("!override") || path.len() > DEPTH {
        return new;
    }
    let last = path.last().map_or("", String::as_str);
    if KEYED.contains(&last) && (base.is_sequence() != new.is_sequence()) {
        return over(as_mapping(base, last), as_mapping(new, last), path);
    }
    match (base.content, new.content) {
        (Content::Mapping(mut entries), Content::Mapping(others)) => {
            for entry in others {
                let key = entry.key.text().unwrap_or_default().to_owned();
                if entry.value.tag.as_deref() == Some("!reset") {
                    entries.retain(|e| e.key.text() != Some(&key));
                    continue;
                }
                match entries.iter().position(|e| e.key.text() == Some(&key)) {
                    Some(i) => {
                        path.push(key);
                        let old = entries.remove(i);
                        let null = entry.value.is_null() && path.get(path.len().wrapping_sub(2)).map(String::as_str) != Some("environment");
                        let value = if null { old.value } else { over(old.value, entry.value, path) };
                        entries.insert(i, Entry { key: entry.key, value });
                        path.pop();
                    }
                    None => entries.push(entry),
                }
            }
            Node { content: Content::Mapping(entries), at: base.at, tag: base.tag }
        }
        (Content::Sequence(mut items), Content::Sequence(others)) if !REPLACED.contains(&last) => {
            for other in others {
                let same = |i: &Node| key_of(i).is_some() && key_of(i) == key_of(&other) && last != "env_file";
                items.retain(|i| !same(i));
                items.push(other);
            }
            Node { content: Content::Sequence(items), at: new.at, tag: new.tag }
        }
        // `build: ./dir` under a mapping form
        (Content::Scalar(..), Content::Mapping(entries)) if last == "build" => {
            Node { content: Content::Mapping(entries), at: new.at, tag: new.tag }
        }
        (_, content) => Node { content, at: new.at, tag: new.tag },
    }
}

/// A service over what it extends: what binds the base to its own project is not taken.
pub(super) fn over_service(mut base: Node, new: Node) -> Node {
    if let Content::Mapping(entries) = &mut base.content {
        entries.retain(|e| !matches!(e.key.text(), Some("depends_on" | "links" | "volumes_from" | "extends")));
    }
    over(base, new, &mut vec!["services".into(), "service".into()])
}

/// The key of a list's item: `A` of `A=1`.
fn key_of(node: &Node) -> Option<&str> {
    let text = node.text()?;
    Some(text.split('=').next().unwrap_or(text))
}

/// A list as a mapping: `[A=1, B]` → `{A: 1, B: }`, each with its place.
fn as_mapping(node: Node, key: &str) -> Node {
    let Content::Sequence(items) = &node.content else { return node };
    let entries = items.iter().filter_map(|item| {
        let text = item.text()?;
        let named = matches!(key, "depends_on" | "networks" | "env_file");
        let (name, value) = if named { (text, None) } else { text.split_once('=').map_or((text, None), |(n, v)| (n, Some(v))) };
        let content = value.map_or(Content::Empty, |v| Content::Scalar(v.into(), Style::Double));
        let key = Node { content: Content::Scalar(name.into(), Style::Plain), at: item.at.clone(), tag: None };
        Some(Entry { key, value: Node { content, at: item.at.clone(), tag: None } })
    });
    Node { content: Content::Mapping(entries.collect()), at: node.at.clone(), tag: node.tag.clone() }
}
