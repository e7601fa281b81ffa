//! Google App Engine `app.yaml` → a service, its runtime and variables.
//!
//! Source: the app.yaml reference (cloud.google.com/appengine/docs/standard/reference/app-yaml).

use crate::document::Node;
use crate::inventory::{EnvSource, Provider, Service};
use crate::workspace::{file_name, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct AppEngine;

impl Format for AppEngine {
    fn id(&self) -> &'static str {
        "appengine"
    }

    fn name(&self) -> &'static str {
        "Google App Engine"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`runtime`",
            env: "`env_variables`",
            processes: "the service and its entrypoint",
            unknown: "Cloud SQL: the file names the instance, and no engine",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        (name.ends_with(".yaml") || name.ends_with(".yml")) && name.split(['.', '-', '_']).any(|w| w == "app")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let runtime = head.lines().find_map(|l| l.strip_prefix("runtime:")).map(|r| r.trim().trim_matches(['"', '\'']));
        let known = |r: &str| crate::catalogue::runtime(r).is_some() || r == "custom";
        let other = ["apiVersion:", "services:", "provider:"].iter().any(|k| head.lines().any(|l| l.starts_with(k)));
        if runtime.is_some_and(known) && !other { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("appengine");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let heading = root.get("service").or_else(|| root.get("module"));
            let at = heading.map_or_else(|| root.entry("runtime").map_or(&root.at, |e| &e.key.at), |n| &n.at).clone();
            let mut service = Service::new(heading.and_then(Node::text).unwrap_or("default"), at, Provider::Managed);
            service.aliases.push("app".into());
            if let Some(variables) = root.get("env_variables") {
                declared::settings(&mut service.environ, variables, EnvSource::Environment);
            }
            service.command = root.get("entrypoint").and_then(declared::command);
            for include in root.get("includes").map(Node::items).unwrap_or_default() {
                declared::unlisted(&mut service.environ, "it includes another file", &include.at);
            }
            let instances = root.path(&["beta_settings", "cloud_sql_instances"]);
            reading.services.extend(instances.map(declared::cloud_sql).unwrap_or_default());
            declared::names_runtime(root.get("runtime"), &service, parent(path), &mut reading);
            reading.services.push(service);
        }
        reading
    }
}
