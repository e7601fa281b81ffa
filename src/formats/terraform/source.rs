//! A folder of `.tf` files → the module that it is; variable files → values.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use crate::document::hcl::outline::Heading;
use crate::document::hcl::{self, Blocks, Origin};
use crate::document::yaml;
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::{Workspace, file_name, parent};

/// A block and where it was written. What is in it is read when it is asked for: most of a module never is.
pub(super) struct Item {
    pub(super) ident: String,
    /// Each with its place.
    pub(super) labels: Vec<(String, Location)>,
    pub(super) origin: Origin,
    heading: Location,
    /// From its type to its closing brace.
    pub(super) whole: Location,
    body: Within,
    wrong: OnceCell<Problem>,
}

/// What is in a block.
enum Within {
    Read(Body),
    /// It is one of these, by number.
    OneOf(Arc<Blocks>, usize),
}

/// What is in a block that is no HCL.
static NOTHING: LazyLock<Body> = LazyLock::new(Body::new);

impl Item {
    /// A block that was read.
    pub(super) fn read(block: Block, origin: Origin) -> Self {
        let labels: Vec<_> = block.labels.iter().map(|l| (l.as_str().to_owned(), origin.at(l))).collect();
        let (ident, whole) = (origin.at(&block.ident), origin.at(&block));
        let last = block.labels.last().and_then(hcl_edit::Span::span).or_else(|| hcl_edit::Span::span(&block.ident));
        let heading = hcl_edit::Span::span(&block.ident).zip(last).map_or(ident, |(first, last)| origin.place(first.start, last.end));
        Self { ident: block.ident.to_string(), labels, origin, heading, whole, body: Within::Read(block.body), wrong: OnceCell::new() }
    }

    /// One of the blocks of a source, by number.
    fn unread((n, heading): (usize, &Heading), blocks: &Arc<Blocks>, source: &Arc<Source>) -> Self {
        let labels = heading.labels.iter().map(|(name, span)| (name.clone(), source.at(*span))).collect();
        let origin = Origin::new(Arc::clone(source), heading.whole.start);
        let (at, whole) = (source.at(heading.heading), source.at(heading.whole));
        let body = Within::OneOf(Arc::clone(blocks), n);
        Self { ident: heading.ident.clone(), labels, origin, heading: at, whole, body, wrong: OnceCell::new() }
    }

    /// What is in it; nothing where that is no HCL.
    pub(super) fn body(&self) -> &Body {
        match &self.body {
            Within::Read(body) => body,
            Within::OneOf(blocks, n) => blocks.body(*n, &self.origin.source).unwrap_or_else(|e| {
                let _again = self.wrong.set(problem(e));
                &NOTHING
            }),
        }
    }

    /// Can it be read?
    pub(super) fn is_whole(&self) -> bool {
        self.body();
        self.wrong.get().is_none()
    }

    /// A label by number.
    pub(super) fn label(&self, n: usize) -> &str {
        self.labels.get(n).map_or("", |(name, _)| name)
    }

    /// The place of its heading: the keyword with its labels.
    pub(super) fn heading(&self) -> Location {
        self.heading.clone()
    }
}

fn problem(error: crate::document::Unreadable) -> Problem {
    let message = format!("`{}` {}", error.at.path(), error.why);
    Problem::at(error.at, message)
}

/// A module: one folder.
#[derive(Default)]
pub(super) struct Module {
    pub(super) dir: String,
    pub(super) variables: BTreeMap<String, Item>,
    pub(super) locals: Vec<Item>,
    /// By name: the block, and the number in it.
    pub(super) local: OnceCell<BTreeMap<String, (usize, usize)>>,
    pub(super) outputs: BTreeMap<String, Item>,
    pub(super) calls: BTreeMap<String, Rc<Item>>,
    /// Resources and data sources in order of files: type and name, `data` or not.
    pub(super) resources: Vec<Rc<Item>>,
    /// By (`data`, type, name).
    pub(super) by_name: BTreeMap<(bool, String, String), Rc<Item>>,
    pub(super) problems: Vec<Problem>,
}

/// Endings of the files of a module (developer.hashicorp.com: Files and Configuration Structure; opentofu.org).
const ENDINGS: [&str; 4] = [".tf", ".tofu", ".tf.json", ".tofu.json"];

/// Is it a file of a module?
pub(super) fn is_code(path: &str) -> bool {
    ENDINGS.iter().any(|e| path.ends_with(e))
}

