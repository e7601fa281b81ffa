//! A patch's `target` → which objects it means (kustomize: `types.Selector`; names and kinds are whole regular expressions).

use regex::bytes::Regex;

use super::resource::Resource;
use crate::document::Node;
use crate::formats::re2::expression;

/// A selector; what it does not name it does not ask for.
pub(super) struct Target {
    group: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Option<Vec<Requirement>>,
    annotations: Option<Vec<Requirement>>,
}

/// One requirement of a label selector.
enum Requirement {
    /// `key=a`, `key in (a, b)`.
    In(String, Vec<String>),
    /// `key!=a`, `key notin (a, b)`.
    NotIn(String, Vec<String>),
    /// `key`.
    Has(String),
    /// `!key`.
    HasNot(String),
}

impl Target {
    /// Reads a selector.
    ///
    /// # Errors
    /// An expression that is none.
    pub(super) fn read(node: &Node) -> Result<Self, String> {
        let of = |field: &str| match node.text_at(&[field]).filter(|t| !t.is_empty()) {
            None => Ok(None),
            Some(text) => expression(&format!("^(?:{text})$"))
                .map(Some)
                .ok_or_else(|| format!("the `{field}` of a target is not a regular expression that can be used")),
        };
        let labels = |field: &str| node.text_at(&[field]).filter(|t| !t.is_empty()).map(requirements);
        Ok(Self {
            group: of("group")?,
            kind: of("kind")?,
            name: of("name")?,
            namespace: of("namespace")?,
            labels: labels("labelSelector"),
            annotations: labels("annotationSelector"),
        })
    }

    /// Does it mean an object?
    pub(super) fn means(&self, r: &Resource) -> bool {
        let fits = |e: &Option<Regex>, text: &str| e.as_ref().is_none_or(|e| e.is_match(text.as_bytes()));
        let name =
            || self.name.as_ref().is_none_or(|e| e.is_match(r.name().as_bytes()) || r.before.iter().any(|b| e.is_match(b.as_bytes())));
        let all = |wanted: &Option<Vec<Requirement>>, field: &str| {
            wanted.as_ref().is_none_or(|all| all.iter().all(|one| one.holds(r.node.path(&["metadata", field]))))
        };
        fits(&self.group, r.group())
            && fits(&self.kind, r.kind())
            && fits(&self.namespace, r.namespace())
            && name()
            && all(&self.labels, "labels")
            && all(&self.annotations, "annotations")
    }
}

impl Requirement {
    fn holds(&self, map: Option<&Node>) -> bool {
        let value = |key: &str| map.and_then(|m| m.text_at(&[key]));
        match self {
            Self::In(key, values) => value(key).is_some_and(|v| values.iter().any(|w| w == v)),
            Self::NotIn(key, values) => value(key).is_none_or(|v| values.iter().all(|w| w != v)),
            Self::Has(key) => value(key).is_some(),
            Self::HasNot(key) => value(key).is_none(),
        }
    }
}

/// Reads a label selector (kubernetes.io: Labels and Selectors).
fn requirements(text: &str) -> Vec<Requirement> {
    let mut parts: Vec<String> = Vec::new();
    let (mut part, mut inside) = (String::new(), false);
    for c in text.chars() {
        inside = (inside || c == '(') && c != ')';
        if c == ',' && !inside { parts.push(std::mem::take(&mut part)) } else { part.push(c) }
    }
    parts.push(part);
    let one = |part: &String| {
        let part = part.trim();
        let list = |t: &str| t.trim().trim_matches(['(', ')']).split(',').map(|v| v.trim().to_owned()).collect();
        if let Some((key, values)) = part.split_once(" notin ") {
            Requirement::NotIn(key.trim().into(), list(values))
        } else if let Some((key, values)) = part.split_once(" in ") {
            Requirement::In(key.trim().into(), list(values))
        } else if let Some((key, value)) = part.split_once("!=") {
            Requirement::NotIn(key.trim().into(), vec![value.trim().into()])
        } else if let Some((key, value)) = part.split_once('=') {
            Requirement::In(key.trim().into(), vec![value.trim_start_matches('=').trim().into()])
        } else if let Some(key) = part.strip_prefix('!') {
            Requirement::HasNot(key.trim().into())
        } else {
            Requirement::Has(part.into())
        }
    };
    parts.iter().filter(|p| !p.trim().is_empty()).map(one).collect()
}
