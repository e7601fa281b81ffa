//! OpenShift templates → the objects that they make with their parameters' defaults (docs.openshift.com: Using Templates).

use std::collections::BTreeMap;

use crate::document::{Content, Entry, Node, Style};
use crate::source::{Location, Source, Span};

use super::compose::interpolate::LONGEST;
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

#[cfg(test)]
mod tests;

/// The format.
#[derive(Debug)]
pub struct OpenShift;

impl Format for OpenShift {
    fn id(&self) -> &'static str {
        "openshift-template"
    }

    fn name(&self) -> &'static str {
        "OpenShift template"
    }

    fn deploys(&self) -> bool {
        true
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "as Kubernetes, parameters by their defaults",
            env: "as Kubernetes",
            processes: "as Kubernetes; DeploymentConfigs",
            unknown: "parameters that have no default, or are generated",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        [".yaml", ".yml", ".json"].iter().any(|e| path.ends_with(e))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // Of most files that is all that is asked.
        if !head.contains("Template") || !head.contains("objects") {
            return Claim::No;
        }
        let says = |line: &str, key: &str, value: &str| {
            let line = line.trim().trim_end_matches(',').replace('"', "");
            line.split_once(':').is_some_and(|(k, v)| k.trim() == key && v.trim() == value)
        };
        let kind = head.lines().any(|l| says(l, "kind", "Template"));
        let api = head.lines().any(|l| says(l, "apiVersion", "v1") || says(l, "apiVersion", "template.openshift.io/v1"));
        if kind && api {
            return Claim::Yes { manifest: path.to_owned(), side: Side::Prod };
        }
        Claim::No
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = Reading::default();
        let mut trees = Vec::new();
        for path in &manifest.paths {
            let documents = declared::tree(path, cx, &mut reading);
            for document in documents.documents {
                if document.root.text_at(&["kind"]) != Some("Template") {
                    trees.push(document.root);
                    continue;
                }
                let parameters = parameters(&document.root, &cx.options.set);
                for object in document.root.get("objects").map(Node::items).unwrap_or_default() {
                    trees.push(filled(object, &parameters, false));
                }
                let open = parameters.values().filter(|p| p.value.is_err()).count();
                let set = parameters.values().filter(|p| p.set).count();
                reading.notes.push(format!(
                    "the template `{path}` with its parameters' defaults: {}, {set} given by `--set`, {open} without a value",
                    crate::report::summary::count(parameters.len(), "parameter")
                ));
            }
        }
        let mut objects = super::kubernetes::read_trees(trees);
        reading.services.append(&mut objects.services);
        reading.injected.append(&mut objects.injected);
        reading.problems.append(&mut objects.problems);
        reading
    }
}

/// A parameter: its value, or why it has none, and where that is written.
struct Parameter {
    value: Result<String, String>,
    at: Location,
    set: bool,
}

/// The parameters of a template; what is given wins over what is written.
fn parameters(root: &Node, given: &[String]) -> BTreeMap<String, Parameter> {
    let mut out = BTreeMap::new();
    for parameter in root.get("parameters").map(Node::items).unwrap_or_default() {
        let Some(name) = parameter.text_at(&["name"]) else { continue };
        let written = parameter.get("value").filter(|v| !v.is_null());
        let (value, at) = match (written.and_then(|v| Some((v.text()?, v))), parameter.get("generate")) {
            (Some((text, node)), _) => (Ok(text.to_owned()), node.at.clone()),
            (None, Some(generate)) => (Err(format!("the parameter `{name}` is generated")), generate.at.clone()),
            (None, None) => (Err(format!("the parameter `{name}` has no value")), parameter.at.clone()),
        };
        out.insert(name.to_owned(), Parameter { value, at, set: false });
    }
    for setting in given {
        if let Some((name, value)) = setting.split_once('=')
            && let Some(parameter) = out.get_mut(name)
        {
            let at = Source::new("--set", setting.as_str()).at(Span { start: name.len() + 1, end: setting.len() });
            *parameter = Parameter { value: Ok(value.to_owned()), at, set: true };
        }
    }
    out
}

/// A node with its parameters filled in. `${{X}}` alone gives a value that is no text, `${X}` gives text.
fn filled(node: &Node, parameters: &BTreeMap<String, Parameter>, image: bool) -> Node {
    let (content, at) = match &node.content {
        Content::Scalar(text, style) if text.contains("${") => {
            let (content, at) = substituted(text, *style, parameters);
            // The tag of an image states its version: where that is a parameter's value, it is written there.
            (content, at.filter(|_| image).unwrap_or_else(|| node.at.clone()))
        }
        Content::Sequence(items) => (Content::Sequence(items.iter().map(|n| filled(n, parameters, image)).collect()), node.at.clone()),
        Content::Mapping(entries) => {
            let entry = |e: &Entry| Entry {
                key: filled(&e.key, parameters, false),
                value: filled(&e.value, parameters, matches!(e.key.text(), Some("image" | "from"))),
            };
            let name = |e: &Entry| Entry { key: e.key.clone(), value: filled(&e.value, parameters, image && e.key.text() == Some("name")) };
            (Content::Mapping(entries.iter().map(|e| if image { name(e) } else { entry(e) }).collect()), node.at.clone())
        }
        other => (other.clone(), node.at.clone()),
    };
    Node { content, at, tag: node.tag.clone() }
}

/// The text, or why it is not known; the place of the parameter that it ends with.
fn substituted(text: &str, style: Style, parameters: &BTreeMap<String, Parameter>) -> (Content, Option<Location>) {
    let mut out = String::new();
    let mut last = None;
    let mut style = style;
    let mut rest = text;
    while let Some(i) = rest.find("${") {
        if out.len() > LONGEST + text.len() {
            return (Content::Expression(format!("its parameters make it longer than the limit of {LONGEST} bytes").into()), None);
        }
        out.push_str(rest.get(..i).unwrap_or(""));
        let after = rest.get(i + 2..).unwrap_or("");
        let (inner, close) = if let Some(inner) = after.strip_prefix('{') { (inner, "}}") } else { (after, "}") };
        let word = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let Some((name, tail)) = inner.split_once(close).filter(|(name, _)| word(name)) else {
            out.push_str("${");
            last = None;
            rest = after;
            continue;
        };
        match parameters.get(name).map(|p| (&p.value, &p.at)) {
            Some((Ok(value), at)) => {
                out.push_str(value);
                last = Some(at.clone());
                if close == "}}" && tail.is_empty() && i == 0 && out == *value {
                    style = Style::Plain;
                }
            }
            Some((Err(why), at)) => return (Content::Expression(why.as_str().into()), Some(at.clone())),
            // What is no parameter stays as it is written.
            None => {
                out.push_str(rest.get(i..rest.len() - tail.len()).unwrap_or(""));
                last = None;
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    if !rest.is_empty() {
        last = None;
    }
    let style = if matches!(style, Style::Literal | Style::Folded) {
        style
    } else if style == Style::Plain {
        Style::Plain
    } else {
        Style::Double
    };
    (Content::Scalar(out.into(), style), last)
}
