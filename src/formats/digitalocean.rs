//! DigitalOcean App Platform specifications (`.do/app.yaml`) → databases and components.
//!
//! Source: the app specification reference (docs.digitalocean.com/products/app-platform/reference/app-spec).

use crate::document::Node;
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Environ, Fact, ImageRef, Process, Provider, Service, Software};
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct DigitalOcean;

/// Lists of components, and what their members do.
const COMPONENTS: [(&str, Process); 4] =
    [("services", Process::Service), ("workers", Process::Service), ("functions", Process::Service), ("jobs", Process::Admin)];

impl Format for DigitalOcean {
    fn id(&self) -> &'static str {
        "digitalocean"
    }

    fn name(&self) -> &'static str {
        "DigitalOcean App Platform"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`version` of databases; images; the base of what is built",
            env: "`envs` of the app and of components",
            processes: "services, workers, jobs",
            unknown: "encrypted values; the default version of a database",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        yaml && (file_name(parent(path)) == ".do" || name.starts_with("app.") || name.contains("app-spec") || name.contains("appspec"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let line = |key: &str| head.lines().any(|l| l.trim_start().starts_with(key));
        let lists = ["services:", "workers:", "jobs:", "databases:", "functions:"].iter().any(|k| line(k));
        let own =
            ["github:", "gitlab:", "registry_type:", "instance_size_slug:", "environment_slug:", "source_dir:", "run_command:", "engine:"];
        let ours = own.iter().any(|k| head.contains(k));
        if lists && line("name:") | line("- name:") && ours && !head.contains("apiVersion:") && !line("runtime:") {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("digitalocean");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let spec = root.get("spec").filter(|s| s.is_mapping()).unwrap_or(&root);
            // Paths of sources are relative to the repository.
            let base = if file_name(parent(path)) == ".do" { parent(parent(path)) } else { parent(path) };
            for database in spec.get("databases").map(Node::items).unwrap_or_default() {
                let Some(name) = database.get("name") else { continue };
                let engine = format!("digitalocean:{}", database.text_at(&["engine"]).unwrap_or("PG").to_lowercase());
                let version = database.get("version");
                reading.services.extend(declared::managed(
                    name.text().unwrap_or("database"),
                    &name.at,
                    Provider::Managed,
                    &engine,
                    version,
                ));
            }
            for (list, process) in COMPONENTS {
                for component in spec.get(list).map(Node::items).unwrap_or_default() {
                    let mut service = component_of(component, base, cx, &mut reading);
                    service.process = process;
                    read_envs(&mut service.environ, spec);
                    read_envs(&mut service.environ, component);
                    reading.services.push(service);
                }
            }
        }
        reading
    }
}

fn component_of(node: &Node, base: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Service {
    let name = node.get("name").unwrap_or(node);
    let mut service = Service::new(name.text().unwrap_or("component"), name.at.clone(), Provider::Container);
    if let Some(image) = node.get("image") {
        service.software = software(image);
    } else if let Some(file) = node.get("dockerfile_path") {
        let context = join(base, node.text_at(&["source_dir"]).unwrap_or(".").trim_start_matches('/'));
        let dockerfile = file.text().and_then(|f| join(base, f.trim_start_matches('/')));
        service.build = Some(Build { context, dockerfile, target: None, base: None, env: Default::default(), at: file.at.clone() });
        declared::built(&mut service, true, cx, reading);
    }
    if let Some(port) = node.get("http_port").and_then(declared::port) {
        service.ports = vec![port];
    }
    service.command = node.get("run_command").and_then(declared::command);
    service.probe = node.get("health_check").map(|n| n.at.clone());
    service
}

/// `image`: a registry's type, name, repository and tag or digest.
fn software(image: &Node) -> Option<Fact<Software>> {
    let repository = image.get("repository")?;
    let mut text = match (image.text_at(&["registry_type"]), image.text_at(&["registry"])) {
        (Some("GHCR"), Some(registry)) => format!("ghcr.io/{registry}/"),
        (Some("DOCR"), _) => "registry.digitalocean.com/".to_owned(),
        (_, Some(registry)) if !registry.is_empty() && registry != "library" => format!("{registry}/"),
        _ => String::new(),
    };
    text.push_str(repository.text()?);
    if let Some(digest) = image.text_at(&["digest"]) {
        text.push_str(&format!("@{digest}"));
    } else if let Some(tag) = image.text_at(&["tag"]) {
        text.push_str(&format!(":{tag}"));
    }
    Some(match ImageRef::parse(&text) {
        Ok(image) => Fact::known(Software::of_image(&image), repository.at.clone()),
        Err(why) => Fact::unknown(why.to_string(), repository.at.clone()),
    })
}

fn read_envs(environ: &mut Environ, node: &Node) {
    for var in node.get("envs").map(Node::items).unwrap_or_default().iter().take_while(|_| !Environ::is_full()) {
        let Some((key, name)) = var.get("key").and_then(|k| Some((k, k.text()?))) else { continue };
        if var.text_at(&["scope"]) == Some("BUILD_TIME") {
            continue;
        }
        let secret = var.text_at(&["type"]) == Some("SECRET");
        let text = var.text_at(&["value"]);
        let bound = text.and_then(|t| t.strip_prefix("${")?.strip_suffix('}')?.split('.').next()).filter(|b| !b.contains("${"));
        let (value, source) = match (bound, var.get("value")) {
            (Some(component), _) => (EnvValue::Elsewhere(format!("the component `{component}`")), EnvSource::Binding),
            (None, _) if secret => (EnvValue::Elsewhere("an encrypted value".into()), EnvSource::Secret),
            (None, Some(value)) => (declared::setting(value), EnvSource::Environment),
            (None, None) => (EnvValue::Elsewhere("the app's settings at DigitalOcean".into()), EnvSource::Secret),
        };
        let mut new = EnvVar::new(name, key.at.clone(), value, source);
        new.refers_to = bound.map(str::to_owned);
        environ.set(new);
    }
}
