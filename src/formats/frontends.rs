//! Vercel `vercel.json` and Netlify `netlify.toml` → the keys that a site is built and run with.
//!
//! Sources: vercel.com/docs/project-configuration, docs.netlify.com/build/configure-builds/file-based-configuration. Most
//! keys are in the dashboard, so that a file says some and never all.

use crate::inventory::{EnvSource, Provider, Service};
use crate::workspace::{file_name, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Frontends;

impl Format for Frontends {
    fn id(&self) -> &'static str {
        "frontends"
    }

    fn name(&self) -> &'static str {
        "Vercel and Netlify"
    }

    fn gives(&self) -> Gives {
        Gives { versions: "-", env: "keys of `env` and `build.environment`", processes: "-", unknown: "keys of the dashboard" }
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), "vercel.json" | "netlify.toml")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // Without keys there is nothing that could differ.
        let keys = if path.ends_with(".json") { head.contains("\"env\"") } else { head.contains("environment") };
        if keys { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn beside(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let vercel = manifest.paths.iter().any(|p| p.ends_with(".json"));
        let mut reading = declared::reading(if vercel { "vercel" } else { "netlify" });
        for path in &manifest.paths {
            // It makes no environment by itself, so no comparison needs it.
            if let Err(problem) = cx.workspace.read(path) {
                reading.problems.push(problem.warning());
                continue;
            }
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let places: &[&[&str]] = if path.ends_with(".json") {
                &[&["build", "env"], &["env"]]
            } else {
                &[&["build", "environment"], &["context", "production", "environment"]]
            };
            let at = places.iter().find_map(|p| root.entry(p.first()?)).map_or(&root.at, |e| &e.key.at).clone();
            let folder = file_name(parent(path));
            let mut service = Service::new(if folder.is_empty() { "site" } else { folder }, at.clone(), Provider::Managed);
            for variables in places.iter().filter_map(|p| root.path(p)) {
                declared::settings(&mut service.environ, variables, EnvSource::Environment);
            }
            declared::unlisted(&mut service.environ, "variables of the dashboard are not in the repository", &at);
            reading.services.push(service);
        }
        reading
    }
}
