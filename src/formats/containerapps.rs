//! Azure Container Apps YAML (`az containerapp create --yaml`) → containers, and the development add-ons that it declares.
//!
//! Source: the YAML and template specification (learn.microsoft.com/azure/container-apps/azure-resource-manager-api-spec).

use crate::document::Node;
use crate::inventory::{EnvSource, EnvValue, EnvVar, Process, Provider, Service};
use crate::workspace::file_name;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct ContainerApps;

impl Format for ContainerApps {
    fn id(&self) -> &'static str {
        "containerapps"
    }

    fn name(&self) -> &'static str {
        "Azure Container Apps"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of containers; add-ons by kind",
            env: "`env`, with references to secrets",
            processes: "containers, init containers",
            unknown: "versions of add-ons; values of secrets",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        name.ends_with(".yaml") || name.ends_with(".yml")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let own = ["managedEnvironmentId:", "environmentId:", "Microsoft.App/", "activeRevisionsMode:"];
        let properties = head.lines().any(|l| l.starts_with("properties:"));
        let ours = properties && head.contains("containers:") && own.iter().any(|k| head.contains(k));
        if ours && !head.contains("apiVersion:") { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("azure");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let app = root.text_at(&["name"]);
            if let Some(kind) = root.path(&["properties", "configuration", "service", "type"]) {
                let name = app.unwrap_or("service");
                let engine = format!("containerapps:{}", kind.text().unwrap_or(""));
                let managed = declared::managed(name, &kind.at, Provider::Addon, &engine, None);
                reading.services.extend(managed);
            }
            let job = root.text_at(&["type"]).is_some_and(|t| t.eq_ignore_ascii_case("Microsoft.App/jobs"));
            let template = root.path(&["properties", "template"]);
            for (list, process) in [("containers", Process::Service), ("initContainers", Process::Admin)] {
                for container in template.and_then(|t| t.get(list)).map(Node::items).unwrap_or_default() {
                    let mut service = container_of(container, app);
                    service.process = if job { Process::Admin } else { process };
                    for bind in template.and_then(|t| t.get("serviceBinds")).map(Node::items).unwrap_or_default() {
                        // A bound add-on sets keys that depend on its kind.
                        declared::unlisted(&mut service.environ, "a bound service sets keys", &bind.at);
                    }
                    let port = root.path(&["properties", "configuration", "ingress", "targetPort"]);
                    service.ports.extend(port.and_then(declared::port));
                    reading.services.push(service);
                }
            }
        }
        reading
    }
}

fn container_of(node: &Node, app: Option<&str>) -> Service {
    let name = node.get("name").unwrap_or(node);
    let text = name.text().or(app).unwrap_or("container");
    let mut service = Service::new(text, name.at.clone(), Provider::Container);
    service.aliases.extend(app.filter(|a| *a != text).map(str::to_owned));
    service.software = node.get("image").and_then(declared::software);
    service.command = node.get("command").and_then(declared::command);
    service.probe = node.get("probes").map(|n| n.at.clone());
    for item in node.get("env").map(Node::items).unwrap_or_default() {
        let Some((name, key)) = item.get("name").and_then(|n| Some((n, n.text()?))) else { continue };
        let (value, source) = match (item.get("secretRef"), item.get("value")) {
            (Some(_), _) => (EnvValue::Elsewhere("a secret of the app".into()), EnvSource::Secret),
            (None, Some(value)) => (declared::setting(value), EnvSource::Env),
            (None, None) => (EnvValue::Empty, EnvSource::Env),
        };
        let mut var = EnvVar::new(key, name.at.clone(), value, source);
        var.refers_to = item.text_at(&["secretRef"]).map(str::to_owned);
        service.environ.set(var);
    }
    service
}
