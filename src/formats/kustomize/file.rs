//! A folder → its kustomization file, and the paths that it names.

use std::collections::BTreeSet;

use crate::document::{Node, yaml};
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, join, parent};

/// Names of the file, in the order in which kustomize looks for them.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The kustomization file of a folder.
pub(super) fn of(dir: &str, workspace: &dyn Workspace) -> Option<String> {
    NAMES.iter().filter_map(|name| join(dir, name)).find(|path| workspace.is_file(path))
}

/// The folder of a manifest's path: the folder itself, or the one of its file.
pub(super) fn folder(path: &str) -> &str {
    if NAMES.contains(&file_name(path)) { parent(path) } else { path }
}

/// Reads a kustomization file; what is wrong with it is a problem.
pub(super) fn read(path: &str, workspace: &dyn Workspace, problems: &mut Vec<Problem>) -> Option<Node> {
    let source = workspace.read(path).map_err(|p| problems.push(p)).ok()?;
    let documents = yaml::read(&source);
    for error in documents.errors {
        problems.push(Problem::at(error.at, format!("`{path}` {}", error.why)));
    }
    let root = documents.documents.into_iter().map(|d| d.root).find(Node::is_mapping);
    if root.is_none() && problems.is_empty() {
        problems.push(Problem::file(path, "says nothing"));
    }
    root
}

/// The texts in a list of a kustomization, at their places.
pub(super) fn list<'n>(root: &'n Node, field: &str) -> impl Iterator<Item = (&'n Node, &'n str)> {
    root.get(field).map(Node::items).unwrap_or_default().iter().filter_map(|n| Some((n, n.text()?)))
}

/// Is it a text of a patch rather than a path to one?
pub(super) fn is_inline(text: &str) -> bool {
    text.contains('\n') || text.contains(": ") || text.trim_start().starts_with(['{', '['])
}

/// Every path that a kustomization names, as written.
fn named(root: &Node) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for field in
        ["resources", "bases", "components", "patchesStrategicMerge", "transformers", "generators", "validators", "crds", "configurations"]
    {
        out.extend(list(root, field).map(|(_, text)| text).filter(|t| !is_inline(t)).map(str::to_owned));
    }
    for (field, key) in [("patches", "path"), ("patchesJson6902", "path"), ("replacements", "path"), ("helmCharts", "valuesFile")] {
        out.extend(root.get(field).map(Node::items).unwrap_or_default().iter().filter_map(|e| e.text_at(&[key]).map(str::to_owned)));
    }
    out.extend(super::generators::files(root));
    out
}

/// Most kustomizations that one takes in.
pub(super) const FOLDERS: usize = 1_000;

/// Every file and folder that the kustomization of a folder takes in, that folder first.
pub(super) fn taken_in(dir: &str, workspace: &dyn Workspace) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut open = vec![dir.to_owned()];
    let mut folders = 0;
    while let Some(path) = open.pop() {
        if !out.insert(path.clone()) || folders >= FOLDERS {
            continue;
        }
        if let Some(root) = of(&path, workspace).and_then(|file| read(&file, workspace, &mut Vec::new())) {
            folders += 1;
            open.extend(named(&root).iter().filter_map(|p| join(&path, p)));
        }
    }
    out
}
