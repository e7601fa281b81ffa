//! AWS Copilot `copilot/*/manifest.yml` → a service or job with its variables and secrets.
//!
//! Source: the manifest reference (aws.github.io/copilot-cli/docs/manifest). Its add-ons are templates of CloudFormation
//! and are read as such.

use crate::document::Node;
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Environ, Process, Provider, Service};
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Copilot;

impl Format for Copilot {
    fn id(&self) -> &'static str {
        "copilot"
    }

    fn name(&self) -> &'static str {
        "AWS Copilot"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`image.location`, or the base of what is built",
            env: "`variables`, `secrets`, and what `environments` changes",
            processes: "services, jobs, sidecars",
            unknown: "what the pipeline sets",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), "manifest.yml" | "manifest.yaml") && file_name(parent(parent(path))) == "copilot"
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // Manifests of Cloud Foundry have `applications:`; those of an environment or a pipeline run nothing.
        let kind = head.lines().find_map(|l| l.strip_prefix("type:")).map(|t| t.trim().trim_matches(['"', '\'']));
        if kind.is_some_and(|k| k.ends_with("Service") || k.ends_with("Job")) {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("aws");
        reading.injected.push("COPILOT_*".into());
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let environments = root.get("environments").map(Node::entries).unwrap_or_default();
            let names = declared::environment_names(cx.environment);
            let over = environments.iter().find(|e| e.key.text().is_some_and(|k| names.contains(&k))).map(|e| e.value.clone());
            let root = match over {
                Some(over) if over.is_mapping() => declared::merge(root, over, 0),
                _ => root,
            };
            workload(path, &root, cx, &mut reading);
        }
        reading
    }
}

fn workload(path: &str, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    let at = root.get("name").map_or(&root.at, |n| &n.at).clone();
    let folder = file_name(parent(path));
    let mut service = Service::new(root.text_at(&["name"]).unwrap_or(folder), at, Provider::Container);
    // Paths are relative to the folder that holds `copilot/`.
    let base = parent(parent(parent(path)));
    let image = root.get("image");
    if let Some(location) = image.and_then(|i| i.get("location")) {
        service.software = declared::software(location);
    } else if let Some(build) = image.and_then(|i| i.get("build")) {
        let file = build.text().or_else(|| build.text_at(&["dockerfile"])).unwrap_or("Dockerfile");
        let dockerfile = join(base, file);
        let context = build.text_at(&["context"]).and_then(|c| join(base, c));
        let context = context.or_else(|| dockerfile.as_deref().map(|d| parent(d).to_owned()));
        let target = build.text_at(&["target"]).map(str::to_owned);
        service.build = Some(Build { context, dockerfile, target, base: None, env: Default::default(), at: build.at.clone() });
        declared::built(&mut service, true, cx, reading);
    }
    if let Some(port) = image.and_then(|i| i.get("port")).and_then(declared::port) {
        service.ports = vec![port];
    }
    if root.text_at(&["type"]).is_some_and(|t| t.ends_with("Job")) {
        service.process = Process::Scheduled;
    }
    service.command = root.get("command").or_else(|| root.get("entrypoint")).and_then(declared::command);
    service.probe = image.and_then(|i| i.get("healthcheck")).or_else(|| root.path(&["http", "healthcheck"])).map(|n| n.at.clone());
    environ(&mut service.environ, root, base, cx, reading);
    for sidecar in root.get("sidecars").map(Node::entries).unwrap_or_default() {
        let Some(name) = sidecar.key.text() else { continue };
        let mut one = Service::new(name, sidecar.key.at.clone(), Provider::Container);
        one.software = sidecar.value.get("image").and_then(declared::software);
        one.ports.extend(sidecar.value.get("port").and_then(declared::port));
        environ(&mut one.environ, &sidecar.value, base, cx, reading);
        reading.services.push(one);
    }
    reading.services.push(service);
}

/// `env_file` below `variables`, and `secrets`.
fn environ(environ: &mut Environ, node: &Node, base: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    if let Some(file) = node.get("env_file") {
        declared::env_file(environ, file, base, cx, reading);
    }
    for entry in node.get("variables").map(Node::entries).unwrap_or_default() {
        let Some(key) = entry.key.text() else { continue };
        let value = match entry.value.get("from_cfn") {
            Some(_) => EnvValue::Elsewhere("an export of another stack".into()),
            None => declared::setting(&entry.value),
        };
        environ.set(EnvVar::new(key, entry.key.at.clone(), value, EnvSource::Environment));
    }
    for entry in node.get("secrets").map(Node::entries).unwrap_or_default() {
        let Some(key) = entry.key.text() else { continue };
        let store = if entry.value.get("secretsmanager").is_some() { "AWS Secrets Manager" } else { "the AWS parameter store" };
        environ.set(EnvVar::new(key, entry.key.at.clone(), EnvValue::Elsewhere(store.into()), EnvSource::Secret));
    }
}
