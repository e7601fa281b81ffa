//! `terragrunt.hcl` → the module that it runs, with its inputs and those of the files that it includes.
//!
//! Source: terragrunt.gruntwork.io/docs/reference (HCL Blocks: `include`; HCL Functions).

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Structure;

use super::Walk;
use super::eval::{Here, Scope};
use super::names::{Instance, World, is_local};
use super::resource::Resource;
use super::source::{Given, Item, Module};
use super::value::{as_bool, as_text, later, list, map, more_entry, text};
use crate::document::hcl::{self, Origin};
use crate::document::{Content, Entry, Node};
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::{file_name, join, parent};

mod functions;

pub(super) use functions::call;

/// Does a file run a module: does it name one, or include what may?
pub(super) fn is_unit(text: &str) -> bool {
    let includes = |line: &str| line.strip_prefix("include").is_some_and(|rest| rest.trim_start().starts_with(['{', '"']));
    text.lines().any(includes) || text.contains("terraform {") && super::sources(text).next().is_some()
}

/// A file of Terragrunt.
struct File {
    path: String,
    at: Location,
    own: Rc<Instance>,
    /// `inputs`, `skip`.
    arguments: BTreeMap<String, (Expression, Origin)>,
    /// `terraform`, `exclude`.
    blocks: BTreeMap<String, Item>,
    includes: Vec<Item>,
}

/// Reads a file and its locals; what cannot be read is said.
fn load(path: &str, world: &World<'_>) -> Option<File> {
    let source = world.workspace.read(path).map_err(|problem| world.problem(problem)).ok()?;
    let parsed = hcl::read(&source);
    for error in parsed.errors {
        world.problem(Problem::at(error.at, format!("`{path}` {}", error.why)));
    }
    let mut module = Module { dir: parent(path).to_owned(), ..Module::default() };
    let (mut arguments, mut blocks, mut includes) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (body, origin) in parsed.pieces {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    arguments.insert(attribute.key.as_str().to_owned(), (attribute.value, origin.clone()));
                }
                Structure::Block(block) => {
                    let item = Item::read(block, origin.clone());
                    match item.ident.as_str() {
                        "locals" => module.add(item, false),
                        "include" => includes.push(item),
                        word => drop(blocks.insert(word.to_owned(), item)),
                    }
                }
            }
        }
    }
    let own = world.root(Rc::new(module), BTreeMap::new(), Vec::new());
    Some(File { path: path.to_owned(), at: source.whole(), own, arguments, blocks, includes })
}

impl File {
    /// The value of an argument. It may use outputs of other units, and what is included.
    fn argument(&self, name: &str, included: &Node, world: &World<'_>) -> Option<Node> {
        let (value, origin) = self.arguments.get(name)?;
        Some(self.eval(value, origin, included, world))
    }

    /// The value of an argument of a block.
    fn in_block(&self, block: &str, name: &str, included: &Node, world: &World<'_>) -> Option<Node> {
        let item = self.blocks.get(block)?;
        let value = &item.body().get_attribute(name)?.value;
        Some(self.eval(value, &item.origin, included, world))
    }

    fn eval(&self, value: &Expression, origin: &Origin, included: &Node, world: &World<'_>) -> Node {
        let others = later("an output of another unit is known only after `apply`", &self.at);
        let outer = Scope { name: "dependency", value: &others, outer: None };
        let scope = Scope { name: "include", value: included, outer: Some(&outer) };
        world.eval(value, Here { of: &self.own, origin, scope: Some(&scope) })
    }

    /// Its locals and inputs, as others see them.
    fn exposed(&self, world: &World<'_>) -> Node {
        let local = |name: &String| {
            let value = world.local(&self.own, name, &self.at);
            Entry { key: text(name, &self.at), value: Node::clone(&value) }
        };
        let locals = map(self.own.module.names_of_locals().map(local).collect(), &self.at);
        let nothing = map(Vec::new(), &self.at);
        let inputs = self.argument("inputs", &nothing, world).unwrap_or(nothing);
        let entry = |key: &str, value: Node| Entry { key: text(key, &self.at), value };
        map(vec![entry("locals", locals), entry("inputs", inputs)], &self.at)
    }
}

/// A file that another one includes.
struct Included {
    label: String,
    file: File,
    strategy: String,
}

/// The files that a unit includes; one that is not there is said.
fn included(unit: &File, world: &World<'_>) -> Vec<Included> {
    let nothing = map(Vec::new(), &unit.at);
    let mut out = Vec::new();
    for item in &unit.includes {
        let argument = |name: &str| Some(unit.eval(&item.body().get_attribute(name)?.value, &item.origin, &nothing, world));
        let Some(path) = argument("path") else { continue };
        let found = as_text(&path).map(|text| resolve(&text, parent(&unit.path)).filter(|p| world.workspace.is_file(p)));
        let file = match found {
            Ok(Some(path)) => load(&path, world),
            Ok(None) => {
                world.problem(Problem::at(path.at.clone(), format!("the file that `{}` includes is not in the repository", unit.path)));
                continue;
            }
            Err(why) => {
                world.problem(Problem::at(path.at.clone(), format!("the file that `{}` includes is not known: {why}", unit.path)));
                continue;
            }
        };
        let strategy = argument("merge_strategy").and_then(|n| as_text(&n).ok()).unwrap_or_default();
        if let Some(file) = file {
            world.includes.borrow_mut().push((item.label(0).to_owned(), parent(&file.path).to_owned()));
            out.push(Included { label: item.label(0).to_owned(), file, strategy });
        }
    }
    out
}

