//! `env` and `envFrom` of a container → its variables, as the kubelet resolves them (kubernetes.io: Define Environment Variables).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expand::{Piece, pieces};
use super::keys::{Held, Keys, Said, said};
use super::objects::Objects;
use super::scalar;
use crate::document::{Content, Node};
use crate::formats::compose::interpolate::LONGEST;
use crate::formats::declared::unlisted;
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, UnlistedKeys};
use crate::report::Problem;

/// A container's variables while they are resolved.
struct Resolver<'o> {
    objects: &'o Objects,
    namespace: &'o str,
    /// What was said of each variable so far, for `$(VAR)`.
    said: BTreeMap<String, Said>,
    out: Environ,
}

/// The variables of a container of a pod in a namespace.
pub(super) fn environ(container: &Node, namespace: &str, objects: &Objects, problems: &mut Vec<Problem>) -> Environ {
    let mut resolver = Resolver { objects, namespace, said: BTreeMap::new(), out: Environ::default() };
    for list in ["envFrom", "env"].into_iter().filter_map(|field| container.get(field)) {
        resolver.open(std::iter::once(list).chain(list.items()));
    }
    // An entry that is not known may be one of these lists.
    resolver.open(container.entries().iter().map(|entry| &entry.key));
    for from in container.get("envFrom").map(Node::items).unwrap_or_default() {
        resolver.env_from(from);
    }
    for entry in container.get("env").map(Node::items).unwrap_or_default().iter().take_while(|_| !Environ::is_full()) {
        resolver.env(entry, problems);
    }
    resolver.out
}

/// How a reference names ConfigMaps and Secrets.
const REFERENCES: [(&str, &str, Held, EnvSource); 2] = [
    ("secretKeyRef", "secretRef", Held::Secret, EnvSource::Secret),
    ("configMapKeyRef", "configMapRef", Held::ConfigMap, EnvSource::ConfigMap),
];

