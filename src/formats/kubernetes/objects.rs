//! Trees → objects by kind and name, lists and compositions taken apart.

use std::collections::BTreeMap;

use super::keys::{self, Held, Keys};
use super::operators::first_place;
use crate::document::{Entry, Node};
use crate::source::Location;

/// One object.
pub(super) struct Object {
    /// Its `kind`.
    pub(super) kind: String,
    /// The group of its `apiVersion` (`""` for the core).
    pub(super) group: String,
    /// Its name.
    pub(super) name: String,
    /// Its namespace; the one called `default` where it names none.
    pub(super) namespace: String,
    /// Its tree.
    pub(super) node: Node,
    /// Paths that something fills in later (patches of a Composition).
    pub(super) patched: Vec<String>,
    /// Where its name is written, if that is not in its own `metadata`.
    named: Option<Location>,
}

impl Object {
    fn is_service(&self) -> bool {
        self.kind == "Service" && self.group.is_empty()
    }

    /// The labels that a Service selects pods by.
    fn selector(&self) -> &[Entry] {
        self.node.path(&["spec", "selector"]).map(Node::entries).unwrap_or_default()
    }

    /// Where its name is written, else its kind.
    pub(super) fn named_at(&self) -> &Location {
        let own = || self.node.path(&["metadata", "name"]).or_else(|| self.node.path(&["metadata", "generateName"]));
        self.named.as_ref().or_else(|| own().map(|n| &n.at)).unwrap_or_else(|| first_place(&self.node))
    }
}

/// All objects of a manifest.
pub(super) struct Objects {
    /// In order of files and documents.
    pub(super) all: Vec<Object>,
    /// What ConfigMaps and Secrets hold, by what they are, namespace and name.
    held: BTreeMap<(Held, String, String), Vec<Keys>>,
    /// Patterns of the variables that Kubernetes sets in every pod.
    links: Vec<String>,
    selectors: BTreeMap<(String, String, String), Vec<usize>>,
}

/// Most Services whose names a workload takes for its own: nobody calls one by so many names.
const SELECTING: usize = 100;

/// Deepest nesting of `List`s.
const LISTS: usize = 8;

impl Objects {
    /// Takes trees apart.
    pub(super) fn of(trees: Vec<Node>) -> Self {
        let mut all = Vec::new();
        for tree in trees {
            add(tree, &mut all, 0);
        }
        let mut held: BTreeMap<_, Vec<Keys>> = BTreeMap::new();
        for object in &all {
            for (what, namespace, name, keys) in keys::of(object) {
                held.entry((what, namespace, name)).or_default().push(keys);
            }
        }
        let links = links(&all);
        let selectors = selectors(&all);
        Self { all, held, links, selectors }
    }

