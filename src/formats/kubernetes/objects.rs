//! Trees → objects by kind and name, lists taken apart.

use crate::document::Node;

/// One object.
pub(super) struct Object {
    /// Its `kind`.
    pub(super) kind: String,
    /// The group of its `apiVersion` (`""` for the core).
    pub(super) group: String,
    /// Its name.
    pub(super) name: String,
    /// Its tree.
    pub(super) node: Node,
}

/// All objects of a manifest.
pub(super) struct Objects {
    /// In order of files and documents.
    pub(super) all: Vec<Object>,
}

/// Deepest nesting of `List`s.
const LISTS: usize = 8;

impl Objects {
    /// Takes trees apart.
    pub(super) fn of(trees: Vec<Node>) -> Self {
        let mut all = Vec::new();
        for tree in trees {
            add(tree, &mut all, 0);
        }
        Self { all }
    }

    /// The objects of a kind and name.
    pub(super) fn find<'o>(&'o self, kinds: &'o [&str], name: &'o str) -> impl Iterator<Item = &'o Object> {
        self.all.iter().filter(move |o| kinds.contains(&o.kind.as_str()) && o.name == name)
    }

    /// Names of the Services whose selector fits labels.
    pub(super) fn selecting(&self, labels: &[(String, String)]) -> Vec<String> {
        let services = self.all.iter().filter(|o| o.kind == "Service" && o.group.is_empty());
        services
            .filter(|o| {
                let selector = o.node.path(&["spec", "selector"]).map(Node::entries).unwrap_or_default();
                !selector.is_empty()
                    && selector
                        .iter()
                        .all(|e| labels.iter().any(|(k, v)| Some(k.as_str()) == e.key.text() && Some(v.as_str()) == e.value.text()))
            })
            .map(|o| o.name.clone())
            .collect()
    }

    /// The variables that Kubernetes sets in every pod: its own, and one set a Service (kubernetes.io: Accessing the Service).
    pub(super) fn service_links(&self) -> Vec<String> {
        let mut out = vec!["KUBERNETES_*".to_owned()];
        for object in self.all.iter().filter(|o| o.kind == "Service" && o.group.is_empty()) {
            let name = object.name.to_uppercase().replace('-', "_");
            out.extend([format!("{name}_SERVICE_HOST"), format!("{name}_SERVICE_PORT*"), format!("{name}_PORT"), format!("{name}_PORT_*")]);
        }
        out.sort();
        out.dedup();
        out
    }
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
    let group = version.rsplit_once('/').map_or("", |(g, _)| g).to_owned();
    let name = node.text_at(&["metadata", "name"]).unwrap_or("").to_owned();
    all.push(Object { kind: kind.to_owned(), group, name, node });
}
