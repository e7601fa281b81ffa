//! Fly.io `fly.toml` → the app, its processes and its keys.
//!
//! Databases are apps of their own and secrets are not in the file (fly.io/docs/reference/configuration), so keys that
//! are missing may be set there.

use crate::document::Node;
use crate::inventory::{Build, EnvSource, Fact, Provider, Service, UnlistedKeys};
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Fly;

impl Format for Fly {
    fn id(&self) -> &'static str {
        "fly"
    }

    fn name(&self) -> &'static str {
        "Fly.io"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "the image of `[build]`, or the base of its Dockerfile",
            env: "`[env]`",
            processes: "`[processes]`, `release_command`",
            unknown: "secrets, and databases: they are apps of their own",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        name.starts_with("fly.") && name.ends_with(".toml")
    }

    fn claims(&self, path: &str, _head: &str) -> Claim {
        Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("fly");
        for path in &manifest.paths {
            if let Some((root, _)) = declared::root(path, cx, &mut reading) {
                app(path, &root, cx, &mut reading);
            }
        }
        reading
    }
}

fn app(path: &str, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    let at = root.get("app").map_or(&root.at, |n| &n.at).clone();
    let mut service = Service::new(root.text_at(&["app"]).unwrap_or("app"), at.clone(), Provider::Container);
    service.aliases.push("app".into());
    if let Some(image) = root.path(&["build", "image"]) {
        service.software = declared::image(image);
    } else {
        service.build = Some(Build {
            context: Some(parent(path).to_owned()),
            dockerfile: join(parent(path), root.text_at(&["build", "dockerfile"]).unwrap_or("Dockerfile")),
            target: root.text_at(&["build", "build-target"]).map(str::to_owned),
            base: None,
            env: Default::default(),
            at: root.get("build").map_or(&at, |n| &n.at).clone(),
        });
        declared::built(&mut service, root.path(&["build", "dockerfile"]).is_some(), cx, reading);
        service.ports.clear();
    }
    if let Some(env) = root.get("env") {
        declared::mapping(&mut service.environ, env, EnvSource::Env);
    }
    let why = format!("secrets of Fly.io are not in `{}`", file_name(path));
    service.environ.unlisted.push(UnlistedKeys { why, at: at.clone(), prefix: String::new() });
    let services = root.get("services").map(Node::items).unwrap_or_default();
    let http = root.path(&["http_service", "internal_port"]);
    service.ports = services.iter().filter_map(|s| s.get("internal_port")).chain(http).filter_map(declared::port).collect();
    service.probe = root.get("checks").or_else(|| root.path(&["http_service", "checks"])).map(|n| n.at.clone());
    service.stop_grace = root.get("kill_timeout").and_then(declared::duration);
    // Each process group runs the same image with another command.
    let processes = root.get("processes").map(Node::entries).unwrap_or_default();
    for process in processes {
        let Some(name) = process.key.text() else { continue };
        let mut one = service.clone();
        if name != "app" {
            one.name = name.to_owned();
            one.at = process.key.at.clone();
            one.ports = Vec::new();
        }
        one.command = process.value.text().map(|c| Fact::known(c.to_owned(), process.value.at.clone()));
        reading.services.push(one);
    }
    if processes.is_empty() {
        reading.services.push(service);
    }
}
