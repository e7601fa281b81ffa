//! Heroku `app.json`, `heroku.yml` and `Procfile` → add-ons, processes and config vars.
//!
//! Sources: the app.json schema (devcenter.heroku.com/articles/app-json-schema) and heroku.yml
//! (devcenter.heroku.com/articles/build-docker-images-heroku-yml). `environments` of app.json are review and test apps,
//! never production.

use crate::catalogue::of_addon;
use crate::document::{Entry, Node};
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Environ, Fact, Process, Provider, Service, Software};
use crate::report::Problem;
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Heroku;

impl Format for Heroku {
    fn id(&self) -> &'static str {
        "heroku"
    }

    fn name(&self) -> &'static str {
        "Heroku"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`options.version` of an add-on; a plan is no version",
            env: "`env` of `app.json`, and what each add-on sets",
            processes: "lines of the `Procfile`, else `formation`",
            unknown: "versions of add-ons without the option; config vars that are set in the dashboard",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), "app.json" | "heroku.yml" | "scalingo.json")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // Expo and other tools have an `app.json` of their own.
        let keys = ["\"addons\"", "\"buildpacks\"", "\"formation\"", "\"env\"", "\"stack\""];
        let ours = file_name(path) == "heroku.yml" || (keys.iter().any(|k| head.contains(k)) && !head.contains("\"expo\""));
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("heroku");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            if file_name(path) == "heroku.yml" {
                heroku_yml(path, &root, cx, &mut reading);
            } else {
                app_json(path, &root, cx, &mut reading);
            }
        }
        reading
    }
}

/// Reads a list of add-ons into services, and the keys that they set into `environ`.
fn addons(addons: Option<&Node>, environ: &mut Environ, reading: &mut Reading) {
    for addon in addons.map(Node::items).unwrap_or_default() {
        let plan = if addon.is_mapping() { addon.get("plan") } else { Some(addon) };
        let Some((node, text)) = plan.and_then(|p| Some((p, p.text()?))) else {
            reading.problems.push(Problem::at(addon.at.clone(), "an add-on names no plan").warning());
            continue;
        };
        let product = text.split(':').next().unwrap_or(text);
        let given = addon.text_at(&["as"]);
        let version = addon.path(&["options", "version"]);
        if let Some(mut service) =
            declared::managed(given.unwrap_or(product), &node.at, Provider::Addon, &format!("heroku:{product}"), version)
        {
            service.aliases.push(product.to_owned());
            if let Some(fact) = service.software.take_if(|_| version.is_none()) {
                // The plan is no version, but it is what stands in the file.
                let text = text.to_owned();
                service.software = Some(Fact { value: fact.value.map(|s| Software { text, ..s }), at: fact.at });
            }
            reading.services.push(service);
        }
        let standard = of_addon(product);
        let named = given.map(|name| format!("{}_URL", name.to_uppercase().replace('-', "_")));
        for key in standard.iter().map(|k| (*k).to_owned()).chain(named) {
            if environ.get(&key).is_none() {
                let value = EnvValue::Elsewhere(format!("the add-on `{product}`"));
                environ.set(EnvVar::new(key, node.at.clone(), value, EnvSource::Binding));
            }
        }
    }
}

fn app_json(path: &str, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    let mut environ = Environ::default();
    for entry in root.get("env").map(Node::entries).unwrap_or_default() {
        environ.set(config_var(entry));
    }
    addons(root.get("addons"), &mut environ, reading);
    let name = root.text_at(&["name"]).filter(|n| !n.is_empty()).unwrap_or("app").to_owned();
    let procfile = join(parent(path), "Procfile").filter(|p| cx.workspace.is_file(p));
    let mut processes = procfile.map(|p| procfile_processes(&p, cx, reading)).unwrap_or_default();
    if processes.is_empty() {
        let formation = root.get("formation").map(Node::entries).unwrap_or_default();
        processes = formation.iter().filter_map(|e| Some(Service::new(e.key.text()?, e.key.at.clone(), Provider::Container))).collect();
    }
    if processes.is_empty() {
        let at = root.entry("name").or_else(|| root.entry("env")).map_or(&root.at, |e| &e.key.at).clone();
        processes.push(Service::new("web", at, Provider::Container));
    }
    for mut service in processes {
        service.aliases.push(name.clone());
        service.environ = environ.clone();
        reading.services.push(service);
    }
}

