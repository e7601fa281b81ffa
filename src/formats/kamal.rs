//! Kamal `config/deploy.yml` and its destination file → the app's roles, accessories and keys.
//!
//! Source: Kamal's configuration reference (kamal-deploy.org/docs/configuration). A destination file
//! (`deploy.production.yml`) is merged deeply over `deploy.yml`.

use crate::document::{Entry, Node};
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Environ, Fact, Provider, Service, Value, Version};
use crate::workspace::{Workspace, file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Kamal;

impl Format for Kamal {
    fn id(&self) -> &'static str {
        "kamal"
    }

    fn name(&self) -> &'static str {
        "Kamal"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of accessories and of the app",
            env: "`env.clear` and `env.secret`, of roles and tags",
            processes: "roles with their commands, accessories",
            unknown: "values of ERB; the tag of the app's image, which is the commit",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        name.starts_with("deploy.") && (name.ends_with(".yml") || name.ends_with(".yaml")) && file_name(parent(path)) == "config"
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let keys = ["service:", "servers:", "accessories:", "registry:", "proxy:", "traefik:", "env:", "builder:"];
        let found = head.lines().filter(|l| keys.iter().any(|k| l.starts_with(k))).count();
        let base = file_name(path).matches('.').count() == 1;
        // A destination file says only what differs.
        if found >= if base { 2 } else { 1 } { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn merges(&self) -> bool {
        true
    }

    fn layers(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        let base = ["deploy.yml", "deploy.yaml"].iter().filter_map(|n| join(parent(path), n)).find(|p| p != path && workspace.is_file(p));
        let destination = file_name(path).matches('.').count() > 1;
        base.filter(|_| destination).into_iter().chain([path.to_owned()]).collect()
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("kamal");
        let mut merged: Option<Node> = None;
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            merged = Some(match merged {
                None => root,
                Some(base) => declared::merge(base, root, 0),
            });
        }
        if let (Some(root), Some(path)) = (merged, manifest.paths.first()) {
            deployment(path, &root, cx, &mut reading);
        }
        reading
    }
}

fn deployment(path: &str, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    // `config/deploy.yml` stands in the app's folder.
    let app = parent(parent(path));
    let name = root.text_at(&["service"]).unwrap_or("app");
    let at = root.get("service").map_or(&root.at, |n| &n.at).clone();
    let mut environ = Environ::default();
    if let Some(env) = root.get("env") {
        read_env(&mut environ, env);
    }
    let mut service = Service::new(name, at.clone(), Provider::Container);
    // The image has no tag here: Kamal tags what it builds with the commit.
    service.software = root.get("image").and_then(|image| {
        let text = image.text()?;
        let registry = root.text_at(&["registry", "server"]);
        let full = registry.filter(|r| !text.starts_with(&format!("{r}/"))).map(|r| format!("{r}/{text}"));
        if text.contains("<%") { declared::image(image) } else { Some(declared::image_text(full.as_deref().unwrap_or(text), &image.at)) }
    });
    if let Some(Fact { value: Value::Known(software), .. }) = &mut service.software
        && software.image.as_ref().is_some_and(|i| i.tag.is_none())
    {
        software.version = Version::opaque("");
    }
    let builder = root.get("builder");
    let written = |key: &str| builder.and_then(|b| b.text_at(&[key]));
    service.build = Some(Build {
        context: join(app, written("context").unwrap_or(".")),
        dockerfile: join(app, written("dockerfile").unwrap_or("Dockerfile")),
        target: written("target").map(str::to_owned),
        base: None,
        env: Default::default(),
        at: builder.map_or(&at, |b| &b.at).clone(),
    });
    declared::built(&mut service, written("dockerfile").is_some(), cx, reading);
    service.ports.clear();
    service.platform =
        builder.and_then(|b| b.get("arch")).and_then(|arch| Some(Fact::known(format!("linux/{}", arch.text()?), arch.at.clone())));
    let port = root.path(&["proxy", "app_port"]);
    service.probe = root.path(&["proxy", "healthcheck"]).or_else(|| root.get("healthcheck")).map(|n| n.at.clone());
    service.environ = environ;
    roles(root, service, port, reading);
    for accessory in root.get("accessories").map(Node::entries).unwrap_or_default() {
        accessories(accessory, reading);
    }
}

/// Each role of `servers` runs the app's image; a list of hosts is the role `web`.
fn roles(root: &Node, service: Service, port: Option<&Node>, reading: &mut Reading) {
    let roles = root.get("servers").map(Node::entries).unwrap_or_default();
    for role in roles {
        let Some(name) = role.key.text() else { continue };
        let mut one = service.clone();
        one.aliases.push(service.name.clone());
        one.aliases.push(format!("{}-{name}", service.name));
        one.name = name.to_owned();
        one.at = role.key.at.clone();
        one.command = role.value.get("cmd").and_then(|c| Some(Fact::known(c.text()?.to_owned(), c.at.clone())));
        if let Some(env) = role.value.get("env") {
            read_env(&mut one.environ, env);
        }
        if name == "web" {
            one.ports = port.and_then(declared::port).into_iter().collect();
        }
        reading.services.push(one);
    }
    if roles.is_empty() {
        let mut one = service;
        one.aliases.push("web".into());
        one.ports = port.and_then(declared::port).into_iter().collect();
        reading.services.push(one);
    }
}

fn accessories(accessory: &Entry, reading: &mut Reading) {
    let Some(name) = accessory.key.text() else { return };
    let mut service = Service::new(name, accessory.key.at.clone(), Provider::Container);
    service.software = accessory.value.get("image").and_then(declared::image);
    service.command = accessory.value.get("cmd").and_then(|c| Some(Fact::known(c.text()?.to_owned(), c.at.clone())));
    if let Some(env) = accessory.value.get("env") {
        read_env(&mut service.environ, env);
    }
    reading.services.push(service);
}

/// `env`: `clear` and `secret`, or plain keys. A secret may be `NAME:SOURCE`, the source being its name in the store.
fn read_env(environ: &mut Environ, env: &Node) {
    let parts = ["clear", "secret", "tags"];
    if !env.entries().iter().any(|e| e.key.text().is_some_and(|k| parts.contains(&k))) {
        declared::mapping(environ, env, EnvSource::Env);
        return;
    }
    if let Some(clear) = env.get("clear") {
        declared::mapping(environ, clear, EnvSource::Env);
    }
    for tag in env.get("tags").map(Node::entries).unwrap_or_default() {
        let why = format!("it is set on hosts with the tag `{}` alone", tag.key.text().unwrap_or(""));
        let parts = tag.value.get("clear").unwrap_or(&tag.value);
        for entry in parts.entries().iter().filter(|e| !e.value.is_sequence() && !e.value.is_mapping()) {
            let Some(key) = entry.key.text().filter(|k| environ.get(k).is_none()) else { continue };
            let mut var = EnvVar::new(key, entry.key.at.clone(), EnvValue::Unknown(why.clone()), EnvSource::Env);
            var.optional = true;
            environ.set(var);
        }
    }
    for secret in env.get("secret").map(Node::items).unwrap_or_default() {
        let Some(text) = secret.text() else { continue };
        let key = text.split(':').next().unwrap_or(text);
        let value = EnvValue::Elsewhere("`.kamal/secrets`".into());
        environ.set(EnvVar::new(key, secret.at.clone(), value, EnvSource::Secret));
    }
}