impl Resolver<'_> {
    fn set(&mut self, var: EnvVar, said: Said) {
        self.said.insert(var.key.clone(), said);
        self.out.set(var);
    }

    /// A part that is not known, of a list or in its place, may hold any key.
    fn open<'n>(&mut self, parts: impl Iterator<Item = &'n Node>) {
        for node in parts {
            if let Content::Expression(why) = &node.content {
                unlisted(&mut self.out, why.as_ref(), &node.at);
            }
        }
    }

    /// One entry of `env`.
    fn env(&mut self, entry: &Node, problems: &mut Vec<Problem>) {
        let Some((name, key)) = entry.get("name").and_then(|n| Some((n, n.text()?))) else {
            if let Some(Node { content: Content::Expression(why), at, .. }) = entry.get("name") {
                unlisted(&mut self.out, why.as_ref(), at);
            }
            return;
        };
        let at = name.at.clone();
        if let Some(why) = entry.perhaps() {
            self.out.unlisted.push(UnlistedKeys { why: format!("`{key}`: {why}"), at, prefix: key.to_owned() });
            return;
        }
        if let Some(from) = entry.get("valueFrom").filter(|f| f.is_mapping()) {
            return self.value_from(key, name, from);
        }
        let said = match entry.get("value") {
            None => Said::Text("".into()),
            Some(node) => {
                if let Some(what) = scalar::not_a_string(node) {
                    let message = format!("the value of `{key}` is {what}: Kubernetes takes strings alone");
                    problems.push(Problem::at(node.at.clone(), message).warning().help("quote it"));
                }
                self.expanded(said(node))
            }
        };
        self.set(EnvVar::new(key, at, said.value(), EnvSource::Env), said);
    }

    /// `valueFrom` of an entry.
    fn value_from(&mut self, key: &str, name: &Node, from: &Node) {
        let at = name.at.clone();
        for (field, _, what, source) in REFERENCES {
            let Some(reference) = from.get(field) else { continue };
            let (object, wanted) = (reference.text_at(&["name"]).unwrap_or("?"), reference.text_at(&["key"]).unwrap_or("?"));
            let mut said = Said::Other(EnvValue::Elsewhere(format!("the {} `{object}`", what.kind())));
            let held = self.objects.held(what, self.namespace, object);
            let mut var = EnvVar::new(key, at, said.value(), source);
            var.refers_to = Some(format!("{object}/{wanted}"));
            var.optional = reference.text_at(&["optional"]) == Some("true");
            match held.iter().rev().find_map(|keys| keys.value(wanted)) {
                Some(value) => {
                    said = value.clone();
                    var.value = said.value();
                }
                None if held.is_empty() || held.iter().any(|k| k.open.is_some()) => {}
                // The kubelet leaves it out.
                None if var.optional => return,
                None if held.iter().any(|k| k.binary.iter().any(|b| b == wanted)) => {
                    said = Said::Other(EnvValue::Unknown("it stands in `binaryData`, of which no variable is made".into()));
                    var.value = said.value();
                }
                None => var.dangling = true,
            }
            return self.set(var, said);
        }
        let (value, source) = if from.get("fieldRef").or_else(|| from.get("resourceFieldRef")).is_some() {
            (EnvValue::Elsewhere("the downward API".into()), EnvSource::Injected)
        } else if let Some(file) = from.get("fileKeyRef") {
            let path = file.text_at(&["path"]).unwrap_or("?");
            (EnvValue::Elsewhere(format!("the file `{path}` of a volume")), EnvSource::EnvFile)
        } else {
            (EnvValue::Unknown("`valueFrom` names a source that is not known".into()), EnvSource::Env)
        };
        self.set(EnvVar::new(key, at, value.clone(), source), Said::Other(value));
    }

    /// One entry of `envFrom`.
    fn env_from(&mut self, from: &Node) {
        let prefix = from.text_at(&["prefix"]).unwrap_or("");
        for (_, field, what, source) in REFERENCES {
            let Some(reference) = from.get(field) else { continue };
            let Some(node) = reference.get("name") else { continue };
            let name = node.text().unwrap_or("?");
            let optional = reference.text_at(&["optional"]) == Some("true");
            if let Some(why) = from.perhaps() {
                self.out.unlisted.push(UnlistedKeys { why: why.to_owned(), at: node.at.clone(), prefix: prefix.to_owned() });
                continue;
            }
            let objects = self.objects;
            let held: &[Keys] = objects.held(what, self.namespace, name);
            if held.is_empty() {
                let why = self.absent(what, name);
                self.out.unlisted.push(UnlistedKeys { why, at: node.at.clone(), prefix: prefix.to_owned() });
            }
            for keys in held {
                for (key, at, value) in &keys.listed {
                    if Environ::is_full() {
                        break;
                    }
                    let mut var = EnvVar::new(format!("{prefix}{key}"), at.clone(), value.value(), source);
                    var.optional = optional;
                    var.refers_to = Some(format!("{name}/{key}"));
                    self.set(var, value.clone());
                }
                if let Some((why, at)) = &keys.open {
                    let why = format!("the {} `{name}`: {why}", what.kind());
                    self.out.unlisted.push(UnlistedKeys { why, at: at.clone(), prefix: prefix.to_owned() });
                }
            }
        }
    }

    /// Why the keys of an object are not known.
    fn absent(&self, what: Held, name: &str) -> String {
        let kind = what.kind();
        match self.objects.namespaces(what, name).as_slice() {
            [] => format!("the {kind} `{name}` is in no manifest"),
            [one, ..] => format!("the {kind} `{name}` is in the namespace `{one}`, not in `{}`", self.namespace),
        }
    }

    /// A text with its `$(VAR)` resolved by what stands before it.
    fn expanded(&self, said: Said) -> Said {
        let Said::Text(text) = &said else { return said };
        if !text.contains('$') {
            return said;
        }
        let mut out = String::new();
        let mut takes: Option<(&str, bool)> = None;
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Name(..) if out.len() > LONGEST + text.len() => {
                    let why = format!("what it takes in makes the value longer than the limit of {LONGEST} bytes");
                    return Said::Other(EnvValue::Unknown(why));
                }
                Piece::Name(name, whole) => match self.said.get(name) {
                    Some(Said::Text(value)) => out.push_str(value),
                    Some(Said::Other(value)) => takes = Some((name, matches!(value, EnvValue::Elsewhere(_)))),
                    None if self.may_be_unlisted(name) => takes = Some((name, false)),
                    None => out.push_str(whole),
                },
            }
        }
        match takes {
            None => Said::Text(Arc::from(out)),
            Some((name, true)) => Said::Other(EnvValue::Elsewhere(format!("a text around `{name}`"))),
            Some((name, false)) => Said::Other(EnvValue::Unknown(format!("the value takes in `{name}`, which is not known"))),
        }
    }

    /// May a variable come from a source whose keys are not listed, or from a Service?
    fn may_be_unlisted(&self, name: &str) -> bool {
        self.out.unlisted.iter().any(|u| name.starts_with(&u.prefix))
            || (name.contains("_PORT") || name.contains("_SERVICE_") || name.starts_with("KUBERNETES_"))
                && self.objects.service_links().iter().any(|link| crate::catalogue::matches(link, name))
    }
}
