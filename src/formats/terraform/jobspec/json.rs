//! A job of Nomad in JSON → the job as its blocks would give it: labels are an argument `label`, names are those of HCL.
//!
//! Two forms: the blocks as JSON (`{"job": {"shop": {"group": ...}}}`), and what the API takes (`{"Job": {"TaskGroups": [...]}}`,
//! developer.hashicorp.com/nomad: JSON Job Specification; `nomad job run -json`, `nomad job inspect`).

use super::at_run_time;
use crate::document::{Content, Entry, Node};
use crate::formats::terraform::value::{later, list, map, plain, text};
use crate::report::Problem;

/// The jobs of a document; what of it is not read is a problem.
pub(super) fn jobs(root: &Node, problems: &mut Vec<Problem>) -> Vec<Node> {
    let written = root.get("Job").unwrap_or(root);
    if written.get("TaskGroups").is_some() || root.get("Job").is_some() {
        return vec![named(written, JOB)];
    }
    for entry in root.entries().iter().filter(|e| !matches!(e.key.text(), Some("job" | "//"))) {
        let key = entry.key.text().unwrap_or("?");
        problems.push(Problem::at(entry.key.at.clone(), format!("`{key}` beside a job in JSON is not read")).warning());
    }
    root.get("job").map(|jobs| labelled(jobs, 1)).unwrap_or_default()
}

/// Blocks that have a label, in the form of blocks.
const LABELLED: [&str; 4] = ["group", "task", "port", "volume"];
/// Blocks whose arguments are the user's own, or a driver's.
const FREE: [&str; 6] = ["config", "env", "meta", "options", "constraint", "affinity"];
/// Deepest nesting of blocks; a job has five.
const DEEPEST: usize = 16;

/// `{"a": {...}, "b": [{...}]}`: blocks with their labels.
fn labelled(node: &Node, depth: usize) -> Vec<Node> {
    let maps = if node.is_sequence() { node.items() } else { std::slice::from_ref(node) };
    let labels = maps.iter().flat_map(Node::entries);
    let one = |label: &Entry| -> Vec<Node> {
        let bodies = if label.value.is_sequence() { label.value.items() } else { std::slice::from_ref(&label.value) };
        bodies.iter().map(|body| with_label(block(body, depth), &label.key)).collect()
    };
    labels.flat_map(one).collect()
}

fn with_label(mut block: Node, label: &Node) -> Node {
    if let Content::Mapping(entries) = &mut block.content {
        entries.push(Entry { key: text("label", &label.at), value: text(label.text().unwrap_or_default(), &inside(label)) });
    }
    block
}

/// A text's place without its quotes.
fn inside(node: &Node) -> crate::source::Location {
    let written = node.at.text();
    let quoted = written.len() > 1 && written.starts_with('"') && written.ends_with('"');
    if quoted { node.at.part(1, written.len() - 1) } else { node.at.clone() }
}

/// What is in a block.
fn block(node: &Node, depth: usize) -> Node {
    let one = |e: &Entry| {
        let name = e.key.text().unwrap_or_default();
        let blocks = e.value.is_mapping() || e.value.items().iter().any(Node::is_mapping);
        let value = if LABELLED.contains(&name) && blocks && depth < DEEPEST {
            list(labelled(&e.value, depth + 1), &e.value.at)
        } else if FREE.contains(&name) || !blocks || depth >= DEEPEST {
            filled(&e.value)
        } else if e.value.is_sequence() {
            list(e.value.items().iter().map(|n| block(n, depth + 1)).collect(), &e.value.at)
        } else {
            block(&e.value, depth + 1)
        };
        Entry { key: e.key.clone(), value }
    };
    match &node.content {
        Content::Mapping(entries) => map(entries.iter().filter(|e| !e.value.is_null()).map(one).collect(), &node.at),
        _ => filled(node),
    }
}

/// A value; what the node fills in where the task runs is known only there.
fn filled(node: &Node) -> Node {
    let content = match &node.content {
        Content::Mapping(entries) => {
            Content::Mapping(entries.iter().map(|e| Entry { key: e.key.clone(), value: filled(&e.value) }).collect())
        }
        Content::Sequence(items) => Content::Sequence(items.iter().map(filled).collect()),
        Content::Scalar(written, _) => match run_time(written) {
            Some(name) => return later(format!("`{name}` is known only where it runs"), &node.at),
            None => return node.clone(),
        },
        other => other.clone(),
    };
    Node { content, ..node.clone() }
}

