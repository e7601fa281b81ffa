//! AWS App Runner `apprunner.yaml` → the service that is built from the source, its runtime and variables.
//!
//! Source: the configuration file reference (docs.aws.amazon.com/apprunner/latest/dg/config-file-ref.html).

use crate::document::Node;
use crate::inventory::{EnvSource, EnvValue, EnvVar, Fact, Provider, Runtime, Service, Software};
use crate::workspace::{file_name, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct AppRunner;

impl Format for AppRunner {
    fn id(&self) -> &'static str {
        "apprunner"
    }

    fn name(&self) -> &'static str {
        "AWS App Runner"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`runtime`, `runtime-version`",
            env: "`env`, `secrets`",
            processes: "the service and its command",
            unknown: "databases: none is in the file",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), "apprunner.yaml" | "apprunner.yml")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let line = |key: &str| head.lines().any(|l| l.starts_with(key));
        if line("runtime:") && (line("build:") || line("run:")) {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("aws");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let at = root.entry("run").or_else(|| root.entry("runtime")).map_or(&root.at, |e| &e.key.at).clone();
            let mut service = Service::new("app", at, Provider::Managed);
            let run = root.get("run");
            let list = |key: &str| run.and_then(|r| r.get(key)).map(Node::items).unwrap_or_default();
            for item in list("env").iter().chain(list("secrets")) {
                let Some((name, key)) = item.get("name").and_then(|n| Some((n, n.text()?))) else { continue };
                let (value, source) = match item.get("value") {
                    Some(value) => (declared::setting(value), EnvSource::Environment),
                    None => (EnvValue::Elsewhere("a secret of AWS".into()), EnvSource::Secret),
                };
                service.environ.set(EnvVar::new(key, name.at.clone(), value, source));
            }
            declared::unlisted(&mut service.environ, "more variables may be set at the service itself", &service.at.clone());
            service.command = run.and_then(|r| r.get("command")).and_then(declared::command);
            service.ports.extend(run.and_then(|r| r.path(&["network", "port"])).and_then(declared::port));
            // `runtime: python3` with `runtime-version: 3.11`.
            match run.and_then(|r| r.get("runtime-version")).filter(|v| !v.is_null()) {
                Some(version) => {
                    let name = root.text_at(&["runtime"]).unwrap_or("").trim_end_matches(|c: char| c.is_ascii_digit());
                    let software = crate::catalogue::runtime(&format!("{name} {}", version.text().unwrap_or("")));
                    let software = software.map(|s| Software { text: version.text().unwrap_or("").to_owned(), ..s });
                    let fact = software.map(|s| Fact::known(s, version.at.clone()));
                    let unit = parent(path).to_owned();
                    reading.runtimes.extend(fact.map(|software| Runtime { software, service: Some(service.name.clone()), unit }));
                }
                None => declared::names_runtime(root.get("runtime"), &service, parent(path), &mut reading),
            }
            reading.services.push(service);
        }
        reading
    }
}
