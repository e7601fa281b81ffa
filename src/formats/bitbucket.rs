//! Bitbucket Pipelines → the services that steps ask for, and the images that they run in.
//!
//! Source: support.atlassian.com/bitbucket-cloud/docs (Databases and service containers; Step options). A service that no step
//! names is not started.

use std::collections::BTreeMap;

use crate::document::{Entry, Node};
use crate::inventory::{EnvValue, Value};
use crate::report::Problem;
use crate::workspace::file_name;

use super::compose::interpolate::resolve;
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, ci};

/// The format.
#[derive(Debug)]
pub struct Bitbucket;

impl Format for Bitbucket {
    fn id(&self) -> &'static str {
        "bitbucket"
    }

    fn name(&self) -> &'static str {
        "Bitbucket Pipelines"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`image`, and images of `definitions.services` that steps name",
            env: "`variables` of each service",
            processes: "services of each step",
            unknown: "variables of the repository and its deployments",
        }
    }

    fn side(&self) -> Side {
        Side::Ci
    }

    fn may_claim(&self, path: &str) -> bool {
        matches!(file_name(path), "bitbucket-pipelines.yml" | "bitbucket-pipelines.yaml")
    }

    fn claims(&self, path: &str, _head: &str) -> Claim {
        Claim::Yes { manifest: path.to_owned(), side: Side::Ci }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let Some(root) = ci::root(path, cx, &mut reading) else { continue };
            let mut steps = Vec::new();
            if let Some(pipelines) = root.get("pipelines") {
                gather(pipelines, &mut steps, 0);
            }
            if let Some(image) = root.get("image") {
                runs_in("pipeline", image, &mut reading);
            }
            let defined = root.path(&["definitions", "services"]).map(Node::entries).unwrap_or_default();
            let defined: Defined<'_> = defined.iter().filter_map(|e| Some((e.key.text()?, e))).collect();
            for (i, node) in ci::jobs(steps.into_iter(), &root.at, &mut reading).into_iter().enumerate() {
                step(i, node, &defined, cx, &mut reading);
            }
        }
        reading
    }
}

/// Deepest nesting of pipelines, stages and steps that run at once.
const DEEPEST: usize = 10;

/// Every `step` below a node.
fn gather<'n>(node: &'n Node, out: &mut Vec<&'n Node>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for entry in node.entries() {
        if entry.key.text() == Some("step") {
            out.push(&entry.value);
        } else {
            gather(&entry.value, out, depth + 1);
        }
    }
    node.items().iter().for_each(|item| gather(item, out, depth + 1));
}

/// A text with variables: what Bitbucket or its settings hold is not in the file.
fn value(text: &str) -> Result<String, String> {
    resolve(text, &|_| None)
}

/// The image of a step or of all of them, by name or with its credentials.
fn runs_in(job: &str, image: &Node, reading: &mut Reading) {
    let image = image.get("name").unwrap_or(image);
    if let Some(text) = image.text() {
        ci::job_image(job, ci::software(text, value(text).map_or_else(Value::Unknown, Value::Known), &image.at), reading);
    }
}

/// Services by name.
type Defined<'n> = BTreeMap<&'n str, &'n Entry>;

fn step(number: usize, node: &Node, defined: &Defined<'_>, cx: &ReadContext<'_>, reading: &mut Reading) {
    let name = node.get("name").and_then(Node::text).map_or_else(|| format!("step {}", number + 1), str::to_owned);
    if let Some(image) = node.get("image") {
        runs_in(&name, image, reading);
    }
    for named in node.get("services").map(Node::items).unwrap_or_default() {
        if reading.is_full(cx.workspace) {
            return;
        }
        // `docker` is the engine itself.
        let Some(service) = named.text().filter(|s| *s != "docker") else { continue };
        let Some(made) = defined.get(service) else {
            let message = format!("the service `{service}` of `{name}` is not in `definitions.services`");
            reading.problems.push(Problem::at(named.at.clone(), message).warning());
            continue;
        };
        // So is a service of another name that says so, with more memory.
        if made.value.text_at(&["type"]) == Some("docker") {
            continue;
        }
        let image = made.value.get("image").map(|i| i.get("name").unwrap_or(i));
        let Some((image, text)) = image.and_then(|n| Some((n, n.text()?))) else {
            reading.problems.push(Problem::at(made.key.at.clone(), format!("the service `{service}` names no image")).warning());
            continue;
        };
        let software = ci::software(text, value(text).map_or_else(Value::Unknown, Value::Known), &image.at);
        let mut one = ci::service(service, &made.key.at, software, (&name, ""), reading);
        let variables = made.value.get("variables").or_else(|| made.value.get("environment"));
        one.environ = ci::environ(variables, &|text| value(text).map_or_else(EnvValue::Unknown, |v| EnvValue::set(&v)));
        reading.services.push(one);
    }
}

#[cfg(test)]
mod tests;
