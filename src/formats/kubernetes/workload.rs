//! A workload object → one service a container.

use super::environ::environ;
use super::objects::{Object, Objects};
use crate::document::{Content, Node};
use crate::formats::Reading;
use crate::inventory::{Fact, ImageRef, Process, Provider, Service, Software};

/// The pod template of a workload, and the part it plays.
fn template(object: &Object) -> Option<(&Node, Process)> {
    let node = &object.node;
    let at = |keys: &[&str]| node.path(keys);
    match (object.group.as_str(), object.kind.as_str()) {
        (
            "apps" | "extensions" | "argoproj.io" | "",
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Rollout" | "ReplicationController",
        )
        | ("apps.openshift.io" | "", "DeploymentConfig")
        | ("serving.knative.dev", "Service") => Some((at(&["spec", "template"])?, Process::Service)),
        ("batch", "Job") => Some((at(&["spec", "template"])?, Process::Admin)),
        ("batch", "CronJob") => Some((at(&["spec", "jobTemplate", "spec", "template"])?, Process::Scheduled)),
        ("", "Pod") => Some((node, Process::Service)),
        _ => None,
    }
}

/// The services of an object, if it is a workload.
pub(super) fn services(object: &Object, objects: &Objects, reading: &mut Reading) {
    let Some((template, process)) = template(object) else { return };
    let Some(spec) = template.get("spec") else { return };
    let mut labels: Vec<(String, String)> = Vec::new();
    for map in [object.node.path(&["metadata", "labels"]), template.path(&["metadata", "labels"])].into_iter().flatten() {
        labels.extend(map.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), e.value.text()?.to_owned()))));
    }
    let reached = objects.selecting(&labels);
    let containers = spec.get("containers").map(Node::items).unwrap_or_default();
    let named = |c: &Node| c.text_at(&["name"]) == Some(object.name.as_str());
    let main = containers.iter().position(named).unwrap_or(0);
    for (i, container) in containers.iter().enumerate() {
        let mut service = service(container, &object.name, i == main, objects);
        service.process = process;
        service.labels = labels.iter().cloned().collect();
        if i == main {
            service.aliases.extend(reached.iter().filter(|n| **n != object.name).cloned());
        }
        let grace = spec.get("terminationGracePeriodSeconds");
        service.stop_grace = grace.and_then(|g| Some(Fact::known(g.text()?.parse().ok()?, g.at.clone())));
        let arch = spec.path(&["nodeSelector", "kubernetes.io/arch"]);
        service.platform = arch.and_then(|a| Some(Fact::known(format!("linux/{}", a.text()?), a.at.clone())));
        reading.services.push(service);
    }
    for container in spec.get("initContainers").map(Node::items).unwrap_or_default() {
        let mut service = service(container, &object.name, false, objects);
        service.process = Process::Admin;
        service.labels = labels.iter().cloned().collect();
        reading.services.push(service);
    }
}

fn service(container: &Node, object: &str, main: bool, objects: &Objects) -> Service {
    let name = container.get("name");
    let text = name.and_then(Node::text).unwrap_or("container");
    let at = name.map_or(&container.at, |n| &n.at).clone();
    let shown = if main { object.to_owned() } else { format!("{object}/{text}") };
    let mut service = Service::new(shown, at, Provider::Container);
    if text != object {
        service.aliases.push(text.to_owned());
    }
    service.software = container.get("image").and_then(image);
    service.environ = environ(container, objects);
    for port in container.get("ports").map(Node::items).unwrap_or_default() {
        if let Some(node) = port.get("containerPort") {
            service.ports.extend(node.text().and_then(|t| t.parse().ok()).map(|p| Fact::known(p, node.at.clone())));
        }
    }
    let probe = ["livenessProbe", "readinessProbe", "startupProbe"].iter().find_map(|k| container.entry(k));
    service.probe = probe.map(|e| e.key.at.clone());
    let words: Vec<&str> =
        ["command", "args"].iter().filter_map(|k| container.get(k)).flat_map(|n| n.items().iter().filter_map(Node::text)).collect();
    if let (false, Some(at)) = (words.is_empty(), container.get("command").or_else(|| container.get("args"))) {
        service.command = Some(Fact::known(words.join(" "), at.at.clone()));
    }
    service
}

/// The software of an image scalar.
pub(super) fn image(node: &Node) -> Option<Fact<Software>> {
    match &node.content {
        Content::Expression(why) => Some(Fact::unknown(why.to_string(), node.at.clone())),
        Content::Scalar(text, _) if !node.is_null() => Some(match ImageRef::parse(text) {
            Ok(image) => Fact::known(Software::of_image(&image), node.at.clone()),
            Err(why) => Fact::unknown(why.to_string(), node.at.clone()),
        }),
        _ => None,
    }
}
