//! The files of a project → one tree of its services (compose-go: `loader.loadYamlModel`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::canonical::Canonical;
use super::extends::Services;
use super::interpolate::substitute;
use super::keys::{merge_keys, take};
use super::merge::{Merger, same, without_resets};
use super::variables::{Variables, env_files};
use crate::document::{Content, Documents, Entry, Node, Style, yaml};
use crate::formats::ReadContext;
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::{join, parent};

/// What is known while the files of a project are read.
pub(super) struct Project<'a> {
    pub(super) cx: &'a ReadContext<'a>,
    pub(super) problems: Vec<Problem>,
    /// The variables of the model that is being read: the project's, or those of an included one.
    pub(super) variables: Variables,
    /// Comments of every file read.
    pub(super) comments: Vec<Documents>,
    /// What is open: files that are included, services that are extended.
    pub(super) open: Vec<(String, String)>,
    /// The services of files that others extend, by document.
    pub(super) extended_files: BTreeMap<String, Vec<Services>>,
    /// How many files `include` and `extends` have opened.
    pub(super) opened: usize,
    /// How many nodes services have taken from what they extend.
    pub(super) extending: usize,
    /// How many bytes have been read.
    bytes: usize,
    /// The dotenv files whose variables are set.
    dotenv: Vec<String>,
}

/// Most files that `include` and `extends` of one project open, counted each time.
const OPENED: usize = 1000;
/// Most bytes of the files of one project, each counted as often as it is opened.
const BYTES: usize = 64 * 1024 * 1024;

impl<'a> Project<'a> {
    /// A project whose first file lies in a folder.
    pub(super) fn new(cx: &'a ReadContext<'a>) -> Self {
        let variables = Variables::of_machine(cx.options);
        let comments = Vec::new();
        let (problems, open, extended_files) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { cx, problems, variables, comments, open, extended_files, opened: 0, extending: 0, bytes: 0, dotenv: Vec::new() }
    }

    /// Takes the variables of the project's dotenv files, below those of the machine.
    pub(super) fn dotenv(&mut self, dir: &str, first: &str) {
        let files = env_files(dir, first, self.cx.options, self.cx.workspace);
        self.load_dotenv(&files);
    }

    /// Sets the name of the project: what the last of its files that has a `name` says.
    pub(super) fn name(&mut self, files: &[String]) {
        let sources: Vec<_> = files.iter().filter_map(|f| self.cx.workspace.read(f).ok()).collect();
        let asked = sources.iter().any(|s| s.text().contains("COMPOSE_PROJECT_NAME"));
        let named = |s: &Arc<Source>| {
            let root = yaml::read(s).documents.pop()?.root;
            substitute(root.text_at(&["name"])?, &|n| self.variables.get(n)).ok()
        };
        let name = if asked { sources.iter().rev().find_map(named) } else { None };
        self.variables.project_name(name);
    }

    /// Takes what files set and is not set yet; gives the names. A file that is taken already sets nothing more.
    fn load_dotenv(&mut self, files: &[String]) -> Vec<String> {
        let mut loaded = BTreeMap::new();
        let new: Vec<String> = files.iter().filter(|file| !self.dotenv.contains(file)).cloned().collect();
        self.dotenv.extend(new.iter().cloned());
        for file in &new {
            match self.cx.workspace.read(file) {
                Ok(source) if self.may_read(&source) => {
                    drop(self.variables.load(&source, false, &mut loaded, &mut self.problems));
                }
                Ok(_) => {}
                Err(problem) => self.problems.push(problem),
            }
        }
        self.variables.add(loaded)
    }

    /// Counts what a file has; says where that is too much.
    fn may_read(&mut self, source: &Source) -> bool {
        self.bytes += source.text().len();
        if self.bytes > BYTES {
            let what = format!("is not read: the files of its project have more than the limit of {BYTES} bytes");
            self.problems.push(Problem::file(source.path(), what));
        }
        self.bytes <= BYTES
    }

    /// The documents of a file, merge keys resolved; each with what is wrong in it said.
    pub(super) fn documents(&mut self, file: &str) -> Vec<Node> {
        let source = match self.cx.workspace.read(file) {
            Ok(source) => source,
            Err(problem) => {
                self.problems.push(problem);
                return Vec::new();
            }
        };
        if !self.may_read(&source) {
            return Vec::new();
        }
        let mut read = yaml::read(&source);
        let documents = std::mem::take(&mut read.documents);
        for error in &read.errors {
            self.problems.push(Problem::at(error.at.clone(), format!("`{file}` {}", error.why)));
        }
        if documents.is_empty() && read.errors.is_empty() {
            self.problems.push(Problem::file(file, "is empty"));
        }
        self.comments.push(read);
        let mut out = Vec::new();
        for document in documents {
            if !document.root.is_mapping() {
                self.problems.push(Problem::at(document.root.at.clone(), format!("`{file}` holds no mapping, so no services")));
                continue;
            }
            // An alias repeats what it stands for: each place is said once.
            let mut twice = document.root.repeated();
            twice.dedup();
            let refused = |at: &Location| Problem::at(at.clone(), format!("`{file}` has a key twice; Compose refuses such a file"));
            self.problems.extend(twice.into_iter().map(refused));
            let mut wrong = Vec::new();
            out.push(merge_keys(document.root, &mut wrong));
            let refused = |at| Problem::at(at, format!("`{file}` merges with `<<` what is no mapping; Compose refuses such a file"));
            self.problems.extend(wrong.into_iter().map(refused));
        }
        out
    }

