//! A chart's folder and an environment → the values files that convention names for it.

use crate::workspace::{Workspace, file_name, join, parent};

use super::claims;
use crate::formats::declared;

/// Words for an environment in names of files and folders.
fn words_of(environment: &str) -> Vec<&str> {
    match environment {
        "prod" => declared::environment_names(environment),
        "dev" => vec!["dev", "development", "local"],
        "staging" => vec!["staging", "stage", "stg"],
        other => vec![other],
    }
}

const ENVIRONMENTS: [&str; 24] = [
    "prod",
    "production",
    "prd",
    "live",
    "dev",
    "development",
    "devel",
    "local",
    "staging",
    "stage",
    "stg",
    "test",
    "uat",
    "qa",
    "demo",
    "preprod",
    "sandbox",
    "review",
    "preview",
    "ci",
    "integration",
    "acceptance",
    "feature",
    "pre",
];
/// Folders of examples and the like.
const NOT_MEANT: [&str; 8] = ["example", "examples", "sample", "samples", "ci", "tests", "test", "docs"];
/// Folders that hold values of environments.
const HOLDERS: [&str; 8] = ["values", "env", "envs", "env.d", "environments", "environment", "config", "overlays"];

fn words(path: &str) -> Vec<String> {
    path.split(['/', '-', '_', '.']).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// Is a path, relative to the folder that is searched, a values file of some environment? Its words about one.
fn environment_of(path: &str) -> Vec<String> {
    let folders: Vec<&str> = parent(path).split('/').filter(|p| !p.is_empty()).collect();
    let name = file_name(path).to_ascii_lowercase();
    let in_name = words(&name).iter().any(|w| w == "values" || w == "overrides");
    let in_folder = folders
        .iter()
        .any(|f| HOLDERS.contains(&f.to_ascii_lowercase().as_str()) || ENVIRONMENTS.contains(&f.to_ascii_lowercase().as_str()));
    let meant = !folders.iter().any(|f| NOT_MEANT.contains(f));
    if !meant || !claims::values_name(path) || !(in_name || in_folder) || folders.contains(&"templates") || folders.contains(&"charts") {
        return Vec::new();
    }
    words(path).into_iter().filter(|w| ENVIRONMENTS.contains(&w.as_str())).collect()
}

/// Values files of any environment in a chart's folder or beside it.
fn candidates(chart: &str, workspace: &dyn Workspace) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    let (inside, _) = workspace.list(chart);
    let prefix = |dir: &str| if dir.is_empty() { String::new() } else { format!("{dir}/") };
    for file in &inside {
        let Some(relative) = file.strip_prefix(&prefix(chart)) else { continue };
        let said = environment_of(relative);
        if relative.matches('/').count() <= 3 && !said.is_empty() {
            out.push((file.clone(), said));
        }
    }
    if chart.is_empty() {
        return out;
    }
    let around = parent(chart);
    let (beside, _) = workspace.list(around);
    let charts: Vec<&str> = beside.iter().filter(|f| file_name(f) == "Chart.yaml").map(|f| parent(f)).collect();
    let siblings = charts.iter().filter(|c| parent(c) == around).count();
    for file in &beside {
        let Some(relative) = file.strip_prefix(&prefix(around)) else { continue };
        let in_chart = charts.iter().any(|c| file.starts_with(&prefix(c)) && !c.is_empty());
        let said = environment_of(relative);
        // Beside several charts a file must say which one it is for.
        let mine = siblings < 2 || words(relative).iter().any(|w| w == &file_name(chart).to_ascii_lowercase());
        if !in_chart && mine && relative.matches('/').count() <= 3 && !said.is_empty() {
            out.push((file.clone(), said));
        }
    }
    out
}

/// The values files of an environment, in the order of their paths.
pub(super) fn values_files(chart: &str, environment: &str, workspace: &dyn Workspace) -> Vec<String> {
    let wanted = words_of(environment);
    let says = |said: &[String]| {
        let last = said.last().map(String::as_str);
        let preprod = said.iter().any(|w| w == "pre") && environment == "prod";
        last.is_some_and(|w| wanted.contains(&w)) && !preprod
    };
    let mut out: Vec<String> = candidates(chart, workspace).into_iter().filter(|(_, said)| says(said)).map(|(f, _)| f).collect();
    out.sort_by(|a, b| (a.matches('/').count(), a).cmp(&(b.matches('/').count(), b)));
    out.dedup();
    out
}

/// Values files beside a chart that belong to it, of whichever environment: they are no manifests of their own.
pub(super) fn beside(chart: &str, workspace: &dyn Workspace) -> Vec<String> {
    candidates(chart, workspace).into_iter().map(|(f, _)| f).collect()
}

/// The chart that a values file lies in, or beside, where that is one.
pub(super) fn chart_of(file: &str, workspace: &dyn Workspace) -> Option<String> {
    let mut folder = parent(file);
    loop {
        if workspace.is_file(&join(folder, "Chart.yaml")?) {
            return Some(folder.to_owned());
        }
        let (files, _) = workspace.list(folder);
        let mut charts = files.iter().filter(|f| file_name(f) == "Chart.yaml" && parent(parent(f)) == folder).map(|f| parent(f));
        if let Some(chart) = charts.next() {
            let only = charts.next().is_none();
            return (only && near(file, chart)).then(|| chart.to_owned());
        }
        if folder.is_empty() {
            return None;
        }
        folder = parent(folder);
    }
}

/// Does a file lie in a chart, or beside it in folders that only say for which environment it is?
pub(super) fn near(file: &str, chart: &str) -> bool {
    let below = |dir: &str| if dir.is_empty() { Some(file) } else { file.strip_prefix(dir).and_then(|f| f.strip_prefix('/')) };
    let Some(rest) = below(chart).map(|_| "").or_else(|| below(parent(chart))) else { return false };
    parent(rest).split('/').filter(|f| !f.is_empty()).all(|f| {
        let f = f.to_ascii_lowercase();
        HOLDERS.contains(&f.as_str()) || ENVIRONMENTS.contains(&f.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::MemoryWorkspace;

    #[test]
    fn values_by_convention() {
        let files = [
            "deploy/app/Chart.yaml",
            "deploy/app/values.yaml",
            "deploy/app/values-prod.yaml",
            "deploy/app/values-preprod.yaml",
            "deploy/app/examples/values-production.yaml",
            "deploy/values.production.yaml",
            "deploy/env.d/prod/values.app.yaml.gotmpl",
            "deploy/env.d/dev/values.app.yaml",
            "deploy/prod/deployment.tf",
        ];
        let workspace = MemoryWorkspace::new(files.map(|f| (f, "")));
        let wanted = ["deploy/app/values-prod.yaml", "deploy/values.production.yaml", "deploy/env.d/prod/values.app.yaml.gotmpl"];
        let mut found = values_files("deploy/app", "prod", &workspace);
        found.sort_by_key(|f| wanted.iter().position(|w| w == f));
        assert_eq!(found, wanted);
        assert_eq!(values_files("deploy/app", "preprod", &workspace), ["deploy/app/values-preprod.yaml"]);
    }

    #[test]
    fn beside_several_charts_a_file_says_which() {
        let workspace =
            MemoryWorkspace::new(["k/a/Chart.yaml", "k/b/Chart.yaml", "k/values-prod.yaml", "k/values-prod-a.yaml"].map(|f| (f, "")));
        assert_eq!(values_files("k/a", "prod", &workspace), ["k/values-prod-a.yaml"]);
        assert_eq!(chart_of("k/values-prod.yaml", &workspace), None);
    }
}
