//! Objects of Argo CD and Flux → what they deploy of this repository, and how they change what they deploy.
//!
//! Argo CD: `Application`, `ApplicationSet` (argo-cd.readthedocs.io: Kustomize, ApplicationSet); Flux: `Kustomization`
//! (fluxcd.io: Kustomization v1).

use crate::document::{Content, Entry, Node, Style, yaml};
use crate::report::Problem;
use crate::workspace::{Workspace, join};

use super::ReadContext;
use super::compose::interpolate::LONGEST;
use super::kustomize::images;

mod overrides;
mod sets;

pub(crate) use overrides::SOURCE_FILE;

/// Groups of the objects.
pub(crate) const GROUPS: [&str; 2] = ["argoproj.io/", "kustomize.toolkit.fluxcd.io/"];

/// An object that deploys a folder.
pub(crate) struct Deployer {
    /// The object; one that a set makes has its values in it.
    pub(crate) node: Node,
    /// Who acts on it.
    pub(crate) tool: &'static str,
}

/// The deploying objects of a file.
pub(crate) fn deployers(
    text: &std::sync::Arc<crate::source::Source>,
    workspace: &dyn Workspace,
    problems: &mut Vec<Problem>,
) -> Vec<Deployer> {
    if !GROUPS.iter().any(|group| text.text().contains(group)) {
        return Vec::new();
    }
    let documents = yaml::read(text).documents;
    documents.into_iter().flat_map(|d| of_object(d.root, workspace, problems)).collect()
}

/// Of the paths of a manifest, the objects that deploy and change it for the environment, and its own paths.
pub(crate) fn given<'p>(paths: &'p [String], cx: &ReadContext<'_>, problems: &mut Vec<Problem>) -> (Vec<Deployer>, Vec<&'p String>) {
    let deploys = |path: &String, problems: &mut Vec<Problem>| -> Vec<Deployer> {
        let yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        let source = (yaml && cx.workspace.is_file(path)).then(|| cx.workspace.read(path).ok()).flatten();
        source.map(|s| deployers(&s, cx.workspace, problems)).unwrap_or_default().into_iter().filter(Deployer::changes).collect()
    };
    let (mut by, mut own) = (Vec::new(), Vec::new());
    for path in paths {
        let mut found = deploys(path, problems);
        if found.is_empty() || paths.len() == 1 {
            own.push(path);
        }
        by.append(&mut found);
    }
    by.retain(|d| crate::discover::may_be_of(d.name(), cx.environment));
    for path in &own {
        let covered = by.iter().any(|d| d.folders(cx.workspace).contains(path));
        if !cx.workspace.is_dir(path) {
            continue;
        }
        problems.extend(overrides::problems(path, covered, cx));
        if !covered {
            by.extend(overrides::orphan(path, cx.environment, cx.workspace));
        }
    }
    (by, own)
}

/// An object, if it deploys; a set as the objects that it makes.
pub(crate) fn of_object(node: Node, workspace: &dyn Workspace, problems: &mut Vec<Problem>) -> Vec<Deployer> {
    let api = node.text_at(&["apiVersion"]).unwrap_or("");
    match node.text_at(&["kind"]) {
        Some("Application") if api.starts_with("argoproj.io/") => {
            vec![Deployer { node: overrides::applied(node, workspace), tool: "Argo CD" }]
        }
        Some("ApplicationSet") if api.starts_with("argoproj.io/") => {
            let made = sets::applications(&node, workspace, problems).into_iter();
            made.map(|node| Deployer { node: overrides::applied(node, workspace), tool: "Argo CD" }).collect()
        }
        Some("Kustomization") if api.starts_with("kustomize.toolkit.fluxcd.io/") => vec![Deployer { node, tool: "Flux" }],
        _ => Vec::new(),
    }
}

impl Deployer {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.node.text_at(&["metadata", "name"]).unwrap_or("")
    }

    /// What it takes: the sources of an Application, the `spec` of a Kustomization.
    fn sources(&self) -> Vec<&Node> {
        let more = self.node.path(&["spec", "sources"]).map(Node::items).unwrap_or_default();
        // Where there are several, the one alone does not count (argo-cd: docs/user-guide/multiple_sources.md).
        let one = self.node.path(&["spec", "source"]).filter(|_| more.is_empty());
        [one, self.node.get("spec")].into_iter().flatten().chain(more).collect()
    }

    /// The folders of this repository that it deploys. The root holds everything: that it is deployed says nothing.
    pub(crate) fn folders(&self, workspace: &dyn Workspace) -> Vec<String> {
        let paths = self.sources().into_iter().filter_map(|s| join("", s.text_at(&["path"])?));
        paths.filter(|p| !p.is_empty() && workspace.is_dir(p)).collect()
    }

    /// The revision of the repository that it deploys, where it is one that stands still: a tag, a commit.
    pub(crate) fn revision(&self) -> Option<&str> {
        let revision = self.sources().into_iter().filter(|s| s.get("chart").is_none()).find_map(|s| s.text_at(&["targetRevision"]))?;
        let pinned = revision.starts_with(|c: char| c.is_ascii_digit())
            || revision.strip_prefix('v').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        (pinned && revision.contains('.') || revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit())).then_some(revision)
    }

    /// Does it change what it deploys?
    pub(crate) fn changes(&self) -> bool {
        !self.images().is_empty() || self.substitutes()
    }

    /// Entries as a kustomization's `images` has them.
    fn images(&self) -> Vec<Node> {
        let of = |s: &&Node| s.path(&["kustomize", "images"]).map(Node::items).unwrap_or_default().to_vec();
        let argo = self.sources().iter().flat_map(of).filter_map(|n| override_of(&n)).collect::<Vec<_>>();
        let flux = self.node.path(&["spec", "images"]).filter(|_| self.tool == "Flux").map(Node::items).unwrap_or_default();
        argo.into_iter().chain(flux.iter().cloned()).collect()
    }

    fn post_build(&self) -> Option<&Node> {
        self.node.path(&["spec", "postBuild"]).filter(|_| self.tool == "Flux")
    }

    fn substitutes(&self) -> bool {
        self.post_build().is_some_and(|p| p.get("substitute").is_some() || p.get("substituteFrom").is_some())
    }

    /// Changes the trees of what it deploys.
    pub(crate) fn apply(&self, trees: &mut [Node]) {
        for entry in self.images() {
            trees.iter_mut().for_each(|tree| images::apply(tree, &entry));
        }
        if let Some(post) = self.post_build().filter(|_| self.substitutes()) {
            trees.iter_mut().filter(|t| !excluded(t)).for_each(|tree| substitute(tree, post, 0));
        }
    }
}

