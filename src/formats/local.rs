//! Files of an app that developers run on their own machine (`.env` and its relatives, `Procfile.dev`) → the app's processes, with
//! the keys that they are given; and what the same app is given in production (`.env.production`).
//!
//! Where a manifest of an environment runs the app, it says what the app is given, and these files are not read.

use crate::document::{Node, dotenv, json};
use crate::inventory::{Environ, Provider, Service};
use crate::source::Location;
use crate::workspace::{Workspace, file_name, join, parent};

use super::dockerfile::Dockerfile;
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared, dotenv as example, heroku};

/// The format.
#[derive(Debug)]
pub struct Local;

/// Files of variables, the later over the earlier (Next.js, Vite, dotenv-rails: one order).
const FILES: [&str; 5] = [".env", ".env.development", ".env.dev", ".env.local", ".env.development.local"];
/// Those that are usually kept out of the repository: without them, keys of the machine are not known.
const OWN: [&str; 3] = [".env", ".env.local", ".env.development.local"];
/// Files of variables of production, and of what its image is built from.
const PRODUCTION: [&str; 2] = [".env.production", ".env.prod"];
const IMAGES: [&str; 3] = ["Dockerfile.production", "Dockerfile.prod", "Dockerfile"];
const PROCFILE: &str = "Procfile.dev";
/// Words in a command that builds while the app runs.
const BUILDS: [&str; 8] = ["watch", "tailwind", "esbuild", "webpack", "vite", "build", "compose", "docker"];

impl Format for Local {
    fn id(&self) -> &'static str {
        "local"
    }

    fn name(&self) -> &'static str {
        "files of the developer's machine"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "-",
            env: "`.env`, `.env.development`, `.env.local`; `.env.production` of production; `.env.example` where nothing else says more",
            processes: "lines of `Procfile.dev`, else the app as one",
            unknown: "services that run beside the app; keys of files that are kept out of the repository, and of the platform",
        }
    }

    fn side(&self) -> Side {
        Side::Dev
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        FILES.contains(&name) || PRODUCTION.contains(&name) || name == PROCFILE
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let says = head.lines().map(str::trim).any(|l| !l.is_empty() && !l.starts_with('#'));
        match is_production(path) {
            _ if !says || !self.may_claim(path) => Claim::No,
            true => Claim::Yes { manifest: path.to_owned(), side: Side::Prod },
            false => Claim::Yes { manifest: parent(path).to_owned(), side: Side::Dev },
        }
    }

    fn layers(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        let beside = |f: &str| join(parent(path), f).filter(|f| workspace.is_file(f));
        if is_production(path) {
            let image = IMAGES.into_iter().find_map(beside);
            return [path.to_owned()].into_iter().chain(beside(".env")).chain(image).collect();
        }
        if !workspace.is_dir(path) {
            return vec![path.to_owned()];
        }
        FILES.iter().chain([&PROCFILE]).filter_map(|f| join(path, f)).filter(|f| workspace.is_file(f)).collect()
    }

    fn merges(&self) -> bool {
        true
    }

    fn alone(&self) -> bool {
        true
    }

    fn fills_in(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        let mut paths: Vec<String> = Vec::new();
        for path in manifest.paths.iter().flat_map(|p| self.layers(p, cx.workspace)) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths.sort_by_key(|p| is_production(p));
        let mut environ = Environ::default();
        let mut first: Option<Location> = None;
        let image = |path: &&String| IMAGES.contains(&file_name(path));
        for path in paths.iter().filter(|p| file_name(p) != PROCFILE && !image(p)) {
            match cx.workspace.read(path) {
                Ok(source) => {
                    let entries = dotenv::read(&source).0;
                    first = first.or_else(|| entries.first().map(|e| e.at.clone()));
                    declared::variables(&mut environ, &source, &mut reading.problems);
                }
                Err(problem) => reading.problems.push(problem.warning()),
            }
        }
        let procfile = paths.iter().find(|p| file_name(p) == PROCFILE);
        let mut services = procfile.map(|p| heroku::procfile_processes(p, cx, &mut reading)).unwrap_or_default();
        let builds = |s: &Service| s.command.as_ref().and_then(|c| c.value.known()).is_some_and(|c| BUILDS.iter().any(|w| c.contains(w)));
        services.retain(|s| !builds(s));
        for path in paths.iter().filter(image) {
            let built = Manifest { format: Dockerfile.id().to_owned(), paths: vec![path.clone()], ..manifest.clone() };
            let built = Dockerfile.read(&built, cx);
            let called = |s| Service { name: name(parent(path), cx), ..s };
            services.extend(built.services.into_iter().map(called));
            reading.runtimes.extend(built.runtimes);
            reading.problems.extend(built.problems);
        }
        if services.is_empty() {
            let folder = paths.first().map(|p| parent(p).to_owned()).unwrap_or_default();
            services.extend(first.map(|at| Service::new(name(&folder, cx), at, Provider::Container)));
        }
        let unlisted = if paths.iter().any(|p| is_production(p)) {
            Some("what the platform or the server gives the app is not in the repository")
        } else if paths.iter().any(|p| OWN.contains(&file_name(p))) {
            None
        } else {
            Some("what developers set on their machines is not in the repository")
        };
        let shown = paths.iter().find(|p| example::documents(p));
        for mut service in services {
            service.environ = environ.clone();
            service.conditional = shown.map(|path| format!("`{path}` shows what may be set"));
            if let Some(why) = unlisted {
                let at = service.at.clone();
                declared::unlisted(&mut service.environ, why, &at);
            }
            reading.services.push(service);
        }
        reading
    }
}

