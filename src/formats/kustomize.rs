//! A Kustomize overlay → the workloads of its objects, each fact at the file that states it.
//!
//! The built-in reading knows where everything is written. Where `kustomize` or `kubectl` is on `PATH` its output is what
//! counts, and the built-in reading says the places; without it the built-in reading stands alone.

use super::gitops::{self, Deployer};
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Render, Side, kubernetes};
use crate::document::Node;
use crate::workspace::{Workspace, file_name, parent};

mod build;
pub(super) mod edit;
mod file;
mod generators;
pub(super) mod images;
mod inline;
mod json_patch;
pub(super) mod merge;
mod patches;
mod plugins;
mod rendered;
mod replacements;
mod resource;
mod target;
mod transform;

#[cfg(test)]
mod tests;

use build::{Build, shown};
use resource::Resource;

/// The format.
#[derive(Debug)]
pub struct Kustomize;

impl Format for Kustomize {
    fn id(&self) -> &'static str {
        "kustomize"
    }

    fn name(&self) -> &'static str {
        "Kustomize"
    }

    fn deploys(&self) -> bool {
        true
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images after `images`, patches and replacements",
            env: "as Kubernetes, with generated ConfigMaps and Secrets",
            processes: "as Kubernetes",
            unknown: "remote bases; plugins",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        file::NAMES.contains(&file_name(path))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // A component is nothing on its own; Flux has a `Kustomization` of another group, also in files of this name.
        let kind = |line: &&str| line.starts_with("kind:") && !line.contains("Kustomization");
        if head.lines().find(kind).is_some() || head.lines().any(|l| l.starts_with("apiVersion:") && l.contains("toolkit.fluxcd.io")) {
            return Claim::No;
        }
        Claim::Yes { manifest: parent(path).to_owned(), side: Side::Prod }
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        // The root itself is no part: what it does not name is not its own.
        file::taken_in(file::folder(path), workspace).into_iter().filter(|part| !part.is_empty()).collect()
    }

    fn in_place_of(&self) -> Option<&'static str> {
        Some("kubernetes")
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut out = Reading::default();
        let (by, own) = gitops::given(&manifest.paths, cx, &mut out.problems);
        for path in own {
            let reading = overlay(file::folder(path), &by, cx);
            out.services.extend(reading.services);
            out.injected.extend(reading.injected);
            out.problems.extend(reading.problems);
            out.notes.extend(reading.notes);
        }
        out
    }
}

/// Reads one folder with a kustomization.
fn overlay(dir: &str, by: &[Deployer], cx: &ReadContext<'_>) -> Reading {
    let mut build = Build::new(cx.workspace);
    let mut all = build.folder(dir, None, Vec::new());
    let by: Vec<&Deployer> = by.iter().filter(|d| d.folders(cx.workspace).iter().any(|f| f == dir)).collect();
    for resource in &mut all {
        by.iter().for_each(|d| d.apply(std::slice::from_mut(&mut resource.node)));
    }
    let mut reading = read(&all, all.iter().map(|r| r.node.clone()).collect());
    let run = match cx.options.render {
        Render::Auto if !build.incomplete && !all.is_empty() => rendered::run(dir, cx),
        _ => None,
    };
    match run {
        Some(Ok((program, text))) => {
            let mut trees = rendered::placed(dir, &text, &all);
            by.iter().for_each(|d| d.apply(&mut trees));
            let theirs = read(&all, trees);
            build.problems.extend(rendered::differ(program, &reading, &theirs, build.unknown));
            reading = theirs;
            reading.notes.push(format!("`{}` is rendered by {program}; places are from the built-in reading", shown(dir)));
        }
        Some(Err(problem)) => {
            build.problems.push(problem);
            reading.notes.push(format!("`{}` is read by the built-in reading of Kustomize", shown(dir)));
        }
        None => reading.notes.push(format!("`{}` is read by the built-in reading of Kustomize", shown(dir))),
    }
    reading.services.append(&mut build.services);
    reading.problems.append(&mut build.problems);
    reading
}

/// Reads objects; what was renamed is also known by its first name.
fn read(all: &[Resource], trees: Vec<Node>) -> Reading {
    let mut reading = kubernetes::read_trees(trees);
    let renamed: Vec<&Resource> = all.iter().filter(|r| !r.before.is_empty()).collect();
    for service in &mut reading.services {
        let known: Vec<String> =
            std::iter::once(service.name.split('/').next().unwrap_or("").to_owned()).chain(service.aliases.clone()).collect();
        let main = !service.name.contains('/');
        for resource in renamed.iter().filter(|r| main && known.iter().any(|k| k == r.name())) {
            service.aliases.extend(resource.before.iter().filter(|b| !known.contains(b)).cloned());
        }
        service.aliases.sort();
        service.aliases.dedup();
    }
    reading
}