/// An object that says that nothing is put into it (fluxcd.io: Post build variable substitution).
fn excluded(tree: &Node) -> bool {
    let own = |map: &str| tree.path(&["metadata", map]).and_then(|m| m.text_at(&["kustomize.toolkit.fluxcd.io/substitute"]));
    ["labels", "annotations"].iter().any(|map| own(map) == Some("disabled"))
}

/// `[old=]new[:tag][@digest]` of Argo CD as an entry of `images`.
fn override_of(node: &Node) -> Option<Node> {
    let text = node.text()?;
    let (old, new) = text.split_once('=').unwrap_or(("", text));
    let (rest, digest) = new.split_once('@').map_or((new, None), |(rest, digest)| (rest, Some(digest)));
    let colon = rest.rfind(':').filter(|i| !rest.get(*i..).unwrap_or("").contains('/'));
    let (name, tag) = colon.map_or((rest, None), |i| (rest.get(..i).unwrap_or(rest), rest.get(i + 1..)));
    let part = |word: &str| node.at.text().rfind(word).map_or_else(|| node.at.clone(), |i| node.at.part(i, i + word.len()));
    let scalar = |text: &str| Node { content: Content::Scalar(text.into(), Style::Double), at: part(text), tag: None };
    let old = if old.is_empty() { name } else { old };
    let fields = [("name", Some(old)), ("newName", Some(name)), ("newTag", tag), ("digest", digest)];
    let entry = |(key, value): (&str, Option<&str>)| Some(Entry { key: scalar(key), value: scalar(value?) });
    Some(Node { content: Content::Mapping(fields.into_iter().filter_map(entry).collect()), at: node.at.clone(), tag: None })
}

/// Deepest tree that is looked through.
const DEEPEST: usize = 128;

/// Puts the variables of `postBuild` into every text of a tree.
fn substitute(node: &mut Node, post: &Node, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match &mut node.content {
        Content::Mapping(entries) => entries.iter_mut().for_each(|e| substitute(&mut e.value, post, depth + 1)),
        Content::Sequence(items) => items.iter_mut().for_each(|n| substitute(n, post, depth + 1)),
        Content::Scalar(text, _) if text.contains("${") => {
            let text = std::sync::Arc::clone(text);
            if let Some(new) = substituted(&text, node, post) {
                *node = new;
            }
        }
        _ => {}
    }
}

/// A text with its variables; one variable alone stands at the place of its value.
fn substituted(text: &str, node: &Node, post: &Node) -> Option<Node> {
    let mut out = String::new();
    let mut rest = text;
    let mut last: Option<&Node> = None;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, tail) = after.split_once('}')?;
        let (name, default) = inner.split_once(":=").or_else(|| inner.split_once(":-")).map_or((inner, None), |(n, d)| (n, Some(d)));
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        // `$${name}` is the text `${name}`.
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(&format!("{before}${{{inner}}}"));
            rest = tail;
            continue;
        }
        out.push_str(before);
        if out.len() > LONGEST + text.len() {
            let why = format!("its variables make it longer than the limit of {LONGEST} bytes");
            return Some(Node { content: Content::Expression(why.into()), ..node.clone() });
        }
        let value = post.path(&["substitute", name]);
        match (value.and_then(Node::text), default) {
            (Some(value), _) => out.push_str(value),
            (None, _) if post.get("substituteFrom").is_some() => {
                let why = format!("`{name}` may come from an object that is not read (`substituteFrom`)");
                return Some(Node { content: Content::Expression(why.into()), ..node.clone() });
            }
            (None, Some(default)) => out.push_str(default),
            // Flux puts nothing in place of a variable that is not set.
            (None, None) => {}
        }
        last = value.or(last);
        rest = tail;
    }
    out.push_str(rest);
    let at = last.map_or(&node.at, |n| &n.at).clone();
    Some(Node { content: Content::Scalar(out.into(), Style::Double), at, tag: None })
}

#[cfg(test)]
mod tests;
