//! A workload object → one service a container.

use super::environ::environ;
use super::objects::{Object, Objects};
use crate::document::{Content, Node};
use crate::formats::Reading;
use crate::formats::declared::{self, software as image};
use crate::inventory::{Fact, Process, Provider, Service, Software};
use crate::report::Problem;

/// Where a workload keeps its pod template, and the part it plays.
fn shape(group: &str, kind: &str) -> Option<(&'static [&'static str], Process)> {
    match (group, kind) {
        (
            "apps" | "extensions" | "argoproj.io" | "",
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Rollout" | "ReplicationController",
        )
        | ("apps.openshift.io" | "", "DeploymentConfig")
        | ("serving.knative.dev", "Service") => Some((&["spec", "template"], Process::Service)),
        ("batch", "Job") => Some((&["spec", "template"], Process::Admin)),
        ("run.googleapis.com", "Job") => Some((&["spec", "template", "spec", "template"], Process::Admin)),
        ("keda.sh", "ScaledJob") => Some((&["spec", "jobTargetRef", "template"], Process::Admin)),
        ("batch", "CronJob") => Some((&["spec", "jobTemplate", "spec", "template"], Process::Scheduled)),
        ("", "Pod") => Some((&[], Process::Service)),
        _ => None,
    }
}

/// Is it a workload?
pub(super) fn known(group: &str, kind: &str) -> bool {
    shape(group, kind).is_some()
}

/// The pod template of a workload, and the part it plays.
fn template(object: &Object) -> Option<(&Node, Process)> {
    let (path, process) = shape(&object.group, &object.kind)?;
    Some((object.node.path(path)?, process))
}

/// The services of an object, if it is a workload.
pub(super) fn services(object: &Object, objects: &Objects, reading: &mut Reading) {
    let Some((template, process)) = template(object) else { return };
    let Some(spec) = template.get("spec") else { return };
    let mut labels: Vec<(String, String)> = Vec::new();
    for map in [object.node.path(&["metadata", "labels"]), template.path(&["metadata", "labels"])].into_iter().flatten() {
        labels.extend(map.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), e.value.text()?.to_owned()))));
    }
    reading.problems.extend(open(spec, object));
    let reached = objects.selecting(&object.namespace, &labels);
    let mut one = |container: &Node, main: bool, process: Process| {
        let mut service = service(container, object, main, objects, &mut reading.problems);
        service.process = process;
        service.conditional = object.node.perhaps().or_else(|| container.perhaps()).map(str::to_owned);
        service.labels = labels.iter().cloned().collect();
        let grace = spec.get("terminationGracePeriodSeconds");
        service.stop_grace = grace.and_then(declared::whole_seconds);
        let arch = spec.path(&["nodeSelector", "kubernetes.io/arch"]);
        service.platform = arch.and_then(|a| Some(Fact::known(format!("linux/{}", a.text()?), a.at.clone())));
        if main {
            service.aliases.extend(reached.iter().filter(|n| **n != object.name).cloned());
        }
        reading.services.push(service);
    };
    let containers = spec.get("containers").map(Node::items).unwrap_or_default();
    let named = |c: &Node| c.text_at(&["name"]) == Some(object.name.as_str());
    let main = containers.iter().position(named).unwrap_or(0);
    for (i, container) in containers.iter().enumerate() {
        one(container, i == main, process);
    }
    for container in spec.get("initContainers").map(Node::items).unwrap_or_default() {
        // An init container that is restarted runs beside the others (kubernetes.io: Sidecar Containers).
        let sidecar = container.text_at(&["restartPolicy"]) == Some("Always");
        one(container, false, if sidecar { process } else { Process::Admin });
    }
    if let Some(instances) = connected(object) {
        for service in declared::cloud_sql(instances) {
            if !reading.services.iter().any(|s| s.name == service.name && s.provider == service.provider) {
                reading.services.push(service);
            }
        }
    }
}

/// What is said of containers that are not known, all of them or one.
fn open(spec: &Node, object: &Object) -> Vec<Problem> {
    let lists = ["containers", "initContainers"].into_iter().filter_map(|field| spec.get(field));
    let unknown = lists.flat_map(|list| std::iter::once(list).chain(list.items())).filter_map(|node| match &node.content {
        Content::Expression(why) => Some((node, why)),
        _ => None,
    });
    let message = |why: &str| format!("containers of the {} `{}` are not known: {why}", object.kind, object.name);
    unknown.map(|(node, why)| Problem::at(node.at.clone(), message(why)).warning()).collect()
}

/// The instances of Cloud SQL that a service or job of Cloud Run is connected to (cloud.google.com/run: YAML reference).
fn connected(object: &Object) -> Option<&Node> {
    let paths: [&[&str]; 2] = [&["spec", "template", "metadata", "annotations"], &["metadata", "annotations"]];
    paths.iter().find_map(|p| object.node.path(p)?.get("run.googleapis.com/cloudsql-instances"))
}

fn service(container: &Node, object: &Object, main: bool, objects: &Objects, problems: &mut Vec<Problem>) -> Service {
    let name = container.get("name").filter(|n| n.text().is_some());
    let text = name.and_then(Node::text).unwrap_or(if main && !object.name.is_empty() { &object.name } else { "container" });
    let at = name.map_or_else(|| object.named_at(), |n| &n.at).clone();
    let shown = match object.name.as_str() {
        "" => text.to_owned(),
        name if main => name.to_owned(),
        name => format!("{name}/{text}"),
    };
    let mut service = Service::new(shown, at, Provider::Container);
    if text != object.name {
        service.aliases.push(text.to_owned());
    }
    service.software = container.get("image").and_then(image).filter(|_| !streamed(object, text)).or_else(|| stream(object, text));
    service.environ = environ(container, &object.namespace, objects, problems);
    for port in container.get("ports").map(Node::items).unwrap_or_default() {
        service.ports.extend(port.get("containerPort").and_then(declared::port));
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

/// The image stream that OpenShift takes a container's image from (docs.openshift.com: deployment triggers).
fn trigger<'o>(object: &'o Object, container: &str) -> Option<&'o Node> {
    let triggers = object.node.path(&["spec", "triggers"]).filter(|_| object.kind == "DeploymentConfig")?;
    let params = triggers.items().iter().filter_map(|t| t.get("imageChangeParams"));
    let names = |p: &Node| p.get("containerNames").map(Node::items).unwrap_or_default().iter().any(|n| n.text() == Some(container));
    params.filter(|p| names(p) && p.text_at(&["automatic"]) != Some("false")).find_map(|p| p.get("from"))
}

fn streamed(object: &Object, container: &str) -> bool {
    trigger(object, container).is_some()
}

fn stream(object: &Object, container: &str) -> Option<Fact<Software>> {
    let from = trigger(object, container)?;
    let name = from.get("name")?;
    // The streams that OpenShift brings are named after what they hold: `openshift/postgresql:13`.
    if from.text_at(&["namespace"]) == Some("openshift") {
        return image(name);
    }
    Some(Fact::unknown(format!("the image is what the image stream tag `{}` holds", name.text().unwrap_or("?")), name.at.clone()))
}
