//! `Dockerfile` → the app as it is built, with what the image starts from: all that is known of production where no manifest says
//! more. A stage that is called after production is the one that ships, else the last.

use crate::catalogue::Category;
use crate::document::dockerfile;
use crate::inventory::{Build, Fact, Provider, Runtime, Service, Software};
use crate::workspace::{file_name, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

/// The format.
#[derive(Debug)]
pub struct Dockerfile;

/// Names of stages that ship.
const STAGES: [&str; 5] = ["production", "prod", "release", "runtime", "final"];

impl Format for Dockerfile {
    fn id(&self) -> &'static str {
        "dockerfile"
    }

    fn name(&self) -> &'static str {
        "Dockerfile alone"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "the image that the shipped stage starts from",
            env: "`ENV`",
            processes: "the app as one",
            unknown: "services, keys and processes of production: a Dockerfile says nothing of where it runs",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path).to_ascii_lowercase();
        matches!(name.as_str(), "dockerfile" | "containerfile") || name.starts_with("dockerfile.") || name.ends_with(".dockerfile")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let from = |l: &str| l.trim_start().get(..5).is_some_and(|w| w.eq_ignore_ascii_case("from "));
        // What dev containers are built from is development's.
        let own = self.may_claim(path) && !path.split('/').any(|p| p == ".devcontainer");
        if own && head.lines().any(from) { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn fills_in(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let source = match cx.workspace.read(path) {
                Ok(source) => source,
                Err(problem) => {
                    reading.problems.push(problem);
                    continue;
                }
            };
            let first = dockerfile::read(&source, None, &std::collections::BTreeMap::new());
            let at = first.base.map_or_else(|| source.at(crate::source::Span { start: 0, end: 0 }), |base| base.at);
            let folder = parent(path);
            let name = file_name(folder);
            let mut service = Service::new(if name.is_empty() { "app" } else { name }, at.clone(), Provider::Container);
            service.build = Some(Build {
                context: Some(folder.to_owned()),
                dockerfile: Some(path.clone()),
                target: stage(source.text()),
                base: None,
                env: Default::default(),
                at: at.clone(),
            });
            declared::built(&mut service, true, cx, &mut reading);
            // What the developer's machine runs may be named by a file alone: it is compared with what the image is built on.
            let base = service.build.as_ref().and_then(|b| b.base.clone());
            let language = |f: &Fact<Software>| f.value.known().and_then(|s| s.kind).is_some_and(|k| k.category == Category::Runtime);
            let runtime = |software| Runtime { software, service: None, unit: String::new() };
            reading.runtimes.extend(base.filter(language).map(runtime));
            declared::unlisted(&mut service.environ, "no manifest of this environment is in the repository", &at);
            reading.services.push(service);
        }
        reading
    }
}

/// The stage that is called after production.
fn stage(text: &str) -> Option<String> {
    let names = text.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|w| w.eq_ignore_ascii_case("as"))?;
        words.first().filter(|w| w.eq_ignore_ascii_case("from"))?;
        words.get(at + 1).map(|w| (*w).to_owned())
    });
    let names: Vec<String> = names.collect();
    STAGES.iter().find_map(|s| names.iter().find(|n| n.eq_ignore_ascii_case(s)).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_that_ships() {
        assert_eq!(
            stage("FROM node:20 AS build\nFROM node:20-slim as production\nFROM production AS test\n").as_deref(),
            Some("production")
        );
        assert_eq!(stage("FROM node:20 AS build\nFROM nginx:1.29\n"), None);
    }

    #[test]
    fn claims() {
        let claims = |path: &str, head: &str| Dockerfile.claims(path, head) != Claim::No;
        assert!(claims("Dockerfile", "FROM a") && claims("web/Dockerfile.prod", "from a") && claims("api.Dockerfile", "ARG X\nFROM a"));
        assert!(!claims("Dockerfile", "# empty") && !claims(".devcontainer/Dockerfile", "FROM a") && !claims("Dockerfile.md/x", "FROM a"));
    }
}
