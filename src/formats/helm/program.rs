//! `helm template` over a chart → what it renders; our own reading of the same templates says where it is written.

use std::path::Path;

use super::chart::Chart;
use super::render::{Release, Rendered, is_test};
use crate::ask::process::Call;
use crate::document::{Content, Documents, Entry, Node, yaml};
use crate::formats::gotemplate::{Engine, MARK, Val, changes, written};
use crate::formats::{ReadContext, Reading, Render};
use crate::report::Problem;
use crate::source::{Location, Source};

/// Nothing is there: no plugins, no repositories, no configuration.
const NOWHERE: &str = "/dev/null/parity";

/// The version of Kubernetes that templates see, with `helm` and without.
pub(super) const KUBE: &str = "v1.33.0";

/// Runs `helm` where it may be run, and says how the chart was read.
pub(super) fn check(
    chart: &Chart,
    own: &Val,
    release: &Release,
    rendered: &mut Rendered,
    cx: &ReadContext<'_>,
    reading: &mut Reading,
) -> String {
    const BUILT_IN: &str = "read by the built-in reading";
    let Some(root) = cx.workspace.on_disk().filter(|_| cx.options.render == Render::Auto && cx.programs.find("helm").is_some()) else {
        return BUILT_IN.into();
    };
    if !rendered.absent.is_empty() {
        return format!("{BUILT_IN} (`helm` needs charts that are not vendored)");
    }
    let (files, _) = cx.workspace.list(&chart.path);
    if files.iter().any(|f| !cx.workspace.is_file(f)) {
        return format!("{BUILT_IN} (the chart holds links that leave the repository: `helm` would follow them)");
    }
    let values = written(&mut Engine::new(None), own).unwrap_or_default();
    if values.contains(MARK) {
        return format!("{BUILT_IN} (some of its values are not known)");
    }
    let text = match template(root, chart, release, &values, cx) {
        Ok(text) => text,
        Err((problem, why)) => {
            reading.problems.push(problem);
            return format!("{BUILT_IN} ({why})");
        }
    };
    let source = Source::limited("helm template", text, cx.workspace.limits().tree);
    let documents = yaml::read(&source);
    if !documents.errors.is_empty() {
        let what = format!("what `helm` renders of the chart `{}` is not YAML", chart.name());
        reading.problems.push(Problem::at(place(chart), what).warning());
        return format!("{BUILT_IN} (`helm` gave no YAML)");
    }
    rendered.trees = trees(documents, chart, rendered, cx);
    "rendered by `helm`, places by the built-in reading".into()
}

/// What `helm template` writes of a chart with values.
///
/// # Errors
/// What is wrong, and how the chart was read then.
fn template(root: &Path, chart: &Chart, release: &Release, values: &str, cx: &ReadContext<'_>) -> Result<String, (Problem, &'static str)> {
    let folder = root.join(&chart.path);
    let folder = folder.to_string_lossy();
    let args =
        ["template", &release.name, &folder, "--namespace", &release.namespace, "--kube-version", KUBE, "--skip-tests", "--values", "-"];
    let env: Vec<(&str, &str)> = [
        "HOME",
        "HELM_CACHE_HOME",
        "HELM_CONFIG_HOME",
        "HELM_DATA_HOME",
        "HELM_PLUGINS",
        "HELM_REGISTRY_CONFIG",
        "HELM_REPOSITORY_CACHE",
        "HELM_REPOSITORY_CONFIG",
        "KUBECONFIG",
    ]
    .iter()
    .map(|k| (*k, NOWHERE))
    .collect();
    let call = Call { env: &env, input: values.as_bytes(), ..Call::new("helm", &args, root) };
    match cx.programs.run(&call) {
        Ok(output) if output.success => Ok(output.text()),
        Ok(output) => {
            let code = output.code.map_or_else(|| "a signal".to_owned(), |c| format!("exit {c}"));
            let problem = Problem::at(place(chart), format!("`helm` could not render the chart `{}` ({code})", chart.name())).warning();
            Err((problem.help("run `helm template` on it, or use --render never"), "`helm` failed"))
        }
        Err(error) => {
            let what = format!("the chart `{}` could not be rendered: {error}", chart.name());
            Err((Problem::at(place(chart), what).warning(), "`helm` was ended"))
        }
    }
}

/// The objects that were rendered, each at the places that our own reading has for it.
fn trees(documents: Documents, chart: &Chart, rendered: &Rendered, cx: &ReadContext<'_>) -> Vec<Node> {
    let mut trees = Vec::new();
    for document in documents.documents {
        let root = document.root;
        if root.is_null() || is_test(&root) {
            continue;
        }
        let before = documents.comments.iter().rev().filter(|c| c.at.span().start < root.at.span().start);
        let from = before.filter_map(|c| c.text.strip_prefix("Source: ")).next().and_then(|p| p.split_once('/')).map(|(_, p)| p.to_owned());
        let file = from.map(|p| if chart.path.is_empty() { p } else { format!("{}/{}", chart.path, p) });
        let place = file.and_then(|f| cx.workspace.read(&f).ok()).map_or_else(|| self::place(chart), |s| s.whole());
        let ours = rendered.trees.iter().find(|t| same(t, &root));
        trees.push(aligned(&root, ours, ours.map_or(&place, |o| &o.at)));
    }
    trees
}

/// Where a chart says what it is.
fn place(chart: &Chart) -> Location {
    chart.about.place().unwrap_or_else(|| Source::new(chart.stated.as_str(), "").whole())
}

/// Are two objects the same one?
fn same(a: &Node, b: &Node) -> bool {
    let name = ["metadata", "name"];
    a.text_at(&["kind"]) == b.text_at(&["kind"]) && a.text_at(&name) == b.text_at(&name) && a.text_at(&name).is_some()
}

/// What `helm` rendered, at the places that our own reading has for it.
fn aligned(node: &Node, ours: Option<&Node>, place: &Location) -> Node {
    let at = ours.map_or(place, |o| &o.at);
    let content = match (&node.content, ours.map(|o| &o.content)) {
        // Another value each time: what this run gave means nothing.
        (Content::Scalar(..), Some(Content::Expression(why))) if changes(why) => Content::Expression(why.clone()),
        (Content::Mapping(entries), _) => {
            let entry = |e: &Entry| {
                let mine = e.key.text().and_then(|k| ours.and_then(|o| o.entry(k)));
                Entry {
                    key: aligned(&e.key, mine.map(|m| &m.key), at),
                    value: aligned(&e.value, mine.map(|m| &m.value), mine.map_or(at, |m| &m.key.at)),
                }
            };
            Content::Mapping(entries.iter().map(entry).collect())
        }
        (Content::Sequence(items), _) => {
            let mine = ours.map(Node::items).unwrap_or_default();
            let partner = |i: usize, item: &Node| match item.text_at(&["name"]) {
                Some(name) => mine.iter().rev().find(|m| m.text_at(&["name"]) == Some(name)),
                None => mine.get(i),
            };
            Content::Sequence(items.iter().enumerate().map(|(i, item)| aligned(item, partner(i, item), at)).collect())
        }
        (other, _) => other.clone(),
    };
    Node { content, at: at.clone(), tag: node.tag.clone() }
}
