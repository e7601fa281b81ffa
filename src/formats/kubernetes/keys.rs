//! An object that makes a ConfigMap or a Secret → the keys that it holds.
//!
//! Sources: kubernetes.io (ConfigMaps, Secrets), and the references of Sealed Secrets, External Secrets, the Secrets Store
//! CSI driver, sops-secrets-operator, Vault Secrets Operator, Doppler, Infisical and 1Password.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;

use super::objects::Object;
use super::scalar;
use crate::document::{Content, Node};
use crate::inventory::EnvValue;
use crate::source::Location;

/// Stands for every namespace.
pub(super) const EVERY: &str = "*";

/// What holds keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

impl Held {
    /// Its kind.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

/// A value as far as the manifests say it.
#[derive(Clone)]
pub(super) enum Said {
    /// The text.
    Text(Arc<str>),
    /// All else.
    Other(EnvValue),
}

impl Said {
    /// As a value.
    pub(super) fn value(&self) -> EnvValue {
        match self {
            Self::Text(text) => EnvValue::set(text),
            Self::Other(value) => value.clone(),
        }
    }
}

/// The keys of a ConfigMap or Secret.
pub(super) struct Keys {
    /// Key, where it is written, value.
    pub(super) listed: Vec<(String, Location, Said)>,
    /// Where each key stands in the list.
    index: BTreeMap<String, usize>,
    /// Keys that no environment variable is made of (`binaryData`).
    pub(super) binary: Vec<String>,
    /// Why there may be more.
    pub(super) open: Option<(String, Location)>,
}

/// What an object makes: kind, namespace, name and keys.
type Made = (Held, String, String, Keys);

/// The ConfigMaps and Secrets that an object makes.
pub(super) fn of(object: &Object) -> Vec<Made> {
    let node = &object.node;
    let own = |keys: Keys| vec![made(object, None, keys)];
    let named = |name: Option<&Node>, keys: Keys| vec![made(object, name.and_then(Node::text), keys)];
    let all = |at: Option<&Node>, what: &str| Keys {
        open: Some((what.to_owned(), at.map_or_else(|| object.named_at(), |n| &n.at).clone())),
        ..Keys::none()
    };
    match (object.group.as_str(), object.kind.as_str()) {
        ("", "ConfigMap") => vec![(Held::ConfigMap, object.namespace.clone(), object.name.clone(), config(node))],
        ("", "Secret") => own(secret(object)),
        ("bitnami.com", "SealedSecret") => {
            let mut keys = Keys::none();
            keys.take(node.path(&["spec", "encryptedData"]), &|_| hidden(object));
            keys.take(node.path(&["spec", "template", "data"]), &|_| hidden(object));
            named(node.path(&["spec", "template", "metadata", "name"]), keys)
        }
        ("external-secrets.io", "ExternalSecret") => node.get("spec").map(|spec| external(object, spec)).into_iter().collect(),
        ("external-secrets.io", "ClusterExternalSecret") => {
            let spec = node.path(&["spec", "externalSecretSpec"]);
            let name = node.text_at(&["spec", "externalSecretName"]);
            let make = |spec: &Node| {
                let (held, _, made, keys) = external(object, spec);
                let own = spec.path(&["target", "name"]).is_some();
                (held, EVERY.to_owned(), if own { made } else { name.map_or(made, str::to_owned) }, keys)
            };
            spec.map(make).into_iter().collect()
        }
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => {
            let secrets = node.path(&["spec", "secretObjects"]).map(Node::items).unwrap_or_default();
            let make = |secret: &Node| {
                let mut keys = Keys::none();
                for item in secret.get("data").map(Node::items).unwrap_or_default() {
                    keys.add(item.get("key"), hidden(object));
                }
                made(object, secret.text_at(&["secretName"]), keys)
            };
            secrets.iter().map(make).collect()
        }
        ("isindir.github.com", "SopsSecret") => {
            let templates = node.path(&["spec", "secretTemplates"]).or_else(|| node.path(&["spec", "secret_templates"]));
            let make = |template: &Node| {
                let mut keys = Keys::none();
                keys.take(template.get("data"), &|_| hidden(object));
                keys.take(template.get("stringData"), &|_| hidden(object));
                made(object, template.text_at(&["name"]), keys)
            };
            templates.map(Node::items).unwrap_or_default().iter().map(make).collect()
        }
        ("secrets.hashicorp.com", "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" | "HCPVaultSecretsApp") => {
            let name = node.path(&["spec", "destination", "name"]);
            named(name, all(name, "its keys are in Vault"))
        }
        ("secrets.doppler.com", "DopplerSecret") => {
            let name = node.path(&["spec", "managedSecret", "name"]);
            let (held, namespace, made, keys) = made(object, name.and_then(Node::text), all(name, "its keys are in Doppler"));
            vec![(held, node.text_at(&["spec", "managedSecret", "namespace"]).map_or(namespace, str::to_owned), made, keys)]
        }
        ("secrets.infisical.com", "InfisicalSecret") => {
            let one = node.path(&["spec", "managedSecretReference"]).into_iter();
            let more = node.path(&["spec", "managedKubeSecretReferences"]).map(Node::items).unwrap_or_default();
            let make = |reference: &Node| {
                let name = reference.get("secretName");
                let (held, namespace, made, keys) = made(object, name.and_then(Node::text), all(name, "its keys are in Infisical"));
                (held, reference.text_at(&["secretNamespace"]).map_or(namespace, str::to_owned), made, keys)
            };
            one.chain(more).map(make).collect()
        }
        ("onepassword.com", "OnePasswordItem") => own(all(None, "its keys are in 1Password")),
        _ => Vec::new(),
    }
}

/// A Secret in the object's namespace, called as the object where it has no name of its own.
fn made(object: &Object, name: Option<&str>, keys: Keys) -> Made {
    (Held::Secret, object.namespace.clone(), name.unwrap_or(&object.name).to_owned(), keys)
}

fn hidden(object: &Object) -> Said {
    Said::Other(EnvValue::Elsewhere(format!("the {} `{}`", object.kind, object.name)))
}

impl Keys {
    fn none() -> Self {
        Self { listed: Vec::new(), index: BTreeMap::new(), binary: Vec::new(), open: None }
    }

