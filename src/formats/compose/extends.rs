//! Services → the same with what they `extends` below them (compose-spec: 05-services, `extends`; compose-go:
//! `loader.ApplyExtends`).

use std::collections::BTreeMap;

use super::merge::Merger;
use super::project::{Project, services_mut};
use crate::document::{Content, Entry, Node};
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::parent;

/// The services of a file by name: as written, then as resolved.
pub(super) type Services = BTreeMap<String, (Node, bool)>;

impl Project<'_> {
    /// Resolves `extends` of every service of a document.
    pub(super) fn extend_all(&mut self, tree: &mut Node, file: &str, dir: &str) {
        if !services_mut(tree).iter().any(|s| s.value.get("extends").is_some()) {
            return;
        }
        let mut all = by_name(services_mut(tree));
        let names: Vec<String> = services_mut(tree).iter().filter_map(|s| s.key.text().map(str::to_owned)).collect();
        for name in &names {
            self.extended(name, &mut all, file, dir);
        }
        for service in services_mut(tree) {
            if let Some((node, _)) = service.key.text().and_then(|name| all.get(name)) {
                service.value = node.clone();
            }
        }
    }

    /// A service with all that it extends; remembered, so that each is resolved once.
    fn extended(&mut self, name: &str, all: &mut Services, file: &str, dir: &str) -> Option<Node> {
        let (service, done) = all.get(name)?.clone();
        let Some(extends) = service.get("extends").filter(|_| !done).cloned() else { return Some(service) };
        let most = self.cx.workspace.limits().tree.nodes;
        let base = if self.extending > most { None } else { self.base(name, &extends, all, file, dir) };
        self.extending = self.extending.saturating_add(base.as_ref().map_or(0, Node::size));
        if self.extending > most {
            self.too_much(file, &extends.at, most);
            return Some(service);
        }
        let merged = match base {
            Some(base) => {
                let mut merger = Merger::default();
                let merged = merger.over_service(base, service);
                let wrong = |at| Problem::at(at, format!("`{file}` overrides a value with one of another form; Compose refuses that"));
                self.problems.extend(merger.conflicts.into_iter().map(wrong));
                without(merged, "extends")
            }
            None => service,
        };
        all.insert(name.to_owned(), (merged.clone(), true));
        Some(merged)
    }

    /// Says once that what services take from others is too much.
    fn too_much(&mut self, file: &str, at: &Location, most: usize) {
        let what = format!("what the services of `{file}` extend has more than the limit of {most} nodes in all; the rest is not known");
        if self.problems.iter().all(|p| p.message != what) {
            self.problems.push(Problem::at(at.clone(), what));
        }
    }

    /// What a service extends.
    fn base(&mut self, service: &str, extends: &Node, all: &mut Services, file: &str, dir: &str) -> Option<Node> {
        let named = extends.get("service").unwrap_or(extends);
        let Some(name) = named.text() else {
            let why = match &named.content {
                Content::Expression(why) => why.to_string(),
                _ => "it names no service".to_owned(),
            };
            self.problems.push(Problem::at(extends.at.clone(), format!("`extends` of `{service}` cannot be followed: {why}")));
            return None;
        };
        let other = match extends.get("file").filter(|f| !f.is_null()) {
            Some(node) => Some(self.paths(std::slice::from_ref(node), dir, "extends")?.pop()?),
            None => None,
        };
        // A service that is being resolved is on the way to itself.
        let me = (file.to_owned(), service.to_owned());
        self.open.push(me);
        let target = other.as_deref().unwrap_or(file);
        let found = if self.may_open((target.to_owned(), name.to_owned()), &extends.at, "extends") {
            let base = match &other {
                None => self.extended(name, all, file, dir),
                Some(other) => self.of_file(other, name),
            };
            if base.is_none() {
                self.problems
                    .push(Problem::at(extends.at.clone(), format!("`extends` names the service `{name}`, which is not in `{target}`")));
            }
            base
        } else {
            None
        };
        self.open.pop();
        found
    }

    /// A service of another file; its paths are relative to that file. The file is read once for all services that extend its
    /// own, as long as the variables are the same; on the way to itself it is read again.
    fn of_file(&mut self, file: &str, name: &str) -> Option<Node> {
        let dir = parent(file).to_owned();
        let mut documents = match self.extended_files.remove(file) {
            Some(known) => known,
            None => self.trees(file, &dir).iter_mut().map(|tree| by_name(services_mut(tree))).collect(),
        };
        let mut out = None;
        for all in &mut documents {
            if let Some(node) = self.extended(name, all, file, &dir) {
                out = Some(match out {
                    None => node,
                    Some(base) => Merger::default().over_service(base, node),
                });
            }
        }
        self.extended_files.insert(file.to_owned(), documents);
        out
    }
}

fn by_name(services: &[Entry]) -> Services {
    services.iter().filter(|s| !s.value.is_null()).filter_map(|s| Some((s.key.text()?.to_owned(), (s.value.clone(), false)))).collect()
}

fn without(mut node: Node, key: &str) -> Node {
    if let Content::Mapping(entries) = &mut node.content {
        entries.retain(|e| e.key.text() != Some(key));
    }
    node
}
