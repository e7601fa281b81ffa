//! `terraform show -json` of a plan or a state, and the state file itself → the same resources.

use super::Walk;
use super::names::World;
use super::resource::Resource;
use super::value::{map, null};
use crate::document::{Content, Entry, Node, json};
use crate::formats::{ReadContext, Reading};
use crate::report::Problem;

/// Could a file with this name be one?
pub(super) fn may_be(path: &str) -> bool {
    path.ends_with(".json") && !path.ends_with(".tfvars.json") || path.ends_with(".tfstate")
}

/// Is it one, by its beginning?
pub(super) fn is(head: &str) -> bool {
    let has = |key: &str| head.contains(key);
    has("\"terraform_version\"")
        && (has("\"planned_values\"") || has("\"format_version\"") && has("\"values\"") || has("\"lineage\"") && has("\"resources\""))
}

/// Reads one.
pub(super) fn read(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => return reading.problems.push(problem),
    };
    let documents = json::read(&source);
    reading.problems.extend(documents.errors.into_iter().map(|e| Problem::at(e.at, format!("`{path}` {}", e.why))));
    let Some(root) = documents.documents.into_iter().next().map(|d| d.root) else { return };
    let world = World::new(cx.workspace, "");
    let mut walk = Walk { world: &world, only: None, reading, trees: Vec::new(), unread: Vec::new() };
    let values = root.get("planned_values").or_else(|| root.get("values")).and_then(|v| v.get("root_module"));
    match values {
        Some(module) => shown(module, 0, &mut walk),
        None if root.get("lineage").is_some() => state(&root, &mut walk),
        None => walk.reading.problems.push(Problem::file(path, "is neither a plan nor a state")),
    }
    walk.finish();
}

/// A module as `show -json` prints it (developer.hashicorp.com: JSON Output Format).
fn shown(module: &Node, depth: usize, walk: &mut Walk<'_, '_>) {
    const DEEPEST: usize = 32;
    let path: Vec<String> = module.text_at(&["address"]).map(names).unwrap_or_default();
    for node in module.get("resources").map(Node::items).unwrap_or_default() {
        if node.text_at(&["mode"]) == Some("data") {
            continue;
        }
        let values = node.get("values").cloned().unwrap_or_else(|| null(&node.at));
        resource(node, values, node.get("index"), path.clone(), walk);
    }
    for child in module.get("child_modules").map(Node::items).unwrap_or_default() {
        if depth < DEEPEST {
            shown(child, depth + 1, walk);
        }
    }
}

/// The state file (version 4).
fn state(root: &Node, walk: &mut Walk<'_, '_>) {
    for node in root.get("resources").map(Node::items).unwrap_or_default() {
        if node.text_at(&["mode"]) == Some("data") {
            continue;
        }
        let path: Vec<String> = node.text_at(&["module"]).map(names).unwrap_or_default();
        for instance in node.get("instances").map(Node::items).unwrap_or_default() {
            let values = instance.get("attributes").cloned().unwrap_or_else(|| null(&node.at));
            resource(node, values, instance.get("index_key"), path.clone(), walk);
        }
    }
}

/// `module.a["x"].module.b` → a, b.
fn names(address: &str) -> Vec<String> {
    address.split("module.").filter_map(|p| p.split(['[', '.']).next()).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

fn resource(node: &Node, values: Node, key: Option<&Node>, path: Vec<String>, walk: &mut Walk<'_, '_>) {
    let Some(kind) = node.text_at(&["type"]).filter(|k| super::known(k)) else { return };
    let name = node.get("name");
    let resource = Resource {
        kind: kind.to_owned(),
        label: name.and_then(Node::text).unwrap_or(kind).to_owned(),
        key: key.and_then(Node::text).unwrap_or_default().to_owned(),
        path,
        at: name.map_or(&node.at, |n| &n.at).clone(),
        body: set(values),
        conditional: None,
    };
    walk.resource(&resource);
}

/// Values without those that are null or an empty text: in a plan every argument stands, also those that nobody set.
fn set(node: Node) -> Node {
    let at = node.at.clone();
    match node.content {
        Content::Mapping(entries) => {
            let set = |e: &Entry| !e.value.is_null() && e.value.text() != Some("");
            map(entries.into_iter().filter(set).collect(), &at)
        }
        _ => node,
    }
}
