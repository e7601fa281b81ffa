//! `terragrunt.hcl` → the module that it runs, with its inputs.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Walk;
use super::eval::Here;
use super::names::is_local;
use super::resource::Resource;
use super::source::{Given, Item, Module};
use super::value::{as_text, map};
use crate::document::hcl::{self, Origin};
use crate::document::{Content, Node};
use crate::formats::ReadContext;
use crate::report::Problem;
use crate::workspace::{join, parent};

/// Reads a unit: its local module with the inputs as variables, or a module from elsewhere by its inputs.
pub(super) fn read(path: &str, walk: &mut Walk<'_, '_>, cx: &ReadContext<'_>) {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => return walk.reading.problems.push(problem),
    };
    let parsed = hcl::read(&source);
    walk.reading.problems.extend(parsed.errors.into_iter().map(|e| Problem::at(e.at, format!("`{path}` {}", e.why))));
    let mut module = Module { dir: parent(path).to_owned(), ..Module::default() };
    let mut inputs = None;
    let mut named = None;
    for (body, origin) in parsed.pieces {
        for structure in body {
            match structure {
                hcl_edit::structure::Structure::Attribute(attribute) if attribute.key.as_str() == "inputs" => {
                    inputs = Some((attribute.value, origin.clone()));
                }
                hcl_edit::structure::Structure::Attribute(_) => {}
                hcl_edit::structure::Structure::Block(block) if block.ident.as_str() == "locals" => {
                    for structure in block.body {
                        if let hcl_edit::structure::Structure::Attribute(attribute) = structure {
                            module.locals.insert(attribute.key.as_str().to_owned(), (attribute, origin.clone()));
                        }
                    }
                }
                hcl_edit::structure::Structure::Block(block) if block.ident.as_str() == "terraform" => {
                    named = Some(Item { block, origin: origin.clone() });
                }
                hcl_edit::structure::Structure::Block(_) => {}
            }
        }
    }
    let own = walk.world.root(Rc::new(module), BTreeMap::new(), Vec::new());
    let at = source.whole();
    let inputs = inputs.map_or_else(
        || map(Vec::new(), &at),
        |(value, origin): (_, Origin)| walk.world.eval(&value, Here { of: &own, origin: &origin, scope: None }),
    );
    let of = named.as_ref().and_then(|item| {
        let value = &item.block.body.get_attribute("source")?.value;
        Some(walk.world.eval(value, Here { of: &own, origin: &item.origin, scope: None }))
    });
    let Some(of) = of else {
        let problem = Problem::at(at, format!("`{path}` names no module; what it includes is not read"));
        return walk.reading.problems.push(problem.warning());
    };
    let text = match as_text(&of) {
        Ok(text) => text,
        Err(why) => return walk.reading.problems.push(Problem::at(of.at.clone(), format!("the module is not known: {why}"))),
    };
    let folder = parent(path).rsplit('/').next().unwrap_or_default().to_owned();
    if is_local(&text) {
        let found = join(parent(path), &text).and_then(|dir| walk.world.module(&dir));
        let Some(module) = found else {
            return walk.reading.problems.push(Problem::at(of.at.clone(), format!("the module of `{path}` is not in the repository")));
        };
        let root = walk.world.root(module, given(&inputs), vec![folder]);
        return walk.instance(&root, None);
    }
    let resource =
        Resource { kind: text, label: folder, key: String::new(), path: Vec::new(), at: of.at.clone(), body: inputs, conditional: None };
    if !walk.called(&resource) {
        walk.unread.push(resource.label);
    }
}

/// Inputs as values of variables.
fn given(inputs: &Node) -> BTreeMap<String, Given> {
    let Content::Mapping(entries) = &inputs.content else { return BTreeMap::new() };
    entries.iter().filter_map(|e| Some((e.key.text()?.to_owned(), Given::Json(e.value.clone())))).collect()
}
