//! Azure Pipelines → the containers that jobs start beside themselves, and those that they run in.
//!
//! Source: learn.microsoft.com/azure/devops/pipelines/yaml-schema (`resources.containers`, `jobs.job`: `container`, `services`).

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::document::{Entry, Node};
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
            let known = Known::of(&root);
            let mut all = Vec::new();
            gather(&root, &known.own, &mut all, 0);
            let mut templates: Vec<&Node> = root.path(&["extends", "template"]).into_iter().collect();
            taken_in(&root, &mut templates, 0);
            reading.problems.extend(templates.into_iter().map(not_seen));
            // A pipeline of one job may stand without the lists around it.
            if root.get("steps").is_some() {
                all.push(("job".to_owned(), &root, Rc::clone(&known.own)));
            }
            let budget = ci::Budget::new();
            for (name, node, variables) in ci::jobs(all.into_iter(), &root.at, &mut reading) {
                job(&name, node, (&known, &variables, &budget), cx, &mut reading);
            }
            budget.finish(&root.at, &mut reading);
        }
        reading
    }
}

/// What the jobs of a pipeline share.
struct Known<'n> {
    /// Variables of the file, and defaults of parameters, by the names that expressions use.
    own: Rc<Variables<'n>>,
    /// Containers of `resources`, by name.
    containers: BTreeMap<&'n str, &'n Node>,
}

/// Name → text. What stands under a condition may be another: it has none.
#[derive(Default)]
struct Variables<'n> {
    set: BTreeMap<String, Option<&'n str>>,
    outer: Option<Rc<Self>>,
}

/// Deepest nesting of stages and jobs.
const DEEPEST: usize = 6;

/// The items of a list, those of the lists too that expressions hold (`${{ if ... }}:`).
fn items<'n>(list: &'n Node, out: &mut Vec<&'n Node>, depth: usize) {
    for item in list.items() {
        match item.entries() {
            [only] if depth < DEEPEST && is_expression(only) => items(&only.value, out, depth + 1),
            _ => out.push(item),
        }
    }
}

fn is_expression(entry: &Entry) -> bool {
    entry.key.text().is_some_and(|k| k.trim_start().starts_with("${{"))
}

/// The stages and jobs in a node.
fn listed(node: &Node) -> Vec<&Node> {
    let mut out = Vec::new();
    for list in ["stages", "jobs"].into_iter().filter_map(|list| node.get(list)) {
        items(list, &mut out, 0);
    }
    out
}

/// The jobs of a pipeline and of its stages, with the variables that they see.
fn gather<'n>(node: &'n Node, variables: &Rc<Variables<'n>>, out: &mut Vec<(String, &'n Node, Rc<Variables<'n>>)>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for item in listed(node) {
        match item.text_at(&["job"]).or_else(|| item.text_at(&["deployment"])) {
            Some(name) => out.push((name.to_owned(), item, Rc::clone(variables))),
            None => gather(item, &Variables::within(variables, item), out, depth + 1),
        }
    }
}

/// The templates that stand in place of stages and jobs.
fn taken_in<'n>(node: &'n Node, out: &mut Vec<&'n Node>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for item in listed(node) {
        out.extend(item.get("template"));
        taken_in(item, out, depth + 1);
    }
}

fn not_seen(template: &Node) -> Problem {
    let message =
        format!("the jobs of the template `{}` are not read: the services that they start are not seen", template.text().unwrap_or("?"));
    Problem::at(template.at.clone(), message).info()
}

impl<'n> Known<'n> {
    fn of(root: &'n Node) -> Self {
        let mut own = Variables::default();
        for parameter in root.get("parameters").map(Node::items).unwrap_or_default() {
            if let (Some(name), Some(default)) = (parameter.text_at(&["name"]), parameter.text_at(&["default"])) {
                own.set.insert(format!("parameters.{name}"), Some(default));
            }
        }
        own.take(root);
        let resources = root.path(&["resources", "containers"]).map(Node::items).unwrap_or_default();
        let containers = resources.iter().filter_map(|c| Some((c.text_at(&["container"])?, c))).collect();
        Self { own: Rc::new(own), containers }
    }

