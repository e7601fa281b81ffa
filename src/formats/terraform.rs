//! Terraform and OpenTofu modules, Terragrunt units, plans and states → managed services and workloads.
//!
//! Expressions are evaluated as far as literals, variable files, locals and local modules go (developer.hashicorp.com:
//! Terraform language); what only a provider knows is unknown, with its name.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::report::Problem;
use crate::workspace::{Workspace, file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};
use names::{Instance, World, is_local, source_of};
use resource::Resource;
use source::{Given, is_code};

mod collections;
mod copies;
mod document;
mod engines;
mod eval;
mod functions;
pub(super) mod jobspec;
mod kubernetes;
mod names;
mod plan;
mod registry;
mod releases;
mod resource;
mod runtime;
mod source;
mod template;
mod terragrunt;
mod types;
mod value;
mod variables;
mod workloads;

/// The format.
#[derive(Debug)]
pub struct Terraform;

impl Format for Terraform {
    fn id(&self) -> &'static str {
        "terraform"
    }

    fn name(&self) -> &'static str {
        "Terraform"
    }

    fn deploys(&self) -> bool {
        true
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`engine_version` of managed services of AWS, Azure and Google Cloud, of modules of the registry; images of task definitions and Kubernetes resources; of a plan, what it says",
            env: "of tasks, functions, apps",
            processes: "services, functions, jobs",
            unknown: "variables without a value, data sources, outputs of other states, modules that are not in the repository",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        is_code(path) || file_name(path) == "terragrunt.hcl" || plan::may_be(path)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        if plan::may_be(path) && !is_code(path) {
            return if plan::is(head) { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No };
        }
        let ours = if is_code(path) { declares(head) } else { terragrunt::is_unit(head) };
        if ours { Claim::Yes { manifest: parent(path).to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        let (files, _) = if workspace.is_dir(path) { workspace.list(path) } else { return Vec::new() };
        let mut out = Vec::new();
        for file in files.iter().filter(|f| parent(f) == path && (is_code(f) || file_name(f) == "terragrunt.hcl")) {
            let Ok(source) = workspace.read(file) else { continue };
            out.extend(sources(source.text()).filter(|s| is_local(s)).filter_map(|s| join(path, s)).filter(|dir| dir != path));
            out.extend(files_named(source.text()).filter_map(|f| join(path, f)).filter(|f| files.contains(f)));
        }
        out.sort();
        out.dedup();
        out
    }

    fn alone(&self) -> bool {
        true
    }

    fn runs(&self, path: &str, workspace: &dyn Workspace) -> bool {
        if !workspace.is_dir(path) {
            return true;
        }
        let (files, _) = workspace.list(path);
        files.iter().filter(|f| parent(f) == path).any(|file| {
            let starts = ["provider \"", "backend \"", "cloud {", "\"provider\"", "\"backend\"", "\"cloud\""];
            let configures = |line: &str| starts.iter().any(|start| line.trim_start_matches([' ', '\t', '{']).starts_with(start));
            file_name(file) == "terragrunt.hcl"
                || file.ends_with(".tfvars")
                || file.ends_with(".tfvars.json")
                || is_code(file) && workspace.read(file).is_ok_and(|s| s.text().lines().any(configures))
        })
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            if plan::may_be(path) && !is_code(path) {
                plan::read(path, cx, &mut reading);
            } else {
                module(path, cx, &mut reading);
            }
        }
        reading
    }
}

/// The texts of `source = "..."` lines.
fn sources(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let bare = line.trim_start();
        let rest = match bare.strip_prefix("\"source\"") {
            Some(rest) => rest.trim_start().strip_prefix(':')?,
            None => bare.strip_prefix("source")?.trim_start().strip_prefix('=')?,
        };
        rest.trim_start().strip_prefix('"')?.split('"').next()
    })
}

/// The files that `file(...)` and `templatefile(...)` name by a literal.
fn files_named(text: &str) -> impl Iterator<Item = &str> {
    text.split("file(\"").skip(1).filter_map(|rest| {
        let name = rest.split('"').next()?;
        let name =
            ["${path.module}/", "${path.root}/", "${get_terragrunt_dir()}/"].iter().find_map(|p| name.strip_prefix(p)).unwrap_or(name);
        (!name.contains("${")).then_some(name)
    })
}

