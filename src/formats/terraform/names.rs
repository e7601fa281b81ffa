//! Names in an expression → values: variables, locals, outputs of local modules, attributes of resources.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::eval::{Here, Scope};
use super::source::{self, Given, Item, Module};
use super::value::{fails, later, text, unknown};
use super::{registry, template};
use crate::document::Node;
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::{Workspace, join};

/// Most work that one manifest's expressions may take, in nodes made and steps taken.
const WORK: usize = 1_500_000;
/// Deepest nesting of expressions, through names.
const DEEPEST: usize = 100;
/// What a call of a module costs, in steps.
const CALL: usize = 100;
/// Deepest nesting of modules.
const MODULES: usize = 12;

/// What all modules of one reading share.
pub(super) struct World<'w> {
    pub(super) workspace: &'w dyn Workspace,
    /// The folder of the root module.
    pub(super) root: String,
    modules: RefCell<BTreeMap<String, Option<Rc<Module>>>>,
    work: Cell<usize>,
    depth: Cell<usize>,
    /// Each is said once.
    problems: RefCell<BTreeSet<Problem>>,
    /// Calls of modules that are not in the repository.
    pub(super) missing: RefCell<Vec<(String, Location)>>,
    /// Files of Terragrunt that functions read: locals and inputs.
    pub(super) configs: RefCell<BTreeMap<String, Option<Node>>>,
    /// What a unit of Terragrunt includes: labels, and the folders of the files.
    pub(super) includes: RefCell<Vec<(String, String)>>,
    /// Is a name one that is filled in where the thing runs, and nowhere before?
    pub(super) at_run_time: fn(&str) -> bool,
}

/// One use of a module: by itself (the root), or called.
pub(super) struct Instance {
    pub(super) module: Rc<Module>,
    /// The call, where it is not the root.
    pub(super) call: Option<Call>,
    /// Values of the root's variables.
    pub(super) given: BTreeMap<String, Given>,
    /// Names of the calls that lead here.
    pub(super) path: Vec<String>,
    memo: RefCell<BTreeMap<String, Option<Rc<Node>>>>,
    children: RefCell<BTreeMap<String, Option<Rc<Instance>>>>,
}

/// The call of a module.
pub(super) struct Call {
    pub(super) parent: Rc<Instance>,
    pub(super) item: Rc<Item>,
    /// `each`, `count`.
    pub(super) names: Vec<(String, Node)>,
}

impl<'w> World<'w> {
    pub(super) fn new(workspace: &'w dyn Workspace, root: &str) -> Self {
        Self {
            workspace,
            root: root.to_owned(),
            modules: RefCell::default(),
            work: Cell::new(0),
            depth: Cell::new(0),
            problems: RefCell::default(),
            missing: RefCell::default(),
            configs: RefCell::default(),
            includes: RefCell::default(),
            at_run_time: |_| false,
        }
    }

    pub(super) fn problem(&self, problem: Problem) {
        self.problems.borrow_mut().insert(problem);
    }

    /// Counts work; false when there is none left.
    pub(super) fn charge(&self, work: usize) -> bool {
        let done = self.work.get().saturating_add(work);
        if self.work.get() <= WORK && done > WORK {
            self.problem(Problem::file(&self.root, format!("takes more than the limit of {WORK} steps to evaluate; the rest is unknown")));
        }
        self.work.set(done);
        done <= WORK
    }

    /// Evaluates one level deeper.
    pub(super) fn deeper(&self, at: &Location, f: impl FnOnce() -> Node) -> Node {
        if self.depth.get() >= DEEPEST {
            return unknown(format!("the expression is nested deeper than the limit of {DEEPEST}"), at);
        }
        self.depth.set(self.depth.get() + 1);
        let node = f();
        self.depth.set(self.depth.get() - 1);
        node
    }

    /// The module of a folder, read once.
    pub(super) fn module(&self, dir: &str) -> Option<Rc<Module>> {
        if let Some(known) = self.modules.borrow().get(dir) {
            return known.clone();
        }
        let module = source::module(self.workspace, dir).map(Rc::new);
        for problem in module.iter().flat_map(|m| &m.problems) {
            self.problem(problem.clone());
        }
        self.modules.borrow_mut().insert(dir.to_owned(), module.clone());
        module
    }

