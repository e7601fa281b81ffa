//! What the platform formats share: a file read into a tree, a key with its value, a managed service.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::{injected, runtime};
use crate::document::{Content, Documents, Node, dockerfile, dotenv, json, template, toml, yaml};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, ImageRef, Provider, Runtime, Service, Software, UnlistedKeys, Version};
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::join;

use super::{ReadContext, Reading};

mod numbers;

pub(crate) use numbers::seconds;
pub(super) use numbers::{duration, port, whole_seconds};

/// A reading in which the platform sets its own keys.
pub(super) fn reading(platform: &str) -> Reading {
    Reading { injected: injected(platform).iter().map(|k| (*k).to_owned()).collect(), ..Reading::default() }
}

/// Reads a YAML, JSON or TOML file; what could not be read goes to the reading's problems.
pub(super) fn tree(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Documents {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            reading.problems.push(problem);
            return Documents::default();
        }
    };
    let documents = if path.ends_with(".toml") { toml::read(&source) } else { yaml::read(&without_code(&source)) };
    for error in &documents.errors {
        reading.problems.push(Problem::at(error.at.clone(), format!("`{path}` {}", error.why)));
    }
    documents
}

/// The source without blocks of ERB code that stand on lines of their own, blanked so that every place stays what it is.
/// Such code prints nothing; `<%= ... %>` is a value and stays.
fn without_code(source: &Arc<Source>) -> Arc<Source> {
    let text = source.text();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(start) = text.get(at..).and_then(|t| t.find("<%")).map(|i| at + i) {
        let rest = text.get(start..).unwrap_or("");
        let end = rest.find("%>").map(|i| start + i + 2);
        let Some(end) = end else { break };
        out.push_str(text.get(at..start).unwrap_or(""));
        let block = text.get(start..end).unwrap_or("");
        if template::alone(text, start, end) && !rest.starts_with("<%=") {
            out.extend(block.chars().flat_map(|c| std::iter::repeat_n(if c == '\n' { '\n' } else { ' ' }, c.len_utf8())));
        } else {
            out.push_str(block);
        }
        at = end;
    }
    if at == 0 {
        return Arc::clone(source);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    source.inner(out)
}

/// The first document of a file.
pub(super) fn root(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<(Node, Documents)> {
    let before = reading.problems.len();
    let mut documents = tree(path, cx, reading);
    if documents.documents.is_empty() {
        if reading.problems.len() == before {
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

/// The value of a JSON file that may be a template; what could not be read is a problem.
pub(super) fn json_root(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Option<Node> {
    let path = source.path();
    let documents = json::read(source);
    if documents.documents.is_empty() {
        problems.push(Problem::file(path, "is empty").warning());
    }
    problems.extend(documents.errors.into_iter().map(|e| Problem::at(e.at, format!("`{path}` {}", e.why)).warning()));
    documents.documents.into_iter().next().map(|d| d.root)
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
    for entry in node.entries().iter().take_while(|_| !Environ::is_full()) {
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

/// The value of a key in a file that templates or references may fill in: as [`value`], and a placeholder or an expression
/// is unknown with its reason; a reference to something that is made elsewhere is set.
pub(crate) fn setting(node: &Node) -> EnvValue {
    match (&node.content, node.text()) {
        // A reference that was resolved as far as it can be keeps its tag.
        (Content::Expression(what), _) if node.tag.is_some() => EnvValue::Elsewhere(what.to_string()),
        (Content::Expression(why), _) => EnvValue::Unknown(why.to_string()),
        (_, Some(text)) if text.contains("{{resolve:") => EnvValue::Elsewhere("a store of AWS".into()),
        (_, Some(text)) => match template::placeholder(text) {
            Some(name) => EnvValue::Unknown(template::not_filled(name)),
            None => value(node),
        },
        _ => value(node),
    }
}

/// Sets every entry of a mapping `KEY: value`, each read by [`setting`].
pub(crate) fn settings(environ: &mut Environ, node: &Node, source: EnvSource) {
    if let (Content::Expression(why), EnvSource::Environment) = (&node.content, source) {
        unlisted(environ, why.as_ref(), &node.at);
    }
    for entry in node.entries().iter().take_while(|_| !Environ::is_full()) {
        if let Some(key) = entry.key.text() {
            environ.set(EnvVar::new(key, entry.key.at.clone(), setting(&entry.value), source));
        } else if let Content::Expression(why) = &entry.value.content {
            // An entry without a name stands for more that cannot be listed.
            unlisted(environ, why.as_ref(), &entry.value.at);
        }
    }
}

/// Reasons for which the keys of one service are not listed, beyond which one more tells no one anything.
const REASONS: usize = 64;

/// Says that keys may come from somewhere that cannot be listed.
pub(crate) fn unlisted(environ: &mut Environ, why: impl Into<String>, at: &Location) {
    let new = UnlistedKeys { why: why.into(), at: at.clone(), prefix: String::new() };
    let said = environ.unlisted.len() >= REASONS && environ.unlisted.iter().any(|u| u.prefix.is_empty());
    if !said && !environ.unlisted.contains(&new) {
        environ.unlisted.push(new);
    }
}

/// The software of an image in a file that templates or references may fill in.
pub(crate) fn software(node: &Node) -> Option<Fact<Software>> {
    match &node.content {
        Content::Expression(why) => {
            let written = node.at.text().trim_matches(['"', '\'']);
            Some(software_of(written, Err(format!("the image is not known: {why}")), &node.at))
        }
        Content::Scalar(text, _) if !node.is_null() && !text.trim().is_empty() => {
            let text = text.trim();
            let value = template::in_reference(text).map_or_else(|| Ok(text.to_owned()), |p| Err(template::not_filled(p)));
            Some(software_of(text, value, &node.at))
        }
        _ => None,
    }
}

/// The software of an image as it is written, and as its expressions are resolved, or why not. Where the version alone is
/// an expression, the rest says what it is.
pub(crate) fn software_of(written: &str, value: Result<String, String>, at: &Location) -> Fact<Software> {
    let why = match value {
        Ok(text) => return image_text(&text, at),
        Err(why) => why,
    };
    let before = template::in_reference(written).and_then(|p| written.split_once(p)).map_or("", |(before, _)| before);
    let name = before.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).and_then(|(name, _)| ImageRef::parse(name).ok());
    match name {
        Some(name) => {
            let software = Software { text: written.to_owned(), version: Version::opaque(written), ..Software::of_image(&name) };
            Fact::known(software, at.clone())
        }
        None => Fact::unknown(why, at.clone()),
    }
}

/// A command: a text, or a list of words.
pub(crate) fn command(node: &Node) -> Option<Fact<String>> {
    let words: Vec<&str> =
        if node.is_sequence() { node.items().iter().filter_map(Node::text).collect() } else { node.text().into_iter().collect() };
    (!words.is_empty()).then(|| Fact::known(words.join(" "), node.at.clone()))
}

/// Reads the Dockerfile of a build, so that it is known what the image starts from and which keys it sets. A Dockerfile
/// that is named and cannot be read is a problem; one that would be there by default may be missing.
pub(super) fn built(service: &mut Service, named: bool, cx: &ReadContext<'_>, reading: &mut Reading) {
    let Some(build) = &mut service.build else { return };
    let Some(path) = build.dockerfile.clone() else { return };
    if !named && !cx.workspace.is_file(&path) {
        return;
    }
    match cx.workspace.read(&path) {
        Ok(source) => {
            let built = dockerfile::read(&source, build.target.as_deref(), &BTreeMap::new());
            reading.problems.extend(built.stopped.map(|(at, why)| not_understood(&path, at, &why)));
            build.base = built.base;
            build.env = built.env;
            if service.ports.is_empty() {
                service.ports = built.ports;
            }
        }
        Err(problem) => reading.problems.push(problem.warning()),
    }
}

/// What is said of a Dockerfile that could not be read to its end.
pub(super) fn not_understood(path: &str, at: Location, why: &str) -> Problem {
    Problem::at(at, format!("`{path}` has an instruction that is not understood: {why}")).warning()
}

/// Says which runtime a service names, as its platform writes it.
pub(super) fn names_runtime(node: Option<&Node>, service: &Service, unit: &str, reading: &mut Reading) {
    let Some(node) = node else { return };
    let software = match (&node.content, node.text()) {
        (Content::Expression(why), _) => Some(Fact::unknown(why.to_string(), node.at.clone())),
        (_, Some(text)) => runtime(text).map(|s| Fact::known(s, node.at.clone())),
        _ => None,
    };
    reading.runtimes.extend(software.map(|software| Runtime { software, service: Some(service.name.clone()), unit: unit.to_owned() }));
}

/// Names of one environment: `prod` is written in more than one way.
pub(super) fn environment_names(environment: &str) -> Vec<&str> {
    const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];
    if PRODUCTION.contains(&environment) { PRODUCTION.to_vec() } else { vec![environment] }
}

/// Deep merge: mappings by key, all else replaced. The depth is bounded by that of the documents.
pub(super) fn merge(base: Node, over: Node, depth: usize) -> Node {
    let (Content::Mapping(mut entries), Content::Mapping(new)) = (base.content, over.content.clone()) else { return over };
    let mut places: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for (i, entry) in entries.iter().enumerate() {
        places.entry(entry.key.text().map(str::to_owned)).or_insert(i);
    }
    for entry in new {
        let key = entry.key.text().map(str::to_owned);
        match places.get(&key).and_then(|i| entries.get_mut(*i)) {
            Some(old) if depth < 64 => {
                let value = std::mem::replace(&mut old.value, entry.value.clone());
                old.value = merge(value, entry.value, depth + 1);
            }
            Some(old) => *old = entry,
            None => {
                places.insert(key, entries.len());
                entries.push(entry);
            }
        }
    }
    Node { content: Content::Mapping(entries), at: base.at, tag: base.tag }
}

/// Sets the keys of a dotenv file that a manifest names; one that is not there holds keys that cannot be listed.
pub(super) fn env_file(environ: &mut Environ, node: &Node, base: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    if Environ::is_full() {
        return;
    }
    let path = node.text().and_then(|t| join(base, t));
    let source =
        path.ok_or_else(|| Problem::at(node.at.clone(), "the file of variables lies outside the root")).and_then(|p| cx.workspace.read(&p));
    match source {
        Ok(source) => {
            variables(environ, &source, &mut reading.problems);
        }
        Err(problem) => {
            unlisted(environ, problem.message.clone(), &node.at);
            reading.problems.push(Problem { at: Some(node.at.clone()), ..problem }.warning());
        }
    }
}

/// Sets the keys of a dotenv file; a line that is none of it is said.
pub(super) fn variables(environ: &mut Environ, source: &Arc<Source>, problems: &mut Vec<Problem>) {
    for entry in entries(source, problems) {
        let value = entry.value.map_or(EnvValue::Unset, |value| EnvValue::set(&value.text));
        environ.set(EnvVar::new(entry.key, entry.at, value, EnvSource::EnvFile));
    }
}

/// The entries of a dotenv file; a line that is none of it is said.
pub(super) fn entries(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Vec<dotenv::Entry> {
    let path = source.path();
    let (entries, bad) = dotenv::read(source);
    problems.extend(bad.into_iter().map(|at| Problem::at(at, format!("`{path}` has a line that is no `KEY=value`")).warning()));
    entries
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
    let version = version.filter(|v| !v.is_null());
    let mut software = Software::managed(engine, version.and_then(Node::text))?;
    if let Some(version) = version.filter(|v| v.text().is_none() || v.text().is_some_and(|t| template::placeholder(t).is_some())) {
        // Something is written, and it cannot be resolved: that is not "the provider's default".
        software.text = version.at.text().to_owned();
        software.version = Version::opaque(version.at.text());
    }
    let mut service = Service::new(name, at.clone(), provider);
    service.software = Some(Fact::known(software, version.map_or(at, |v| &v.at).clone()));
    Some(service)
}

/// Instances of Cloud SQL (`project:region:instance`, by commas) that a service of Google Cloud is connected to: databases
/// whose engine and version stand elsewhere.
pub(super) fn cloud_sql(node: &Node) -> Vec<Service> {
    let text = node.text().unwrap_or_default();
    let one = |instance: &str| {
        let at = node.at.text().find(instance).map_or_else(|| node.at.clone(), |i| node.at.part(i, i + instance.len()));
        let mut service = Service::new(instance.rsplit(':').next().unwrap_or(instance), at.clone(), Provider::Managed);
        service.software = Some(Fact::known(Software::unnamed("cloudsql", "Cloud SQL"), at));
        service
    };
    text.split(',').map(str::trim).filter(|i| !i.is_empty()).map(one).collect()
}
