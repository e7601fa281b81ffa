//! The files of a pipeline → jobs with what they inherit: `extends`, `default`, the top level, `!reference`.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Entry, Node};
use crate::formats::{Reading, ci};
use crate::report::Problem;

/// Keywords of the top level that are no jobs (docs.gitlab.com/ci/yaml: global keywords).
const NO_JOBS: [&str; 12] = [
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
];
/// GitLab follows eleven levels of `extends`, and ten of `!reference`.
const DEPTH: usize = 11;
/// Most jobs and references that are walked for one keyword of one job.
const MOST: usize = 256;

/// Jobs and templates by name, as each file has them: GitLab merges the files key by key, and a later one wins.
pub(super) struct Pipeline<'n> {
    roots: Vec<&'n Node>,
    named: BTreeMap<&'n str, Vec<&'n Node>>,
    /// The variables of the top level.
    variables: Variables<'n>,
}

/// Name → text.
pub(super) type Variables<'n> = BTreeMap<&'n str, &'n str>;

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
        let mut named: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        let mut variables = Variables::new();
        for root in &roots {
            for entry in root.entries() {
                if let Some(name) = entry.key.text().filter(|n| !NO_JOBS.contains(n)) {
                    named.entry(name).or_default().push(&entry.value);
                }
            }
            variables.extend(root.get("variables").map(Node::entries).unwrap_or_default().iter().filter_map(set));
        }
        Self { roots, named, variables }
    }

    /// The jobs that may run.
    pub(super) fn jobs(&self) -> impl Iterator<Item = &'n str> {
        self.named.iter().filter(|(name, nodes)| !name.starts_with('.') && nodes.iter().any(|n| n.is_mapping())).map(|(name, _)| *name)
    }

    /// The value of a keyword for a job: its own, what it extends, the default, the top level.
    pub(super) fn keyword(&self, job: &str, key: &str) -> Option<&'n Node> {
        let top = || {
            let default = self.roots.iter().rev().find_map(|r| r.path(&["default", key]));
            default.or_else(|| self.roots.iter().rev().find_map(|r| r.get(key))).filter(|_| self.inherits(job, "default", key))
        };
        self.own(job, key, &mut BTreeSet::new()).or_else(top).and_then(|node| self.referenced(node, 0))
    }

    /// Does a job take a default or a variable of the top level (`inherit: {default: false}`, `inherit: {variables: [A]}`)?
    fn inherits(&self, job: &str, what: &str, name: &str) -> bool {
        match self.own(job, "inherit", &mut BTreeSet::new()).and_then(|i| i.get(what)) {
            Some(list) if list.is_sequence() => list.items().iter().any(|n| n.text() == Some(name)),
            Some(switch) => switch.text() != Some("false"),
            None => true,
        }
    }

    /// A keyword of a job or of what it extends; each is looked at once, however many ways lead to it.
    fn own(&self, job: &str, key: &str, seen: &mut BTreeSet<String>) -> Option<&'n Node> {
        let nodes = self.named.get(job).filter(|_| seen.len() < MOST && seen.insert(job.to_owned()))?;
        let here = nodes.iter().rev().find_map(|node| node.get(key));
        here.or_else(|| extends(nodes).iter().rev().find_map(|parent| self.own(parent, key, seen)))
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

    /// The services of a job, references in the list resolved; that there are more than are read is said.
    pub(super) fn services(&self, job: &str, reading: &mut Reading) -> Vec<&'n Node> {
        let (mut out, mut steps) = (Vec::new(), 0);
        if let Some(node) = self.keyword(job, "services") {
            self.flat(node, 0, &mut steps, &mut out);
            if steps >= MOST {
                let what = format!("only the first {MOST} services of job `{job}` are read");
                reading.problems.push(Problem::at(node.at.clone(), what));
            }
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

    /// The variables of a job: its own, with those of what it extends.
    pub(super) fn variables(&self, job: &str, budget: &ci::Budget) -> Variables<'n> {
        let mut out = Variables::new();
        self.job_variables(job, &mut BTreeSet::new(), budget, &mut out);
        out
    }

    fn job_variables(&self, job: &str, seen: &mut BTreeSet<String>, budget: &ci::Budget, out: &mut Variables<'n>) {
        let Some(nodes) = self.named.get(job).filter(|_| seen.len() < MOST && seen.insert(job.to_owned())) else { return };
        for parent in extends(nodes) {
            self.job_variables(parent, seen, budget, out);
        }
        let all = nodes.iter().filter_map(|node| self.referenced(node.get("variables")?, 0)).flat_map(Node::entries);
        let referenced = |entry: &'n Entry| match entry.value.tag {
            Some(_) => Some((entry.key.text()?, self.referenced(&entry.value, 0)?.text()?)),
            None => set(entry),
        };
        out.extend(all.take_while(|_| budget.take(0)).filter_map(referenced));
    }

    /// The text of a variable of the top level, where a job takes it.
    pub(super) fn variable(&self, job: &str, name: &str) -> Option<&'n str> {
        self.variables.get(name).copied().filter(|_| self.inherits(job, "variables", name))
    }

    /// The combinations of `parallel: matrix:`; one without values where there is none. Those that are too many to be read
    /// are said.
    pub(super) fn matrix(&self, job: &str, reading: &mut Reading) -> Vec<BTreeMap<String, String>> {
        let mut out = Vec::new();
        let matrix = self.keyword(job, "parallel").and_then(|p| p.get("matrix"));
        for entry in matrix.map(Node::items).unwrap_or_default() {
            let values = |node: &Node| -> Vec<String> {
                let items = if node.is_sequence() { node.items() } else { std::slice::from_ref(node) };
                items.iter().filter_map(Node::text).map(str::to_owned).collect()
            };
            let names: Vec<_> = entry.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), values(&e.value)))).collect();
            match ci::product(&names) {
                Ok(more) if out.len() + more.len() <= ci::COMBINATIONS => out.extend(more),
                Ok(_) => reading.problems.push(too_many(job, entry, &format!("there are more than the limit of {}", ci::COMBINATIONS))),
                Err(why) => reading.problems.push(too_many(job, entry, &why)),
            }
        }
        if out.is_empty() {
            out.push(BTreeMap::new());
        }
        out
    }
}

fn too_many(job: &str, entry: &Node, why: &str) -> Problem {
    Problem::at(entry.at.clone(), format!("the combinations of the matrix of `{job}` that stand here are not read: {why}")).warning()
}

/// What a job extends, as the last file that says so has it.
fn extends<'n>(nodes: &[&'n Node]) -> Vec<&'n str> {
    let Some(extends) = nodes.iter().rev().find_map(|node| node.get("extends")) else { return Vec::new() };
    let items = if extends.is_sequence() { extends.items() } else { std::slice::from_ref(extends) };
    items.iter().filter_map(Node::text).take(DEPTH).collect()
}

/// `KEY: value`, `KEY: {value: ...}`.
fn set(entry: &Entry) -> Option<(&str, &str)> {
    Some((entry.key.text()?, entry.value.text().or_else(|| entry.value.text_at(&["value"]))?))
}