    /// A document in the form in which documents are merged.
    fn canonical(&mut self, root: Node, file: &str, dir: &str) -> Node {
        Canonical { file, dir, variables: &self.variables, problems: &mut self.problems }.document(root)
    }

    /// The documents of a file in that form.
    pub(super) fn trees(&mut self, file: &str, dir: &str) -> Vec<Node> {
        self.documents(file).into_iter().map(|root| self.canonical(root, file, dir)).collect()
    }

    /// Reads files into one tree, later ones over earlier ones. Paths in them are relative to the folder.
    pub(super) fn load(&mut self, files: &[String], dir: &str) -> Option<Node> {
        let mut merged: Option<Node> = None;
        for file in files {
            for mut tree in self.trees(file, dir) {
                self.extend_all(&mut tree, file, dir);
                let includes = take_include(&mut tree);
                let mut tree = match merged.take() {
                    None => without_resets(tree),
                    Some(base) => self.over(base, tree, file),
                };
                let mut have = None;
                for include in includes {
                    if let Some(other) = self.include(&include, dir) {
                        self.import(&mut tree, other, &include.at, &mut have);
                    }
                }
                merged = Some(tree);
            }
        }
        if let Some(tree) = &mut merged {
            self.finish(tree, dir);
        }
        merged
    }

    fn over(&mut self, base: Node, tree: Node, file: &str) -> Node {
        let mut merger = Merger::default();
        let out = merger.over(base, tree);
        let wrong = |at| Problem::at(at, format!("`{file}` overrides a value with one of another form; Compose refuses that"));
        self.problems.extend(merger.conflicts.into_iter().map(wrong));
        without_resets(out)
    }

    /// Resolves what is passed through and the default of `build`, once all files of a model are merged.
    fn finish(&self, tree: &mut Node, dir: &str) {
        for service in services_mut(tree) {
            let Content::Mapping(parts) = &mut service.value.content else { continue };
            for part in parts {
                match (part.key.text(), &mut part.value.content) {
                    (Some("environment"), Content::Mapping(vars)) => {
                        for var in vars.iter_mut().filter(|v| v.value.is_null()) {
                            match var.key.text().and_then(|k| self.variables.get(k)) {
                                Some(Ok(text)) => var.value.content = Content::Scalar(text.into(), Style::Double),
                                Some(Err(why)) => var.value.content = Content::Expression(why.into()),
                                None => {}
                            }
                        }
                    }
                    (Some("build"), Content::Mapping(parts)) if !parts.iter().any(|p| p.key.text() == Some("context")) => {
                        let node =
                            |text: &str| Node { content: Content::Scalar(text.into(), Style::Double), at: part.key.at.clone(), tag: None };
                        parts.push(Entry { key: node("context"), value: node(dir) });
                    }
                    _ => {}
                }
            }
        }
    }

    /// May one more file be opened for an entry?
    pub(super) fn may_open(&mut self, what: (String, String), at: &Location, word: &str) -> bool {
        self.opened += 1;
        let chain = self.cx.workspace.limits().includes;
        let why = if self.open.contains(&what) {
            "is a cycle".to_owned()
        } else if self.open.len() >= chain {
            format!("is deeper than the limit of {chain}")
        } else if self.opened > OPENED {
            if self.opened > OPENED + 1 {
                return false;
            }
            format!("opens more than the limit of {OPENED} files")
        } else {
            return true;
        };
        let name = if what.1.is_empty() { &what.0 } else { &what.1 };
        self.problems.push(Problem::at(at.clone(), format!("`{word}` of `{name}` {why}")));
        false
    }