/// One config var: a text, or an object with `value`, `generator`, `required`.
fn config_var(entry: &Entry) -> EnvVar {
    let node = &entry.value;
    let value = match (node.is_mapping(), node.get("value")) {
        (false, _) => declared::value(node),
        (true, Some(value)) => declared::value(value),
        (true, None) if node.get("generator").is_some() => EnvValue::Elsewhere("a value that Heroku generates".into()),
        (true, None) => EnvValue::Elsewhere("the app's config vars".into()),
    };
    let mut var = EnvVar::new(entry.key.text().unwrap_or_default(), entry.key.at.clone(), value, EnvSource::Environment);
    var.optional = node.text_at(&["required"]) == Some("false");
    var
}

/// `Procfile`: `name: command`, one a line. `release` runs once before each release.
pub(super) fn procfile_processes(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Vec<Service> {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            reading.problems.push(problem);
            return Vec::new();
        }
    };
    let mut services = Vec::new();
    for (n, line) in (1_u32..).zip(source.text().lines()) {
        let Some((name, command)) = line.split_once(':') else { continue };
        let Some(span) = source.line_span(n) else { continue };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            continue;
        }
        let at = source.at(span);
        let mut service = Service::new(name, at.part(0, name.len()), Provider::Container);
        let start = line.len() - command.trim_start().len();
        service.command = Some(Fact::known(command.trim().to_owned(), at.part(start, line.trim_end().len())));
        if name == "release" {
            service.process = Process::Admin;
        }
        services.push(service);
    }
    services
}

fn heroku_yml(path: &str, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    let mut environ = Environ::default();
    for at in [["setup", "config"], ["build", "config"]] {
        if let Some(config) = root.path(&at) {
            declared::mapping(&mut environ, config, EnvSource::Environment);
        }
    }
    addons(root.path(&["setup", "addons"]), &mut environ, reading);
    let builds = root.path(&["build", "docker"]).map(Node::entries).unwrap_or_default();
    let runs = root.get("run").map(Node::entries).unwrap_or_default();
    let mut names: Vec<&Node> = builds.iter().chain(runs).map(|e| &e.key).collect();
    names.sort_by(|a, b| (a.text(), &a.at).cmp(&(b.text(), &b.at)));
    names.dedup_by(|a, b| a.text() == b.text());
    for key in names {
        let Some(name) = key.text() else { continue };
        let mut service = Service::new(name, key.at.clone(), Provider::Container);
        service.environ = environ.clone();
        if let Some(entry) = builds.iter().find(|e| e.key.text() == Some(name)) {
            let dockerfile = entry.value.text().or_else(|| entry.value.text_at(&["dockerfile"]));
            service.build = Some(Build {
                context: Some(parent(path).to_owned()),
                dockerfile: dockerfile.and_then(|p| join(parent(path), p)),
                target: entry.value.text_at(&["target"]).map(str::to_owned),
                base: None,
                env: Default::default(),
                at: entry.value.at.clone(),
            });
            declared::built(&mut service, true, cx, reading);
        }
        if let Some(entry) = runs.iter().find(|e| e.key.text() == Some(name)) {
            let command = if entry.value.is_mapping() { entry.value.get("command") } else { Some(&entry.value) };
            service.command = command.and_then(|c| Some(Fact::known(c.text()?.to_owned(), c.at.clone())));
        }
        if name == "release" {
            service.process = Process::Admin;
        }
        reading.services.push(service);
    }
}
