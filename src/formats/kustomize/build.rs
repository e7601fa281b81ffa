//! A folder with a kustomization → its objects, in the order of kustomize's own build (`api/internal/target/kusttarget.go`).

use std::collections::BTreeSet;

use super::file::{self, list};
use super::generators::{Made, generate};
use super::resource::{Id, Resource, follow};
use super::{images, patches, plugins, replacements, transform};
use crate::document::{Node, yaml};
use crate::inventory::Service;
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::{Workspace, join};

/// Most objects of a build.
const OBJECTS: usize = 20_000;
/// Most nodes that patches and transformers may write or look at.
const STEPS: usize = 2_000_000;

/// A build under way.
pub(super) struct Build<'a> {
    pub(super) workspace: &'a dyn Workspace,
    pub(super) problems: Vec<Problem>,
    /// Charts of catalogue kinds.
    pub(super) services: Vec<Service>,
    /// Something is not here: kustomize would fetch it, or fail.
    pub(super) incomplete: bool,
    /// Something was not put into effect that kustomize itself may know.
    pub(super) unknown: bool,
    stack: Vec<String>,
    folders: usize,
    steps: usize,
}

impl<'a> Build<'a> {
    pub(super) fn new(workspace: &'a dyn Workspace) -> Self {
        Self {
            workspace,
            problems: Vec::new(),
            services: Vec::new(),
            incomplete: false,
            unknown: false,
            stack: Vec::new(),
            folders: 0,
            steps: STEPS,
        }
    }

    /// Counts work; `false`, and a problem once, when there is too much of it.
    pub(super) fn spend(&mut self, steps: usize, at: &Location) -> bool {
        if self.steps == 0 {
            return false;
        }
        self.steps = self.steps.saturating_sub(steps);
        if self.steps == 0 {
            self.problems
                .push(Problem::at(at.clone(), format!("patches change more than the limit of {STEPS} nodes; the rest is left out")));
        }
        self.steps > 0
    }

    /// Builds a folder: a base from nothing, a component on what is there.
    pub(super) fn folder(&mut self, dir: &str, from: Option<&Location>, all: Vec<Resource>) -> Vec<Resource> {
        let place = || from.cloned().unwrap_or_else(|| crate::source::Source::new(dir, "").whole());
        let Some(path) = file::of(dir, self.workspace) else {
            self.incomplete = true;
            self.problems.push(Problem::at(place(), format!("`{}` has no kustomization.yaml", shown(dir))));
            return all;
        };
        if self.stack.iter().any(|open| open == dir) {
            self.incomplete = true;
            self.problems.push(Problem::at(place(), format!("`{}` takes in itself", shown(dir))));
            return all;
        }
        self.folders += 1;
        let chain = self.workspace.limits().includes;
        if self.stack.len() >= chain || self.folders > file::FOLDERS {
            self.incomplete = true;
            let limits = format!("the limit of {chain} bases in a chain or {} in all", file::FOLDERS);
            self.problems.push(Problem::at(place(), format!("more than {limits} are taken in; the rest is left out")));
            return all;
        }
        let mut problems = Vec::new();
        let root = file::read(&path, self.workspace, &mut problems);
        self.problems.append(&mut problems);
        let Some(root) = root else { return all };
        self.stack.push(dir.to_owned());
        let all = self.build(dir, &root, all);
        self.stack.pop();
        all
    }

    fn build(&mut self, dir: &str, root: &Node, mut all: Vec<Resource>) -> Vec<Resource> {
        self.fields(root);
        let mut seen: BTreeSet<_> = all.iter().map(Resource::id).collect();
        for field in ["resources", "bases"] {
            for (node, text) in list(root, field) {
                let more = self.resource(dir, node, text);
                self.add(&mut all, &mut seen, more, node);
            }
        }
        for (field, made) in [("configMapGenerator", Made::ConfigMap), ("secretGenerator", Made::Secret)] {
            for entry in root.get(field).map(Node::items).unwrap_or_default() {
                generate(made, entry, dir, self.workspace, &mut all, &mut self.problems);
            }
        }
        plugins::charts(self, root);
        plugins::all(self, dir, root, "generators", &mut all);
        for (node, text) in list(root, "components") {
            match self.local(dir, node, text) {
                Some(path) if self.workspace.is_dir(&path) => all = self.folder(&path, Some(&node.at), all),
                Some(path) => self.absent(node, &path),
                None => {}
            }
        }
        self.transform(dir, root, &mut all);
        plugins::all(self, dir, root, "transformers", &mut all);
        if all.iter().any(|r| !r.before.is_empty()) && self.spend(all.iter().map(|r| r.size / 4).sum(), &root.at) {
            follow(&mut all);
        }
        all
    }

