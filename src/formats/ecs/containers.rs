//! A list of container definitions → services: of a task definition, of CloudFormation (`Name` in place of `name`), of
//! Terraform's `container_definitions`.

use crate::document::{Content, Entry, Node};
use crate::formats::{Reading, declared};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, Process, Provider, Service};
use crate::report::Problem;

/// Reads containers into the reading's services. `task` is the mapping around them, for its family and platform; nodes
/// that could not be resolved are [`Content::Expression`]s with their reason.
pub(crate) fn container_definitions(list: &Node, task: Option<&Node>, reading: &mut Reading) {
    if let Content::Expression(why) = &list.content {
        reading.problems.push(Problem::at(list.at.clone(), format!("the container definitions are not known: {why}")).warning());
        return;
    }
    // A map by name is what modules of Terraform take; one container alone may stand without its list.
    let named: Vec<(Option<&Node>, &Node)> = if list.is_sequence() {
        list.items().iter().map(|c| (None, c)).collect()
    } else if cased(list, "image").is_some() || cased(list, "environment").is_some() {
        vec![(None, list)]
    } else {
        list.entries().iter().map(|e| (Some(&e.key), &e.value)).collect()
    };
    let awaited: Vec<&str> = named.iter().flat_map(|(_, c)| waits_for(c)).collect();
    for (key, node) in &named {
        if let Content::Expression(why) = &node.content {
            reading.problems.push(Problem::at(node.at.clone(), format!("a container is not known: {why}")).warning());
        } else if node.is_mapping() {
            let mut service = container(*key, node, task);
            if awaited.contains(&service.name.as_str()) {
                service.process = Process::Admin;
            }
            reading.services.push(service);
        } else if !node.is_null() {
            reading.problems.push(Problem::at(node.at.clone(), "a container definition is not a mapping").warning());
        }
    }
}

/// A key as ECS writes it (`portMappings`), as CloudFormation does (`PortMappings`), or as modules do (`port_mappings`).
pub(crate) fn cased<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let pascal = || {
        let mut name = key.to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        name
    };
    let snake =
        || key.chars().flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()])).collect::<String>();
    node.get(key).or_else(|| node.get(&pascal())).or_else(|| node.get(&snake()))
}

/// The containers that must have ended well before this one starts.
fn waits_for(container: &Node) -> Vec<&str> {
    let Some(list) = cased(container, "dependsOn") else { return Vec::new() };
    let ends = |d: &&Node| matches!(cased(d, "condition").and_then(Node::text), Some("SUCCESS" | "COMPLETE"));
    list.items().iter().filter(ends).filter_map(|d| cased(d, "containerName")?.text()).collect()
}

fn container(key: Option<&Node>, node: &Node, task: Option<&Node>) -> Service {
    let name = cased(node, "name").or(key);
    let family = task.and_then(|t| cased(t, "family")).and_then(Node::text);
    let text = name.and_then(Node::text).or(family).unwrap_or("container");
    let mut service = Service::new(text, name.map_or(&node.at, |n| &n.at).clone(), Provider::Container);
    service.aliases.extend(family.filter(|f| *f != text).map(str::to_owned));
    service.software = cased(node, "image").and_then(declared::software);
    environment(&mut service.environ, cased(node, "environment"));
    secrets(&mut service.environ, cased(node, "secrets"));
    for file in cased(node, "environmentFiles").map(Node::items).unwrap_or_default() {
        declared::unlisted(&mut service.environ, "a file of environment variables is in S3, not in the repository", &file.at);
    }
    for mapping in cased(node, "portMappings").map(Node::items).unwrap_or_default() {
        service.ports.extend(cased(mapping, "containerPort").and_then(declared::port));
    }
    service.command = cased(node, "command").or_else(|| cased(node, "entryPoint")).and_then(declared::command);
    service.probe = cased(node, "healthCheck").map(|n| n.at.clone());
    service.stop_grace = cased(node, "stopTimeout").and_then(declared::whole_seconds);
    service.needs.extend(
        cased(node, "dependsOn")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|d| Some(cased(d, "containerName")?.text()?.to_owned())),
    );
    let links = cased(node, "links").map(Node::items).unwrap_or_default();
    service.needs.extend(links.iter().filter_map(Node::text).map(|l| l.split(':').next().unwrap_or(l).to_owned()));
    let architecture = task.and_then(|t| cased(t, "runtimePlatform")).and_then(|p| cased(p, "cpuArchitecture"));
    service.platform = architecture.and_then(|n| {
        let platform = match n.text()? {
            "ARM64" => "linux/arm64",
            "X86_64" => "linux/amd64",
            _ => return None,
        };
        Some(Fact::known(platform.to_owned(), n.at.clone()))
    });
    service
}

/// `environment`: a list of `name` and `value`, or a mapping of them.
pub(crate) fn environment(environ: &mut Environ, node: Option<&Node>) {
    let Some(node) = node else { return };
    if let Content::Expression(why) = &node.content {
        declared::unlisted(environ, why.as_ref(), &node.at);
    }
    declared::settings(environ, node, EnvSource::Environment);
    for item in node.items() {
        match (cased(item, "name").and_then(|n| Some((n, n.text()?))), &item.content) {
            (Some((name, key)), _) => {
                let value = cased(item, "value").map_or(EnvValue::Empty, declared::setting);
                environ.set(EnvVar::new(key, name.at.clone(), value, EnvSource::Environment));
            }
            (None, Content::Expression(why)) => {
                declared::unlisted(environ, why.as_ref(), &item.at);
            }
            (None, _) => {
                declared::unlisted(environ, "the name of a variable is not known", &item.at);
            }
        }
    }
}

/// `secrets`: a list of `name` and `valueFrom`, or a mapping of them.
pub(crate) fn secrets(environ: &mut Environ, node: Option<&Node>) {
    let Some(node) = node else { return };
    if let Content::Expression(why) = &node.content {
        declared::unlisted(environ, why.as_ref(), &node.at);
    }
    let set = |environ: &mut Environ, name: &Node, from: Option<&Node>| {
        let Some(key) = name.text() else {
            return declared::unlisted(environ, "the name of a secret is not known", &name.at);
        };
        let store = match from.and_then(Node::text) {
            Some(text) if text.contains(":secretsmanager:") => "AWS Secrets Manager",
            Some(text) if text.contains(":ssm:") || text.starts_with('/') => "the AWS parameter store",
            _ => "a secret of AWS",
        };
        environ.set(EnvVar::new(key, name.at.clone(), EnvValue::Elsewhere(store.into()), EnvSource::Secret));
    };
    for Entry { key, value } in node.entries() {
        match (key.text(), &value.content) {
            (None, Content::Expression(why)) => declared::unlisted(environ, why.as_ref(), &value.at),
            _ => set(environ, key, Some(value)),
        }
    }
    for item in node.items() {
        match (cased(item, "name"), &item.content) {
            (Some(name), _) => set(environ, name, cased(item, "valueFrom")),
            (None, Content::Expression(why)) => {
                declared::unlisted(environ, why.as_ref(), &item.at);
            }
            (None, _) => declared::unlisted(environ, "the name of a secret is not known", &item.at),
        }
    }
}