/// Reads a unit: its local module with the inputs as variables, or a module from elsewhere by its inputs.
pub(super) fn read(path: &str, walk: &mut Walk<'_, '_>) {
    let world = walk.world;
    let Some(unit) = load(path, world) else { return };
    let included = included(&unit, world);
    let nothing = map(Vec::new(), &unit.at);
    let exposed = match included.as_slice() {
        [only] if only.label.is_empty() => only.file.exposed(world),
        all => map(all.iter().map(|i| Entry { key: text(&i.label, &unit.at), value: i.file.exposed(world) }).collect(), &unit.at),
    };
    let mut inputs = nothing.clone();
    let mut source = unit.in_block("terraform", "source", &exposed, world);
    for one in included.iter().filter(|i| i.strategy != "no_merge") {
        let theirs = one.file.argument("inputs", &nothing, world).unwrap_or_else(|| nothing.clone());
        inputs = merged(inputs, theirs, one.strategy == "deep", 0);
        source = source.or_else(|| one.file.in_block("terraform", "source", &nothing, world));
    }
    let deep = included.iter().any(|i| i.strategy == "deep");
    let own = unit.argument("inputs", &exposed, world).unwrap_or_else(|| nothing.clone());
    let inputs = merged(inputs, own, deep, 0);
    let off = unit.argument("skip", &exposed, world).or_else(|| unit.in_block("exclude", "if", &exposed, world));
    let conditional = off.filter(|n| as_bool(n) == Ok(true)).map(|_| "the unit says that it is not run".to_owned());
    run(&unit, source, inputs, conditional.as_ref(), walk);
}

/// Walks through the module of a unit.
fn run(unit: &File, source: Option<Node>, inputs: Node, conditional: Option<&String>, walk: &mut Walk<'_, '_>) {
    let dir = parent(&unit.path);
    let folder = file_name(dir).to_owned();
    let Some(of) = source else {
        // Without a source, the module is what lies beside the file.
        match walk.world.module(dir) {
            Some(module) => {
                let root = walk.world.root(module, given(&inputs), vec![folder]);
                walk.instance(&root, conditional);
            }
            None => {
                let problem = Problem::at(unit.at.clone(), format!("`{}` names no module, and none lies beside it", unit.path));
                walk.reading.problems.push(problem.warning());
            }
        }
        return;
    };
    let named = match as_text(&of) {
        Ok(named) => named,
        Err(why) => return walk.reading.problems.push(Problem::at(of.at.clone(), format!("the module is not known: {why}"))),
    };
    if is_local(&named) || named.starts_with('/') {
        // A relative path in an included file is meant from the unit, or from that file.
        let bases = [dir, parent(of.at.path())];
        let found = bases.iter().filter_map(|base| resolve(&named, base)).find_map(|dir| walk.world.module(&dir));
        let Some(module) = found else {
            let message = format!("the module of `{}` is not in the repository", unit.path);
            return walk.reading.problems.push(Problem::at(of.at.clone(), message));
        };
        let root = walk.world.root(module, given(&inputs), vec![folder]);
        return walk.instance(&root, conditional);
    }
    let resource = Resource {
        kind: named,
        label: folder,
        key: String::new(),
        path: Vec::new(),
        at: of.at.clone(),
        body: inputs,
        conditional: conditional.cloned(),
    };
    if !walk.called(&resource) {
        walk.unread.push(resource.label);
    }
}

/// A path as functions give it, from the root (`/`), or relative to a folder.
fn resolve(path: &str, dir: &str) -> Option<String> {
    match path.strip_prefix('/') {
        Some(absolute) => join("", absolute.trim_start_matches('/')),
        None => join(dir, path),
    }
}

/// Deepest inputs that are merged.
const DEEPEST: usize = 32;

/// `over` over `base`: key by key, or deeply, where lists are joined.
fn merged(base: Node, over: Node, deep: bool, depth: usize) -> Node {
    match (base.content, over.content) {
        (Content::Mapping(mut low), Content::Mapping(high)) if over.tag.is_none() => {
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            for (i, entry) in low.iter().enumerate() {
                places.extend(entry.key.text().map(|name| (name.to_owned(), i)));
            }
            for entry in high {
                let known = entry.key.text().and_then(|name| places.get(name)).and_then(|i| low.get_mut(*i));
                match known {
                    Some(old) if deep && depth < DEEPEST => {
                        let value = std::mem::replace(&mut old.value, map(Vec::new(), &entry.value.at));
                        *old = Entry { value: merged(value, entry.value, deep, depth + 1), key: entry.key };
                    }
                    Some(old) => *old = entry,
                    None => low.push(entry),
                }
            }
            Node { content: Content::Mapping(low), at: over.at, tag: None }
        }
        (Content::Sequence(low), Content::Sequence(high)) if deep && base.tag.is_none() && over.tag.is_none() => {
            list(low.into_iter().chain(high).collect(), &over.at)
        }
        (Content::Mapping(mut low), Content::Expression(why)) if depth == 0 && !low.is_empty() => {
            low.push(more_entry(why, &over.at));
            Node { content: Content::Mapping(low), at: over.at, tag: None }
        }
        (_, content) => Node { content, at: over.at, tag: over.tag },
    }
}

/// Inputs as values of variables.
fn given(inputs: &Node) -> BTreeMap<String, Given> {
    let Content::Mapping(entries) = &inputs.content else { return BTreeMap::new() };
    entries.iter().filter_map(|e| Some((e.key.text()?.to_owned(), Given::Json(e.value.clone())))).collect()
}
