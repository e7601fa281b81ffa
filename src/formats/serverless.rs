//! Serverless Framework `serverless.yml` → functions with their environment, and the resources beside them.
//!
//! Source: serverless.com/framework/docs/providers/aws/guide (serverless.yml reference, variables).

use std::collections::BTreeMap;

use crate::document::{Content, Node};
use crate::inventory::{EnvSource, Process, Provider, Service};
use crate::workspace::{file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, cloudformation, declared};

mod variables;

use variables::Variables;

/// The format.
#[derive(Debug)]
pub struct Serverless;

impl Format for Serverless {
    fn id(&self) -> &'static str {
        "serverless"
    }

    fn name(&self) -> &'static str {
        "Serverless Framework"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "Lambda runtimes; resources as CloudFormation",
            env: "`provider.environment`, `environment` of functions",
            processes: "functions",
            unknown: "`${ssm:}`, `${env:}` and other variables of a deployment",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        let ending = [".yml", ".yaml", ".json"].iter().any(|e| name.ends_with(e));
        ending && (name.starts_with("serverless.") || name.starts_with("serverless-"))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        let line =
            |key: &str| head.lines().any(|l| l.starts_with(&format!("{key}:")) || l.trim_start().starts_with(&format!("\"{key}\":")));
        if line("provider") && (line("functions") || line("resources") || line("service")) {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            let provider = root.path(&["provider", "name"]).or_else(|| root.get("provider")).and_then(Node::text).unwrap_or("aws");
            let platform = match provider {
                "azure" => "azure",
                "google" => "cloudrun",
                _ => "aws",
            };
            reading.injected.extend(crate::catalogue::injected(platform).iter().map(|k| (*k).to_owned()));
            let variables = Variables::new(path, &root, cx, &mut reading.problems);
            if let Some(note) = variables.note() {
                reading.notes.push(note);
            }
            service(path, &root, &variables, cx, &mut reading);
        }
        reading
    }
}

fn service(path: &str, root: &Node, variables: &Variables<'_>, cx: &ReadContext<'_>, reading: &mut Reading) {
    let resources = root.get("resources").map(|r| variables.resolve(r));
    let lists: &[Node] = match &resources {
        Some(list) if list.is_sequence() => list.items(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    // Functions may refer to the resources as those do to each other.
    let resolve = |key: &str| root.get(key).map(|n| cloudformation::resolved(lists.first().unwrap_or(root), &variables.resolve(n)));
    let (provider, functions) = (resolve("provider"), resolve("functions"));
    let mut all: Vec<Node> = Vec::new();
    match &functions {
        Some(list) if list.is_sequence() => all.extend(list.items().iter().cloned()),
        Some(map) => all.push(map.clone()),
        None => {}
    }
    for list in &all {
        if let Content::Expression(why) = &list.content {
            let message = format!("functions of `{path}` are not known: {why}");
            reading.problems.push(crate::report::Problem::at(list.at.clone(), message).warning());
        }
    }
    for function in all.iter().flat_map(Node::entries) {
        let Some(name) = function.key.text() else { continue };
        let mut service = Service::new(name, function.key.at.clone(), Provider::Managed);
        for level in [provider.as_ref(), Some(&function.value)].into_iter().flatten() {
            if let Content::Expression(why) = &level.content {
                declared::unlisted(&mut service.environ, why.as_ref(), &level.at);
            }
            if let Some(environment) = level.get("environment") {
                declared::settings(&mut service.environ, environment, EnvSource::Environment);
            }
        }
        if let Some(image) = function.value.get("image") {
            service.software = image_of(image, provider.as_ref());
        } else {
            let runtime = function.value.get("runtime").or_else(|| provider.as_ref()?.get("runtime"));
            declared::names_runtime(runtime, &service, parent(path), reading);
        }
        let events = function.value.get("events").map(Node::items).unwrap_or_default();
        if !events.is_empty() && events.iter().all(|e| e.get("schedule").is_some() || e.text() == Some("schedule")) {
            service.process = Process::Scheduled;
        }
        reading.services.push(service);
    }
    for template in lists {
        if let Content::Expression(why) = &template.content {
            let message = format!("the resources of `{path}` are not known: {why}");
            reading.problems.push(crate::report::Problem::at(template.at.clone(), message).warning());
        }
        cloudformation::template(path, template, &BTreeMap::new(), cx, reading, 0);
    }
}

/// The image of a function: its address, or the name of one of the provider's.
fn image_of(image: &Node, provider: Option<&Node>) -> Option<crate::inventory::Fact<crate::inventory::Software>> {
    let uri = image.get("uri").unwrap_or(image);
    let name = image.text().or_else(|| image.text_at(&["name"]));
    let listed = name.and_then(|n| provider?.path(&["ecr", "images", n]));
    match listed {
        // Built here when it is deployed: it has no address yet.
        Some(listed) if listed.get("path").is_some() => None,
        Some(listed) => listed.get("uri").or(Some(listed)).and_then(declared::software),
        None => declared::software(uri),
    }
}

/// A file that a variable names.
fn file(base: &str, text: &str) -> Option<String> {
    join(base, text.trim())
}

#[cfg(test)]
mod tests;
