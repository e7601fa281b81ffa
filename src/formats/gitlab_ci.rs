//! `.gitlab-ci.yml` → the services that jobs start, and what jobs run in.
//!
//! Source: docs.gitlab.com/ci/yaml. Jobs whose name starts with a dot are templates and never run. Files that `include`
//! names in this repository are read with it; what lies elsewhere is said.

use crate::document::{Node, yaml};
use crate::inventory::{EnvValue, Value};
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, join, parent};

use super::compose::interpolate::resolve;
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, ci, declared};
use pipeline::Pipeline;

mod pipeline;

/// The format.
#[derive(Debug)]
pub struct GitlabCi;

impl Format for GitlabCi {
    fn id(&self) -> &'static str {
        "gitlab-ci"
    }

    fn name(&self) -> &'static str {
        "GitLab CI"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`image` and `services:`, after variables of the file",
            env: "`variables`",
            processes: "services of each job",
            unknown: "variables of the project; files that are included from elsewhere",
        }
    }

    fn side(&self) -> Side {
        Side::Ci
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), ".gitlab-ci.yml" | ".gitlab-ci.yaml")
    }

    fn claims(&self, path: &str, _head: &str) -> Claim {
        Claim::Yes { manifest: path.to_owned(), side: Side::Ci }
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        let Ok(source) = workspace.read(path) else { return Vec::new() };
        let documents = yaml::read(&source);
        documents.documents.iter().flat_map(|d| pipeline::includes(&d.root).0).flat_map(|n| included(n, workspace)).collect()
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        let mut roots = Vec::new();
        for path in &manifest.paths {
            load(path, cx, &mut roots, &mut reading);
        }
        let pipeline = Pipeline::of(&roots);
        let Some(at) = roots.last().map(|(_, r)| r.at.clone()) else { return reading };
        let budget = ci::Budget::new();
        for name in ci::jobs(pipeline.jobs(), &at, &mut reading) {
            job(name, &pipeline, &budget, cx, &mut reading);
        }
        budget.finish(&at, &mut reading);
        reading
    }
}

/// GitLab reads at most 150 files of one pipeline.
const MOST_FILES: usize = 150;

/// Reads a file and those that it includes, each once; the included ones stand before it, for it wins.
fn load(path: &str, cx: &ReadContext<'_>, roots: &mut Vec<(String, Node)>, reading: &mut Reading) {
    let mut order: Vec<(String, Node)> = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if order.iter().chain(roots.iter()).any(|(p, _)| *p == path) {
            continue;
        }
        if order.len() >= MOST_FILES {
            let what = format!("is not read: the pipeline has more than the limit of {MOST_FILES} files");
            reading.problems.push(Problem::file(&path, what));
            break;
        }
        // A pipeline may start with a document of its `spec`.
        let documents = declared::tree(&path, cx, reading);
        let Some(root) = documents.documents.into_iter().map(|d| d.root).rfind(Node::is_mapping) else { continue };
        let root = ci::merged(root, reading);
        let (local, elsewhere) = pipeline::includes(&root);
        for node in elsewhere {
            reading.problems.push(Problem::at(node.at.clone(), "the pipeline includes a file that is not in this repository").info());
        }
        for node in local {
            let files = included(node, cx.workspace);
            if files.is_empty() {
                let what = "the included file is not read: it is no file of this repository";
                reading.problems.push(Problem::at(node.at.clone(), what).warning());
            }
            open.extend(files);
        }
        order.push((path, root));
    }
    roots.extend(order.into_iter().rev());
}

/// The files that an `include: local:` names; `*` stands for a part of a name, `**` for folders too
/// (docs.gitlab.com/ci/yaml/includes: wildcard file paths).
fn included(node: &Node, workspace: &dyn Workspace) -> Vec<String> {
    let Some(path) = node.text().and_then(|t| join("", t.trim_start_matches('/'))) else { return Vec::new() };
    let Some((before, _)) = path.split_once('*') else {
        return Some(path).filter(|p| workspace.is_file(p)).into_iter().collect();
    };
    let Ok(pattern) = globset::GlobBuilder::new(&path).literal_separator(true).build() else { return Vec::new() };
    let pattern = pattern.compile_matcher();
    let (mut files, _) = workspace.list(parent(before));
    files.retain(|f| pattern.is_match(f));
    files.sort();
    // One more than are read, so that it is said.
    files.truncate(MOST_FILES + 1);
    files
}

fn job(name: &str, pipeline: &Pipeline<'_>, budget: &ci::Budget, cx: &ReadContext<'_>, reading: &mut Reading) {
    let variables = pipeline.variables(name, budget);
    let known = |n: &str| variables.get(n).copied().or_else(|| pipeline.variable(name, n));
    let variable = |n: &str| variable(n, &known, budget, 0);
    let combinations = pipeline.matrix(name, reading);
    let values = |text: &str| -> Vec<(String, Value<String>)> {
        let mut out: Vec<(String, Value<String>)> = Vec::new();
        let named = text.contains('$');
        for combination in combinations.iter().take(if named { combinations.len() } else { 1 }).take_while(|_| budget.take(0)) {
            let get = |n: &str| combination.get(n).cloned().or_else(|| variable(n));
            let value = resolve(text, &get).map_or_else(Value::Unknown, Value::Known);
            if !out.iter().any(|(_, v)| *v == value) {
                out.push((if named { ci::label(combination) } else { String::new() }, value));
            }
        }
        out
    };
    if let Some(image) = pipeline.keyword(name, "image") {
        let image = image.get("name").unwrap_or(image);
        for (_, value) in image.text().map(values).unwrap_or_default() {
            ci::job_image(name, ci::software(image.text().unwrap_or_default(), value, &image.at), reading);
        }
    }
    for item in pipeline.services(name, reading) {
        if reading.is_full(cx.workspace) {
            return;
        }
        let image = item.get("name").unwrap_or(item);
        let Some(text) = image.text() else {
            reading.problems.push(Problem::at(item.at.clone(), format!("a service of job `{name}` names no image")).warning());
            continue;
        };
        for (variant, value) in values(text) {
            let software = ci::software(text, value, &image.at);
            let aliases: Vec<&str> =
                item.text_at(&["alias"]).map(|a| a.split([' ', ',']).filter(|a| !a.is_empty()).collect()).unwrap_or_default();
            let called = aliases.first().map_or_else(|| ci::name_of(&software, text), |a| (*a).to_owned());
            let at = item.entry("alias").map_or(&image.at, |e| &e.value.at);
            let mut service = ci::service(&called, at, software, (name, &variant), reading);
            service.aliases = aliases.iter().skip(1).map(|a| (*a).to_owned()).collect();
            service.environ =
                ci::environ(item.get("variables"), &|text| resolve(text, &variable).map_or_else(EnvValue::Unknown, |v| EnvValue::set(&v)));
            reading.services.push(service);
        }
    }
}

/// A variable's text, with the variables in it. What GitLab itself sets is not known, but for the proxy of images.
fn variable<'t>(name: &str, known: &dyn Fn(&str) -> Option<&'t str>, budget: &ci::Budget, depth: usize) -> Option<String> {
    if matches!(name, "CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX" | "CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX") {
        return Some("gitlab.com/group/dependency_proxy/containers".to_owned());
    }
    let text = known(name).filter(|text| depth < 8 && budget.take(text.len()))?;
    resolve(text, &|n| variable(n, known, budget, depth + 1)).ok()
}

#[cfg(test)]
mod tests;
