//! Kubernetes manifests (files, folders, lists) → workloads with their containers, and what operators run.

use rayon::prelude::*;

use crate::document::Node;
use crate::inventory::Service;
use crate::workspace::parent;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, gitops};

mod alternatives;
mod claim;
mod environ;
mod expand;
mod files;
mod keys;
mod objects;
mod operators;
mod scalar;
mod workload;

#[cfg(test)]
mod tests;

/// The format.
#[derive(Debug)]
pub struct Kubernetes;

impl Format for Kubernetes {
    fn id(&self) -> &'static str {
        "kubernetes"
    }

    fn name(&self) -> &'static str {
        "Kubernetes"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of containers; versions in custom resources of operators",
            env: "`env`, `envFrom`, ConfigMaps and Secrets that are in the manifests",
            processes: "Deployments, StatefulSets, DaemonSets, Jobs, CronJobs; init containers and sidecars",
            unknown: "objects that are in no manifest; placeholders of templates",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        claim::by_name(path)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        if claim::of_a_chart(path) || !claim::declares(head) || super::helm::is_release(path, head) {
            return Claim::No;
        }
        Claim::Yes { manifest: parent(path).to_owned(), side: Side::Prod }
    }

    fn gathers(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut problems = Vec::new();
        let mut files: Vec<(String, bool)> = Vec::new();
        let (by, own) = gitops::given(&manifest.paths, cx, &mut problems);
        for path in own {
            if !cx.workspace.is_dir(path) {
                files.push((path.clone(), false));
                continue;
            }
            let (below, listing) = cx.workspace.list(path);
            problems.extend(listing);
            let prefix = if path.is_empty() { 0 } else { path.len() + 1 };
            let meant = |f: &String| claim::by_name(f) && !claim::of_a_chart(f.get(prefix..).unwrap_or(f));
            files.extend(below.into_iter().filter(meant).map(|f| (f, true)));
        }
        let read: Vec<_> = files.par_iter().map(|(file, in_folder)| files::read(file, *in_folder, cx.workspace)).collect();
        let mut parts = Vec::new();
        for (trees, wrong) in read {
            parts.push(trees);
            problems.extend(wrong);
        }
        let (trees, left) =
            if manifest.because.is_named() && manifest.paths.len() > 1 { (parts.concat(), Vec::new()) } else { alternatives::leave(parts) };
        problems.extend(left);
        let mut trees = trees;
        let folder = |p: &String| manifest.paths.iter().any(|own| own == p || own.starts_with(&format!("{p}/")));
        for deployer in by.iter().filter(|d| d.folders(cx.workspace).iter().any(folder)) {
            deployer.apply(&mut trees);
        }
        let mut reading = read_trees(trees);
        problems.append(&mut reading.problems);
        reading.problems = problems;
        reading
    }
}

/// Reads objects from trees whose nodes carry their own places.
pub(crate) fn read_trees(trees: Vec<Node>) -> Reading {
    let objects = objects::Objects::of(trees);
    let mut reading = Reading::default();
    for object in &objects.all {
        let operated = operators::service(object, &objects);
        reading.services.extend(operated.map(|s| Service { conditional: object.node.perhaps().map(str::to_owned), ..s }));
        workload::services(object, &objects, &mut reading);
    }
    reading.injected = objects.service_links().to_vec();
    reading
}
