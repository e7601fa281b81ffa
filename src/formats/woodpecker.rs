//! Drone and Woodpecker pipelines → their services, and what their steps run in.
//!
//! Source: docs.drone.io (Docker pipelines: services), woodpecker-ci.org/docs (Services, Matrix workflows).

use std::collections::BTreeMap;

use crate::document::Node;
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Value};
use crate::report::Problem;
use crate::workspace::{file_name, parent};

use super::compose::interpolate::resolve;
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, ci, declared};

/// The format.
#[derive(Debug)]
pub struct Woodpecker;

impl Format for Woodpecker {
    fn id(&self) -> &'static str {
        "woodpecker"
    }

    fn name(&self) -> &'static str {
        "Drone and Woodpecker"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of `services` and `steps`, for each leg of a matrix",
            env: "`environment` of each service",
            processes: "services of each pipeline",
            unknown: "secrets; what the server sets",
        }
    }

    fn side(&self) -> Side {
        Side::Ci
    }

    fn may_claim(&self, path: &str) -> bool {
        let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        let name = file_name(path);
        yaml && (name.starts_with(".drone.") || name.starts_with(".woodpecker.") || file_name(parent(path)) == ".woodpecker")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let ours = head.lines().any(|l| ["steps:", "pipeline:", "services:"].iter().any(|k| l.starts_with(k)));
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Ci } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let documents = declared::tree(path, cx, &mut reading).documents;
            let roots: Vec<Node> = documents.into_iter().map(|d| d.root).filter(Node::is_mapping).collect();
            if roots.is_empty() && reading.problems.is_empty() {
                reading.problems.push(Problem::file(path, "is empty").warning());
            }
            for root in roots {
                let root = ci::merged(root, &mut reading);
                pipeline(&root, cx, &mut reading);
            }
        }
        reading
    }
}

/// The parts of a list, or of a mapping by name, with their names and the places of those.
fn parts<'n>(root: &'n Node, key: &str) -> Vec<(Option<&'n Node>, &'n Node)> {
    let Some(node) = root.get(key) else { return Vec::new() };
    let listed = node.items().iter().map(|n| (n.get("name"), n));
    listed.chain(node.entries().iter().map(|e| (Some(&e.key), &e.value))).collect()
}

/// The legs of a matrix: those that are listed, else every combination.
fn legs(root: &Node, reading: &mut Reading) -> Vec<BTreeMap<String, String>> {
    let Some(matrix) = root.get("matrix") else { return vec![BTreeMap::new()] };
    let one = |n: &Node| n.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), e.value.text()?.to_owned()))).collect();
    let legs = match matrix.get("include") {
        Some(include) if include.items().len() <= ci::COMBINATIONS => Ok(include.items().iter().map(one).collect::<Vec<_>>()),
        Some(_) => Err(format!("there are more than the limit of {} combinations", ci::COMBINATIONS)),
        None => {
            let values = |n: &Node| n.items().iter().filter_map(|n| n.text().map(str::to_owned)).collect();
            let names: Vec<_> = matrix.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), values(&e.value)))).collect();
            ci::product(&names)
        }
    };
    legs.unwrap_or_else(|why| {
        reading.problems.push(Problem::at(matrix.at.clone(), format!("the matrix is not read: {why}")).warning());
        vec![BTreeMap::new()]
    })
}

fn pipeline(root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    let name = root.text_at(&["name"]).unwrap_or("pipeline").to_owned();
    let (legs, budget) = (legs(root, reading), ci::Budget::new());
    let values = |text: &str| {
        let mut out: Vec<(String, Value<String>)> = Vec::new();
        let named = text.contains('$');
        for leg in legs.iter().take(if named { legs.len() } else { 1 }).take_while(|_| budget.take(text.len())) {
            let value = resolve(text, &|n| leg.get(n).cloned()).map_or_else(Value::Unknown, Value::Known);
            if !out.iter().any(|(_, v)| *v == value) {
                out.push((if named { ci::label(leg) } else { String::new() }, value));
            }
        }
        out
    };
    // A step that is detached runs beside those that follow, as a service does.
    let detached = |(_, step): &(_, &Node)| step.text_at(&["detach"]) == Some("true");
    let (beside, steps): (Vec<_>, Vec<_>) = parts(root, "steps").into_iter().chain(parts(root, "pipeline")).partition(detached);
    for (_, step) in steps {
        let Some((image, text)) = step.get("image").and_then(|n| Some((n, n.text()?))) else { continue };
        for (_, value) in values(text) {
            ci::job_image(&name, ci::software(text, value, &image.at), reading);
        }
    }
    for (called, service) in parts(root, "services").into_iter().chain(beside) {
        if reading.is_full(cx.workspace) {
            break;
        }
        let Some((image, text)) = service.get("image").and_then(|n| Some((n, n.text()?))) else {
            reading.problems.push(Problem::at(service.at.clone(), format!("a service of `{name}` names no image")).warning());
            continue;
        };
        for (variant, value) in values(text) {
            let software = ci::software(text, value, &image.at);
            let own = called.and_then(Node::text).map_or_else(|| ci::name_of(&software, text), str::to_owned);
            let at = called.map_or(&image.at, |n| &n.at);
            let mut one = ci::service(&own, at, software, (&name, &variant), reading);
            one.environ = environ(service.get("environment"));
            reading.services.push(one);
        }
    }
    budget.finish(&root.at, reading);
}

/// `environment`: a mapping, in which a secret is named by `from_secret`, or a list of `KEY=value`.
fn environ(node: Option<&Node>) -> Environ {
    let value = |text: &str| resolve(text, &|_| None).map_or_else(EnvValue::Unknown, |v| EnvValue::set(&v));
    let mut out = ci::environ(node, &value);
    for entry in node.map(Node::entries).unwrap_or_default().iter().filter(|e| e.value.get("from_secret").is_some()) {
        if let Some(key) = entry.key.text() {
            let secret = EnvValue::Elsewhere("a secret".into());
            out.set(EnvVar::new(key, entry.key.at.clone(), secret, EnvSource::Environment));
        }
    }
    for item in node.map(Node::items).unwrap_or_default().iter().take_while(|_| !Environ::is_full()) {
        if let Some((key, text)) = item.text().and_then(|t| t.split_once('=')) {
            out.set(EnvVar::new(key, item.at.clone(), value(text), EnvSource::Environment));
        }
    }
    out
}

#[cfg(test)]
mod tests;
