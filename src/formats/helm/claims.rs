//! A path and its text → what of Helm it is.

use std::collections::BTreeSet;

use crate::workspace::file_name;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// `Chart.yaml`: its folder is a chart.
    Chart,
    Helmfile,
    /// An Argo CD Application or a Flux HelmRelease.
    Release,
    /// Values.
    Values,
}

/// Keys at the top of values that charts commonly take (helm create, and the charts of many teams).
const COMMON: [&str; 26] = [
    "affinity",
    "autoscaling",
    "backend",
    "containerSecurityContext",
    "deployment",
    "env",
    "envVars",
    "extraEnv",
    "extraEnvVars",
    "extraVolumeMounts",
    "extraVolumes",
    "fullnameOverride",
    "global",
    "image",
    "imagePullSecrets",
    "ingress",
    "livenessProbe",
    "nameOverride",
    "nodeSelector",
    "podAnnotations",
    "readinessProbe",
    "replicaCount",
    "resources",
    "service",
    "serviceAccount",
    "tolerations",
];

/// Keys at the top of what is no values: Compose, Kubernetes, CloudFormation, OpenAPI, workflows of CI.
const OTHERS: [&str; 11] =
    ["services", "kind", "AWSTemplateFormatVersion", "Resources", "swagger", "openapi", "on", "jobs", "stages", "variables", "version"];

fn yaml(path: &str) -> bool {
    let name = file_name(path).trim_end_matches(".gotmpl");
    name.ends_with(".yaml") || name.ends_with(".yml")
}

pub(super) fn may_claim(path: &str) -> bool {
    yaml(path) && !format!("/{path}").contains("/templates/")
}

/// Could a variable file be values? (`--var-file` also takes files of Terraform.)
pub(super) fn values_name(path: &str) -> bool {
    yaml(path) || path.ends_with(".json") && !path.ends_with("tfvars.json")
}

fn named_values(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let words: Vec<&str> = name.split(['.', '-', '_']).collect();
    words.contains(&"values")
}

/// What a file is, by its name and text.
pub(super) fn what(path: &str, text: &str) -> Option<What> {
    let name = file_name(path);
    let top = |key: &str| text.lines().any(|l| l.strip_prefix(key).is_some_and(|r| r.starts_with(':')));
    let says = |line: &str| text.lines().any(|l| l.trim_end() == line);
    if !yaml(path) {
        return None;
    }
    if name == "Chart.yaml" {
        return Some(What::Chart);
    }
    if name.starts_with("helmfile") && (top("releases") || top("helmfiles")) {
        return Some(What::Helmfile);
    }
    if top("apiVersion") {
        let argo = text.contains("argoproj.io/")
            && (says("kind: Application") || says("kind: ApplicationSet"))
            && (text.contains("helm:") || text.contains("chart:"));
        let flux = text.contains("helm.toolkit.fluxcd.io/") && says("kind: HelmRelease");
        return (argo || flux).then_some(What::Release);
    }
    let keys = text.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_alphabetic())).filter_map(|l| l.split_once(':'));
    let keys: BTreeSet<&str> = keys.map(|(key, _)| key).collect();
    if OTHERS.iter().any(|k| keys.contains(k)) {
        return None;
    }
    let values = named_values(path) || COMMON.iter().filter(|k| keys.contains(*k)).count() >= 4;
    (values && text.lines().any(names_image)).then_some(What::Values)
}

/// Does a line have a key that names an image: `image`, `initImage`, `repository`?
fn names_image(line: &str) -> bool {
    let Some((key, _)) = line.trim_start().split_once(':') else { return false };
    let bare = key.trim_end();
    key == "repository"
        || bare.len().checked_sub("image".len()).and_then(|at| bare.get(at..)).is_some_and(|e| e.eq_ignore_ascii_case("image"))
}