    /// The transformers that a kustomization's own fields ask for.
    fn transform(&mut self, dir: &str, root: &Node, all: &mut Vec<Resource>) {
        patches::strategic(self, dir, root, all);
        patches::patches(self, dir, root, all);
        if let Some(namespace) = root.get("namespace").filter(|n| !n.is_null()) {
            transform::namespace(all, namespace);
        }
        let said = |field| root.text_at(&[field]).unwrap_or("");
        if !said("namePrefix").is_empty() || !said("nameSuffix").is_empty() {
            self.affix(root, all, said("namePrefix"), said("nameSuffix"));
        }
        if let Some(pairs) = root.get("commonLabels") {
            self.labels(all, pairs, true, true);
        }
        for entry in root.get("labels").map(Node::items).unwrap_or_default() {
            let yes = |field| entry.text_at(&[field]) == Some("true");
            if let Some(pairs) = entry.get("pairs") {
                self.labels(all, pairs, yes("includeTemplates"), yes("includeSelectors"));
            }
        }
        patches::json6902(self, dir, root, all);
        let each = |field| root.get(field).map(Node::items).unwrap_or_default();
        for entry in each("replicas") {
            if !self.spend(all.len(), &entry.at) {
                break;
            }
            transform::replicas(all, entry);
        }
        for entry in each("images") {
            self.image(all, entry);
        }
        for entry in each("replacements") {
            self.replacement(dir, entry, all);
        }
    }

    /// Puts a prefix and a suffix on every name.
    pub(super) fn affix(&mut self, root: &Node, all: &mut [Resource], prefix: &str, suffix: &str) {
        if self.spend(all.len().saturating_mul(1 + (prefix.len() + suffix.len()) / 64), &root.at) {
            transform::affix(all, prefix, suffix);
        }
    }

    /// Adds labels to every object; each is looked for among all that are there.
    pub(super) fn labels(&mut self, all: &mut [Resource], pairs: &Node, templates: bool, selectors: bool) {
        let width = pairs.entries().len();
        if self.spend(all.len().saturating_mul(width).saturating_mul(1 + width / 16), &pairs.at) {
            transform::labels(all, pairs, templates, selectors);
        }
    }

    /// Puts an entry of `images` into effect.
    pub(super) fn image(&mut self, all: &mut [Resource], entry: &Node) {
        // Of a tree the mappings alone are looked at.
        if self.spend(all.iter().map(|r| r.size / 4).sum(), &entry.at) {
            all.iter_mut().for_each(|r| images::apply(&mut r.node, entry));
        }
    }

    /// One replacement, or a file of them.
    pub(super) fn replacement(&mut self, dir: &str, entry: &Node, all: &mut [Resource]) {
        let trees = match entry.get("path") {
            Some(path) => self.file(dir, path),
            None => vec![entry.clone()],
        };
        for tree in &trees {
            for one in if tree.is_sequence() { tree.items() } else { std::slice::from_ref(tree) } {
                let targets = one.get("targets").map_or(0, |t| t.items().len());
                if !self.spend(all.len().saturating_mul(4 + targets), &entry.at) {
                    return;
                }
                if let Err(why) = replacements::apply(all, one) {
                    self.unknown = true;
                    self.problems.push(Problem::at(one.at.clone(), why).warning());
                }
            }
        }
    }

    /// Names fields that no kustomization has, or that change objects in a way that is not read.
    fn fields(&mut self, root: &Node) {
        const KNOWN: [&str; 33] = [
            "apiVersion",
            "kind",
            "metadata",
            "resources",
            "bases",
            "components",
            "configMapGenerator",
            "secretGenerator",
            "generatorOptions",
            "generators",
            "transformers",
            "validators",
            "patches",
            "patchesStrategicMerge",
            "patchesJson6902",
            "namespace",
            "namePrefix",
            "nameSuffix",
            "commonLabels",
            "labels",
            "commonAnnotations",
            "replicas",
            "images",
            "replacements",
            "vars",
            "helmCharts",
            "helmGlobals",
            "helmChartInflationGenerator",
            "crds",
            "openapi",
            "configurations",
            "buildMetadata",
            "sortOptions",
        ];
        for entry in root.entries() {
            let Some(key) = entry.key.text() else { continue };
            if matches!(key, "configurations" | "openapi" | "vars") {
                self.unknown = true;
                let what = if key == "vars" { "puts values in place of `$(NAME)`" } else { "may change what is transformed and how" };
                let why = format!("`{key}` {what}; it is not read");
                self.problems.push(Problem::at(entry.key.at.clone(), why).info());
            } else if !KNOWN.contains(&key) {
                self.unknown = true;
                let why = format!("`{key}` is no field of a kustomization that is known");
                self.problems.push(Problem::at(entry.key.at.clone(), why).warning());
            }
        }
    }

