//! `env` and `envFrom` of a container → its variables, as the kubelet resolves them (kubernetes.io: Define Environment Variables).

use base64::Engine;

use super::objects::{Object, Objects};
use crate::document::{Content, Node};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, UnlistedKeys};
use crate::source::Location;

/// Objects that give the keys of a Secret.
const SECRETS: [&str; 5] = ["Secret", "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "SopsSecret"];

/// The variables of a container.
pub(super) fn environ(container: &Node, objects: &Objects) -> Environ {
    let mut out = Environ::default();
    for from in container.get("envFrom").map(Node::items).unwrap_or_default() {
        env_from(from, objects, &mut out);
    }
    for entry in container.get("env").map(Node::items).unwrap_or_default() {
        let Some(name) = entry.get("name") else { continue };
        let Some(key) = name.text() else { continue };
        out.set(variable(key, name, entry, objects));
    }
    out
}

/// One entry of `env`.
fn variable(key: &str, name: &Node, entry: &Node, objects: &Objects) -> EnvVar {
    let at = name.at.clone();
    let Some(from) = entry.get("valueFrom").filter(|f| f.is_mapping()) else {
        let value = entry.get("value").map_or(EnvValue::Empty, value);
        return EnvVar::new(key, at, value, EnvSource::Env);
    };
    for (field, kinds, source) in
        [("secretKeyRef", SECRETS.as_slice(), EnvSource::Secret), ("configMapKeyRef", &["ConfigMap"], EnvSource::ConfigMap)]
    {
        let Some(reference) = from.get(field) else { continue };
        let (object, wanted) = (reference.text_at(&["name"]).unwrap_or("?"), reference.text_at(&["key"]).unwrap_or("?"));
        let mut var = EnvVar::new(key, at, EnvValue::Elsewhere(format!("`{object}`")), source);
        var.refers_to = Some(format!("{object}/{wanted}"));
        var.optional = reference.text_at(&["optional"]) == Some("true");
        let mut declared = objects.find(kinds, object).map(keys).peekable();
        if declared.peek().is_some() {
            let all: Vec<Keys> = declared.collect();
            match all.iter().flat_map(|k| &k.listed).find(|(k, ..)| k == wanted) {
                Some((_, _, value)) => var.value = value.clone(),
                None => var.dangling = all.iter().all(|k| k.open.is_none()) && !var.optional,
            }
        }
        return var;
    }
    if from.get("fieldRef").or_else(|| from.get("resourceFieldRef")).is_some() {
        return EnvVar::new(key, at, EnvValue::Elsewhere("the downward API".into()), EnvSource::Injected);
    }
    EnvVar::new(key, at, EnvValue::Unknown("`valueFrom` names a source that is not known".into()), EnvSource::Env)
}

fn value(node: &Node) -> EnvValue {
    match &node.content {
        Content::Expression(why) => EnvValue::Unknown(why.to_string()),
        Content::Scalar(text, _) if text.contains("$(") => EnvValue::Unknown("the value refers to other variables by `$( )`".into()),
        Content::Scalar(text, _) if !node.is_null() => EnvValue::set(text),
        Content::Scalar(..) | Content::Empty => EnvValue::Empty,
        Content::Sequence(_) | Content::Mapping(_) => EnvValue::Unknown("the value is not a scalar".into()),
    }
}

/// One entry of `envFrom`.
fn env_from(from: &Node, objects: &Objects, out: &mut Environ) {
    let prefix = from.text_at(&["prefix"]).unwrap_or("");
    for (field, kinds, source) in
        [("secretRef", SECRETS.as_slice(), EnvSource::Secret), ("configMapRef", &["ConfigMap"], EnvSource::ConfigMap)]
    {
        let Some(reference) = from.get(field) else { continue };
        let Some(node) = reference.get("name") else { continue };
        let name = node.text().unwrap_or("?");
        let optional = reference.text_at(&["optional"]) == Some("true");
        let declared: Vec<&Object> = objects.find(kinds, name).collect();
        if declared.is_empty() {
            let what = if field == "secretRef" { "Secret" } else { "ConfigMap" };
            let why = format!("the {what} `{name}` is in no manifest");
            out.unlisted.push(UnlistedKeys { why, at: node.at.clone(), prefix: prefix.to_owned() });
        }
        for object in declared {
            let keys = keys(object);
            for (key, at, value) in keys.listed {
                let mut var = EnvVar::new(format!("{prefix}{key}"), at, value, source);
                var.optional = optional;
                var.refers_to = Some(format!("{name}/{key}"));
                out.set(var);
            }
            if let Some((why, at)) = keys.open {
                out.unlisted.push(UnlistedKeys { why, at, prefix: prefix.to_owned() });
            }
        }
    }
}

/// The keys of a ConfigMap or Secret.
struct Keys {
    listed: Vec<(String, Location, EnvValue)>,
    /// Why there may be more.
    open: Option<(String, Location)>,
}

fn keys(object: &Object) -> Keys {
    let mut out = Keys { listed: Vec::new(), open: None };
    let node = &object.node;
    let hidden = || EnvValue::Elsewhere(format!("the {} `{}`", object.kind, object.name));
    let mut take = |map: Option<&Node>, read: &dyn Fn(&Node) -> EnvValue| {
        for entry in map.map(Node::entries).unwrap_or_default() {
            if let Some(key) = entry.key.text() {
                out.listed.push((key.to_owned(), entry.key.at.clone(), read(&entry.value)));
            }
        }
    };
    match object.kind.as_str() {
        "SealedSecret" => {
            take(node.path(&["spec", "encryptedData"]), &|_| hidden());
            take(node.path(&["spec", "template", "data"]), &|_| hidden());
        }
        "SopsSecret" => out.open = Some((format!("the SopsSecret `{}` is encrypted", object.name), node.at.clone())),
        "ExternalSecret" | "ClusterExternalSecret" => {
            let spec = node.path(&["spec", "externalSecretSpec"]).or_else(|| node.get("spec"));
            take(spec.and_then(|s| s.path(&["target", "template", "data"])), &|_| hidden());
            for item in spec.and_then(|s| s.get("data")).map(Node::items).unwrap_or_default() {
                if let Some(key) = item.get("secretKey") {
                    out.listed.push((key.text().unwrap_or_default().to_owned(), key.at.clone(), hidden()));
                }
            }
            if let Some(all) = spec.and_then(|s| s.get("dataFrom")) {
                out.open = Some((format!("the ExternalSecret `{}` takes all keys of a store", object.name), all.at.clone()));
            }
        }
        kind => {
            let encoded = kind == "Secret";
            take(node.get("data"), &|n| if encoded { decoded(n) } else { value(n) });
            take(node.get("stringData"), &|n| value(n));
        }
    }
    out
}

/// A value of a Secret's `data`.
fn decoded(node: &Node) -> EnvValue {
    let Some(text) = node.text() else { return value(node) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
    match bytes.ok().and_then(|b| String::from_utf8(b).ok()) {
        Some(text) => EnvValue::set(&text),
        None => EnvValue::Unknown("the value is not base64 of a text".into()),
    }
}
