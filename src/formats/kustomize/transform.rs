//! Names, namespace, labels, replicas → the objects with them (kustomize: `api/internal/plugins/builtinconfig` says which fields).

use super::edit::{get_mut, path_mut, set, set_at};
use super::resource::Resource;
use crate::document::Node;

/// Objects that carry no prefix or suffix.
const UNPREFIXED: [&str; 3] = ["CustomResourceDefinition", "APIService", "Namespace"];

/// Puts a prefix and a suffix on every name.
pub(super) fn affix(all: &mut [Resource], prefix: &str, suffix: &str) {
    for resource in all.iter_mut().filter(|r| !UNPREFIXED.contains(&r.kind())) {
        let name = format!("{prefix}{}{suffix}", resource.name());
        resource.rename(&name);
    }
}

/// Puts every object into a namespace.
pub(super) fn namespace(all: &mut [Resource], namespace: &Node) {
    for resource in all.iter_mut().filter(|r| !UNPREFIXED.contains(&r.kind()) && !r.kind().starts_with("Cluster")) {
        set_at(&mut resource.node, &["metadata", "namespace"], namespace.clone());
    }
}

/// Where the labels of a pod template stand.
const TEMPLATES: [&[&str]; 2] = [&["spec", "template"], &["spec", "jobTemplate", "spec", "template"]];

/// Adds labels: to the object, to its pods, to what selects pods.
pub(super) fn labels(all: &mut [Resource], pairs: &Node, templates: bool, selectors: bool) {
    let add = |map: &mut Node| pairs.entries().iter().for_each(|e| set(map, &e.key, e.value.clone()));
    let into = |node: &mut Node, keys: &[&str]| {
        if path_mut(node, keys).is_none() {
            set_at(node, keys, Node { content: crate::document::Content::Empty, at: pairs.at.clone(), tag: None });
        }
        if let Some(map) = path_mut(node, keys) {
            add(map);
        }
    };
    for resource in all.iter_mut() {
        let (kind, core) = (resource.kind().to_owned(), resource.group().is_empty());
        let node = &mut resource.node;
        into(node, &["metadata", "labels"]);
        if templates || selectors {
            for template in TEMPLATES {
                if let Some(template) = path_mut(node, template) {
                    into(template, &["metadata", "labels"]);
                }
            }
        }
        if !selectors {
            continue;
        }
        let direct = core && matches!(kind.as_str(), "Service" | "ReplicationController");
        let matched = matches!(kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet");
        if let Some(spec) = get_mut(node, "spec") {
            if direct && spec.get("selector").is_some() {
                into(spec, &["selector"]);
            } else if matched {
                into(spec, &["selector", "matchLabels"]);
            }
        }
    }
}

/// Sets the replicas of the objects of a name.
pub(super) fn replicas(all: &mut [Resource], entry: &Node) {
    let (Some(name), Some(count)) = (entry.text_at(&["name"]), entry.get("count")) else { return };
    let scaled =
        |r: &&mut Resource| matches!(r.kind(), "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController") && r.called(name);
    for resource in all.iter_mut().filter(scaled) {
        set_at(&mut resource.node, &["spec", "replicas"], count.clone());
    }
}
