//! An `ApplicationSet` → the Applications that its generators make, as far as their values are in this repository
//! (argo-cd.readthedocs.io: ApplicationSet, Generators).

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;

use crate::document::{Content, Entry, Node, Style, yaml};
use crate::formats::compose::interpolate::LONGEST;
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::{Workspace, file_name, parent};

/// Names that a template may use, with their values.
type Params = BTreeMap<String, Node>;

/// Most Applications of one set.
const MOST: usize = 200;
/// Most nodes that the Applications of one set become, those counted that turn out to be the same.
const NODES: usize = 1_000_000;
/// Deepest nesting of generators, and of values.
const DEEPEST: usize = 8;

/// The Applications of a set; past the limit, what says so.
pub(super) fn applications(set: &Node, workspace: &dyn Workspace, problems: &mut Vec<Problem>) -> Vec<Node> {
    let Some(template) = set.path(&["spec", "template"]) else { return Vec::new() };
    let generators = set.path(&["spec", "generators"]).map(Node::items).unwrap_or_default();
    let mut out = Vec::new();
    let most = NODES / template.size();
    let all = generators.iter().take(MOST + 1).flat_map(|g| generated(g, workspace, 0));
    for (i, params) in all.take(most + 1).enumerate() {
        let whole = |text: &str| Node { content: Content::Scalar(text.into(), Style::Plain), at: template.at.clone(), tag: None };
        let mut node = filled(template, &params, 0);
        if let Content::Mapping(entries) = &mut node.content {
            entries.push(Entry { key: whole("apiVersion"), value: whole("argoproj.io/v1alpha1") });
            entries.push(Entry { key: whole("kind"), value: whole("Application") });
        }
        if !out.iter().any(|known| same(known, &node)) {
            out.push(node);
        }
        if out.len() > MOST || i == most {
            out.truncate(MOST);
            let what = format!("the set makes more than the limit of {MOST} Applications or of {NODES} nodes; the rest is not read");
            problems.push(Problem::at(template.at.clone(), what));
            break;
        }
    }
    out
}

/// Are two Applications the same deployment: a generator of clusters makes one for each?
fn same(a: &Node, b: &Node) -> bool {
    let said = |n: &Node| ["path", "targetRevision", "chart"].map(|k| n.text_at(&["spec", "source", k]).map(str::to_owned));
    let name = |n: &Node| n.text_at(&["metadata", "name"]).map(str::to_owned);
    said(a) == said(b) && name(a) == name(b)
}

/// The parameters of a generator; what is known only to a cluster or a forge gives one set of none.
fn generated(generator: &Node, workspace: &dyn Workspace, depth: usize) -> Vec<Params> {
    let sets =
        |node: &Node| -> Vec<Params> { node.items().iter().flat_map(|g| generated(g, workspace, depth + 1)).take(MOST + 1).collect() };
    if depth > DEEPEST {
        return Vec::new();
    }
    if let Some(list) = generator.path(&["list", "elements"]) {
        return list.items().iter().take(MOST + 1).map(flat).collect();
    }
    if let Some(git) = generator.get("git") {
        let files = git.get("files").map(|f| of_files(f, workspace)).unwrap_or_default();
        return git.get("directories").map(|d| of_folders(d, workspace)).unwrap_or_default().into_iter().chain(files).collect();
    }
    if let Some([first, second]) = generator.path(&["matrix", "generators"]).map(Node::items) {
        let inner = generated(second, workspace, depth + 1);
        let outer = generated(first, workspace, depth + 1);
        let both = |a: &Params| inner.iter().map(|b| a.clone().into_iter().chain(b.clone()).collect()).collect::<Vec<Params>>();
        return outer.iter().flat_map(both).take(MOST + 1).collect();
    }
    match generator.path(&["merge", "generators"]) {
        Some(all) => sets(all),
        None => vec![Params::new()],
    }
}

/// The scalars of an element, by their paths.
fn flat(element: &Node) -> Params {
    fn add(node: &Node, name: &str, out: &mut Params, depth: usize) {
        for entry in node.entries() {
            let Some(key) = entry.key.text() else { continue };
            let name = if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
            if entry.value.is_mapping() && depth < DEEPEST {
                add(&entry.value, &name, out, depth + 1);
            } else {
                out.insert(name, entry.value.clone());
            }
        }
    }
    let mut out = Params::new();
    add(element, "", &mut out, 0);
    out
}

