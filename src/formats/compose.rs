//! docker-compose files → services, as `docker compose config` sees them (compose-spec), offline.

use std::collections::BTreeMap;

use crate::document::{Content, Documents, Entry, Node, TreeLimits, dotenv, yaml};
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, join, parent};

use super::{Claim, Format, Manifest, ReadContext, Reading, Side};

pub mod interpolate;
mod layers;
pub(crate) mod merge;
mod service;

/// The format.
#[derive(Debug)]
pub struct Compose;

/// Default names, in the order of preference (compose-spec: 03-compose-file; compose-go: cli/options.go).
const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Override files of the default ones.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

impl Format for Compose {
    fn id(&self) -> &'static str {
        "compose"
    }

    fn name(&self) -> &'static str {
        "Docker Compose"
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        (name.contains("compose") || is_stack(name)) && (name.ends_with(".yml") || name.ends_with(".yaml"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        if OVERRIDES.contains(&file_name(path)) || !head.lines().any(|l| l.starts_with("services:") || l.starts_with("include:")) {
            return Claim::No;
        }
        // A stack is deployed to a swarm: `docker stack deploy` reads what Compose reads.
        let stack = is_stack(file_name(path));
        if stack && !(head.contains("image:") && (head.contains("deploy:") || head.lines().any(|l| l.starts_with("version:")))) {
            return Claim::No;
        }
        Claim::Yes { manifest: path.to_owned(), side: if stack { Side::Prod } else { Side::Dev } }
    }

    fn merges(&self) -> bool {
        true
    }

    fn layers(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        layers::layers(path, workspace)
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        layers::parts(path, workspace)
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut project = Project { cx, reading: Reading::default(), env: BTreeMap::new(), open: Vec::new(), comments: Vec::new() };
        let Some(first) = manifest.paths.first() else { return project.reading };
        let dir = parent(first).to_owned();
        let files = project.files(&dir, &manifest.paths);
        project.env = project.interpolation(&dir);
        let Some(tree) = project.load(&files, &dir) else { return project.reading };
        let Project { mut reading, env, comments, .. } = project;
        service::Reader { dir: &dir, files: &files, env: &env, comments: &comments, cx, reading: &mut reading }.services(&tree);
        reading
    }
}

/// Is it a file of a Docker Swarm by its name: `stack.yml`, `docker-stack.prod.yml`?
fn is_stack(name: &str) -> bool {
    !name.contains("compose") && name.split(['.', '-', '_']).any(|w| w == "stack" || w == "swarm")
}

/// A service's place in `extends` and `include`.
type Open = (String, String);

/// What is known while the files of one project are read.
struct Project<'a> {
    cx: &'a ReadContext<'a>,
    reading: Reading,
    env: BTreeMap<String, String>,
    open: Vec<Open>,
    comments: Vec<Documents>,
}

/// Deepest chain of `include` and `extends`.
const CHAIN: usize = 16;