/// Does a file declare something that is read: a resource of a known type, a module that may hold one?
fn declares(text: &str) -> bool {
    let json = text.trim_start().starts_with('{') && text.contains("\"resource\"");
    if json && text.split('"').any(known) {
        return true;
    }
    let typed =
        |line: &str| line.strip_prefix("resource").and_then(|l| l.trim_start().strip_prefix('"')?.split('"').next()).is_some_and(known);
    text.lines().any(typed) || sources(text).any(|s| is_local(s) || registry::names(s))
}

/// The resource that holds a job file of Nomad.
const NOMAD: &str = "nomad_job";

/// Is it a type of resource that is read?
fn known(kind: &str) -> bool {
    kind == NOMAD || engines::row(kind).is_some() || workloads::knows(kind) || kubernetes::knows(kind) || releases::knows(kind)
}

/// Reads a folder, or of its folder's module what one file declares.
fn module(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    let folder = cx.workspace.is_dir(path);
    let dir = if folder { path } else { parent(path) };
    let world = World::new(cx.workspace, dir);
    let unit = join(dir, "terragrunt.hcl").filter(|p| cx.workspace.is_file(p));
    let mut walk = Walk { world: &world, only: (!folder).then_some(path), reading, trees: Vec::new(), unread: Vec::new() };
    if let Some(unit) = unit.filter(|u| folder || u == path) {
        terragrunt::read(&unit, &mut walk);
    } else if let Some(module) = world.module(dir) {
        let mut given: BTreeMap<String, Given> = BTreeMap::new();
        variables::given(dir, cx, &mut given, walk.reading);
        let root = world.root(module, given, Vec::new());
        walk.instance(&root, None);
    } else {
        walk.reading.problems.push(Problem::file(path, "holds no Terraform file"));
    }
    walk.finish();
}

/// The way through the modules of one root.
struct Walk<'w, 'r> {
    world: &'w World<'w>,
    /// The one file of the root that is read.
    only: Option<&'r str>,
    reading: &'r mut Reading,
    /// Objects of Kubernetes, and why they may not be there.
    trees: Vec<(crate::document::Node, Option<String>)>,
    /// Modules from elsewhere that are not read.
    unread: Vec<String>,
}

impl Walk<'_, '_> {
    /// What an instance of a module declares.
    fn instance(&mut self, of: &Rc<Instance>, conditional: Option<&String>) {
        let module = Rc::clone(&of.module);
        let meant = |path: &str| of.call.is_some() || self.only.is_none_or(|only| only == path);
        let resources: Vec<_> = module.resources.iter().filter(|i| meant(i.origin.source.path())).collect();
        let calls: Vec<_> = module.calls.values().filter(|i| meant(i.origin.source.path())).collect();
        for item in resources {
            if item.ident == "resource" && known(item.label(0)) && item.is_whole() {
                for resource in self.world.resources(of, item, conditional) {
                    self.resource(&resource);
                }
            }
        }
        for item in calls.into_iter().filter(|item| item.is_whole()) {
            let local = source_of(item).is_some_and(is_local);
            for resource in if local { Vec::new() } else { self.world.resources(of, item, conditional) } {
                let source = resource.text(&["source"]).unwrap_or_default();
                if !self.called(&Resource { kind: source, ..resource }) {
                    self.unread.push(item.label(0).to_owned());
                }
            }
            for copy in if local { self.world.copies(of, item) } else { Vec::new() } {
                let why = copy.conditional.as_ref().or(conditional).cloned();
                match self.world.child(of, item, &copy.key, copy.names.clone()) {
                    Some(child) => self.instance(&child, why.as_ref()),
                    None => self.absent(of, item, copy, why),
                }
            }
        }
    }

