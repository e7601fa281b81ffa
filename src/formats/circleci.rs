//! `.circleci/config.yml` → the containers that jobs start: the first of a `docker` list is what the job runs in, the
//! others are services (circleci.com/docs/reference/configuration-reference).

use std::collections::BTreeMap;

use crate::document::Node;
use crate::inventory::{EnvValue, Value};
use crate::report::Problem;
use crate::workspace::{file_name, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, ci};

/// The format.
#[derive(Debug)]
pub struct CircleCi;

impl Format for CircleCi {
    fn id(&self) -> &'static str {
        "circleci"
    }

    fn name(&self) -> &'static str {
        "CircleCI"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of `docker:`, after parameters' defaults",
            env: "`environment` of each image",
            processes: "images beside the first",
            unknown: "orbs; contexts",
        }
    }

    fn side(&self) -> Side {
        Side::Ci
    }

    fn may_claim(&self, path: &str) -> bool {
        file_name(parent(path)) == ".circleci" && (path.ends_with(".yml") || path.ends_with(".yaml"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let ours = head.lines().any(|l| l.starts_with("jobs:") || l.starts_with("executors:"));
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Ci } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let Some(root) = ci::root(path, cx, &mut reading) else { continue };
            let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
            for entry in ci::jobs(jobs.iter(), &root.at, &mut reading) {
                if let Some(name) = entry.key.text() {
                    job(name, &entry.value, &root, cx, &mut reading);
                }
            }
        }
        reading
    }
}

/// Parameter → the values that it is given.
type Parameters = BTreeMap<String, Vec<String>>;

fn job(name: &str, node: &Node, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    let mut parameters = pipeline_parameters(root);
    parameters.extend(given(name, node, root));
    let executor = node.get("executor");
    let named = executor.and_then(|e| e.text().or_else(|| e.text_at(&["name"])));
    let mut containers = node.get("docker").map(Node::items).unwrap_or_default();
    if let Some(made) = named.and_then(|n| root.path(&["executors", n])).filter(|_| containers.is_empty()) {
        for entry in made.get("parameters").map(Node::entries).unwrap_or_default() {
            let Some(key) = entry.key.text() else { continue };
            let text = executor.and_then(|e| e.text_at(&[key])).or_else(|| entry.value.text_at(&["default"]));
            let values = text.map(|t| values(t, &parameters)).unwrap_or_default();
            let known: Vec<String> = values.into_iter().filter_map(|(_, v)| v.known().cloned()).collect();
            parameters.insert(format!("parameters.{key}"), known);
        }
        containers = made.get("docker").map(Node::items).unwrap_or_default();
    } else if let (Some(executor), Some(name), true) = (executor, named, containers.is_empty()) {
        let message = format!("the executor `{name}` is not in this file: the services that it starts are not seen");
        reading.problems.push(Problem::at(executor.at.clone(), message).info());
    }
    for (i, container) in containers.iter().enumerate() {
        if reading.is_full(cx.workspace) {
            return;
        }
        let Some((image, text)) = container.get("image").and_then(|n| Some((n, n.text()?))) else {
            reading.problems.push(Problem::at(container.at.clone(), format!("a container of job `{name}` names no image")).warning());
            continue;
        };
        for (variant, value) in values(text, &parameters) {
            let software = ci::software(text, value, &image.at);
            if i == 0 {
                ci::job_image(name, software, reading);
                continue;
            }
            let given = container.get("name");
            let called = given.and_then(Node::text).map_or_else(|| ci::name_of(&software, text), str::to_owned);
            let mut service = ci::service(&called, given.map_or(&image.at, |n| &n.at), software, (name, &variant), reading);
            service.environ = ci::environ(container.get("environment"), &|text| {
                if text.contains("<<") || text.contains('$') {
                    EnvValue::Unknown("the value is an expression".into())
                } else {
                    EnvValue::set(text)
                }
            });
            reading.services.push(service);
        }
    }
}

/// `pipeline.parameters.x` is its default, unless a run is started with another.
fn pipeline_parameters(root: &Node) -> Parameters {
    let entries = root.get("parameters").map(Node::entries).unwrap_or_default();
    let default = |e: &crate::document::Entry| {
        Some((format!("pipeline.parameters.{}", e.key.text()?), vec![e.value.text_at(&["default"])?.to_owned()]))
    };
    entries.iter().take(ci::VARIABLES).filter_map(default).collect()
}

/// What the workflows give a job's parameters: values, lists of a matrix, or the default.
fn given(name: &str, job: &Node, root: &Node) -> Parameters {
    let workflows = root.get("workflows").map(Node::entries).unwrap_or_default();
    let calls: Vec<&Node> = workflows
        .iter()
        .flat_map(|w| w.value.get("jobs").map(Node::items).unwrap_or_default())
        .take(ci::VARIABLES)
        .filter_map(|item| if item.text() == Some(name) { Some(item) } else { item.get(name) })
        .collect();
    let mut out = Parameters::new();
    for entry in job.get("parameters").map(Node::entries).unwrap_or_default().iter().take(ci::VARIABLES) {
        let Some(key) = entry.key.text() else { continue };
        let default = entry.value.text_at(&["default"]);
        let mut all: Vec<String> = Vec::new();
        for call in &calls {
            let value = call.path(&["matrix", "parameters", key]).or_else(|| call.get(key));
            match value {
                Some(list) if list.is_sequence() => all.extend(list.items().iter().filter_map(Node::text).map(str::to_owned)),
                Some(one) => all.extend(one.text().map(str::to_owned)),
                None => all.extend(default.map(str::to_owned)),
            }
        }
        if calls.is_empty() {
            all.extend(default.map(str::to_owned));
        }
        all.sort();
        all.dedup();
        out.insert(format!("parameters.{key}"), all);
    }
    out
}

/// Everything that a text with `<< parameters.x >>` can be, with the values that make it so.
fn values(text: &str, parameters: &Parameters) -> Vec<(String, Value<String>)> {
    let named: Vec<&str> = text.split("<<").skip(1).filter_map(|t| t.split(">>").next()).map(str::trim).collect();
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    for name in named {
        match parameters.get(name).filter(|v| !v.is_empty() && v.iter().all(|v| !v.contains("<<"))) {
            Some(values) if !names.iter().any(|(n, _)| n == name) => names.push((name.to_owned(), values.clone())),
            Some(_) => {}
            None => return vec![(String::new(), Value::Unknown(format!("`{}` is known only when the pipeline runs", short(name))))],
        }
    }
    let combinations = match ci::product(&names) {
        Ok(combinations) => combinations,
        Err(why) => return vec![(String::new(), Value::Unknown(format!("of its parameters {why}")))],
    };
    let fill = |combination: &BTreeMap<String, String>| {
        let mut out = String::new();
        for (i, part) in text.split("<<").enumerate() {
            match part.split_once(">>") {
                Some((name, rest)) if i > 0 => {
                    out.push_str(combination.get(name.trim()).map_or("", String::as_str));
                    out.push_str(rest);
                }
                _ => out.push_str(part),
            }
        }
        out
    };
    combinations.iter().map(|c| (ci::label(c), Value::Known(fill(c)))).collect()
}

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