    /// The objects of one entry of `resources`.
    fn resource(&mut self, dir: &str, node: &Node, text: &str) -> Vec<Resource> {
        let Some(path) = self.local(dir, node, text) else { return Vec::new() };
        if self.workspace.is_dir(&path) {
            return self.folder(&path, Some(&node.at), Vec::new());
        }
        self.objects(dir, node)
    }

    /// The objects of a file, lists taken apart.
    pub(super) fn objects(&mut self, dir: &str, node: &Node) -> Vec<Resource> {
        let mut out = Vec::new();
        for tree in self.file(dir, node) {
            let list = tree.text_at(&["kind"]).is_some_and(|k| k.ends_with("List")) && tree.get("items").is_some();
            if list {
                out.extend(tree.get("items").map(Node::items).unwrap_or_default().iter().cloned().filter_map(Resource::new));
            } else {
                out.extend(Resource::new(tree));
            }
        }
        out
    }

    /// The trees of a file that a text names.
    pub(super) fn file(&mut self, dir: &str, node: &Node) -> Vec<Node> {
        let Some(path) = node.text().and_then(|text| self.local(dir, node, text)) else { return Vec::new() };
        if !self.workspace.is_file(&path) {
            self.absent(node, &path);
            return Vec::new();
        }
        let source = match self.workspace.read(&path) {
            Ok(source) => source,
            Err(problem) => {
                self.incomplete = true;
                self.problems.push(problem);
                return Vec::new();
            }
        };
        let documents = yaml::read(&source);
        let template = source.text().contains("{{") || source.text().contains("<%");
        for error in documents.errors.into_iter().take(if template { 1 } else { usize::MAX }) {
            self.incomplete = true;
            let why = if template { "is a template, not YAML".to_owned() } else { error.why };
            self.problems.push(Problem::at(error.at, format!("`{path}` {why}")));
        }
        documents.documents.into_iter().map(|d| d.root).filter(|n| !n.is_null()).collect()
    }

    /// A path below the root; what lies elsewhere is a problem.
    fn local(&mut self, dir: &str, node: &Node, text: &str) -> Option<String> {
        let path = join(dir, text);
        if let Some(path) = path.filter(|p| self.workspace.is_file(p) || self.workspace.is_dir(p) || !is_remote(text)) {
            return Some(path);
        }
        self.incomplete = true;
        let why = if is_remote(text) {
            "is remote; what lies outside of the repository is not fetched".to_owned()
        } else {
            "lies outside the root".to_owned()
        };
        let shown = text.split(['?', '@']).next().filter(|_| text.contains("://")).unwrap_or(text);
        self.problems.push(Problem::at(node.at.clone(), format!("`{shown}` {why}")));
        None
    }

    fn absent(&mut self, node: &Node, path: &str) {
        self.incomplete = true;
        self.problems.push(Problem::at(node.at.clone(), format!("`{path}` does not exist")));
    }

    /// Takes objects in; one that is there already is a problem.
    fn add(&mut self, all: &mut Vec<Resource>, seen: &mut BTreeSet<Id>, more: Vec<Resource>, from: &Node) {
        let mut twice: Vec<String> = Vec::new();
        for resource in more {
            if all.len() >= OBJECTS {
                self.incomplete = true;
                self.problems.push(Problem::at(from.at.clone(), format!("more than the limit of {OBJECTS} objects; the rest is left out")));
                return;
            }
            if seen.insert(resource.id()) {
                all.push(resource);
            } else {
                twice.push(format!("the {} `{}`", resource.kind(), resource.name()));
            }
        }
        if let Some((first, rest)) = twice.split_first() {
            self.incomplete = true;
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more objects", rest.len()) };
            let what = format!("{first}{more} are taken in twice; the first stands");
            self.problems
                .push(Problem::at(from.at.clone(), what.replacen(" are", if rest.is_empty() { " is" } else { " are" }, 1)).warning());
        }
    }
}

/// Would kustomize fetch it (`api/internal/git/repospec.go`)?
fn is_remote(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or("");
    text.contains("://") || text.starts_with("git@") || text.contains("?ref=") || text.contains("::") || {
        ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com", "gist.github.com"].contains(&host.split(':').next().unwrap_or(host))
    }
}

/// A folder as people write it.
pub(super) fn shown(dir: &str) -> &str {
    if dir.is_empty() { "." } else { dir }
}
