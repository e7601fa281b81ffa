//! The parameters of a template → their values: from a file that is given, from `samconfig.toml`, from defaults.

use std::collections::BTreeMap;

use crate::document::{Content, Node, Style, yaml};
use crate::formats::{ReadContext, Reading, declared};
use crate::report::Problem;
use crate::workspace::{join, parent};

/// What is known of a parameter.
pub(super) enum Parameter {
    /// Its value, resolved.
    Value(Node),
    /// Its value is kept elsewhere: where.
    Elsewhere(String),
    /// It has no default and none was given.
    Missing,
}

/// Values from the files that the user named and from `samconfig.toml` beside the template.
pub(super) fn given(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> BTreeMap<String, Node> {
    let mut out = BTreeMap::new();
    sam_config(path, cx, &mut out, reading);
    for file in cx.options.var_files.iter().filter(|f| [".json", ".yaml", ".yml"].iter().any(|e| f.ends_with(e))) {
        let source = match cx.workspace.read(file) {
            Ok(source) => source,
            Err(problem) => {
                reading.problems.push(problem);
                continue;
            }
        };
        let documents = yaml::read(&source);
        for error in documents.errors {
            reading.problems.push(Problem::at(error.at, format!("`{file}` {}", error.why)));
        }
        let Some(root) = documents.documents.into_iter().next().map(|d| d.root) else { continue };
        for item in root.items() {
            if let (Some(key), Some(value)) = (item.text_at(&["ParameterKey"]), item.get("ParameterValue")) {
                out.insert(key.to_owned(), value.clone());
            }
        }
        let entries = root.get("Parameters").unwrap_or(&root).entries();
        out.extend(entries.iter().filter_map(|e| Some((e.key.text()?.to_owned(), e.value.clone()))));
    }
    out
}

/// `[prod.deploy.parameters] parameter_overrides` (docs.aws.amazon.com: SAM CLI configuration file).
fn sam_config(path: &str, cx: &ReadContext<'_>, out: &mut BTreeMap<String, Node>, reading: &mut Reading) {
    let Some(file) = join(parent(path), "samconfig.toml").filter(|f| cx.workspace.is_file(f)) else { return };
    let documents = declared::tree(&file, cx, reading);
    let Some(root) = documents.documents.first().map(|d| &d.root) else { return };
    let sections = declared::environment_names(cx.environment).into_iter().chain(["default"]);
    let overrides = sections.into_iter().find_map(|s| root.path(&[s, "deploy", "parameters", "parameter_overrides"]));
    let Some(overrides) = overrides else { return };
    let list = if overrides.is_sequence() { overrides.items() } else { std::slice::from_ref(overrides) };
    for node in list {
        for word in node.text().unwrap_or("").split_whitespace() {
            let Some((key, value)) = word.split_once('=') else { continue };
            out.insert(key.to_owned(), scalar(value.trim_matches(['"', '\'']), node));
        }
    }
}

/// A text at the place of a node.
pub(super) fn scalar(text: &str, at: &Node) -> Node {
    Node { content: Content::Scalar(text.into(), Style::Double), at: at.at.clone(), tag: None }
}

/// The parameters of a template.
pub(super) fn of(
    path: &str,
    root: &Node,
    given: &BTreeMap<String, Node>,
    environment: &str,
    reading: &mut Reading,
) -> BTreeMap<String, Parameter> {
    let mut out = BTreeMap::new();
    for entry in root.get("Parameters").map(Node::entries).unwrap_or_default() {
        let Some(name) = entry.key.text() else { continue };
        let stored = entry.value.text_at(&["Type"]).is_some_and(|t| t.starts_with("AWS::SSM::Parameter::Value"));
        let default = entry.value.get("Default");
        let value = match (given.get(name), default) {
            (Some(Node { content: Content::Expression(what), tag: Some(_), .. }), _) => Parameter::Elsewhere(what.to_string()),
            _ if stored => Parameter::Elsewhere("a parameter of the AWS parameter store".into()),
            (Some(given), _) => Parameter::Value(given.clone()),
            (None, default) => match named(&entry.value, environment) {
                Some(node) if default.and_then(Node::text) != node.text() => {
                    let value = node.text().unwrap_or("");
                    reading.notes.push(format!("the parameter `{name}` of `{path}` is taken to be `{value}`, the environment's name"));
                    Parameter::Value(node.clone())
                }
                _ => default.map_or(Parameter::Missing, |d| Parameter::Value(d.clone())),
            },
        };
        out.insert(name.to_owned(), value);
    }
    out
}

/// The allowed value of a parameter that is the name of the environment which is read.
fn named<'n>(parameter: &'n Node, environment: &str) -> Option<&'n Node> {
    let names = declared::environment_names(environment);
    let allowed = parameter.get("AllowedValues")?.items();
    allowed.iter().find(|v| v.text().is_some_and(|t| names.contains(&t.to_ascii_lowercase().as_str())))
}
