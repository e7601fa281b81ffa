//! docker-compose files → services, as `docker compose config` sees them (compose-spec), offline.

use crate::workspace::{Workspace, file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side};
use project::Project;

pub mod interpolate;
mod build;
mod canonical;
mod environ;
mod extends;
pub(crate) mod keys;
mod layers;
mod merge;
mod project;
mod scalar;
mod schema;
mod service;
mod typed;
mod variables;

/// The format.
#[derive(Debug)]
pub struct Compose;

/// Default names, in the order of preference (compose-spec: 03-compose-file; compose-go: cli/options.go).
const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Override files of the default ones.
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

impl Format for Compose {
    fn id(&self) -> &'static str {
        "compose"
    }

    fn name(&self) -> &'static str {
        "Docker Compose"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "image and tag, and the base of what is built; after interpolation",
            env: "`environment`, `env_file`; `ENV` of the Dockerfile",
            processes: "every service; profiles, `depends_on`, command, health check, ports",
            unknown: "variables that no `.env` sets and that have no default; an `env_file` that is not in the repository",
        }
    }

    fn side(&self) -> Side {
        Side::Dev
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        name == ".env"
            || (name.contains("compose") || is_stack(name) || by_environment(path)) && (name.ends_with(".yml") || name.ends_with(".yaml"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        if file_name(path) == ".env" {
            return match layers::of_env(path, head).into_iter().next() {
                Some(first) => Claim::Yes { manifest: first, side: Side::Dev },
                None => Claim::No,
            };
        }
        // What only changes another file may declare networks and volumes alone.
        let sections: &[&str] = if by_environment(path) { &["services:", "volumes:", "networks:"] } else { &["services:", "include:"] };
        // Empty, or not readable: its name says what it is.
        let named = head.is_empty() && DEFAULTS.contains(&file_name(path));
        if OVERRIDES.contains(&file_name(path)) || !named && !head.lines().any(|l| sections.iter().any(|s| l.starts_with(s))) {
            return Claim::No;
        }
        // A stack is deployed to a swarm: `docker stack deploy` reads what Compose reads.
        let stack = is_stack(file_name(path));
        if stack && !(head.contains("image:") && (head.contains("deploy:") || head.lines().any(|l| l.starts_with("version:")))) {
            return Claim::No;
        }
        Claim::Yes { manifest: path.to_owned(), side: if stack { Side::Prod } else { Side::Dev } }
    }

    fn merges(&self) -> bool {
        true
    }

    fn layers(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        layers::layers(path, workspace)
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        layers::parts(path, workspace)
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        let Some(first) = manifest.paths.first() else { return reading };
        let dir = parent(first);
        let mut project = Project::new(cx);
        project.dotenv(dir, first);
        project.name(&manifest.paths);
        project.open.push((first.clone(), String::new()));
        let tree = project.load(&manifest.paths, dir);
        let Project { variables, comments, mut problems, .. } = project;
        if let Some(tree) = tree {
            let mut reader = service::Reader { variables: &variables, comments: &comments, cx, problems: Vec::new() };
            reading.services = reader.services(&tree);
            problems.append(&mut reader.problems);
        }
        problems.sort();
        problems.dedup();
        reading.problems = problems;
        reading
    }
}

/// Is it a file that is named by its environment alone, in a folder of Docker's: `docker/prod.yml`?
fn by_environment(path: &str) -> bool {
    let stem = file_name(path).split('.').next().unwrap_or_default();
    let folder = file_name(parent(path)).to_ascii_lowercase();
    let known = ["prod", "production", "dev", "development", "local", "staging", "base"].contains(&stem);
    known && folder.split(['-', '_', '.']).any(|w| w == "docker" || w == "compose")
}

/// Is it a file of a Docker Swarm by its name: `stack.yml`, `docker-stack.prod.yml`?
fn is_stack(name: &str) -> bool {
    !name.contains("compose") && name.split(['.', '-', '_']).any(|w| w == "stack" || w == "swarm")
}

/// The files that the machine's `COMPOSE_FILE` names, relative to the root: as if each was given with `--dev`.
#[must_use]
pub fn of_machine(environment: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let text = |name: &str| environment.get(name).map(String::as_str);
    variables::split(text("COMPOSE_FILE").unwrap_or_default(), text("COMPOSE_PATH_SEPARATOR")).map(str::to_owned).collect()
}

/// The default file of a folder, if it has one.
fn default_of(dir: &str, workspace: &dyn Workspace) -> Option<String> {
    DEFAULTS.iter().filter_map(|n| join(dir, n)).find(|p| workspace.is_file(p))
}

#[cfg(test)]
mod tests;
