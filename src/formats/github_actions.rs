//! GitHub Actions workflows → the services that jobs start, and the runtimes that they set up.
//!
//! Source: docs.github.com/actions/reference/workflows-and-actions/workflow-syntax. A job is no workload: its keys are those
//! of a test run. A workflow that others call is a file of its own and is read as one, with the inputs that they give.

use crate::document::Node;
use crate::inventory::{EnvValue, Fact};
use crate::report::Problem;
use crate::workspace::parent;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, ci, declared};
use expression::Names;

mod expression;
mod inputs;
mod matrix;
mod setup;

/// The format.
#[derive(Debug)]
pub struct GithubActions;

impl Format for GithubActions {
    fn id(&self) -> &'static str {
        "github-actions"
    }

    fn name(&self) -> &'static str {
        "GitHub Actions"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of `services:` and `container:`; versions of `setup-*` steps, a matrix expanded",
            env: "`env` of the workflow, the job and the service",
            processes: "services of each job",
            unknown: "expressions that only a run tells (`inputs`, `vars`, `secrets`)",
        }
    }

    fn side(&self) -> Side {
        Side::Ci
    }

    fn may_claim(&self, path: &str) -> bool {
        let folder = parent(path);
        (folder == ".github/workflows" || folder.ends_with("/.github/workflows")) && (path.ends_with(".yml") || path.ends_with(".yaml"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let says = |key: &str| head.lines().any(|l| l.trim_start().starts_with(key) && l.starts_with([' ', '\t']));
        let jobs = head.lines().any(|l| l.starts_with("jobs:"));
        let ours = jobs && (says("services:") || says("container:") || setup::mentions(head));
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Ci } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let jobs = root.get("jobs");
            if jobs.is_none_or(|j| !j.is_mapping()) {
                let at = jobs.map_or(&root.at, |j| &j.at).clone();
                reading.problems.push(Problem::at(at, format!("`{path}` has no mapping of `jobs`")));
            }
            let jobs = jobs.map(Node::entries).unwrap_or_default();
            let (budget, inputs) = (ci::Budget::new(), inputs::of(path, &root, cx.workspace));
            for entry in ci::jobs(jobs.iter(), &root.at, &mut reading) {
                if let Some(name) = entry.key.text() {
                    let names = Names::of(&root, &entry.value, &inputs, &budget);
                    job(name, &entry.value, &names, cx, &mut reading);
                }
            }
            budget.finish(&root.at, &mut reading);
        }
        reading
    }
}

fn job(name: &str, node: &Node, names: &Names<'_>, cx: &ReadContext<'_>, reading: &mut Reading) {
    if let Some(services) = node.get("services") {
        if services.text().is_some_and(|t| t.contains("${{")) {
            reading.problems.push(Problem::at(services.at.clone(), format!("the services of job `{name}` are an expression")).warning());
        }
        for entry in services.entries() {
            let Some(service) = entry.key.text() else { continue };
            if reading.is_full(cx.workspace) {
                return;
            }
            // A text alone is the image, as `container` has it.
            let image = if entry.value.is_mapping() { entry.value.get("image") } else { Some(&entry.value) };
            let Some((image, text)) = image.and_then(|i| Some((i, i.text()?))) else {
                reading.problems.push(Problem::at(entry.key.at.clone(), format!("the service `{service}` names no image")).warning());
                continue;
            };
            for (variant, value) in names.values(text) {
                // An empty text starts nothing (workflow syntax: `jobs.<job_id>.services.<service_id>.image`).
                if value.known().is_some_and(|v| v.trim().is_empty()) {
                    continue;
                }
                let mut made = ci::service(service, &entry.key.at, ci::software(text, value, &image.at), (name, &variant), reading);
                made.environ = ci::environ(entry.value.get("env"), &|text| env_value(text, names));
                made.ports = entry.value.get("ports").map(Node::items).unwrap_or_default().iter().filter_map(port).collect();
                let options = entry.value.get("options").filter(|o| o.text().is_some_and(|t| t.contains("--health-cmd")));
                made.probe = options.map(|o| o.at.clone());
                reading.services.push(made);
            }
        }
    }
    if let Some(container) = node.get("container") {
        let image = if container.is_mapping() { container.get("image") } else { Some(container) };
        if let Some((image, text)) = image.and_then(|i| Some((i, i.text()?))) {
            for (_, value) in names.values(text) {
                if value.known().is_none_or(|v| !v.trim().is_empty()) {
                    ci::job_image(name, ci::software(text, value, &image.at), reading);
                }
            }
        }
    }
    for step in node.get("steps").map(Node::items).unwrap_or_default() {
        setup::step(name, step, names, cx, reading);
    }
}

/// The port inside the container: `5432:5432`, `6379/tcp`.
fn port(node: &Node) -> Option<Fact<u16>> {
    let text = node.text()?.split('/').next()?;
    Some(Fact::known(text.rsplit(':').next()?.parse().ok()?, node.at.clone()))
}

/// A value beside a service; what is resolved is never shown.
fn env_value(text: &str, names: &Names<'_>) -> EnvValue {
    if !text.contains("${{") {
        return EnvValue::set(text);
    }
    if text.contains("secrets.") || text.contains("vars.") {
        return EnvValue::Elsewhere("the repository's secrets and variables".into());
    }
    match names.values(text).into_iter().next() {
        Some((variant, crate::inventory::Value::Known(value))) if variant.is_empty() => EnvValue::set(&value),
        _ => EnvValue::Unknown("the value is an expression".into()),
    }
}

#[cfg(test)]
mod tests;