    /// What a resource provides or runs.
    fn resource(&mut self, resource: &Resource) {
        if self.reading.is_full(self.world.workspace) {
            return;
        }
        if let Some(row) = engines::row(&resource.kind) {
            self.reading.services.extend(engines::service(resource, row));
        } else if kubernetes::knows(&resource.kind) {
            match kubernetes::tree(resource) {
                Ok(tree) => self.trees.extend(tree.map(|t| (t, resource.conditional.clone()))),
                Err(why) => {
                    let message = format!("the object of `{}` is not known: {why}", resource.name());
                    self.reading.problems.push(Problem::at(resource.at.clone(), message).warning());
                }
            }
        } else if resource.kind == NOMAD {
            self.jobs(resource);
        } else {
            workloads::services(resource, self.reading);
            releases::services(resource, self.reading);
        }
    }

    /// The tasks of a job of Nomad.
    fn jobs(&mut self, resource: &Resource) {
        let first = self.reading.services.len();
        match jobspec::of_resource(resource, &self.world.root, self.world.workspace, &mut self.reading.problems) {
            Ok(jobs) => jobs.iter().for_each(|job| super::nomad::services(job, self.reading)),
            Err(why) => {
                let message = format!("the job of `{}` is not known: {why}", resource.name());
                self.reading.problems.push(Problem::at(resource.at.clone(), message).warning());
            }
        }
        for service in self.reading.services.iter_mut().skip(first) {
            service.conditional = service.conditional.take().or_else(|| resource.conditional.clone());
        }
    }

    /// What a module from elsewhere provides or runs; says whether it is one that is read.
    fn called(&mut self, resource: &Resource) -> bool {
        if self.reading.is_full(self.world.workspace) {
            return true;
        }
        if registry::workload(resource, self.reading) {
            return true;
        }
        let service = registry::service(resource);
        let found = service.is_some();
        self.reading.services.extend(service);
        found || registry::names(&resource.kind)
    }

    /// A local module that is not in the repository may say by its name and its inputs what it is.
    fn absent(&mut self, of: &Rc<Instance>, item: &source::Item, copy: copies::Copy, conditional: Option<String>) {
        let at = item.heading();
        let resource = Resource {
            kind: source_of(item).unwrap_or_default().to_owned(),
            label: item.label(0).to_owned(),
            key: copy.key,
            path: of.path.clone(),
            at: at.clone(),
            body: self.world.with_names(of, item, &copy.names, |here| self.world.body(item.body(), here, &at)),
            conditional,
        };
        if self.called(&resource) {
            self.world.missing.borrow_mut().retain(|(_, place)| *place != at);
        }
    }

    /// Reads the objects of Kubernetes together, and takes the problems over.
    fn finish(self) {
        let Self { world, reading, trees, mut unread, .. } = self;
        if !trees.is_empty() {
            let whys: Vec<_> = trees.iter().filter_map(|(tree, why)| Some((tree.at.clone(), why.clone()?))).collect();
            let mut read = super::kubernetes::read_trees(trees.into_iter().map(|(tree, _)| tree).collect());
            for service in &mut read.services {
                // The block that it was written in is the last one that starts before it.
                let before = whys.iter().filter(|(at, _)| at.path() == service.at.path() && at.span().start <= service.at.span().start);
                service.conditional = before.max_by_key(|(at, _)| at.span().start).map(|(_, why)| why.clone());
            }
            reading.services.append(&mut read.services);
            reading.problems.append(&mut read.problems);
            reading.injected.append(&mut read.injected);
        }
        if reading.services.iter().any(|s| s.at.path().ends_with(".tf") && s.provider == crate::inventory::Provider::Container) {
            reading.injected.extend(declared::reading("aws").injected);
        }
        let missing = world.missing.borrow();
        if let Some((_, at)) = missing.first() {
            let names = missing.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("local modules are not in the repository, and what they declare is not known: {names}");
            reading.problems.push(Problem::at(at.clone(), message).help("fetch them first, or give the folder that holds them"));
        }
        unread.sort();
        unread.dedup();
        if !unread.is_empty() {
            let names = unread.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            reading.notes.push(format!("modules from elsewhere that are not read: {names}"));
        }
        reading.problems.append(&mut world.problems());
    }
}

#[cfg(test)]
mod tests;
