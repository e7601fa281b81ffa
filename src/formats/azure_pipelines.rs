//! Azure Pipelines → the containers that jobs start beside themselves, and those that they run in.
//!
//! Source: learn.microsoft.com/azure/devops/pipelines/yaml-schema (`resources.containers`, `jobs.job`: `container`, `services`).

use std::collections::BTreeMap;

use crate::document::Node;
use crate::inventory::{EnvValue, Value};
use crate::report::Problem;
use crate::workspace::file_name;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, ci, declared};

/// The format.
#[derive(Debug)]
pub struct AzurePipelines;

impl Format for AzurePipelines {
    fn id(&self) -> &'static str {
        "azure-pipelines"
    }

    fn name(&self) -> &'static str {
        "Azure Pipelines"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of `resources.containers` that jobs name, after variables, matrices and defaults of parameters",
            env: "`env` of each container",
            processes: "`services` of each job",
            unknown: "templates, variable groups",
        }
    }

    fn side(&self) -> Side {
        Side::Ci
    }

    fn may_claim(&self, path: &str) -> bool {
        let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        let folder = path.split('/').any(|p| matches!(p, ".azure-pipelines" | "azure-pipelines" | ".azuredevops" | ".azure"));
        yaml && (file_name(path).contains("azure-pipeline") || folder)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let top = |key: &str| head.lines().any(|l| l.strip_prefix(key).is_some_and(|r| r.starts_with(':')));
        let ours = ["jobs", "stages", "steps"].iter().any(|k| top(k)) && !top("on") && !top("apiVersion");
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Ci } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let variables = variables(&root);
            let mut all = Vec::new();
            gather(&root, &mut all, 0);
            let mut templates: Vec<&Node> = root.path(&["extends", "template"]).into_iter().collect();
            taken_in(&root, &mut templates, 0);
            reading.problems.extend(templates.into_iter().map(not_seen));
            // A pipeline of one job may stand without the lists around it.
            if root.get("steps").is_some() {
                all.push(("job".to_owned(), &root));
            }
            let budget = ci::Budget::new();
            for (name, node) in ci::jobs(all.into_iter(), &root.at, &mut reading) {
                job(&name, node, &root, (&variables, &budget), &mut reading);
            }
            budget.finish(&root.at, &mut reading);
        }
        reading
    }
}

/// Deepest nesting of stages and jobs.
const DEEPEST: usize = 6;

/// The jobs of a pipeline, of its stages, and of lists that expressions hold (`${{ if ... }}:`).
fn gather<'n>(node: &'n Node, out: &mut Vec<(String, &'n Node)>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for list in ["stages", "jobs"] {
        for item in node.get(list).map(Node::items).unwrap_or_default() {
            match item.text_at(&["job"]).or_else(|| item.text_at(&["deployment"])) {
                Some(name) => out.push((name.to_owned(), item)),
                None => gather(item, out, depth + 1),
            }
        }
    }
}

/// The templates that stand in place of stages and jobs.
fn taken_in<'n>(node: &'n Node, out: &mut Vec<&'n Node>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for item in ["stages", "jobs"].into_iter().filter_map(|list| node.get(list)).flat_map(Node::items) {
        out.extend(item.get("template"));
        taken_in(item, out, depth + 1);
    }
}

fn not_seen(template: &Node) -> Problem {
    let message =
        format!("the jobs of the template `{}` are not read: the services that they start are not seen", template.text().unwrap_or("?"));
    Problem::at(template.at.clone(), message).info()
}

/// Variables of the file, and defaults of parameters, by the names that expressions use.
fn variables(root: &Node) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for parameter in root.get("parameters").map(Node::items).unwrap_or_default() {
        if let (Some(name), Some(default)) = (parameter.text_at(&["name"]), parameter.text_at(&["default"])) {
            out.insert(format!("parameters.{name}"), default.to_owned());
        }
    }
    set(root, &mut out);
    out
}

