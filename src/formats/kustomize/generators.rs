//! `configMapGenerator`, `secretGenerator` → ConfigMaps and Secrets whose keys stand where they are written
//! (kustomize: `api/kv/kv.go`). Names carry no hash here: what names them names them without it.

use std::sync::Arc;

use super::edit::{get_mut, mapping, remove, set, text, unknown};
use super::resource::Resource;
use crate::document::Node;
use crate::report::Problem;
use crate::source::{Location, Source, Span};
use crate::workspace::{Workspace, file_name, join};

/// What is generated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    ConfigMap,
    Secret,
}

impl Made {
    fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }

    /// The field with the keys as they are, and the one that says that there are more: the reader of objects takes a field
    /// of data that is no mapping for keys that cannot be listed.
    fn fields(self) -> (&'static str, &'static str) {
        match self {
            Self::ConfigMap => ("data", "binaryData"),
            Self::Secret => ("stringData", "data"),
        }
    }
}

/// Puts one entry of a generator into effect.
pub(super) fn generate(
    made: Made,
    entry: &Node,
    dir: &str,
    workspace: &dyn Workspace,
    all: &mut Vec<Resource>,
    problems: &mut Vec<Problem>,
) {
    let (listed, open) = made.fields();
    let Some(name) = entry.get("name").filter(|n| n.text().is_some()) else {
        problems.push(Problem::at(entry.at.clone(), format!("an entry that makes a {} has no `name`", made.kind())));
        return;
    };
    let keys = Keys::of(entry, dir, workspace, problems);
    let behavior = entry.text_at(&["behavior"]).unwrap_or("create");
    let is = |r: &&mut Resource| r.kind() == made.kind() && r.called(name.text().unwrap_or(""));
    let old = all.iter_mut().find(is);
    if let ("merge" | "replace", Some(old)) = (behavior, old) {
        if behavior == "replace" {
            for field in ["data", "stringData", "binaryData"] {
                remove(&mut old.node, field);
            }
        }
        old.generated = true;
        if get_mut(&mut old.node, listed).is_none() {
            set(&mut old.node, &text(listed, &entry.at), mapping(Vec::new(), &entry.at));
        }
        for (key, value) in keys.listed {
            let plain = key.text().unwrap_or("").to_owned();
            if let Some(other) = get_mut(&mut old.node, open) {
                remove(other, &plain);
            }
            if let Some(map) = get_mut(&mut old.node, listed) {
                remove(map, &plain);
                set(map, &key, value);
            }
        }
        if let Some(why) = keys.open {
            set(&mut old.node, &text(open, &why.at), why.clone());
        }
        return;
    }
    if behavior != "create" {
        let what = format!("{behavior}s a {} `{}` that is nowhere", made.kind(), name.text().unwrap_or(""));
        problems.push(Problem::at(name.at.clone(), format!("a generator {what}")).warning());
    }
    let at = &entry.at;
    let mut metadata = vec![(text("name", &name.at), name.clone())];
    metadata.extend(entry.entry("namespace").map(|e| (e.key.clone(), e.value.clone())));
    let mut fields = vec![
        (text("apiVersion", at), text("v1", at)),
        (text("kind", at), text(made.kind(), at)),
        (text("metadata", at), mapping(metadata, &name.at)),
        (text(listed, at), mapping(keys.listed, at)),
    ];
    fields.extend(keys.open.map(|why| (text(open, at), why)));
    let node = mapping(fields, at);
    if let Some(resource) = Resource::new(node) {
        all.push(Resource { generated: true, ..resource });
    }
}

/// The keys of one entry.
#[derive(Default)]
struct Keys {
    listed: Vec<(Node, Node)>,
    /// Why there are more.
    open: Option<Node>,
}

/// The texts of a field that is a list or one text.
fn texts(entry: &Node, field: &str) -> Vec<Node> {
    match entry.get(field) {
        Some(node) if node.is_sequence() => node.items().to_vec(),
        Some(node) if node.text().is_some() && !node.is_null() => vec![node.clone()],
        _ => Vec::new(),
    }
}

impl Keys {
    fn of(entry: &Node, dir: &str, workspace: &dyn Workspace, problems: &mut Vec<Problem>) -> Self {
        let mut out = Self::default();
        for literal in texts(entry, "literals") {
            out.literal(&literal, problems);
        }
        for file in texts(entry, "envs").into_iter().chain(texts(entry, "env")) {
            let path = file.text().and_then(|t| join(dir, t));
            match path.ok_or_else(|| Problem::file(file.text().unwrap_or("?"), "lies outside the root")).and_then(|p| workspace.read(&p)) {
                Ok(source) => out.env_file(&source),
                Err(problem) => {
                    // Secrets are seldom in a repository: that they are not is no fault of it.
                    out.open = Some(unknown(&problem.message, &file.at));
                }
            }
        }
        for file in texts(entry, "files") {
            let Some(written) = file.text() else { continue };
            let (key, path) = written.split_once('=').unwrap_or((file_name(written), written));
            let value = unknown(&format!("the value is the content of `{path}`"), &file.at);
            out.listed.push((text(key, &part(&file, key)), value));
        }
        out
    }

    fn literal(&mut self, literal: &Node, problems: &mut Vec<Problem>) {
        let Some((key, value)) = literal.text().and_then(|t| t.split_once('=')) else {
            problems.push(Problem::at(literal.at.clone(), "a literal of a generator is not `KEY=value`").warning());
            return;
        };
        let quoted = |q: char| value.strip_prefix(q).and_then(|v| v.strip_suffix(q));
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
        self.listed.push((text(key, &part(literal, key)), text(value, &literal.at)));
    }

    /// `KEY=value` lines: no quotes, no `export`; a key alone is taken from where kustomize runs.
    fn env_file(&mut self, source: &Arc<Source>) {
        let mut pos = 0;
        for line in source.text().split_inclusive('\n') {
            let start = pos + (line.len() - line.trim_start().len());
            pos += line.len();
            let body = line.trim_start_matches('\u{feff}').trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let at = |key: &str| source.at(Span { start, end: start + key.len() });
            let (key, value) = match body.split_once('=') {
                Some((key, value)) => (text(key, &at(key)), text(value, &at(body))),
                None => (text(body, &at(body)), unknown("the value comes from where kustomize runs", &at(body))),
            };
            self.listed.push((key, value));
        }
    }
}

/// The place of a text inside a scalar, else the scalar's.
fn part(scalar: &Node, wanted: &str) -> Location {
    match scalar.at.text().find(wanted) {
        Some(i) if !wanted.is_empty() => scalar.at.part(i, i + wanted.len()),
        _ => scalar.at.clone(),
    }
}

/// The files that the generators of a kustomization name.
pub(super) fn files(root: &Node) -> Vec<String> {
    let entries = ["configMapGenerator", "secretGenerator"].into_iter().filter_map(|f| root.get(f)).flat_map(Node::items);
    let named = |e: &Node| -> Vec<String> {
        let of = |field| texts(e, field).into_iter().filter_map(|n: Node| n.text().map(str::to_owned)).collect::<Vec<_>>();
        let files = of("files").into_iter().map(|f| f.split_once('=').map_or(f.clone(), |(_, p)| p.to_owned()));
        of("envs").into_iter().chain(of("env")).chain(files).collect()
    };
    entries.flat_map(|e: &Node| named(e)).collect()
}