    /// One entry of `include`: its files are a project of their own (compose-spec: 14-include).
    fn include(&mut self, node: &Node, dir: &str) -> Option<Node> {
        let texts = |key: &str| -> Vec<Node> {
            let Some(list) = node.get(key) else { return Vec::new() };
            if list.is_sequence() { list.items().to_vec() } else { vec![list.clone()] }
        };
        let listed = if node.is_mapping() { texts("path") } else { vec![node.clone()] };
        let files = self.paths(&listed, dir, "include")?;
        let first = files.first()?.clone();
        let inner = match texts("project_directory").first() {
            Some(folder) => self.paths(std::slice::from_ref(folder), dir, "project_directory")?.pop()?,
            None => parent(&first).to_owned(),
        };
        if !self.may_open((first.clone(), String::new()), &node.at, "include") {
            return None;
        }
        let named = texts("env_file");
        let env = if named.is_empty() {
            join(&inner, ".env").filter(|p| self.cx.workspace.is_file(p)).into_iter().collect()
        } else {
            self.paths(&named, dir, "env_file").unwrap_or_default()
        };
        let taken = self.dotenv.len();
        let own = self.load_dotenv(&env);
        // With its own variables, files say something else.
        let outside = if own.is_empty() { None } else { Some(std::mem::take(&mut self.extended_files)) };
        self.open.push((first, String::new()));
        let tree = self.load(&files, &inner);
        self.open.pop();
        self.variables.remove(&own);
        self.dotenv.truncate(taken);
        self.extended_files = outside.unwrap_or_else(|| std::mem::take(&mut self.extended_files));
        tree
    }

    /// Paths relative to a folder as paths relative to the root; one that is not below the root is a problem.
    pub(super) fn paths(&mut self, nodes: &[Node], dir: &str, word: &str) -> Option<Vec<String>> {
        let mut out = Vec::new();
        for node in nodes {
            let remote = |t: &&str| t.contains("://") || t.starts_with("git@") || t.starts_with("github.com/") || t.starts_with("oci:");
            let why = match (node.text(), &node.content) {
                (Some(text), _) if remote(&text) => "lies on the network; it is not fetched",
                (Some(text), _) => match join(dir, text).filter(|_| !text.starts_with('~')) {
                    Some(path) if word == "project_directory" || self.cx.workspace.is_file(&path) => {
                        out.push(path);
                        continue;
                    }
                    Some(path) => {
                        self.problems.push(Problem::at(node.at.clone(), format!("`{word}` names `{path}`, which does not exist")));
                        continue;
                    }
                    None => "lies outside the root; it is not read",
                },
                (None, Content::Expression(why)) => why,
                _ => "is no path",
            };
            self.problems.push(Problem::at(node.at.clone(), format!("what `{word}` names cannot be read: {why}")));
        }
        (!out.is_empty()).then_some(out)
    }

    /// Takes the services of an included project into a tree. Two of a name that say different things are a conflict. `have` is
    /// where each service of the tree stands, once that was looked up.
    fn import(&mut self, tree: &mut Node, other: Node, at: &Location, have: &mut Option<BTreeMap<String, usize>>) {
        let Content::Mapping(parts) = other.content else { return };
        let Some(theirs) = parts.into_iter().find(|p| p.key.text() == Some("services")) else { return };
        let Content::Mapping(parts) = &mut tree.content else { return };
        let Some(mine) = parts.iter_mut().find(|p| p.key.text() == Some("services")) else {
            parts.push(theirs);
            return;
        };
        let Content::Mapping(theirs) = theirs.value.content else { return };
        if !mine.value.is_mapping() {
            mine.value.content = Content::Mapping(Vec::new());
        }
        let Content::Mapping(mine) = &mut mine.value.content else { return };
        let have = have.get_or_insert_with(|| mine.iter().enumerate().filter_map(|(i, m)| Some((m.key.text()?.to_owned(), i))).collect());
        for service in theirs {
            let name = service.key.text().unwrap_or_default();
            match have.get(name).and_then(|i| mine.get(*i)) {
                Some(own) if same(&own.value, &service.value) => {}
                Some(_) => self.problems.push(Problem::at(
                    at.clone(),
                    format!("`include` brings a service `{name}`, which is declared here as well; Compose refuses that"),
                )),
                None => {
                    have.insert(name.to_owned(), mine.len());
                    mine.push(service);
                }
            }
        }
    }
}

/// The entries of `services`.
pub(super) fn services_mut(tree: &mut Node) -> &mut [Entry] {
    let Content::Mapping(parts) = &mut tree.content else { return &mut [] };
    match parts.iter_mut().find(|p| p.key.text() == Some("services")).map(|p| &mut p.value.content) {
        Some(Content::Mapping(services)) => services,
        _ => &mut [],
    }
}

/// Takes the entries of `include` out of a tree.
fn take_include(tree: &mut Node) -> Vec<Node> {
    let Content::Mapping(parts) = &mut tree.content else { return Vec::new() };
    let mut out = Vec::new();
    for part in parts.iter_mut().filter(|p| p.key.text() == Some("include")) {
        take(&mut part.value, |value| {
            out.extend(super::keys::items(value.clone()));
            value
        });
    }
    parts.retain(|p| p.key.text() != Some("include"));
    out
}
