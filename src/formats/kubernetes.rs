//! Kubernetes manifests (files, folders, lists) → workloads with their containers, and what operators run.

use crate::document::{Node, TreeLimits, yaml};
use crate::report::Problem;
use crate::workspace::{file_name, parent};

use super::{Claim, Format, Manifest, ReadContext, Reading, Side};

mod environ;
mod expand;
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

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        let ending = name.rsplit('.').next().is_some_and(|e| matches!(e, "yaml" | "yml" | "json"));
        ending && !name.starts_with("kustomization") && !format!("/{path}").contains("/templates/")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let line = |key: &str| head.lines().any(|l| l.starts_with(key) || l.trim_start().starts_with(&format!("\"{key}\"")));
        let json = path.ends_with(".json") && head.contains("\"apiVersion\"") && head.contains("\"kind\"");
        if !(json || line("apiVersion:") && line("kind:")) {
            return Claim::No;
        }
        Claim::Yes { manifest: parent(path).to_owned(), side: Side::Prod }
    }

    fn gathers(&self) -> bool {
        true
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut problems = Vec::new();
        let mut trees: Vec<Node> = Vec::new();
        for path in &manifest.paths {
            let files = if cx.workspace.is_dir(path) {
                let (files, listing) = cx.workspace.list(path);
                problems.extend(listing);
                files.into_iter().filter(|f| self.may_claim(f)).collect()
            } else {
                vec![path.clone()]
            };
            let whole_folder = files.len() > 1;
            for file in files {
                let source = match cx.workspace.read(&file) {
                    Ok(source) => source,
                    Err(problem) => {
                        problems.push(problem);
                        continue;
                    }
                };
                let text = source.text();
                // A folder may hold values files and other YAML: what names no object is none of ours.
                if whole_folder && !(text.contains("apiVersion") && text.contains("kind")) {
                    continue;
                }
                let documents = yaml::read(&source, TreeLimits::default());
                for error in documents.errors {
                    let template = text.contains("{{") || text.contains("<%");
                    let why = if template { "is a template, not YAML".to_owned() } else { error.why };
                    problems.push(Problem::at(error.at, format!("`{file}` {why}")));
                    if template {
                        break;
                    }
                }
                trees.extend(documents.documents.into_iter().map(|d| d.root));
            }
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
        reading.services.extend(operators::service(object, &objects));
        workload::services(object, &objects, &mut reading);
    }
    reading.injected = objects.service_links().to_vec();
    reading
}
