//! Railway `railway.json` or `railway.toml` → the service that is built and how it starts.
//!
//! Source: config as code (docs.railway.com/reference/config-as-code). Variables and databases are in the project, not in
//! the file.

use crate::inventory::{Build, Provider, Service};
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Railway;

impl Format for Railway {
    fn id(&self) -> &'static str {
        "railway"
    }

    fn name(&self) -> &'static str {
        "Railway"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "the image, or the base of the Dockerfile",
            env: "-",
            processes: "the service and its start command",
            unknown: "variables and databases: they are in the project",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        name.starts_with("railway.") && (name.ends_with(".json") || name.ends_with(".toml"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        if ["\"build\"", "\"deploy\"", "[build]", "[deploy]", "railway."].iter().any(|k| head.contains(k)) {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("railway");
        for path in &manifest.paths {
            let Some((mut root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let names = declared::environment_names(cx.environment);
            if let Some(over) = names.iter().find_map(|n| root.path(&["environments", n])).cloned() {
                root = declared::merge(root, over, 0);
            }
            let entry = root.entry("deploy").or_else(|| root.entry("build"));
            let at = entry.map_or(&root.at, |e| &e.key.at).clone();
            let mut service = Service::new("app", at.clone(), Provider::Container);
            let named = root.path(&["build", "dockerfilePath"]);
            let other = root.text_at(&["build", "builder"]).is_some_and(|b| b != "DOCKERFILE");
            if named.is_some() || !other {
                service.build = Some(Build {
                    context: Some(parent(path).to_owned()),
                    dockerfile: join(parent(path), named.and_then(|n| n.text()).unwrap_or("Dockerfile").trim_start_matches('/')),
                    target: None,
                    base: None,
                    env: Default::default(),
                    at: named.map_or(&at, |n| &n.at).clone(),
                });
                declared::built(&mut service, named.is_some(), cx, &mut reading);
            }
            service.command = root.path(&["deploy", "startCommand"]).and_then(declared::command);
            service.probe = root.path(&["deploy", "healthcheckPath"]).map(|n| n.at.clone());
            let why = format!("variables of Railway are not in `{}`", file_name(path));
            declared::unlisted(&mut service.environ, why, &at);
            reading.services.push(service);
        }
        reading
    }
}