/// The first name of a text that is filled in where the task runs: `${NOMAD_PORT_http}`, `${attr.kernel.name}`.
fn run_time(text: &str) -> Option<&str> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim());
    names.into_iter().find(|name| at_run_time(name.split('.').next().unwrap_or(name)))
}

/// What a field of the API is in a block: its name, and how it is written.
type Fields = &'static [(&'static str, &'static str, Form)];

/// How a field is written.
#[derive(Clone, Copy)]
enum Form {
    /// As in a block.
    Same,
    /// A block, or a list of blocks, with fields of its own.
    Blocks(Fields),
    /// A number or a text where nothing stands for none of it.
    Given,
    /// A time in nanoseconds.
    Nanoseconds,
}
use Form::{Blocks, Given, Nanoseconds, Same};

const JOB: Fields = &[
    ("ID", "label", Same),
    ("Name", "label", Same),
    ("Type", "type", Same),
    ("Periodic", "periodic", Same),
    ("ParameterizedJob", "parameterized", Same),
    ("TaskGroups", "group", Blocks(GROUP)),
];
const GROUP: Fields = &[
    ("Name", "label", Same),
    ("Count", "count", Same),
    ("Networks", "network", Blocks(NETWORK)),
    ("Services", "service", Blocks(SERVICE)),
    ("Tasks", "task", Blocks(TASK)),
];
const NETWORK: Fields = &[("DynamicPorts", "port", Blocks(PORT)), ("ReservedPorts", "port", Blocks(PORT))];
const PORT: Fields = &[("Label", "label", Same), ("To", "to", Given), ("Value", "static", Given)];
const SERVICE: Fields = &[("Name", "name", Same), ("TaskName", "task", Given), ("Checks", "check", Same)];
const TASK: Fields = &[
    ("Name", "label", Same),
    ("Driver", "driver", Same),
    ("Config", "config", Same),
    ("Env", "env", Same),
    ("Templates", "template", Blocks(TEMPLATE)),
    ("KillTimeout", "kill_timeout", Nanoseconds),
    ("Lifecycle", "lifecycle", Blocks(LIFECYCLE)),
    ("Services", "service", Blocks(SERVICE)),
];
const TEMPLATE: Fields = &[("EmbeddedTmpl", "data", Given), ("SourcePath", "source", Given), ("Envvars", "env", Same)];
const LIFECYCLE: Fields = &[("Hook", "hook", Same), ("Sidecar", "sidecar", Same)];

/// A block of the API under the names of HCL; fields that nothing is read of are left.
fn named(node: &Node, fields: Fields) -> Node {
    if !node.is_mapping() {
        return filled(node);
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (field, name, form) in fields {
        let Some(entry) = node.entry(field).filter(|e| !e.value.is_null()) else { continue };
        let value = &entry.value;
        if matches!(form, Given) && matches!(value.text(), Some("" | "0")) {
            continue;
        }
        let value = match form {
            Blocks(of) if value.is_sequence() => list(value.items().iter().map(|n| named(n, of)).collect(), &value.at),
            Blocks(of) => named(value, of),
            Nanoseconds => match value.text().filter(|t| t.bytes().all(|b| b.is_ascii_digit())) {
                Some(number) => plain(format!("{number}ns"), &value.at),
                None => filled(value),
            },
            Same | Given => filled(value),
        };
        let value = if *name == "label" { Node { at: inside(&value), ..value } } else { value };
        add(&mut entries, Entry { key: text(name, &entry.key.at), value });
    }
    map(entries, &node.at)
}

/// Adds a field; two that are one in a block are joined.
fn add(entries: &mut Vec<Entry>, new: Entry) {
    match entries.iter_mut().find(|e| e.key.text() == new.key.text()) {
        Some(Entry { value: Node { content: Content::Sequence(old), .. }, .. }) => old.extend(new.value.items().iter().cloned()),
        Some(old) => *old = new,
        None => entries.push(new),
    }
}
