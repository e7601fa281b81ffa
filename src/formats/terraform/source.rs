//! A folder of `.tf` files → the module that it is; variable files → values.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Structure};

use crate::document::hcl::{self, Origin};
use crate::document::yaml;
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, parent};

/// A block and where it was written.
pub(super) struct Item {
    pub(super) block: Block,
    pub(super) origin: Origin,
}

impl Item {
    /// A label by number.
    pub(super) fn label(&self, n: usize) -> &str {
        self.block.labels.get(n).map_or("", |l| l.as_str())
    }

    /// The place of its heading: the keyword with its labels.
    pub(super) fn heading(&self) -> crate::source::Location {
        use hcl_edit::Span;
        let start = self.block.ident.span().unwrap_or_default();
        let end = self.block.labels.last().and_then(Span::span).map_or(start.end, |s| s.end);
        self.origin.place(start.start, end)
    }
}

/// A module: one folder.
#[derive(Default)]
pub(super) struct Module {
    pub(super) dir: String,
    pub(super) variables: BTreeMap<String, Item>,
    pub(super) locals: BTreeMap<String, (Attribute, Origin)>,
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
                let parsed = hcl::read(&source);
                let errors = parsed.errors.into_iter().map(|e| Problem::at(e.at, format!("`{path}` {}", e.why)));
                module.problems.extend(errors);
                for (body, origin) in parsed.pieces {
                    for structure in body {
                        if let Structure::Block(block) = structure {
                            module.add(Item { block, origin: origin.clone() }, overrides(path));
                        }
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
        match item.block.ident.as_str() {
            "variable" => {
                self.variables.insert(name, item);
            }
            "output" => {
                self.outputs.insert(name, item);
            }
            "locals" => {
                let origin = item.origin;
                for structure in item.block.body {
                    if let Structure::Attribute(attribute) = structure {
                        self.locals.insert(attribute.key.to_string(), (attribute, origin.clone()));
                    }
                }
            }
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
