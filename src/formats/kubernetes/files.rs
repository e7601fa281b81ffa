//! A file → the trees of its objects, and what is wrong with it.

use std::sync::Arc;

use crate::document::template::{mask, plain_name};
use crate::document::{Content, Documents, Node, yaml};
use crate::formats::compose::keys::merge_keys;
use crate::report::Problem;
use crate::source::{Location, Source, Span};
use crate::workspace::{Workspace, file_name};

/// Reads a file. In a folder there may be values files and other YAML: what names no object is none of ours.
pub(super) fn read(path: &str, in_folder: bool, workspace: &dyn Workspace) -> (Vec<Node>, Vec<Problem>) {
    let source = match workspace.read(path) {
        Ok(source) => source,
        Err(problem) => return (Vec::new(), vec![problem]),
    };
    let text = source.text();
    if in_folder && !(text.contains("apiVersion") && text.contains("kind")) {
        return (Vec::new(), none_of_ours(&source));
    }
    let mut problems = Vec::new();
    let trees = trees(&source, &mut problems);
    let objects = trees.iter().filter(|t| is_object(t)).count();
    if objects == 0 && problems.is_empty() && !in_folder {
        let what = if trees.is_empty() { "is empty" } else { "holds no Kubernetes object (no `apiVersion` and `kind`)" };
        problems.push(Problem::at(source.whole(), format!("`{path}` {what}")));
    }
    if objects > 0 {
        problems.extend(trees.iter().filter(|t| !is_object(t)).map(|t| {
            Problem::at(start(&t.at), format!("a document of `{path}` is no Kubernetes object (no `apiVersion` and `kind`)")).warning()
        }));
    }
    (trees, problems)
}

/// What is worth knowing of a file that names no object: it may have been meant to.
fn none_of_ours(source: &Arc<Source>) -> Vec<Problem> {
    let (path, text) = (source.path(), source.text());
    if text.trim().is_empty() {
        return vec![Problem::file(path, "is empty").info()];
    }
    if template_like(text) {
        return Vec::new();
    }
    let errors = yaml::read(source).errors;
    errors.into_iter().take(1).map(|e| Problem::at(e.at, format!("`{path}` {}", e.why)).warning()).collect()
}

/// The documents of a source that hold anything.
fn trees(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Vec<Node> {
    let path = source.path();
    let (_, template) = plain_name(file_name(path));
    let plain = (!template).then(|| yaml::read(source));
    // `image: {{ image }}` is YAML, and is not meant as that.
    let action = |d: &Documents| !d.errors.is_empty() || d.documents.iter().any(|d| braces(&d.root));
    let plain = plain.filter(|d| !(template_like(source.text()) && action(d)));
    let masked = if plain.is_none() { mask(source.text()) } else { None };
    let documents = match (&masked, plain) {
        (_, Some(plain)) => plain,
        (Some(masked), None) => yaml::read_as(source, &masked.text),
        (None, None) => yaml::read(source),
    };
    if let Some(masked) = &masked {
        let at = source.at(Span { start: masked.first, end: masked.first });
        let broken = !documents.errors.is_empty();
        let how =
            if broken { "what could be read of it is" } else { "it is read with every part that it may leave out, and what it fills in" };
        let end = if broken { "read, the rest is not known" } else { "is not known" };
        let problem = Problem::at(at, format!("`{path}` is {}: {how} {end}", masked.language));
        problems.push(if broken { problem } else { problem.warning() }.help("render it, and give `parity` what comes out"));
    } else {
        problems.extend(documents.errors.iter().map(|e| Problem::at(e.at.clone(), format!("`{path}` {}", e.why))));
    }
    let merges = source.text().contains("<<");
    let roots = documents.documents.into_iter().map(|d| d.root).filter(|r| !r.is_null());
    let roots = roots.map(|r| if merges { merge_keys(r, &mut Vec::new()) } else { r });
    let roots: Vec<Node> = roots.map(|r| masked.iter().fold(r, |r, masked| masked.conditions.mark(r))).collect();
    if masked.is_none() {
        let twice = roots.iter().filter(|r| is_object(r)).flat_map(Node::repeated);
        problems.extend(twice.map(|at| {
            let key = at.text().trim_matches(['"', '\'']);
            Problem::at(at.clone(), format!("`{key}` stands twice in one mapping: the last one counts")).warning()
        }));
    }
    roots
}

fn template_like(text: &str) -> bool {
    text.contains("{{") || text.contains("<%") || text.contains("{%")
}

/// Is a mapping below written as `{{`?
fn braces(node: &Node) -> bool {
    let here = node.is_mapping() && node.at.text().starts_with("{{");
    here || node.items().iter().any(braces) || node.entries().iter().any(|e| braces(&e.value))
}

fn is_object(node: &Node) -> bool {
    let said = |key: &str| node.get(key).is_some_and(|n| matches!(n.content, Content::Scalar(..) | Content::Expression(_)));
    said("apiVersion") && said("kind")
}

/// Where a place starts.
fn start(at: &Location) -> Location {
    at.part(0, 0)
}
