//! The files of a pipeline → jobs with what they inherit: `extends`, `default`, the top level, `!reference`.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Node;
use crate::formats::ci;

/// Keywords of the top level that are no jobs (docs.gitlab.com/ci/yaml: global keywords).
const NO_JOBS: [&str; 13] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
    "types",
    "<<",
];
/// GitLab follows eleven levels of `extends`, and ten of `!reference`.
const DEPTH: usize = 11;
/// Most jobs and references that are walked for one keyword of one job.
const MOST: usize = 256;

/// Jobs and templates by name; a later file wins.
pub(super) struct Pipeline<'n> {
    roots: Vec<&'n Node>,
    named: BTreeMap<&'n str, &'n Node>,
}

/// What a file includes: paths in this repository, and places of what lies elsewhere.
pub(super) fn includes(root: &Node) -> (Vec<&Node>, Vec<&Node>) {
    let (mut local, mut elsewhere) = (Vec::new(), Vec::new());
    let Some(node) = root.get("include") else { return (local, elsewhere) };
    let items = if node.is_sequence() { node.items() } else { std::slice::from_ref(node) };
    for item in items {
        match item.get("local").or(Some(item).filter(|i| i.text().is_some_and(|t| !t.contains("://")))) {
            Some(path) if path.is_sequence() => local.extend(path.items()),
            Some(path) => local.push(path),
            // GitLab's own templates start no services that the repository names.
            None if item.get("template").is_some() => {}
            None => elsewhere.push(item),
        }
    }
    (local, elsewhere)
}

impl<'n> Pipeline<'n> {
    pub(super) fn of(roots: &'n [(String, Node)]) -> Self {
        let roots: Vec<&Node> = roots.iter().map(|(_, r)| r).collect();
        let mut named = BTreeMap::new();
        for root in &roots {
            named.extend(root.entries().iter().filter_map(|e| Some((e.key.text()?, &e.value))).filter(|(n, _)| !NO_JOBS.contains(n)));
        }
        Self { roots, named }
    }

    /// The jobs that may run.
    pub(super) fn jobs(&self) -> impl Iterator<Item = &'n str> {
        self.named.iter().filter(|(name, node)| !name.starts_with('.') && node.is_mapping()).map(|(name, _)| *name)
    }

    /// The value of a keyword for a job: its own, what it extends, the default, the top level.
    pub(super) fn keyword(&self, job: &str, key: &str) -> Option<&'n Node> {
        let top = || {
            let default = self.roots.iter().rev().find_map(|r| r.path(&["default", key]));
            default.or_else(|| self.roots.iter().rev().find_map(|r| r.get(key)))
        };
        self.own(job, key, &mut BTreeSet::new()).or_else(top).and_then(|node| self.referenced(node, 0))
    }

    /// A keyword of a job or of what it extends; each is looked at once, however many ways lead to it.
    fn own(&self, job: &str, key: &str, seen: &mut BTreeSet<String>) -> Option<&'n Node> {
        let node = *self.named.get(job).filter(|_| seen.len() < MOST && seen.insert(job.to_owned()))?;
        ci::merged(node, key).or_else(|| self.extends(node).iter().rev().find_map(|parent| self.own(parent, key, seen)))
    }

    fn extends(&self, node: &'n Node) -> Vec<&'n str> {
        let Some(extends) = ci::merged(node, "extends") else { return Vec::new() };
        let items = if extends.is_sequence() { extends.items() } else { std::slice::from_ref(extends) };
        items.iter().filter_map(Node::text).take(DEPTH).collect()
    }

    /// What `!reference [job, keyword]` refers to; any other node is itself.
    fn referenced(&self, node: &'n Node, depth: usize) -> Option<&'n Node> {
        if node.tag.as_deref() != Some("!reference") {
            return Some(node);
        }
        let mut keys = node.items().iter().filter_map(Node::text);
        let job = keys.next().filter(|_| depth < DEPTH)?;
        let key = keys.next()?;
        let found = self.own(job, key, &mut BTreeSet::new())?;
        self.referenced(keys.try_fold(found, |n, k| n.get(k))?, depth + 1)
    }

    /// The services of a job, references in the list resolved.
    pub(super) fn services(&self, job: &str) -> Vec<&'n Node> {
        let (mut out, mut steps) = (Vec::new(), 0);
        if let Some(node) = self.keyword(job, "services") {
            self.flat(node, 0, &mut steps, &mut out);
        }
        out
    }

    fn flat(&self, node: &'n Node, depth: usize, steps: &mut usize, out: &mut Vec<&'n Node>) {
        *steps += 1;
        let Some(node) = self.referenced(node, depth).filter(|_| depth < DEPTH && *steps < MOST) else { return };
        if node.is_sequence() {
            for item in node.items() {
                self.flat(item, depth + 1, steps, out);
            }
        } else {
            out.push(node);
        }
    }

    /// The variables of a job: the top level's, those of what it extends, its own.
    pub(super) fn variables(&self, job: &str) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for root in &self.roots {
            add(root.get("variables"), &mut out);
        }
        self.job_variables(job, &mut BTreeSet::new(), &mut out);
        out
    }

    fn job_variables(&self, job: &str, seen: &mut BTreeSet<String>, out: &mut BTreeMap<String, String>) {
        let Some(node) = self.named.get(job).copied().filter(|_| seen.len() < MOST && seen.insert(job.to_owned())) else { return };
        for parent in self.extends(node) {
            self.job_variables(parent, seen, out);
        }
        add(ci::merged(node, "variables"), out);
    }

    /// The combinations of `parallel: matrix:`; one without values where there is none.
    pub(super) fn matrix(&self, job: &str) -> Vec<BTreeMap<String, String>> {
        let mut out = Vec::new();
        let entries = self.keyword(job, "parallel").and_then(|p| p.get("matrix")).map(Node::items).unwrap_or_default();
        for entry in entries {
            let values = |node: &Node| -> Vec<String> {
                let items = if node.is_sequence() { node.items() } else { std::slice::from_ref(node) };
                items.iter().filter_map(Node::text).map(str::to_owned).collect()
            };
            let names: Vec<_> = entry.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), values(&e.value)))).collect();
            out.extend(ci::product(&names));
        }
        out.truncate(256);
        if out.is_empty() {
            out.push(BTreeMap::new());
        }
        out
    }
}

/// `KEY: value`, `KEY: {value: ...}`.
fn add(node: Option<&Node>, out: &mut BTreeMap<String, String>) {
    for entry in node.map(Node::entries).unwrap_or_default().iter().take(ci::VARIABLES) {
        let text = entry.value.text().or_else(|| entry.value.text_at(&["value"]));
        if let (Some(key), Some(text)) = (entry.key.text(), text) {
            out.insert(key.to_owned(), text.to_owned());
        }
    }
}
