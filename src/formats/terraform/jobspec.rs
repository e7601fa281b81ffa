//! A job file of Nomad → its jobs as data, with variables, locals and functions put in.
//!
//! Nomad reads HCL2 with Terraform's own functions (developer.hashicorp.com/nomad: HCL2 syntax). What is filled in on the node
//! where a task runs (`${attr...}`, `${NOMAD_...}`) is set, to a value that is in no file.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::structure::Structure;

use super::document;
use super::eval::Here;
use super::names::World;
use super::resource::Resource;
use super::source::{self, Given, Item, Module};
use super::value::{settled, text};
use crate::document::hcl::{self, Parsed};
use crate::document::{Content, Entry, Node};
use crate::formats::{ReadContext, declared};
use crate::report::Problem;
use crate::source::Source;
use crate::workspace::{Workspace, parent};

mod json;

pub(in crate::formats) use super::document::dotenv;
pub(in crate::formats) use super::resource::each;

/// Names that Nomad leaves for the node and the task to fill in (developer.hashicorp.com/nomad: Runtime variable interpolation).
fn at_run_time(name: &str) -> bool {
    matches!(name, "attr" | "node" | "meta" | "env" | "device") || name.starts_with("NOMAD_")
}

/// The jobs of a file, with the values of variable files.
pub(in crate::formats) fn read(path: &str, files: &[&String], cx: &ReadContext<'_>, problems: &mut Vec<Problem>) -> Vec<Node> {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    if path.ends_with(".json") {
        return declared::json_root(&source, problems).map(|root| json::jobs(&root, problems)).unwrap_or_default();
    }
    let mut given = BTreeMap::new();
    for file in files {
        source::variables(cx.workspace, file, &mut given, problems);
    }
    jobs(parsed(&source, problems), parent(path), given, cx.workspace, problems)
}

/// A job file as blocks; what could not be read is a problem.
fn parsed(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Parsed {
    let mut parsed = hcl::read(source);
    let errors = std::mem::take(&mut parsed.errors);
    problems.extend(errors.into_iter().map(|e| Problem::at(e.at, format!("`{}` {}", source.path(), e.why))));
    parsed
}

/// The `job` blocks, evaluated.
fn jobs(parsed: Parsed, dir: &str, given: BTreeMap<String, Given>, workspace: &dyn Workspace, problems: &mut Vec<Problem>) -> Vec<Node> {
    let mut module = Module { dir: dir.to_owned(), ..Module::default() };
    let mut items = Vec::new();
    for (body, origin) in parsed.pieces {
        for structure in body {
            let Structure::Block(block) = structure else { continue };
            let item = Item::read(block, origin.clone());
            if item.ident == "job" { items.push(item) } else { module.add(item, false) }
        }
    }
    let mut world = World::new(workspace, dir);
    world.at_run_time = at_run_time;
    let own = world.root(Rc::new(module), given, Vec::new());
    let mut out = Vec::new();
    for item in items {
        let at = item.heading();
        let mut node = world.body(item.body(), Here { of: &own, origin: &item.origin, scope: None }, &at);
        if let Content::Mapping(entries) = &mut node.content
            && let Some(label) = item.labels.first()
        {
            let (label, at) = label;
            entries.push(Entry { key: text("label", at), value: text(label, at) });
        }
        out.push(node);
    }
    problems.append(&mut world.problems());
    out
}

/// The jobs of a `nomad_job` resource; else why they are not known.
pub(super) fn of_resource(
    resource: &Resource,
    dir: &str,
    workspace: &dyn Workspace,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Node>, Arc<str>> {
    let Some(spec) = resource.get(&["jobspec"]) else { return Err("it has no `jobspec`".into()) };
    if resource.text(&["json"]).is_some_and(|json| json == "true") {
        return document::read(spec).map(|root| json::jobs(&settled(root), problems));
    }
    let mut given = BTreeMap::new();
    let vars = resource.get(&["hcl2", "vars"]).map(|n| settled(n.clone()));
    for entry in vars.as_ref().map(Node::entries).unwrap_or_default() {
        if let Some(key) = entry.key.text() {
            given.insert(key.to_owned(), Given::Json(entry.value.clone()));
        }
    }
    let mut read = |source: &Arc<Source>, whole: bool, problems: &mut Vec<Problem>| {
        // A text that is a file of its own is read at its own places.
        let dir = if whole { parent(source.path()) } else { dir };
        jobs(parsed(source, problems), dir, std::mem::take(&mut given), workspace, problems)
    };
    document::hcl(spec, &mut read, problems)
}

/// Plain data for readers that know no expressions.
pub(in crate::formats) fn plain(node: &Node) -> Node {
    settled(node.clone())
}
