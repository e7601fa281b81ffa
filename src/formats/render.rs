//! Render blueprints (`render.yaml`) → databases, key-value stores and services.
//!
//! Source: the blueprint specification (render.com/docs/blueprint-spec) and its schema (render.com/schema/render.yaml.json).

use crate::catalogue::runtime_version;
use crate::document::Node;
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Environ, Fact, Process, Provider, Runtime, Service, UnlistedKeys};
use crate::report::Problem;
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Render;

impl Format for Render {
    fn id(&self) -> &'static str {
        "render"
    }

    fn name(&self) -> &'static str {
        "Render"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`postgresMajorVersion`; images by URL; the base of what is built; `NODE_VERSION` and `PYTHON_VERSION`",
            env: "`envVars` and groups in the blueprint",
            processes: "every service and cron job",
            unknown: "the version of a key-value store; `sync: false` and generated values; groups of the dashboard",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), "render.yaml" | "render.yml")
    }

    fn claims(&self, path: &str, _head: &str) -> Claim {
        Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("render");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            // Services may also stand inside `projects[].environments[]`.
            let nested = list(&root, "projects").iter().flat_map(|p| list(p, "environments"));
            let parts: Vec<&Node> = std::iter::once(&root).chain(nested).collect();
            let groups: Vec<&Node> = parts.iter().flat_map(|p| list(p, "envVarGroups")).collect();
            for part in &parts {
                databases(part, &mut reading);
                for node in list(part, "services") {
                    service(path, node, &groups, cx, &mut reading);
                }
            }
        }
        reading
    }
}

/// The items under a key.
fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map(Node::items).unwrap_or_default()
}

fn databases(part: &Node, reading: &mut Reading) {
    for database in list(part, "databases") {
        let Some(name) = database.get("name") else { continue };
        let version = database.get("postgresMajorVersion");
        let service = declared::managed(name.text().unwrap_or("database"), &name.at, Provider::Managed, "render:postgres", version);
        reading.services.extend(service);
    }
}

fn service(path: &str, node: &Node, groups: &[&Node], cx: &ReadContext<'_>, reading: &mut Reading) {
    let kind = node.text_at(&["type"]).unwrap_or("web");
    let Some(name) = node.get("name") else { return };
    let text = name.text().unwrap_or("service");
    if matches!(kind, "redis" | "keyvalue") {
        reading.services.extend(declared::managed(text, &name.at, Provider::Managed, &format!("render:{kind}"), None));
        return;
    }
    let mut service = Service::new(text, name.at.clone(), Provider::Container);
    if let Some(image) = node.path(&["image", "url"]) {
        service.software = declared::image(image);
    } else if matches!(node.text_at(&["runtime"]).or_else(|| node.text_at(&["env"])), Some("docker")) {
        let context = node.text_at(&["dockerContext"]).or_else(|| node.text_at(&["rootDir"])).unwrap_or(".");
        service.build = Some(Build {
            context: join(parent(path), context),
            dockerfile: join(parent(path), node.text_at(&["dockerfilePath"]).unwrap_or("Dockerfile")),
            target: None,
            base: None,
            env: Default::default(),
            at: name.at.clone(),
        });
        declared::built(&mut service, node.get("dockerfilePath").is_some(), cx, reading);
    }
    language(path, node, &service, reading);
    if kind == "cron" {
        service.process = Process::Scheduled;
    }
    let command = node.get("startCommand").or_else(|| node.get("dockerCommand"));
    service.command = command.and_then(|c| Some(Fact::known(c.text()?.to_owned(), c.at.clone())));
    service.probe = node.get("healthCheckPath").map(|n| n.at.clone());
    for var in list(node, "envVars") {
        let Some(group) = var.get("fromGroup") else {
            set(&mut service.environ, var);
            continue;
        };
        match groups.iter().find(|g| g.text_at(&["name"]) == group.text()) {
            Some(found) => list(found, "envVars").iter().take_while(|_| !Environ::is_full()).for_each(|var| set(&mut service.environ, var)),
            None => service.environ.unlisted.push(UnlistedKeys {
                why: format!("the group `{}` is not in the blueprint", group.text().unwrap_or("")),
                at: group.at.clone(),
                prefix: String::new(),
            }),
        }
    }
    reading.services.push(service);
}

/// The version of the language that Render builds with, which a variable says (render.com/docs: Node.js version, Python version).
fn language(path: &str, node: &Node, service: &Service, reading: &mut Reading) {
    let (kind, key) = match node.text_at(&["runtime"]).or_else(|| node.text_at(&["env"])) {
        Some("node") => ("node", "NODE_VERSION"),
        Some("python") => ("python", "PYTHON_VERSION"),
        _ => return,
    };
    let var = list(node, "envVars").iter().rfind(|v| v.text_at(&["key"]) == Some(key));
    let Some(value) = var.and_then(|v| v.get("value")) else { return };
    let Some(software) = value.text().and_then(|text| runtime_version(kind, text)) else {
        let message = format!("`{key}` of `{}` names no version that is known: what it is built with is not compared", service.name);
        return reading.problems.push(Problem::at(value.at.clone(), message).info());
    };
    let software = Fact::known(software, value.at.clone());
    reading.runtimes.push(Runtime { software, service: Some(service.name.clone()), unit: parent(path).to_owned() });
}

/// One entry of `envVars`.
fn set(environ: &mut Environ, var: &Node) {
    let Some(key) = var.get("key") else { return };
    let from = var.get("fromDatabase").or_else(|| var.get("fromService"));
    let other = from.map(|f| f.text_at(&["name"]).unwrap_or("?").to_owned());
    let (value, source) = match (&other, var.get("value")) {
        (_, Some(value)) => (declared::value(value), EnvSource::Environment),
        (Some(name), None) => (EnvValue::Elsewhere(format!("the service `{name}`")), EnvSource::Binding),
        (None, None) if var.text_at(&["generateValue"]) == Some("true") => {
            (EnvValue::Elsewhere("a value that Render generates".into()), EnvSource::Secret)
        }
        (None, None) => (EnvValue::Elsewhere("the dashboard of Render".into()), EnvSource::Secret),
    };
    let mut new = EnvVar::new(key.text().unwrap_or_default(), key.at.clone(), value, source);
    new.refers_to = other;
    environ.set(new);
}