/// `variables`: a mapping, or a list of `name` and `value`.
fn set(node: &Node, out: &mut BTreeMap<String, String>) {
    let Some(variables) = node.get("variables") else { return };
    let listed = variables.items().iter().filter_map(|v| Some((v.text_at(&["name"])?, v.text_at(&["value"])?)));
    let mapped = variables.entries().iter().filter_map(|e| Some((e.key.text()?, e.value.text()?)));
    for (name, value) in listed.chain(mapped).take(ci::VARIABLES) {
        out.insert(format!("variables.{name}"), value.to_owned());
        out.insert(name.to_owned(), value.to_owned());
    }
}

/// Runs of a job: the name of each leg of its matrix, and the variables there.
fn legs(node: &Node, variables: &BTreeMap<String, String>) -> Vec<(String, BTreeMap<String, String>)> {
    let mut own = variables.clone();
    set(node, &mut own);
    let matrix = node.path(&["strategy", "matrix"]).map(Node::entries).unwrap_or_default();
    let leg = |e: &crate::document::Entry| {
        let mut with = own.clone();
        with.extend(e.value.entries().iter().filter_map(|v| Some((v.key.text()?.to_owned(), v.value.text()?.to_owned()))));
        Some((e.key.text()?.to_owned(), with))
    };
    let legs: Vec<_> = matrix.iter().take(ci::VARIABLES).filter_map(leg).collect();
    if legs.is_empty() { vec![(String::new(), own)] } else { legs }
}

/// A text with `$(name)` and `${{ name }}`.
fn resolve(text: &str, variables: &BTreeMap<String, String>, budget: &ci::Budget, depth: usize) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("$(").into_iter().chain(rest.find("${{")).min() {
        let (before, after) = rest.split_at(start);
        let (open, close) = if after.starts_with("$(") { (2, ")") } else { (3, "}}") };
        let Some((name, tail)) = after.get(open..).and_then(|a| a.split_once(close)) else { break };
        let unknown = || format!("`{}` is known only when the pipeline runs", name.trim().chars().take(80).collect::<String>());
        let value = variables.get(name.trim()).filter(|v| depth < 8 && budget.take(v.len())).ok_or_else(unknown)?;
        out.push_str(before);
        out.push_str(&resolve(value, variables, budget, depth + 1)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// The container of a name: of `resources`, else an image itself.
fn container<'n>(root: &'n Node, named: &'n Node) -> (&'n Node, Option<&'n Node>) {
    let resources = root.path(&["resources", "containers"]).map(Node::items).unwrap_or_default();
    let resource = named.text().and_then(|n| resources.iter().find(|c| c.text_at(&["container"]) == Some(n)));
    let whole = resource.unwrap_or(named);
    (whole.get("image").unwrap_or(named), Some(whole).filter(|w| w.is_mapping()))
}

fn job(name: &str, node: &Node, root: &Node, known: (&BTreeMap<String, String>, &ci::Budget), reading: &mut Reading) {
    let (variables, budget) = known;
    for (leg, variables) in legs(node, variables) {
        let value = |text: &str| resolve(text, &variables, budget, 0).map_or_else(Value::Unknown, Value::Known);
        if let Some((image, text)) = node.get("container").and_then(|c| Some((container(root, c).0, container(root, c).0.text()?))) {
            ci::job_image(name, ci::software(text, value(text), &image.at), reading);
        }
        for entry in node.get("services").map(Node::entries).unwrap_or_default() {
            let Some(service) = entry.key.text() else { continue };
            let (image, whole) = container(root, &entry.value);
            let Some(text) = image.text() else {
                let message = format!("the service `{service}` of job `{name}` names no image");
                reading.problems.push(Problem::at(entry.key.at.clone(), message).warning());
                continue;
            };
            let software = ci::software(text, value(text), &image.at);
            let mut made = ci::service(service, &entry.key.at, software, (name, &leg), reading);
            made.environ = ci::environ(whole.and_then(|w| w.get("env")), &|text| {
                resolve(text, &variables, budget, 0).map_or_else(EnvValue::Unknown, |v| EnvValue::set(&v))
            });
            reading.services.push(made);
        }
    }
}

#[cfg(test)]
mod tests;
