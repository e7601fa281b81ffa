//! `devcontainer.json` → the compose files that it starts, with the keys that it adds, and features that are servers.
//!
//! Source: containers.dev/implementors/json_reference. One that starts no server says what runtimes developers use, and is
//! read by [`super::runtimes`]. What its commands do is not read.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Node, json};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Fact, Provider, Service, Software};
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, compose, runtimes};

/// The format.
#[derive(Debug)]
pub struct Devcontainer;

/// Features that install a server: the last part of the name → kind (containers.dev/features).
const SERVERS: [(&str, &str); 10] = [
    ("postgresql", "postgresql"),
    ("postgres-asdf", "postgresql"),
    ("mysql", "mysql"),
    ("mysql-homebrew", "mysql"),
    ("mariadb", "mariadb"),
    ("redis-server", "redis"),
    ("redis-homebrew", "redis"),
    ("mongodb", "mongodb"),
    ("rabbitmq-server", "rabbitmq"),
    ("memcached", "memcached"),
];

impl Format for Devcontainer {
    fn id(&self) -> &'static str {
        "devcontainer"
    }

    fn name(&self) -> &'static str {
        "dev containers"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of the compose files that it starts; versions of features that are servers",
            env: "`containerEnv`, `remoteEnv`",
            processes: "services of those files",
            unknown: "what its commands install",
        }
    }

    fn side(&self) -> Side {
        Side::Dev
    }

    fn may_claim(&self, path: &str) -> bool {
        named(path)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let server = |line: &str| {
            let feature = line.trim_start().trim_start_matches('"').split('"').next().unwrap_or_default();
            kind_of(feature).is_some()
        };
        let ours = named(path) && (head.contains("\"dockerComposeFile\"") || head.lines().any(server));
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Dev } } else { Claim::No }
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        // What lies outside its folder is started without it as well.
        let Ok(source) = workspace.read(path) else { return Vec::new() };
        let documents = json::read(&source);
        let root = documents.documents.first().map(|d| &d.root);
        root.map(|r| files(path, r)).unwrap_or_default().into_iter().filter(|f| f.split('/').any(|p| p == ".devcontainer")).collect()
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let Some(root) = root(path, cx, &mut reading) else { continue };
            if root.get("dockerComposeFile").is_some() {
                started(path, &root, manifest, cx, &mut reading);
            }
            servers(&root, &mut reading);
            runtimes::devcontainer::read(path, &root, cx, &mut reading);
        }
        reading
    }
}

/// Is it the file of a dev container by its path?
pub(super) fn named(path: &str) -> bool {
    let folder = file_name(parent(path));
    let above = file_name(parent(parent(path)));
    match file_name(path) {
        ".devcontainer.json" => true,
        "devcontainer.json" => folder == ".devcontainer" || above == ".devcontainer",
        _ => false,
    }
}

/// The root of the file.
pub(super) fn root(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<Node> {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            reading.problems.push(problem);
            return None;
        }
    };
    let documents = json::read(&source);
    reading.problems.extend(documents.errors.iter().map(|e| Problem::at(e.at.clone(), format!("`{path}` {}", e.why))));
    documents.documents.into_iter().next().map(|d| d.root).filter(Node::is_mapping)
}

/// The kind of server that a feature installs (`ghcr.io/itsmechlark/features/postgresql:1`).
fn kind_of(feature: &str) -> Option<&'static str> {
    let name = feature.contains('/').then(|| feature.rsplit('/').next())??.split([':', '@']).next()?;
    SERVERS.iter().find(|(n, _)| *n == name).map(|(_, kind)| *kind)
}

/// The compose files that it names, in their order.
fn files(path: &str, root: &Node) -> Vec<String> {
    let node = root.get("dockerComposeFile");
    let items = node.map(|n| if n.is_sequence() { n.items() } else { std::slice::from_ref(n) }).unwrap_or_default();
    items.iter().filter_map(|n| join(parent(path), n.text()?)).collect()
}

/// Reads the compose files, keeps what is started, and adds the keys of the container.
fn started(path: &str, root: &Node, manifest: &Manifest, cx: &ReadContext<'_>, reading: &mut Reading) {
    let paths = files(path, root);
    if paths.is_empty() {
        reading.problems.push(Problem::file(path, "names no compose file of this repository"));
        return;
    }
    let compose = compose::Compose.read(&Manifest { format: "compose".into(), paths, ..manifest.clone() }, cx);
    let mut services = compose.services;
    let own = root.text_at(&["service"]).unwrap_or_default();
    if let Some(list) = root.get("runServices") {
        // What is started starts what it needs.
        let needs: BTreeMap<&str, &[String]> = services.iter().map(|s| (s.name.as_str(), s.needs.as_slice())).collect();
        let mut open: Vec<String> = list.items().iter().filter_map(Node::text).chain([own]).map(str::to_owned).collect();
        let mut on = BTreeSet::new();
        while let Some(name) = open.pop() {
            if on.insert(name.clone()) {
                open.extend(needs.get(name.as_str()).into_iter().flat_map(|n| n.iter().cloned()));
            }
        }
        services.retain(|s| on.contains(&s.name));
    }
    if let Some(service) = services.iter_mut().find(|s| s.name == own) {
        for entry in ["containerEnv", "remoteEnv"].iter().filter_map(|k| root.get(k)).flat_map(Node::entries) {
            let value = match entry.value.text() {
                _ if entry.value.is_null() => EnvValue::Unset,
                Some(text) if text.contains("${localEnv:") => EnvValue::Elsewhere("the developer's machine".into()),
                Some(text) if text.contains("${") => EnvValue::Unknown("the value is known only when the container is made".into()),
                Some(text) => EnvValue::set(text),
                None => EnvValue::Unknown("the value is not a scalar".into()),
            };
            if let Some(key) = entry.key.text() {
                service.environ.set(EnvVar::new(key, entry.key.at.clone(), value, EnvSource::Environment));
            }
        }
    }
    reading.services.extend(services);
    reading.runtimes.extend(compose.runtimes);
    reading.problems.extend(compose.problems);
    reading.notes.extend(compose.notes);
}

/// Features that are servers: they run in the container itself.
fn servers(root: &Node, reading: &mut Reading) {
    for entry in root.get("features").map(Node::entries).unwrap_or_default() {
        let Some(kind) = entry.key.text().and_then(kind_of) else { continue };
        let version = entry.value.get("version").or(Some(&entry.value)).filter(|n| n.text().is_some_and(|t| !t.is_empty()));
        let Some(software) = Software::of_kind(kind, version.and_then(Node::text)) else { continue };
        let mut service = Service::new(kind, entry.key.at.clone(), Provider::Container);
        service.software = Some(Fact::known(software, version.map_or(&entry.key.at, |v| &v.at).clone()));
        reading.services.push(service);
    }
}

#[cfg(test)]
mod tests;
