//! Resources of the `kubernetes` provider → the objects that they make, for the Kubernetes reader.

use super::document;
use super::resource::Resource;
use super::value::{map, settled, text};
use crate::document::{Content, Entry, Node};

/// Type without `kubernetes_` and `_v1`, `apiVersion`, kind.
const OBJECTS: [(&str, &str, &str); 11] = [
    ("deployment", "apps/v1", "Deployment"),
    ("stateful_set", "apps/v1", "StatefulSet"),
    ("daemonset", "apps/v1", "DaemonSet"),
    ("daemon_set", "apps/v1", "DaemonSet"),
    ("replication_controller", "v1", "ReplicationController"),
    ("job", "batch/v1", "Job"),
    ("cron_job", "batch/v1", "CronJob"),
    ("pod", "v1", "Pod"),
    ("service", "v1", "Service"),
    ("config_map", "v1", "ConfigMap"),
    ("secret", "v1", "Secret"),
];

/// Blocks that are lists, and their names in an object.
const LISTS: [(&str, &str); 6] = [
    ("container", "containers"),
    ("init_container", "initContainers"),
    ("env", "env"),
    ("env_from", "envFrom"),
    ("port", "ports"),
    ("volume", "volumes"),
];

/// Arguments whose keys are the user's own.
const FREE: [&str; 8] = ["labels", "annotations", "match_labels", "selector", "node_selector", "data", "binary_data", "string_data"];

fn object(kind: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let word = kind.strip_prefix("kubernetes_")?;
    let word = ["_v1", "_v1beta1"].iter().find_map(|v| word.strip_suffix(v)).unwrap_or(word);
    OBJECTS.iter().find(|(name, ..)| *name == word)
}

/// Is it a type that makes an object which is read?
pub(super) fn knows(kind: &str) -> bool {
    object(kind).is_some() || matches!(kind, "kubernetes_manifest" | "kubectl_manifest")
}

/// The object that a resource makes; else why it is not known.
pub(super) fn tree(resource: &Resource) -> Result<Option<Node>, String> {
    let written = |path: &str| resource.get(&[path]);
    match resource.kind.as_str() {
        "kubernetes_manifest" => return Ok(written("manifest").map(|n| settled(n.clone()))),
        "kubectl_manifest" => {
            let Some(body) = written("yaml_body") else { return Ok(None) };
            return document::read(body).map(|n| Some(settled(n))).map_err(|why| why.to_string());
        }
        _ => {}
    }
    let Some((_, version, kind)) = object(&resource.kind) else { return Ok(None) };
    let at = &resource.at;
    let mut entries =
        vec![Entry { key: text("apiVersion", at), value: text(version, at) }, Entry { key: text("kind", at), value: text(kind, at) }];
    if let Content::Mapping(inner) = camel(settled(resource.body.clone()), false, 0).content {
        // The provider takes the data of a Secret as it is, and encodes it.
        let plain = |e: Entry| {
            if *kind == "Secret" && e.key.text() == Some("data") { Entry { key: text("stringData", &e.key.at), ..e } } else { e }
        };
        entries.extend(inner.into_iter().map(plain));
    }
    let mut node = map(entries, at);
    named(&mut node, resource);
    Ok(Some(node))
}

/// A name that is not known gives way to that of the configuration.
fn named(node: &mut Node, resource: &Resource) {
    if node.text_at(&["metadata", "name"]).is_some() {
        return;
    }
    let Content::Mapping(entries) = &mut node.content else { return };
    let name = Entry { key: text("name", &resource.at), value: text(resource.name(), &resource.at) };
    match entries.iter_mut().find(|e| e.key.text() == Some("metadata")) {
        Some(Entry { value: Node { content: Content::Mapping(inner), .. }, .. }) => inner.push(name),
        _ => entries.push(Entry { key: text("metadata", &resource.at), value: map(vec![name], &resource.at) }),
    }
}

/// Deepest nesting that is turned.
const DEEPEST: usize = 48;

/// Blocks as an object has them: names in camel case, single blocks as mappings.
fn camel(node: Node, free: bool, depth: usize) -> Node {
    let content = match node.content {
        Content::Mapping(entries) if !free && depth < DEEPEST => Content::Mapping(
            entries
                .into_iter()
                .map(|e| {
                    let name = e.key.text().unwrap_or_default().to_owned();
                    let value = camel(e.value, FREE.contains(&name.as_str()), depth + 1);
                    let listed = LISTS.iter().find(|(from, _)| *from == name);
                    match (listed, &value.content) {
                        (Some((_, to)), _) => Entry { key: text(to, &e.key.at), value },
                        (None, Content::Sequence(items)) if items.len() == 1 && items.iter().all(Node::is_mapping) => {
                            let only = items.first().cloned().unwrap_or_else(|| value.clone());
                            Entry { key: text(camel_case(&name), &e.key.at), value: only }
                        }
                        _ => Entry { key: text(camel_case(&name), &e.key.at), value },
                    }
                })
                .collect(),
        ),
        Content::Sequence(items) if depth < DEEPEST => Content::Sequence(items.into_iter().map(|n| camel(n, free, depth + 1)).collect()),
        other => other,
    };
    Node { content, at: node.at, tag: node.tag }
}

fn camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut up = false;
    for c in name.chars() {
        if c == '_' {
            up = true;
        } else if std::mem::take(&mut up) {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}
