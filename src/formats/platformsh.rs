//! Platform.sh (`.platform/services.yaml`, `.platform.app.yaml`) and Upsun (`.upsun/config.yaml`) → services and apps.
//!
//! Source: docs.platform.sh and docs.upsun.com (services, relationships). `mysql` is MariaDB there.

use crate::document::{Entry, Node};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Fact, Process, Provider, Service, Software};
use crate::report::Problem;
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct PlatformSh;

/// What a relationship sets, behind its name (docs.upsun.com: service environment variables).
const RELATIONSHIP: [&str; 6] = ["HOST", "PASSWORD", "PATH", "PORT", "SCHEME", "USERNAME"];

impl Format for PlatformSh {
    fn id(&self) -> &'static str {
        "platformsh"
    }

    fn name(&self) -> &'static str {
        "Platform.sh and Upsun"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`type: postgresql:16`, of services and apps",
            env: "`variables.env`; keys of relationships",
            processes: "apps, workers",
            unknown: "variables of the project",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let folder = file_name(parent(path));
        let name = file_name(path);
        let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        name == ".platform.app.yaml"
            || (folder == ".upsun" && yaml)
            || (folder == ".platform" && matches!(name, "services.yaml" | "applications.yaml"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let ours = ["type:", "relationships:", "applications:", "services:"].iter().any(|k| head.contains(k));
        // The files of one project are one manifest.
        let manifest = if file_name(parent(path)) == ".platform" {
            join(parent(parent(path)), ".platform.app.yaml").unwrap_or_else(|| path.to_owned())
        } else {
            path.to_owned()
        };
        if ours { Claim::Yes { manifest, side: Side::Prod } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("platformsh");
        for path in &manifest.paths {
            if file_name(parent(path)) == ".upsun" {
                if let Some((root, _)) = declared::root(path, cx, &mut reading) {
                    services(root.get("services"), &mut reading);
                    apps(root.get("applications"), parent(parent(path)), &mut reading);
                }
                continue;
            }
            let base = if file_name(parent(path)) == ".platform" { parent(parent(path)) } else { parent(path) };
            let file = |name: &str| join(base, name).filter(|p| cx.workspace.is_file(p));
            if let Some((root, _)) = file(".platform/services.yaml").and_then(|p| declared::root(&p, cx, &mut reading)) {
                services(Some(&root), &mut reading);
            }
            if let Some(document) = file(".platform/applications.yaml").and_then(|p| declared::tree(&p, cx, &mut reading).documents.pop()) {
                apps(Some(&document.root), base, &mut reading);
            }
            if let Some((root, _)) = file(".platform.app.yaml").and_then(|p| declared::root(&p, cx, &mut reading)) {
                app(None, &root, base, &mut reading);
            }
        }
        reading
    }
}

/// `name: {type: "mariadb:10.6"}`.
fn services(services: Option<&Node>, reading: &mut Reading) {
    for entry in services.map(Node::entries).unwrap_or_default() {
        let (Some(name), Some(kind)) = (entry.key.text(), entry.value.get("type")) else { continue };
        let text = kind.text().unwrap_or("");
        let (engine, version) = text.split_once(':').unwrap_or((text, ""));
        let engine = ["-persistent", "-enterprise", "-replica"].iter().find_map(|s| engine.strip_suffix(s)).unwrap_or(engine);
        let written = Some(version).filter(|v| !v.is_empty());
        let Some(software) = Software::managed(&format!("platformsh:{engine}"), written) else {
            // Disks are shared, and run nothing.
            if !matches!(engine, "network-storage" | "storage") {
                let message = format!("the service `{name}` is of the type `{engine}`, which is not known: what it runs is not compared");
                reading.problems.push(Problem::at(kind.at.clone(), message).info());
            }
            continue;
        };
        let mut service = Service::new(name, entry.key.at.clone(), Provider::Managed);
        let start = written.and_then(|v| kind.at.text().rfind(v)).unwrap_or(0);
        let end = start + written.map_or(kind.at.text().len(), str::len);
        service.software = Some(Fact::known(software, kind.at.part(start, end)));
        reading.services.push(service);
    }
}

/// Apps by name, or in a list.
fn apps(apps: Option<&Node>, base: &str, reading: &mut Reading) {
    let Some(apps) = apps else { return };
    for Entry { key, value } in apps.entries() {
        app(Some(key), value, base, reading);
    }
    for value in apps.items() {
        app(None, value, base, reading);
    }
}

fn app(key: Option<&Node>, node: &Node, base: &str, reading: &mut Reading) {
    let heading = node.get("name").or(key);
    let at = heading.map_or(&node.at, |n| &n.at).clone();
    let mut service = Service::new(heading.and_then(Node::text).unwrap_or("app"), at, Provider::Container);
    let folder = node.text_at(&["source", "root"]).and_then(|r| join(base, r.trim_start_matches('/')));
    let unit = folder.unwrap_or_else(|| base.to_owned());
    if let Some(variables) = node.path(&["variables", "env"]) {
        declared::settings(&mut service.environ, variables, EnvSource::Environment);
    }
    for relationship in node.get("relationships").map(Node::entries).unwrap_or_default() {
        let Some(name) = relationship.key.text() else { continue };
        // `database: "db:mysql"`, or `database:` with `service: db`, or `database:` alone for the service of that name.
        let target =
            relationship.value.text().filter(|t| !t.is_empty()).or_else(|| relationship.value.text_at(&["service"])).unwrap_or(name);
        let target = target.split(':').next().unwrap_or(target);
        service.needs.push(target.to_owned());
        let prefix = name.to_uppercase().replace('-', "_");
        // The platform names these keys: set here, and no key that development lacks.
        for part in RELATIONSHIP {
            let value = EnvValue::Elsewhere(format!("the service `{target}`"));
            let mut var = EnvVar::new(format!("{prefix}_{part}"), relationship.key.at.clone(), value, EnvSource::Injected);
            var.refers_to = Some(target.to_owned());
            service.environ.set(var);
        }
    }
    declared::unlisted(&mut service.environ, "variables of the project are not in the repository", &service.at.clone());
    let start = node.path(&["web", "commands", "start"]);
    service.command = start.and_then(declared::command);
    declared::names_runtime(node.get("type"), &service, &unit, reading);
    for worker in node.get("workers").map(Node::entries).unwrap_or_default() {
        let Some(name) = worker.key.text() else { continue };
        let mut one = service.clone();
        one.name = name.to_owned();
        one.at = worker.key.at.clone();
        one.process = Process::Service;
        one.command = worker.value.path(&["commands", "start"]).and_then(declared::command);
        reading.services.push(one);
    }
    reading.services.push(service);
}