    /// The container of a name: of `resources`, else an image itself. Its image, or why that is not known.
    fn container(&self, named: &'n Node) -> (&'n Node, Option<&'n Node>) {
        let resource = named.text().and_then(|n| self.containers.get(n).copied());
        let whole = resource.unwrap_or(named);
        // A registry of Azure is named by its parts.
        let image = whole.get("image").or_else(|| whole.get("repository"));
        (image.unwrap_or(whole), Some(whole).filter(|w| w.is_mapping()))
    }
}

impl<'n> Variables<'n> {
    /// Those of a stage, job or leg within others.
    fn within(outer: &Rc<Self>, node: &'n Node) -> Rc<Self> {
        let mut own = Self { set: BTreeMap::new(), outer: Some(Rc::clone(outer)) };
        own.take(node);
        if own.set.is_empty() { Rc::clone(outer) } else { Rc::new(own) }
    }

    /// `variables`: a mapping, or a list of `name` and `value`.
    fn take(&mut self, node: &'n Node) {
        let Some(variables) = node.get("variables") else { return };
        self.listed(variables, false, 0);
    }

    fn listed(&mut self, variables: &'n Node, perhaps: bool, depth: usize) {
        for item in variables.items() {
            match item.entries() {
                [only] if depth < DEEPEST && is_expression(only) => self.listed(&only.value, true, depth + 1),
                _ => {
                    if let (Some(name), Some(value)) = (item.text_at(&["name"]), item.text_at(&["value"])) {
                        self.put(name, value, perhaps);
                    }
                }
            }
        }
        for entry in variables.entries() {
            if depth < DEEPEST && is_expression(entry) {
                self.listed(&entry.value, true, depth + 1);
            } else if let (Some(name), Some(value)) = (entry.key.text(), entry.value.text()) {
                self.put(name, value, perhaps);
            }
        }
    }

    fn put(&mut self, name: &str, value: &'n str, perhaps: bool) {
        for name in [format!("variables.{name}"), name.to_owned()] {
            self.set.insert(name, Some(value).filter(|_| !perhaps));
        }
    }

    fn get(&self, name: &str) -> Option<&'n str> {
        match (self.set.get(name), &self.outer) {
            (Some(value), _) => *value,
            (None, Some(outer)) => outer.get(name),
            (None, None) => None,
        }
    }
}

/// Runs of a job: the name of each leg of its matrix, and the variables there.
fn legs<'n>(node: &'n Node, variables: &Rc<Variables<'n>>, reading: &mut Reading) -> Vec<(String, Rc<Variables<'n>>)> {
    let own = Variables::within(variables, node);
    let matrix = node.path(&["strategy", "matrix"]);
    let entries = matrix.map(Node::entries).unwrap_or_default();
    if let Some(matrix) = matrix.filter(|_| entries.len() > ci::COMBINATIONS) {
        let what = format!("only the first {} legs of the matrix are read", ci::COMBINATIONS);
        reading.problems.push(Problem::at(matrix.at.clone(), what));
    }
    let leg = |e: &'n Entry| {
        let set = e.value.entries().iter().filter_map(|v| Some((v.key.text()?.to_owned(), Some(v.value.text()?)))).collect();
        Some((e.key.text()?.to_owned(), Rc::new(Variables { set, outer: Some(Rc::clone(&own)) })))
    };
    let legs: Vec<_> = entries.iter().take(ci::COMBINATIONS).filter_map(leg).collect();
    if legs.is_empty() { vec![(String::new(), own)] } else { legs }
}

/// A text with `$(name)` and `${{ name }}`.
fn resolve(text: &str, variables: &Variables<'_>, budget: &ci::Budget, depth: usize) -> Result<String, String> {
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

fn job<'n>(
    name: &str,
    node: &'n Node,
    (known, variables, budget): (&Known<'n>, &Rc<Variables<'n>>, &ci::Budget),
    cx: &ReadContext<'_>,
    reading: &mut Reading,
) {
    for (leg, variables) in legs(node, variables, reading) {
        let value = |text: &str| resolve(text, &variables, budget, 0).map_or_else(Value::Unknown, Value::Known);
        if let Some((image, text)) = node.get("container").map(|c| known.container(c).0).and_then(|image| Some((image, image.text()?))) {
            ci::job_image(name, ci::software(text, value(text), &image.at), reading);
        }
        for entry in node.get("services").map(Node::entries).unwrap_or_default() {
            let Some(service) = entry.key.text() else { continue };
            if reading.is_full(cx.workspace) {
                return;
            }
            let (image, whole) = known.container(&entry.value);
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
