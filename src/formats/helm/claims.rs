//! A path and its text → what of Helm it is.

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
    if ["services", "kind", "AWSTemplateFormatVersion", "Resources", "swagger", "openapi", "on", "jobs", "stages", "variables", "version"]
        .iter()
        .any(|k| top(k))
    {
        return None;
    }
    let common = COMMON.iter().filter(|k| top(k)).count();
    let image = text.lines().any(|l| {
        let l = l.trim_start();
        l.split_once(':').is_some_and(|(key, _)| key.trim_end().to_ascii_lowercase().ends_with("image") || key == "repository")
    });
    let values = if named_values(path) { image } else { image && common >= 4 };
    values.then_some(What::Values)
}
