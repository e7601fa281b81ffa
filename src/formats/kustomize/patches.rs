//! `patches`, `patchesStrategicMerge`, `patchesJson6902` → the objects that they change.

use super::build::Build;
use super::edit::set;
use super::file::{is_inline, list};
use super::inline;
use super::json_patch;
use super::merge::{self, Merged};
use super::resource::Resource;
use super::target::Target;
use crate::document::{Documents, Node};
use crate::report::Problem;

/// `patchesStrategicMerge`: paths, or patches in place.
pub(super) fn strategic(build: &mut Build<'_>, dir: &str, root: &Node, all: &mut Vec<Resource>) {
    for (node, text) in list(root, "patchesStrategicMerge") {
        let trees = if is_inline(text) { inlined(build, "a patch", node) } else { build.file(dir, node) };
        trees.iter().for_each(|tree| by_name(build, tree, all));
    }
}

/// `patches`: a path or a patch in place, for a target or for the object that it names itself.
pub(super) fn patches(build: &mut Build<'_>, dir: &str, root: &Node, all: &mut Vec<Resource>) {
    for entry in root.get("patches").map(Node::items).unwrap_or_default() {
        one(build, dir, entry, all);
    }
}

/// `patchesJson6902`: operations for a target.
pub(super) fn json6902(build: &mut Build<'_>, dir: &str, root: &Node, all: &mut Vec<Resource>) {
    for entry in root.get("patchesJson6902").map(Node::items).unwrap_or_default() {
        one(build, dir, entry, all);
    }
}

/// One entry: `path`, `patch` or `jsonOp`, and `target`.
pub(super) fn one(build: &mut Build<'_>, dir: &str, entry: &Node, all: &mut Vec<Resource>) {
    let trees = match (entry.get("patch").or_else(|| entry.get("jsonOp")), entry.get("path")) {
        (Some(patch), _) => inlined(build, "a patch", patch),
        (None, Some(path)) => build.file(dir, path),
        (None, None) if entry.text().is_some() => {
            let why = "an entry of `patches` is a text: it needs `path` or `patch`";
            return build.problems.push(Problem::at(entry.at.clone(), why).warning());
        }
        (None, None) => return,
    };
    let Some(target) = entry.get("target").filter(|t| !t.is_null()) else {
        return trees.iter().for_each(|tree| by_name(build, tree, all));
    };
    let select = match Target::read(target) {
        Ok(select) => select,
        Err(why) => {
            build.unknown = true;
            return build.problems.push(Problem::at(target.at.clone(), why));
        }
    };
    let renames = entry.path(&["options", "allowNameChange"]).and_then(Node::text) == Some("true");
    for tree in &trees {
        apply(build, tree, renames, all, &|r| select.means(r));
    }
}

/// The trees of a patch or of the configuration of a plugin that stands in place.
pub(super) fn inlined(build: &mut Build<'_>, what: &str, node: &Node) -> Vec<Node> {
    let Documents { documents, errors, .. } = inline::read(node);
    for error in errors {
        build.incomplete = true;
        build.problems.push(Problem::at(error.at, format!("{what} {}", error.why)));
    }
    documents.into_iter().map(|d| d.root).filter(|n| !n.is_null()).collect()
}

/// A patch for the object that it names.
fn by_name(build: &mut Build<'_>, tree: &Node, all: &mut Vec<Resource>) {
    let Some(patch) = Resource::new(tree.clone()) else {
        build.unknown = true;
        let why = "a patch names neither a target nor an object of its own";
        return build.problems.push(Problem::at(tree.at.clone(), why).warning());
    };
    let here = |r: &Resource| patch.namespace().is_empty() || r.namespace().is_empty() || patch.namespace() == r.namespace();
    let meant = |r: &Resource| r.kind() == patch.kind() && r.group() == patch.group() && r.called(patch.name()) && here(r);
    if apply(build, tree, false, all, &meant) == 0 {
        let what = format!("a patch is for the {} `{}`, which is nowhere", patch.kind(), patch.name());
        build.problems.push(Problem::at(tree.at.clone(), what).warning());
    }
}

/// Applies a patch to every object that is meant; how many these are.
fn apply(build: &mut Build<'_>, tree: &Node, renames: bool, all: &mut Vec<Resource>, meant: &dyn Fn(&Resource) -> bool) -> usize {
    let operations = tree.items();
    let copies = operations.iter().filter(|o| matches!(o.text_at(&["op"]), Some("copy" | "move"))).count();
    let cost = tree.size().saturating_add(copies.saturating_mul(json_patch::COPIED));
    let mut count = 0;
    let mut kept = Vec::with_capacity(all.len());
    for mut resource in std::mem::take(all) {
        if !build.spend(1, &tree.at) || !meant(&resource) || !build.spend(cost, &tree.at) {
            kept.push(resource);
            continue;
        }
        count += 1;
        let name = resource.name().to_owned();
        if tree.is_sequence() {
            if let Err((at, why)) = json_patch::apply(&mut resource.node, operations) {
                let what = format!("a patch of the {} `{name}` does not apply: {why}", resource.kind());
                build.problems.push(Problem::at(at, what).warning());
            }
        } else {
            let identity: Vec<_> = ["apiVersion", "kind"].iter().filter_map(|k| resource.node.entry(k).cloned()).collect();
            let old = resource.node.path(&["metadata", "name"]).cloned();
            if merge::object(&mut resource.node, tree) == Merged::Deleted {
                continue;
            }
            for entry in identity {
                set(&mut resource.node, &entry.key, entry.value);
            }
            if let (false, Some(old)) = (renames, old) {
                super::edit::set_at(&mut resource.node, &["metadata", "name"], old);
            }
        }
        if resource.name() != name && !resource.before.contains(&name) {
            resource.before.push(name);
        }
        kept.push(resource);
    }
    *all = kept;
    count
}
