//! What the platform formats share: a file read into a tree, a key with its value, a managed service.

use crate::document::{Documents, Node, TreeLimits, toml, yaml};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, ImageRef, Provider, Service, Software};
use crate::report::Problem;
use crate::source::Location;

use super::{ReadContext, Reading};

/// Reads a YAML, JSON or TOML file; what could not be read goes to the reading's problems.
pub(super) fn tree(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Documents {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            reading.problems.push(problem);
            return Documents::default();
        }
    };
    let documents = if path.ends_with(".toml") { toml::read(&source) } else { yaml::read(&source, TreeLimits::default()) };
    for error in &documents.errors {
        reading.problems.push(Problem::at(error.at.clone(), format!("`{path}` {}", error.why)));
    }
    documents
}

/// The first document of a file.
pub(super) fn root(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<(Node, Documents)> {
    let mut documents = tree(path, cx, reading);
    if documents.documents.is_empty() {
        if documents.errors.is_empty() && reading.problems.is_empty() {
            reading.problems.push(Problem::file(path, "is empty").warning());
        }
        return None;
    }
    let first = documents.documents.remove(0).root;
    if !first.is_mapping() {
        reading.problems.push(Problem::at(first.at.clone(), format!("`{path}` holds no mapping of keys to values")));
        return None;
    }
    Some((first, documents))
}

/// The value of a key as a platform writes it: a scalar is the text, `null` is unset, all else is not understood.
pub(super) fn value(node: &Node) -> EnvValue {
    match node.text() {
        _ if node.is_null() => EnvValue::Unset,
        Some(text) if text.contains("<%") => EnvValue::Unknown("the value is an ERB expression".into()),
        Some(text) => EnvValue::set(text),
        None => EnvValue::Unknown("the value is not a scalar".into()),
    }
}

/// Sets every entry of a mapping `KEY: value`.
pub(super) fn mapping(environ: &mut Environ, node: &Node, source: EnvSource) {
    for entry in node.entries() {
        if let Some(key) = entry.key.text() {
            environ.set(EnvVar::new(key, entry.key.at.clone(), value(&entry.value), source));
        }
    }
}

/// The software of an image written at a place; an expression is unknown with its reason.
pub(super) fn image(node: &Node) -> Option<Fact<Software>> {
    let text = node.text()?;
    if text.contains("<%") {
        return Some(Fact::unknown("the image is an ERB expression", node.at.clone()));
    }
    Some(image_text(text, &node.at))
}

/// The software of an image's text.
pub(super) fn image_text(text: &str, at: &Location) -> Fact<Software> {
    match ImageRef::parse(text) {
        Ok(image) => Fact::known(Software::of_image(&image), at.clone()),
        Err(why) => Fact::unknown(why.to_string(), at.clone()),
    }
}

/// A managed service or add-on: its software is stated at the version's place, else at the declaration.
pub(super) fn managed(name: &str, at: &Location, provider: Provider, engine: &str, version: Option<&Node>) -> Option<Service> {
    let software = Software::managed(engine, version.and_then(Node::text))?;
    let mut service = Service::new(name, at.clone(), provider);
    service.software = Some(Fact::known(software, version.map_or(at, |v| &v.at).clone()));
    Some(service)
}

/// A port written as a number.
pub(super) fn port(node: &Node) -> Option<Fact<u16>> {
    Some(Fact::known(node.text()?.parse().ok()?, node.at.clone()))
}
