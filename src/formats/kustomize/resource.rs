//! One object on its way through a build: its tree, the names that it had, and how other objects name it.

use std::collections::BTreeMap;

use super::edit::{each_mapping, get_mut, text};
use crate::document::Node;

/// An object.
#[derive(Clone)]
pub(super) struct Resource {
    /// Its tree.
    pub(super) node: Node,
    /// Names that it had before prefixes, suffixes and patches gave it another; the first is the one in its file.
    pub(super) before: Vec<String>,
    /// Made by a generator: its name ends with a hash in the cluster.
    pub(super) generated: bool,
    /// How many nodes it had in its file, for what is counted by them.
    pub(super) size: usize,
}

/// Group, kind, namespace and name of an object.
pub(super) type Id = (String, String, String, String);

impl Resource {
    /// An object as a file states it; `None` for a tree that is none.
    pub(super) fn new(node: Node) -> Option<Self> {
        node.text_at(&["kind"])?;
        node.text_at(&["apiVersion"])?;
        let size = node.size();
        Some(Self { node, before: Vec::new(), generated: false, size })
    }

    pub(super) fn kind(&self) -> &str {
        self.node.text_at(&["kind"]).unwrap_or("")
    }

    pub(super) fn group(&self) -> &str {
        self.node.text_at(&["apiVersion"]).and_then(|v| v.rsplit_once('/')).map_or("", |(g, _)| g)
    }

    pub(super) fn name(&self) -> &str {
        self.node.text_at(&["metadata", "name"]).unwrap_or("")
    }

    pub(super) fn namespace(&self) -> &str {
        self.node.text_at(&["metadata", "namespace"]).unwrap_or("")
    }

    /// Is it called so, or was it?
    pub(super) fn called(&self, name: &str) -> bool {
        self.name() == name || self.before.iter().any(|b| b == name)
    }

    /// What tells it from the others.
    pub(super) fn id(&self) -> Id {
        (self.group().to_owned(), self.kind().to_owned(), self.namespace().to_owned(), self.name().to_owned())
    }

    /// Gives it another name, at the place of the one in its file.
    pub(super) fn rename(&mut self, name: &str) {
        let old = self.name().to_owned();
        if old == name || old.is_empty() {
            return;
        }
        if let Some(node) = get_mut(&mut self.node, "metadata").and_then(|m| get_mut(m, "name")) {
            *node = text(name, &node.at);
        }
        self.before.push(old);
    }
}

/// Fields that name an object: the field around, the field with the name, the kind.
const REFERENCES: [(&str, &str, &str); 8] = [
    ("configMapRef", "name", "ConfigMap"),
    ("configMapKeyRef", "name", "ConfigMap"),
    ("configMap", "name", "ConfigMap"),
    ("secretRef", "name", "Secret"),
    ("secretKeyRef", "name", "Secret"),
    ("secret", "name", "Secret"),
    ("secret", "secretName", "Secret"),
    ("scaleTargetRef", "name", ""),
];

/// Follows names that changed: what named an object by a name that it had before names it by the one that it has.
pub(super) fn follow(all: &mut [Resource]) {
    let mut now: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    for r in all.iter().filter(|r| !r.before.is_empty()) {
        for old in &r.before {
            for kind in [r.kind(), ""] {
                // A name that two objects had leads nowhere.
                let new = now.entry((kind.to_owned(), old.clone())).or_insert_with(|| Some(r.name().to_owned()));
                if new.as_deref() != Some(r.name()) {
                    *new = None;
                }
            }
        }
    }
    if now.is_empty() {
        return;
    }
    let taken: std::collections::BTreeSet<(String, String)> = all.iter().map(|r| (r.kind().to_owned(), r.name().to_owned())).collect();
    for resource in all.iter_mut() {
        each_mapping(&mut resource.node, &mut |node| {
            for (around, field, kind) in REFERENCES {
                let Some(name) = get_mut(node, around).and_then(|n| get_mut(n, field)) else { continue };
                let key = (kind.to_owned(), name.text().unwrap_or("").to_owned());
                if let (false, Some(Some(new))) = (taken.contains(&key), now.get(&key)) {
                    *name = text(new, &name.at);
                }
            }
        });
    }
}