    /// What the ConfigMap or Secret of a name holds for a pod in a namespace; one entry an object that makes it.
    pub(super) fn held(&self, what: Held, namespace: &str, name: &str) -> &[Keys] {
        let of = |namespace: &str| self.held.get(&(what, namespace.to_owned(), name.to_owned()));
        of(namespace).or_else(|| of(keys::EVERY)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The namespaces in which there is one of this name.
    pub(super) fn namespaces(&self, what: Held, name: &str) -> Vec<&str> {
        self.held.keys().filter(|(w, _, n)| *w == what && n == name).map(|(_, namespace, _)| namespace.as_str()).collect()
    }

    /// Names of the Services of a namespace whose selector fits labels; of very many, the first.
    pub(super) fn selecting(&self, namespace: &str, labels: &[(String, String)]) -> Vec<String> {
        let has = |e: &Entry| labels.iter().any(|(k, v)| Some(k.as_str()) == e.key.text() && Some(v.as_str()) == e.value.text());
        let near = labels.iter().filter_map(|(k, v)| self.selectors.get(&(namespace.to_owned(), k.clone(), v.clone())));
        let fits = |i: &usize| self.all.get(*i).is_some_and(|o| o.selector().iter().all(has));
        let mut found: Vec<usize> = near.flatten().copied().filter(fits).take(SELECTING).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|i| self.all.get(i)).map(|o| o.name.clone()).collect()
    }

    /// The variables that Kubernetes sets in every pod, as patterns.
    pub(super) fn service_links(&self) -> &[String] {
        &self.links
    }
}

/// Where the Services stand whose selector begins with a label in a namespace: what fits it has that label.
fn selectors(all: &[Object]) -> BTreeMap<(String, String, String), Vec<usize>> {
    let mut out: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (i, object) in all.iter().enumerate().filter(|(_, o)| o.is_service()) {
        let first = object.selector().first();
        if let Some((key, value)) = first.and_then(|e| Some((e.key.text()?.to_owned(), e.value.text()?.to_owned()))) {
            out.entry((object.namespace.clone(), key, value)).or_default().push(i);
        }
    }
    out
}

/// Kubernetes' own variables, and one set a Service (kubernetes.io: Accessing the Service).
fn links(all: &[Object]) -> Vec<String> {
    let mut out = vec!["KUBERNETES_*".to_owned()];
    for object in all.iter().filter(|o| o.is_service()) {
        let name = object.name.to_uppercase().replace('-', "_");
        out.extend([format!("{name}_SERVICE_HOST"), format!("{name}_SERVICE_PORT*"), format!("{name}_PORT"), format!("{name}_PORT_*")]);
    }
    out.sort();
    out.dedup();
    out
}

fn add(node: Node, all: &mut Vec<Object>, depth: usize) {
    let (Some(version), Some(kind)) = (node.text_at(&["apiVersion"]), node.text_at(&["kind"])) else { return };
    if kind.ends_with("List") && node.get("items").is_some() {
        if depth < LISTS {
            for item in node.get("items").map(Node::items).unwrap_or_default() {
                add(item.clone(), all, depth + 1);
            }
        }
        return;
    }
    if kind == "Composition" && depth < LISTS {
        return compose(&node, all, depth);
    }
    let group = version.rsplit_once('/').map_or("", |(g, _)| g).to_owned();
    let name = node.text_at(&["metadata", "name"]).or_else(|| node.text_at(&["metadata", "generateName"]));
    // A name that is filled in later is none.
    let name = name.filter(|n| crate::document::template::in_reference(n).is_none()).unwrap_or("").trim_end_matches('-').to_owned();
    let namespace = node.text_at(&["metadata", "namespace"]).unwrap_or("default").to_owned();
    all.push(Object { kind: kind.to_owned(), group, name, namespace, node, patched: Vec::new(), named: None });
}

/// What a Crossplane Composition makes: the base of each resource, by its patches filled in from a claim.
fn compose(node: &Node, all: &mut Vec<Object>, depth: usize) {
    let own = node.path(&["spec", "resources"]).into_iter();
    let steps = node.path(&["spec", "pipeline"]).map(Node::items).unwrap_or_default();
    let lists = own.chain(steps.iter().filter_map(|s| s.path(&["input", "resources"])));
    for resource in lists.flat_map(Node::items) {
        let Some(base) = resource.get("base") else { continue };
        let before = all.len();
        add(base.clone(), all, depth + 1);
        let patches = resource.get("patches").map(Node::items).unwrap_or_default();
        let filled = patches.iter().filter_map(|p| p.text_at(&["toFieldPath"]).or_else(|| p.text_at(&["fromFieldPath"])));
        let filled: Vec<String> = filled.map(str::to_owned).collect();
        for object in all.iter_mut().skip(before) {
            object.patched.clone_from(&filled);
            if let (true, Some(name)) = (object.name.is_empty(), resource.get("name")) {
                name.text().unwrap_or("").clone_into(&mut object.name);
                object.named = Some(name.at.clone());
            }
        }
    }
}