    /// Every problem, those of blocks too that were read on the way.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let modules = self.modules.borrow();
        for wrong in modules.values().flatten().flat_map(|module| module.wrong()) {
            self.problem(wrong.clone());
        }
        self.problems.take().into_iter().collect()
    }

    /// The root module with its values.
    pub(super) fn root(&self, module: Rc<Module>, given: BTreeMap<String, Given>, path: Vec<String>) -> Rc<Instance> {
        Rc::new(Instance { module, call: None, given, path, memo: RefCell::default(), children: RefCell::default() })
    }

    /// The instance that a call of a local module makes; `key` tells those of one call apart.
    pub(super) fn child(&self, of: &Rc<Instance>, item: &Rc<Item>, key: &str, names: Vec<(String, Node)>) -> Option<Rc<Instance>> {
        let name = item.label(0);
        let id = format!("{name}[{key}]");
        if let Some(known) = of.children.borrow().get(&id) {
            return known.clone();
        }
        let made = self.call(of, item, names);
        of.children.borrow_mut().insert(id, made.clone());
        made
    }

    fn call(&self, of: &Rc<Instance>, item: &Rc<Item>, names: Vec<(String, Node)>) -> Option<Rc<Instance>> {
        let source = source_of(item)?;
        let at = item.heading();
        if !is_local(source) {
            return None;
        }
        // A call costs what its module declares: modules that call others twice double with every step.
        if !self.charge(CALL) {
            return None;
        }
        if of.path.len() >= MODULES {
            self.problem(Problem::at(at, format!("modules call each other deeper than the limit of {MODULES}")));
            return None;
        }
        let Some(module) = join(&of.module.dir, source).and_then(|dir| self.module(&dir)) else {
            let missing = (item.label(0).to_owned(), at);
            let mut all = self.missing.borrow_mut();
            if !all.contains(&missing) {
                all.push(missing);
            }
            return None;
        };
        let path = of.path.iter().cloned().chain([item.label(0).to_owned()]).collect();
        let call = Call { parent: Rc::clone(of), item: Rc::clone(item), names };
        Some(Rc::new(Instance {
            module,
            call: Some(call),
            given: BTreeMap::new(),
            path,
            memo: RefCell::default(),
            children: RefCell::default(),
        }))
    }

    /// Remembers what a name comes to; a name that needs itself is unknown.
    fn remembered(&self, of: &Instance, key: String, at: &Location, make: impl FnOnce() -> Node) -> Rc<Node> {
        match of.memo.borrow().get(&key) {
            Some(Some(known)) => return Rc::clone(known),
            Some(None) => {
                let message = format!("`{key}` refers to itself");
                self.problem(Problem::at(at.clone(), message.clone()));
                return Rc::new(unknown(message, at));
            }
            None => {}
        }
        of.memo.borrow_mut().insert(key.clone(), None);
        let node = Rc::new(self.deeper(at, make));
        of.memo.borrow_mut().insert(key, Some(Rc::clone(&node)));
        node
    }

    /// `var.NAME`
    pub(super) fn variable(&self, of: &Rc<Instance>, name: &str, at: &Location) -> Rc<Node> {
        self.remembered(of, format!("var.{name}"), at, || {
            let value = self.given(of, name, at);
            let declared = of.module.variables.get(name);
            match declared.and_then(|d| Some((d.body().get_attribute("type")?, &d.origin))) {
                Some((of_type, origin)) => self.completed(value, &of_type.value, Here { of, origin, scope: None }),
                None => value,
            }
        })
    }

    /// The value of a variable as it is written.
    fn given(&self, of: &Rc<Instance>, name: &str, at: &Location) -> Node {
        let declared = of.module.variables.get(name);
        if let Some(call) = &of.call {
            if let Some(argument) = call.item.body().get_attribute(name) {
                return self.with_names(&call.parent, &call.item, &call.names, |here| self.eval(&argument.value, here));
            }
        } else if let Some(given) = of.given.get(name) {
            return match given {
                Given::Json(node) => node.clone(),
                Given::Hcl(value, origin) => self.eval(value, Here { of, origin, scope: None }),
            };
        }
        let default = declared.and_then(|d| Some((d.body().get_attribute("default")?, &d.origin)));
        match default {
            Some((default, origin)) => self.eval(&default.value, Here { of, origin, scope: None }),
            None if declared.is_some() => unknown(format!("the variable `{name}` has no value"), at),
            None => fails(format!("the variable `{name}` is not declared"), at),
        }
    }

    /// `local.NAME`
    pub(super) fn local(&self, of: &Rc<Instance>, name: &str, at: &Location) -> Rc<Node> {
        self.remembered(of, format!("local.{name}"), at, || match of.module.local(name) {
            Some((attribute, origin)) => self.eval(&attribute.value, Here { of, origin, scope: None }),
            None => fails(format!("`local.{name}` is not declared"), at),
        })
    }

    /// An output of a module that is called.
    pub(super) fn output(&self, of: &Rc<Instance>, call: &str, key: &str, name: &str, at: &Location) -> Rc<Node> {
        let Some(item) = of.module.calls.get(call) else {
            return Rc::new(fails(format!("the module `{call}` is not declared"), at));
        };
        let copy = self.copies(of, item).into_iter().find(|c| c.key == key || key.is_empty());
        let names = copy.map(|c| c.names).unwrap_or_default();
        let Some(child) = self.child(of, item, key, names.clone()) else {
            if let Some(made) = registry::output(self, of, item, &names, name) {
                return Rc::new(made);
            }
            return Rc::new(later(format!("`module.{call}.{name}` comes from a module that is not in the repository"), at));
        };
        self.remembered(&child, format!("output.{name}"), at, || match child.module.outputs.get(name) {
            Some(output) => match output.body().get_attribute("value") {
                Some(value) => self.eval(&value.value, Here { of: &child, origin: &output.origin, scope: None }),
                None => unknown(format!("the output `{name}` has no value"), at),
            },
            None => fails(format!("the module `{call}` has no output `{name}`"), at),
        })
    }

    /// An attribute of a resource or data source that stands in its block.
    pub(super) fn attribute(&self, of: &Rc<Instance>, data: bool, kind: &str, name: &str, attribute: &str, at: &Location) -> Node {
        let prefix = if data { "data." } else { "" };
        let key = (data, kind.to_owned(), name.to_owned());
        let Some(item) = of.module.by_name.get(&key) else {
            return fails(format!("`{prefix}{kind}.{name}` is not declared"), at);
        };
        if data && kind == "template_file" && attribute == "rendered" {
            return template::template_file(self, of, item, at);
        }
        if let (false, Some(value)) = (data, item.body().get_attribute(attribute)) {
            return self.deeper(at, || self.eval(&value.value, Here { of, origin: &item.origin, scope: None }));
        }
        let blocks: Vec<_> = item.body().get_blocks(attribute).collect();
        if !data && !blocks.is_empty() {
            let here = Here { of, origin: &item.origin, scope: None };
            return super::value::list(blocks.into_iter().map(|b| self.body(&b.body, here, &item.origin.at(&b.ident))).collect(), at);
        }
        let when = if data { "is read from the provider" } else { "is known only after `apply`" };
        later(format!("`{prefix}{kind}.{name}.{attribute}` {when}"), at)
    }

    /// `path.module` and its like: from the workspace's root, which is `/`.
    pub(super) fn path(&self, of: &Instance, name: &str, at: &Location) -> Node {
        match name {
            "module" => text(format!("/{}", of.module.dir), at),
            "root" | "cwd" => text(format!("/{}", self.root), at),
            _ => fails("`path` has no such name", at),
        }
    }

    /// Evaluates in a block with `each` and `count` of one copy of it.
    pub(super) fn with_names<T>(&self, of: &Rc<Instance>, item: &Item, names: &[(String, Node)], f: impl FnOnce(Here<'_>) -> T) -> T {
        let (first, second) = (names.first(), names.get(1));
        let outer = first.map(|(name, value)| Scope { name, value, outer: None });
        let inner = second.map(|(name, value)| Scope { name, value, outer: outer.as_ref() });
        f(Here { of, origin: &item.origin, scope: inner.as_ref().or(outer.as_ref()) })
    }
}

/// The text of a call's `source`.
pub(super) fn source_of(item: &Item) -> Option<&str> {
    item.body().get_attribute("source")?.value.as_str()
}

/// Is a module's source a folder of the same repository?
pub(super) fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}
