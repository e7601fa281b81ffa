//! A service's tree → a typed view of it (`docker_compose_types`), for the parts whose forms are many and whose text matters
//! little: command, health check, deploy, grace period.
//!
//! The tree is the source of truth. The crate refuses a whole file for one key that it does not know and for every scalar
//! that is of another type than it expects, so that it is asked key by key, with scalars as the types that it wants, and what it
//! does not decode is left out of the view and nowhere else.

use docker_compose_types::{Command, Entrypoint, Healthcheck, HealthcheckTest, Service as View};
use serde_yaml::Value;

use crate::document::{Content, Node, Style};
use crate::formats::declared;
use crate::inventory::{Fact, Service};

/// The keys that are viewed.
const KEYS: [&str; 6] = ["command", "entrypoint", "healthcheck", "stop_grace_period", "deploy", "scale"];

/// Deepest value that is handed to the crate.
const DEPTH: usize = 16;

/// A service as the crate types it, and the keys that it does not decode: they are absent.
pub(super) fn view(node: &Node) -> (View, Vec<&'static str>) {
    let parts: Vec<(&str, Value)> = KEYS.iter().filter_map(|key| Some((*key, value(node.get(key)?, key, 0)?))).collect();
    let decode = |parts: &[(&str, Value)]| {
        let map = parts.iter().map(|(key, value)| (Value::from(*key), value.clone()));
        serde_yaml::from_value::<View>(Value::Mapping(map.collect()))
    };
    if let Ok(view) = decode(&parts) {
        return (view, Vec::new());
    }
    let (kept, lost): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| decode(std::slice::from_ref(part)).is_ok());
    (decode(&kept).unwrap_or_default(), lost.into_iter().map(|(key, _)| key).collect())
}

/// Sets what the view knows, at the places where the tree has it.
pub(super) fn fill(node: &Node, service: &mut Service) {
    let (view, _) = view(node);
    let at = |key: &str| node.get(key).map(|n| n.at.clone());
    let command = match view.command {
        Some(Command::Simple(text)) => Some((text, "command")),
        Some(Command::Args(words)) => Some((words.join(" "), "command")),
        None => view.entrypoint.map(|e| match e {
            Entrypoint::Simple(text) => (text, "entrypoint"),
            Entrypoint::List(words) => (words.join(" "), "entrypoint"),
        }),
    };
    service.command = command.and_then(|(text, key)| Some(Fact::known(text, at(key)?)));
    if view.healthcheck.as_ref().is_none_or(|check| !off(check)) {
        service.probe = node.entry("healthcheck").filter(|e| !e.value.is_null()).map(|e| e.key.at.clone());
    }
    service.stop_grace = at("stop_grace_period").map(|at| match view.stop_grace_period.as_deref().and_then(declared::seconds) {
        Some(seconds) => Fact::known(seconds, at),
        None => Fact::unknown("the grace period is no duration that is known", at),
    });
    if node.get("scale").is_some_and(|n| n.text() == Some("0")) || view.deploy.is_some_and(|d| d.replicas == Some(0)) {
        service.conditional = Some("it is started with no replica".into());
    }
}

/// Is the image's own health check switched off?
fn off(check: &Healthcheck) -> bool {
    let none = match &check.test {
        Some(HealthcheckTest::Single(text)) => text == "NONE",
        Some(HealthcheckTest::Multiple(words)) => words.first().is_some_and(|w| w == "NONE"),
        None => false,
    };
    check.disable || none
}

/// A node as the value that the crate expects at a key. `None`: it is not known, so the key is left out.
fn value(node: &Node, key: &str, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    Some(match &node.content {
        Content::Empty => Value::Null,
        Content::Expression(_) => return None,
        Content::Scalar(text, style) => scalar(text, *style, key),
        Content::Sequence(items) => Value::Sequence(items.iter().map(|i| value(i, "", depth + 1)).collect::<Option<_>>()?),
        Content::Mapping(entries) => Value::Mapping(
            entries.iter().filter_map(|e| Some((Value::from(e.key.text()?), value(&e.value, e.key.text()?, depth + 1)?))).collect(),
        ),
    })
}

/// Text, but for the keys that the crate reads as a number or a switch.
fn scalar(text: &str, style: Style, key: &str) -> Value {
    match key {
        "replicas" | "retries" | "scale" | "max_attempts" | "parallelism" => {
            text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
        }
        "disable" => Value::from(matches!(text, "true" | "True" | "TRUE")),
        _ if style == Style::Plain && matches!(text, "" | "~" | "null") => Value::Null,
        _ => Value::from(text),
    }
}