fn is_production(path: &str) -> bool {
    PRODUCTION.contains(&file_name(path))
}

/// What the app in a folder is called: by its package, else by its folder.
fn name(folder: &str, cx: &ReadContext<'_>) -> String {
    let package = || {
        let source = cx.workspace.read(&join(folder, "package.json")?).ok()?;
        let documents = json::read(&source).documents;
        let name = documents.first()?.root.get("name").and_then(Node::text)?.rsplit('/').next()?.to_owned();
        (!name.is_empty()).then_some(name)
    };
    let folder = file_name(folder);
    if folder.is_empty() { package().unwrap_or_else(|| "app".to_owned()) } else { folder.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::process::Programs;
    use crate::formats::ReadOptions;
    use crate::workspace::MemoryWorkspace;

    fn read(files: &[(&str, &str)], paths: &[&str]) -> Vec<String> {
        let workspace = MemoryWorkspace::new(files.iter().copied());
        let (options, programs) = (ReadOptions::default(), Programs::default());
        let cx = ReadContext { workspace: &workspace, options: &options, environment: "dev", programs: &programs };
        let paths = paths.iter().map(|p| (*p).to_owned()).collect();
        let manifest = Manifest { format: "local".into(), paths, ..Manifest::default() };
        let keys = |s: &Service| s.environ.vars.iter().map(|v| v.key.as_str()).collect::<Vec<_>>().join(",");
        Local.read(&manifest, &cx).services.iter().map(|s| format!("{} {} {}", s.name, keys(s), s.environ.unlisted.len())).collect()
    }

    #[test]
    fn processes_and_keys() {
        let env = (".env", "A=1\nB=2\n");
        assert_eq!(read(&[env, (".env.local", "B=3\nC=\n")], &[""]), ["app A,B,C 0"]);
        assert_eq!(read(&[env, ("package.json", "{\"name\": \"@acme/shop\"}")], &[""]), ["shop A,B 0"]);
        assert_eq!(read(&[("api/.env.development", "A=1\n")], &["api"]), ["api A 1"]);
        let procfile = (PROCFILE, "web: bin/rails server\ncss: yarn build:css --watch\n");
        assert_eq!(read(&[env, procfile], &[""]), ["web A,B 0"]);
        assert_eq!(read(&[procfile], &[""]), ["web  1"]);
    }

    #[test]
    fn claims() {
        let claims = |path: &str, head: &str| Local.claims(path, head) != Claim::No;
        assert!(claims("web/.env", "A=1") && claims("Procfile.dev", "web: x"));
        assert!(!claims(".env", "# nothing\n") && !claims(".env.production.local", "A=1") && !claims("Procfile", "web: x"));
        let production = Claim::Yes { manifest: "web/.env.production".into(), side: Side::Prod };
        assert_eq!(Local.claims("web/.env.production", "A=1"), production);
    }
}