impl Project<'_> {
    /// The files that are read together: those given, or a default file with its override.
    fn files(&self, dir: &str, paths: &[String]) -> Vec<String> {
        let mut files = paths.to_vec();
        if let [only] = paths
            && DEFAULTS.contains(&file_name(only))
        {
            files.extend(OVERRIDES.iter().filter_map(|o| join(dir, o)).find(|o| self.cx.workspace.is_file(o)));
        }
        files
    }

    /// The variables of interpolation: `.env` of the project or the files named, below the machine's own where asked for.
    fn interpolation(&mut self, dir: &str) -> BTreeMap<String, String> {
        let default = join(dir, ".env").filter(|p| self.cx.workspace.is_file(p));
        let files: Vec<String> =
            if self.cx.options.env_files.is_empty() { default.into_iter().collect() } else { self.cx.options.env_files.clone() };
        let mut env = self.cx.options.process_env.clone().unwrap_or_default();
        let machine = env.clone();
        for file in files {
            let source = match self.cx.workspace.read(&file) {
                Ok(source) => source,
                Err(problem) => {
                    self.reading.problems.push(problem);
                    continue;
                }
            };
            let (entries, bad) = dotenv::read(&source);
            self.reading
                .problems
                .extend(bad.into_iter().map(|at| Problem::at(at, format!("`{file}` has a line that is no `KEY=value`")).warning()));
            for entry in entries {
                let Some((raw, expand)) = entry.value else { continue };
                let value = if expand {
                    interpolate::resolve(&raw, &|n| env.get(n).cloned().or_else(|| Some(String::new()))).unwrap_or(raw)
                } else {
                    raw
                };
                if !machine.contains_key(&entry.key) {
                    env.insert(entry.key, value);
                }
            }
        }
        env
    }

    /// Reads files into one tree, later ones over earlier ones.
    fn load(&mut self, files: &[String], dir: &str) -> Option<Node> {
        let mut merged: Option<Node> = None;
        for file in files {
            let source = match self.cx.workspace.read(file) {
                Ok(source) => source,
                Err(problem) => {
                    self.reading.problems.push(problem);
                    continue;
                }
            };
            let documents = yaml::read(&source, TreeLimits::default());
            for error in &documents.errors {
                self.reading.problems.push(Problem::at(error.at.clone(), format!("`{file}` {}", error.why)));
            }
            if documents.documents.is_empty() && documents.errors.is_empty() {
                self.reading.problems.push(Problem::file(file, "is empty"));
            }
            for document in &documents.documents {
                if !document.root.is_mapping() {
                    self.reading.problems.push(Problem::at(document.root.at.clone(), format!("`{file}` holds no mapping, so no services")));
                    continue;
                }
                let tree = self.prepare(&document.root, file, dir);
                merged = Some(match merged {
                    None => tree,
                    Some(base) => merge::over(base, tree, &mut Vec::new()),
                });
            }
            self.comments.push(documents);
        }
        merged
    }

    /// One document: merge keys, duplicates, `extends`, `include`.
    fn prepare(&mut self, root: &Node, file: &str, dir: &str) -> Node {
        let mut root = merge::merge_keys(root, 0);
        for at in merge::duplicates(&root) {
            self.reading.problems.push(Problem::at(at, format!("`{file}` has a key twice; Compose refuses such a file")));
        }
        let mut base: Option<Node> = None;
        for include in root.get("include").map(Node::items).unwrap_or_default().to_vec() {
            if let Some(tree) = self.include(&include, dir) {
                base = Some(match base {
                    None => tree,
                    Some(b) => merge::over(b, tree, &mut Vec::new()),
                });
            }
        }
        if let Content::Mapping(entries) = &mut root.content {
            for entry in entries.iter_mut().filter(|e| e.key.text() == Some("services")) {
                if let Content::Mapping(services) = &mut entry.value.content {
                    let all = services.clone();
                    for service in services.iter_mut() {
                        service.value = self.extended(service, &all, file, dir, 0);
                    }
                }
            }
        }
        match base {
            None => root,
            Some(base) => merge::over(base, root, &mut Vec::new()),
        }
    }

    /// One entry of `include`: its paths are files of a project of their own.
    fn include(&mut self, node: &Node, dir: &str) -> Option<Node> {
        let list = match node.get("path") {
            Some(path) if path.is_sequence() => path.items().to_vec(),
            Some(path) => vec![path.clone()],
            None => vec![node.clone()],
        };
        let texts: Vec<String> = list.iter().filter_map(|n| interpolate::resolve(n.text()?, &|v| self.env.get(v).cloned()).ok()).collect();
        let mut files = Vec::new();
        for text in texts {
            match join(dir, &text) {
                Some(file) => files.push(file),
                None => self
                    .reading
                    .problems
                    .push(Problem::at(node.at.clone(), "`include` names a file outside the root or on the network; it is not read")),
            }
        }
        let first = files.first()?.clone();
        if self.open.len() >= CHAIN || self.open.iter().any(|(f, s)| *f == first && s.is_empty()) {
            self.reading.problems.push(Problem::at(node.at.clone(), format!("`include` of `{first}` is a cycle or too deep")));
            return None;
        }
        self.open.push((first.clone(), String::new()));
        let inner = parent(&first).to_owned();
        let own = self.interpolation(&inner);
        let before = self.env.clone();
        self.env.extend(own.into_iter().filter(|(k, _)| !before.contains_key(k)));
        let tree = self.load(&files, &inner);
        self.env = before;
        self.open.pop();
        tree
    }

    /// A service with what it `extends` below it.
    fn extended(&mut self, service: &Entry, all: &[Entry], file: &str, dir: &str, depth: usize) -> Node {
        let Some(extends) = service.value.get("extends").cloned() else { return service.value.clone() };
        let name = extends.text().or_else(|| extends.text_at(&["service"])).unwrap_or_default().to_owned();
        let from = extends.text_at(&["file"]).map(str::to_owned);
        let other = match &from {
            Some(path) => join(dir, path),
            None => Some(file.to_owned()),
        };
        let Some(other) = other else {
            self.reading.problems.push(Problem::at(extends.at.clone(), "`extends` names a file outside the root; it is not read"));
            return service.value.clone();
        };
        let key = (other.clone(), name.clone());
        if depth >= CHAIN || self.open.contains(&key) || (from.is_none() && service.key.text() == Some(&name)) {
            self.reading.problems.push(Problem::at(extends.at.clone(), format!("`extends` of `{name}` is a cycle")));
            return service.value.clone();
        }
        self.open.push(key);
        let base = match &from {
            None => all.iter().find(|e| e.key.text() == Some(&name)).map(|e| self.extended(e, all, file, dir, depth + 1)),
            Some(_) => self.base(&other, &name, depth),
        };
        self.open.pop();
        match base {
            Some(base) => merge::over_service(base, service.value.clone()),
            None => {
                self.reading
                    .problems
                    .push(Problem::at(extends.at.clone(), format!("`extends` names the service `{name}`, which is not in `{other}`")));
                service.value.clone()
            }
        }
    }

    /// A service of another file.
    fn base(&mut self, file: &str, name: &str, depth: usize) -> Option<Node> {
        let source = match self.cx.workspace.read(file) {
            Ok(source) => source,
            Err(problem) => {
                self.reading.problems.push(problem);
                return None;
            }
        };
        let documents = yaml::read(&source, TreeLimits::default());
        let root = merge::merge_keys(&documents.documents.first()?.root, 0);
        let services = root.get("services")?.entries().to_vec();
        let inner = parent(file).to_owned();
        let entry = services.iter().find(|e| e.key.text() == Some(name))?;
        let node = self.extended(entry, &services, file, &inner, depth + 1);
        Some(node)
    }
}
