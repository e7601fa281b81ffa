//! A compose file → the files that it is read with, and those that it takes in; for discovery.

use super::variables::{compose_file, named_above};
use super::{DEFAULTS, OVERRIDES, default_of};
use crate::document::{Node, yaml};
use crate::source::Source;
use crate::workspace::{Workspace, file_name, join, parent};

/// The file and its layers. A default file has its override; a file that changes services of the default file beside it
/// (`docker-compose.prod.yml` with services that name no image and no build) is read over that.
pub(super) fn layers(path: &str, workspace: &dyn Workspace) -> Vec<String> {
    let dir = parent(path);
    if let Some((_, named)) = named_above(path, workspace) {
        return named;
    }
    if DEFAULTS.contains(&file_name(path)) {
        // Compose takes the first of its names alone, and `COMPOSE_FILE` in its place.
        let beside = OVERRIDES.iter().filter_map(|n| join(dir, n)).find(|p| workspace.is_file(p));
        return std::iter::once(path.to_owned()).chain(beside).collect();
    }
    let above = || default_of(parent(dir), workspace).filter(|_| super::by_environment(path));
    match default_of(dir, workspace).or_else(above) {
        Some(base) if changes(path, workspace) => vec![base, path.to_owned()],
        _ => vec![path.to_owned()],
    }
}

/// The files that `COMPOSE_FILE` of a `.env` names.
pub(super) fn of_env(path: &str, text: &str) -> Vec<String> {
    compose_file(&Source::new(path, text))
}

/// Does a file change services that it does not declare?
fn changes(path: &str, workspace: &dyn Workspace) -> bool {
    let Some(root) = tree(path, workspace) else { return false };
    let Some(services) = root.get("services") else { return root.get("volumes").or(root.get("networks")).is_some() };
    let alone = |service: &Node| ["image", "build", "extends"].iter().any(|key| service.get(key).is_some()) || service.get("<<").is_some();
    services.entries().iter().any(|service| !alone(&service.value))
}

/// Files that it includes or extends.
pub(super) fn parts(path: &str, workspace: &dyn Workspace) -> Vec<String> {
    let Some(root) = tree(path, workspace) else { return Vec::new() };
    let paths = |node: &Node| -> Vec<String> {
        match node.get("path").unwrap_or(node) {
            list if list.is_sequence() => list.items().iter().filter_map(|n| n.text().map(str::to_owned)).collect(),
            one => one.text().map(str::to_owned).into_iter().collect(),
        }
    };
    let included = root.get("include").map(Node::items).unwrap_or_default().iter().flat_map(paths);
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    let extended = services.iter().filter_map(|s| s.value.text_at(&["extends", "file"]).map(str::to_owned));
    // A variable in a path stands for any name: `compose.${TYPE:-a}.yml` takes in every file of that form.
    let all = included.chain(extended).flat_map(|p| match p.split_once("${") {
        Some((before, rest)) => {
            let after = rest.split_once('}').map_or("", |(_, after)| after).to_owned();
            let folder = join(parent(path), before).unwrap_or_default();
            let (files, _) = workspace.list(parent(&folder));
            files.into_iter().filter(|f| f.starts_with(&folder) && f.ends_with(&after)).collect()
        }
        None => join(parent(path), &p).into_iter().collect::<Vec<_>>(),
    });
    all.filter(|p| p != path).collect()
}

fn tree(path: &str, workspace: &dyn Workspace) -> Option<Node> {
    let source = workspace.read(path).ok()?;
    yaml::read(&source).documents.into_iter().next().map(|d| d.root)
}