/// Reads a folder. `None` where no file of a module is in it.
pub(super) fn module(workspace: &dyn Workspace, dir: &str) -> Option<Module> {
    let (files, problems) = workspace.list(dir);
    let mut own: Vec<&String> = files.iter().filter(|f| parent(f) == dir && is_code(f)).collect();
    if own.is_empty() {
        return None;
    }
    // What an override file says counts last (developer.hashicorp.com: Override Files).
    own.sort_by_key(|f| (overrides(f), (*f).clone()));
    let mut module = Module { dir: dir.to_owned(), problems, ..Module::default() };
    for path in own {
        match workspace.read(path) {
            Ok(source) => {
                if let Some(blocks) = hcl::blocks(&source) {
                    let each = blocks.headings.iter().enumerate();
                    each.for_each(|block| module.add(Item::unread(block, &blocks, &source), overrides(path)));
                    continue;
                }
                let parsed = hcl::read(&source);
                module.problems.extend(parsed.errors.into_iter().map(problem));
                for (body, origin) in parsed.pieces {
                    for block in body.into_iter().filter_map(|s| s.into_block().ok()) {
                        module.add(Item::read(block, origin.clone()), overrides(path));
                    }
                }
            }
            Err(problem) => module.problems.push(problem),
        }
    }
    Some(module)
}

fn overrides(path: &str) -> bool {
    let name = file_name(path);
    let stem = ENDINGS.iter().find_map(|e| name.strip_suffix(e)).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

impl Module {
    pub(super) fn add(&mut self, item: Item, overrides: bool) {
        let name = item.label(0).to_owned();
        match item.ident.as_str() {
            "variable" => {
                self.variables.insert(name, item);
            }
            "output" => {
                self.outputs.insert(name, item);
            }
            "locals" => self.locals.push(item),
            "module" => {
                self.calls.insert(name, Rc::new(item));
            }
            word @ ("resource" | "data") => {
                let key = (word == "data", name, item.label(1).to_owned());
                if overrides && let Some(first) = self.by_name.get(&key) {
                    let problem = Problem::at(item.heading(), "an override of a resource is not merged into it");
                    let _ = first;
                    self.problems.push(problem.warning());
                    return;
                }
                let item = Rc::new(item);
                self.resources.push(Rc::clone(&item));
                self.by_name.insert(key, item);
            }
            _ => {}
        }
    }
}

impl Module {
    /// Where its local values stand; a later one of a name wins.
    fn locals(&self) -> &BTreeMap<String, (usize, usize)> {
        self.local.get_or_init(|| {
            let named = |(block, item): (usize, &Item)| {
                let each = item.body().iter().enumerate();
                each.filter_map(|(n, s)| Some((s.as_attribute()?.key.to_string(), (block, n)))).collect::<Vec<_>>()
            };
            self.locals.iter().enumerate().flat_map(named).collect()
        })
    }

    /// The names of its local values.
    pub(super) fn names_of_locals(&self) -> impl Iterator<Item = &String> {
        self.locals().keys()
    }

    /// A local value by name, and where it stands.
    pub(super) fn local(&self, name: &str) -> Option<(&Attribute, &Origin)> {
        let (block, n) = self.locals().get(name)?;
        let item = self.locals.get(*block)?;
        Some((item.body().get(*n)?.as_attribute()?, &item.origin))
    }

    /// What could not be read of the blocks that were asked for.
    pub(super) fn wrong(&self) -> impl Iterator<Item = &Problem> {
        let named = self.variables.values().chain(self.outputs.values()).chain(&self.locals);
        named.chain(self.calls.values().chain(&self.resources).map(Rc::as_ref)).filter_map(|item| item.wrong.get())
    }
}

/// Values of variables: an expression of a `.tfvars` file, or a node of a JSON one.
pub(super) enum Given {
    Hcl(Expression, Origin),
    Json(crate::document::Node),
}

/// Reads a variable file into `values`; a later file wins.
pub(super) fn variables(workspace: &dyn Workspace, path: &str, values: &mut BTreeMap<String, Given>, problems: &mut Vec<Problem>) {
    let source = match workspace.read(path) {
        Ok(source) => source,
        Err(problem) => return problems.push(problem),
    };
    let mut errors = Vec::new();
    if path.ends_with(".json") {
        let read = yaml::read(&source);
        errors = read.errors;
        for entry in read.documents.first().map(|d| d.root.entries()).unwrap_or_default() {
            if let Some(key) = entry.key.text() {
                values.insert(key.to_owned(), Given::Json(entry.value.clone()));
            }
        }
    } else {
        let parsed = hcl::read(&source);
        errors.extend(parsed.errors);
        for (body, origin) in parsed.pieces {
            for structure in body {
                if let Structure::Attribute(attribute) = structure {
                    values.insert(attribute.key.to_string(), Given::Hcl(attribute.value, origin.clone()));
                }
            }
        }
    }
    problems.extend(errors.into_iter().map(|e| Problem::at(e.at, format!("`{path}` {}", e.why))));
}