    /// The value of a key.
    pub(super) fn value(&self, key: &str) -> Option<&Said> {
        self.listed.get(*self.index.get(key)?).map(|(.., value)| value)
    }

    /// A field that another format could not make (a generator whose file is not there), or not the whole of (lines of a
    /// template), says why its keys are not listed.
    fn unmade(&mut self, node: &Node) {
        for field in ["data", "stringData", "binaryData"].into_iter().filter_map(|f| node.get(f)) {
            for part in std::iter::once(field).chain(field.entries().iter().map(|e| &e.key)) {
                if let Content::Expression(why) = &part.content {
                    self.open = Some((why.to_string(), part.at.clone()));
                }
            }
        }
    }

    fn add(&mut self, key: Option<&Node>, value: Said) {
        if let Some((key, text)) = key.and_then(|k| Some((k, k.text()?))) {
            let new = (text.to_owned(), key.at.clone(), value);
            match self.index.get(text).and_then(|i| self.listed.get_mut(*i)) {
                Some(old) => *old = new,
                None => {
                    self.index.insert(text.to_owned(), self.listed.len());
                    self.listed.push(new);
                }
            }
        }
    }

    fn take(&mut self, map: Option<&Node>, read: &dyn Fn(&Node) -> Said) {
        for entry in map.map(Node::entries).unwrap_or_default() {
            self.add(Some(&entry.key), read(&entry.value));
        }
    }
}

fn config(node: &Node) -> Keys {
    let mut keys = Keys::none();
    keys.unmade(node);
    keys.take(node.get("data"), &said);
    // The kubelet makes no variables of `binaryData` (kubernetes: pkg/kubelet/kubelet_pods.go).
    let binary = node.get("binaryData").map(Node::entries).unwrap_or_default();
    keys.binary.extend(binary.iter().filter_map(|e| e.key.text()).map(str::to_owned));
    keys
}

fn secret(object: &Object) -> Keys {
    let mut keys = Keys::none();
    keys.unmade(&object.node);
    let sealed = object.node.get("sops").is_some();
    keys.take(object.node.get("data"), &|n| if sealed { hidden(object) } else { decoded(n) });
    keys.take(object.node.get("stringData"), &|n| if sealed { hidden(object) } else { said(n) });
    keys
}

fn external(object: &Object, spec: &Node) -> Made {
    let mut keys = Keys::none();
    let template = spec.path(&["target", "template"]);
    // With a template the Secret holds what that makes, and nothing else unless it merges (external-secrets.io: templating).
    let data = template.and_then(|t| t.get("data"));
    let merges = template.and_then(|t| t.text_at(&["mergePolicy"])) == Some("Merge");
    if data.is_none() || merges {
        for item in spec.get("data").map(Node::items).unwrap_or_default() {
            keys.add(item.get("secretKey"), hidden(object));
        }
        if let Some(entry) = spec.entry("dataFrom").filter(|e| !e.value.items().is_empty()) {
            keys.open = Some(("takes all keys of a store (`dataFrom`)".to_owned(), entry.key.at.clone()));
        }
    }
    keys.take(data, &|_| hidden(object));
    if let Some(entry) = template.and_then(|t| t.entry("templateFrom")) {
        keys.open.get_or_insert_with(|| ("is made by a template that stands elsewhere (`templateFrom`)".to_owned(), entry.key.at.clone()));
    }
    made(object, spec.text_at(&["target", "name"]), keys)
}

/// A value that must be a string.
pub(super) fn said(node: &Node) -> Said {
    if let Some(what) = scalar::not_a_string(node) {
        return Said::Other(EnvValue::Unknown(format!("the value is {what} without quotes, which Kubernetes refuses")));
    }
    match &node.content {
        Content::Expression(why) => Said::Other(EnvValue::Unknown(why.to_string())),
        Content::Scalar(text, _) if !node.is_null() => Said::Text(Arc::clone(text)),
        Content::Scalar(..) | Content::Empty => Said::Text("".into()),
        Content::Sequence(_) | Content::Mapping(_) => Said::Other(EnvValue::Unknown("the value is not a scalar".into())),
    }
}

/// A value of a Secret's `data`.
fn decoded(node: &Node) -> Said {
    let Said::Text(text) = said_text(node) else { return said(node) };
    let text: String = text.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    match bytes.ok().and_then(|b| String::from_utf8(b).ok()) {
        Some(text) => Said::Text(text.into()),
        None => Said::Other(EnvValue::Unknown("the value is not base64 of a text".into())),
    }
}

/// A scalar as it stands, whatever its type would be.
fn said_text(node: &Node) -> Said {
    match &node.content {
        Content::Scalar(text, _) if !node.is_null() => Said::Text(Arc::clone(text)),
        _ => said(node),
    }
}