fn glob(pattern: &str) -> Option<globset::GlobMatcher> {
    Some(GlobBuilder::new(pattern.trim_start_matches("./")).literal_separator(true).build().ok()?.compile_matcher())
}

/// `directories`: every folder that a pattern fits and none excludes.
fn of_folders(list: &Node, workspace: &dyn Workspace) -> Vec<Params> {
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for file in workspace.list("").0 {
        let mut dir = parent(&file);
        while !dir.is_empty() && folders.insert(dir.to_owned()) {
            dir = parent(dir);
        }
    }
    let patterns = |excluded: bool| -> Vec<(globset::GlobMatcher, &Location)> {
        let meant = list.items().iter().filter(|d| (d.text_at(&["exclude"]) == Some("true")) == excluded);
        meant.filter_map(|d| d.get("path")).filter_map(|p| Some((glob(p.text()?)?, &p.at))).collect()
    };
    let (taken, left) = (patterns(false), patterns(true));
    let fits = |dir: &&String| !left.iter().any(|(p, _)| p.is_match(dir));
    let one = |dir: &String| Some(path_params(dir, taken.iter().find(|(p, _)| p.is_match(dir))?.1));
    folders.iter().filter(fits).filter_map(one).take(MOST + 1).collect()
}

/// `files`: what every file that a pattern fits says, with its path.
fn of_files(list: &Node, workspace: &dyn Workspace) -> Vec<Params> {
    let patterns: Vec<_> = list.items().iter().filter_map(|f| glob(f.text_at(&["path"])?)).collect();
    let mut out = Vec::new();
    for file in workspace.list("").0.iter().filter(|f| patterns.iter().any(|p| p.is_match(f))).take(MOST + 1) {
        let Ok(source) = workspace.read(file) else { continue };
        for document in yaml::read(&source).documents {
            let elements = if document.root.is_sequence() { document.root.items() } else { std::slice::from_ref(&document.root) };
            for element in elements {
                let mut params = flat(element);
                params.extend(path_params(parent(file), &element.at.part(0, 0)));
                out.push(params);
            }
        }
    }
    out
}

/// What templates call the parts of a path.
fn path_params(dir: &str, at: &Location) -> Params {
    let text = |text: &str| Node { content: Content::Scalar(text.into(), Style::Double), at: at.clone(), tag: None };
    let base = file_name(dir);
    let mut out = Params::new();
    for name in ["path", "path.path"] {
        out.insert(name.to_owned(), text(dir));
    }
    out.insert("path.basename".to_owned(), text(base));
    out.insert("path.basenameNormalized".to_owned(), text(&base.replace(['.', '_'], "-")));
    for (i, part) in dir.split('/').enumerate() {
        out.insert(format!("path[{i}]"), text(part));
        out.insert(format!("index .path.segments {i}"), text(part));
    }
    out
}

/// The template with parameters put in; what names none of them stays as it is.
fn filled(node: &Node, params: &Params, depth: usize) -> Node {
    let content = match &node.content {
        Content::Mapping(entries) if depth < 64 => {
            Content::Mapping(entries.iter().map(|e| Entry { key: e.key.clone(), value: filled(&e.value, params, depth + 1) }).collect())
        }
        Content::Sequence(items) if depth < 64 => Content::Sequence(items.iter().map(|n| filled(n, params, depth + 1)).collect()),
        Content::Scalar(text, _) if text.contains("{{") => return put(text, node, params),
        other => other.clone(),
    };
    Node { content, ..node.clone() }
}

/// A text with parameters; one alone stands at the place of its value.
fn put(text: &str, node: &Node, params: &Params) -> Node {
    let mut out = String::new();
    let mut rest = text;
    let mut at = &node.at;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inner, tail)) = after.split_once("}}") else { break };
        let name = inner.trim_matches(['-', ' ']);
        out.push_str(before);
        if out.len() > LONGEST + text.len() {
            let why = format!("its parameters make it longer than the limit of {LONGEST} bytes");
            return Node { content: Content::Expression(why.into()), ..node.clone() };
        }
        match params.get(name.strip_prefix('.').unwrap_or(name)).and_then(|v| Some((v, v.text()?))) {
            Some((value, text)) => {
                out.push_str(text);
                at = &value.at;
            }
            None => out.push_str(&format!("{{{{{inner}}}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    Node { content: Content::Scalar(out.into(), Style::Double), at: at.clone(), tag: None }
}
