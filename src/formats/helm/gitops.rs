//! Argo CD Applications and Flux HelmReleases → what their charts install.
//!
//! argo-cd.readthedocs.io: Helm; fluxcd.io: HelmRelease v2.

use std::sync::Arc;

use super::helmfile::remote;
use super::render::Release;
use super::{chart, install, values};
use crate::document::{Content, Node, Style, yaml};
use crate::formats::gitops::of_object;
use crate::formats::gotemplate::{Map, Text, Val, tree_of};
use crate::formats::{ReadContext, Reading};
use crate::report::Problem;
use crate::source::Source;
use crate::workspace::{Workspace, file_name, from_top_of, join, parent};

/// A chart that an object releases.
struct Released {
    name: String,
    namespace: String,
    /// A path in a git repository.
    path: Option<String>,
    /// A chart of a chart repository, or the path where it is no folder here.
    chart: Option<Node>,
    repository: String,
    version: Option<Node>,
    /// Files of values, as written.
    files: Vec<String>,
    own: Val,
    at: Node,
}

/// Folders of charts in this repository that the objects of a file release.
pub(super) fn parts(source: &Arc<Source>, workspace: &dyn Workspace) -> Vec<String> {
    let documents = yaml::read(source);
    let released = documents.documents.iter().flat_map(|d| released(&d.root, workspace, &mut Reading::default()));
    released.filter_map(|r| local(r.path.as_deref()?, source.path(), workspace)).collect()
}

/// Reads the objects of a file.
pub(super) fn read(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    let documents = super::super::declared::tree(path, cx, reading);
    for document in documents.documents {
        for one in released(&document.root, cx.workspace, reading) {
            release(&one, path, cx, reading);
        }
    }
}

fn release(one: &Released, path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    let mut own = Val::map(Map::default());
    let folder = one.path.as_deref().and_then(|p| local(p, path, cx.workspace));
    for file in &one.files {
        // `$ref/path` names a file of another source: here, of this repository.
        let found = match file.strip_prefix('$').and_then(|f| f.split_once('/')) {
            Some((_, rest)) => from_top_of(cx.workspace, path, rest),
            None => folder.as_deref().and_then(|f| join(f, file)),
        };
        match found.filter(|f| cx.workspace.is_file(f)) {
            Some(file) => own = values::file(&file, None, cx, reading).map_or(own.clone(), |v| values::merged(&own, &v)),
            None => reading
                .problems
                .push(Problem::at(one.at.at.clone(), format!("`{path}` takes values from `{file}`, which is not in this repository"))),
        }
    }
    own = values::merged(&own, &one.own);
    own = values::merged(&own, &values::set(&cx.options.set, reading));
    if let Some(folder) = folder {
        let Some(loaded) = chart::load(&folder, cx, reading) else { return };
        let what = format!("the chart `{folder}` as `{path}` releases it");
        install(&loaded, &own, &Release { name: one.name.clone(), namespace: one.namespace.clone() }, &what, cx, reading);
        return;
    }
    let Some(chart) = &one.chart else {
        // A folder without a chart is plain manifests or an overlay, which others read.
        let here = one.path.as_deref().and_then(|p| from_top_of(cx.workspace, path, p));
        if here.is_some_and(|folder| cx.workspace.is_dir(&folder)) {
            return;
        }
        let what = format!("the chart of `{}` is not in this repository: what it runs is not known", one.name);
        reading.problems.push(Problem::at(one.at.at.clone(), what).warning());
        return;
    };
    remote(&one.name, chart.text().unwrap_or("?"), &one.repository, one.version.as_ref().map(Val::of_node), &own, &chart.at, reading);
    reading
        .notes
        .push(format!("`{}` of `{path}`: its chart is not in this repository, and is read by its name, version and values", one.name));
}

/// The folder of a chart in this repository: from the root, as git has it, or beside the file.
fn local(path: &str, file: &str, workspace: &dyn Workspace) -> Option<String> {
    let is_chart = |p: &String| workspace.is_file(&join(p, "Chart.yaml").unwrap_or_default());
    from_top_of(workspace, file, path).filter(is_chart).or_else(|| join(parent(file), path).filter(is_chart))
}

fn released(root: &Node, workspace: &dyn Workspace, reading: &mut Reading) -> Vec<Released> {
    if matches!(root.text_at(&["kind"]), Some("ApplicationSet" | "Application")) {
        let made = of_object(root.clone(), workspace, &mut reading.problems);
        return made.iter().flat_map(|d| application(&d.node, d.name(), reading)).collect();
    }
    let name = root.text_at(&["metadata", "name"]).unwrap_or("release").to_owned();
    match (root.text_at(&["apiVersion"]).unwrap_or(""), root.text_at(&["kind"]).unwrap_or("")) {
        (api, "HelmRelease") if api.starts_with("helm.toolkit.fluxcd.io/") => helm_release(root, &name, reading).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn application(root: &Node, name: &str, reading: &mut Reading) -> Vec<Released> {
    let Some(spec) = root.get("spec") else { return Vec::new() };
    // Where there are several, the one alone does not count.
    let several = spec.get("sources").map(Node::items).unwrap_or_default();
    let sources: Vec<&Node> = if several.is_empty() { spec.get("source").into_iter().collect() } else { several.iter().collect() };
    let mut out = Vec::new();
    for source in sources {
        let helm = source.get("helm");
        // An object of values counts instead of a text of them (argo-cd: docs/user-guide/helm.md).
        let text = helm.and_then(|h| h.get("values")).filter(|v| v.text().is_some());
        let own = match (helm.and_then(|h| h.get("valuesObject")).filter(|o| !o.is_null()), text) {
            (Some(object), _) => Val::of_node(object),
            (None, Some(text)) => embedded(text, reading),
            (None, None) => Val::map(Map::default()),
        };
        let own = values::merged(&own, &helm.map_or_else(|| Val::map(Map::default()), |helm| parameters(helm, name, reading)));
        let files = helm.and_then(|h| h.get("valueFiles")).map(Node::items).unwrap_or_default();
        if source.get("chart").is_none() && (source.get("path").is_none() || source.get("ref").is_some()) {
            continue;
        }
        out.push(Released {
            name: helm.and_then(|h| h.text_at(&["releaseName"])).unwrap_or(name).to_owned(),
            namespace: spec.text_at(&["destination", "namespace"]).unwrap_or("default").to_owned(),
            path: source.text_at(&["path"]).map(str::to_owned),
            chart: source.get("chart").cloned(),
            repository: source.text_at(&["repoURL"]).unwrap_or("").to_owned(),
            version: source.get("targetRevision").cloned(),
            files: files.iter().filter_map(|f| f.text().map(str::to_owned)).collect(),
            own,
            at: source.clone(),
        });
    }
    out
}

/// Most parameters of an Application.
const PARAMETERS: usize = 1000;

/// The parameters of an Application, which it passes as `--set`.
fn parameters(helm: &Node, name: &str, reading: &mut Reading) -> Val {
    let of = |key: &str| helm.get(key).map(Node::items).unwrap_or_default().iter();
    let given = of("parameters").filter_map(|p| Some((p.get("name")?, set_value(p)?)));
    let from_file =
        |name: &Node| Val { at: Val::of_node(name).at, ..Val::unknown("the value is the content of a file (`fileParameters`)") };
    let files = of("fileParameters").filter_map(|p| p.get("name")).map(|name| (name, from_file(name)));
    let mut out = Val::map(Map::default());
    for (n, (key, value)) in given.chain(files).enumerate() {
        if n == PARAMETERS {
            let what = format!("`{name}` has more than the limit of {PARAMETERS} parameters; the rest is not read");
            reading.problems.push(Problem::at(key.at.clone(), what).warning());
            break;
        }
        match values::below(key.text().unwrap_or_default(), value) {
            Some(nested) => out = values::merged(&out, &nested),
            None => reading.problems.push(Problem::at(key.at.clone(), format!("`{name}`: the path of a parameter is not read")).warning()),
        }
    }
    out
}

/// The value of a parameter: `--set` makes numbers and booleans of quoted ones too, unless it is forced to be a text.
fn set_value(parameter: &Node) -> Option<Val> {
    let value = parameter.get("value")?;
    let style = if parameter.text_at(&["forceString"]) == Some("true") { Style::Double } else { Style::Plain };
    Some(match &value.content {
        Content::Scalar(text, _) if !text.is_empty() => {
            Val::of_node(&Node { content: Content::Scalar(text.clone(), style), ..value.clone() })
        }
        _ => Val::of_node(value),
    })
}

fn helm_release(root: &Node, name: &str, reading: &mut Reading) -> Option<Released> {
    let spec = root.get("spec")?;
    let chart = spec.path(&["chart", "spec"]).unwrap_or(spec);
    let named = chart.get("chart").filter(|c| c.text().is_some());
    let git = chart.text_at(&["sourceRef", "kind"]) == Some("GitRepository");
    if let Some(from) = spec.get("valuesFrom") {
        let what = "takes values from objects that are not read (`valuesFrom`)";
        reading.problems.push(Problem::at(from.at.clone(), format!("`{name}` {what}")).warning());
    }
    if let Some(after) = spec.entry("postRenderers") {
        let what = "changes what its chart renders (`postRenderers`): that is not read";
        reading.problems.push(Problem::at(after.key.at.clone(), format!("`{name}` {what}")).warning());
    }
    let path = named.and_then(Node::text).filter(|t| git || t.starts_with('.')).map(str::to_owned);
    let files = chart.get("valuesFiles").map(Node::items).unwrap_or_default();
    let base = path.clone().unwrap_or_default();
    Some(Released {
        name: spec.text_at(&["releaseName"]).unwrap_or(name).to_owned(),
        namespace: spec.text_at(&["targetNamespace"]).or_else(|| root.text_at(&["metadata", "namespace"])).unwrap_or("default").to_owned(),
        path,
        chart: named.cloned().or_else(|| spec.path(&["chartRef", "name"]).cloned()),
        repository: chart.text_at(&["sourceRef", "name"]).unwrap_or("").to_owned(),
        version: chart.get("version").cloned(),
        // Flux names them from the root of the source, Argo CD from the chart.
        files: files
            .iter()
            .filter_map(Node::text)
            .map(|f| f.strip_prefix(base.as_str()).map_or_else(|| file_name(f).to_owned(), |r| r.trim_start_matches('/').to_owned()))
            .collect(),
        own: spec.get("values").map_or_else(|| Val::map(Map::default()), Val::of_node),
        at: spec.clone(),
    })
}

/// YAML in a block scalar: its lines stand in the file as they are, moved right.
fn embedded(node: &Node, reading: &mut Reading) -> Val {
    let Some(text) = node.text() else { return Val::map(Map::default()) };
    let whole = Text::source(node.at.source());
    let span = node.at.span();
    let mut at = span.start;
    let mut out = Text::default();
    // Where one line is written in another form, so may be the rest: they are not looked for.
    let mut written = true;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        let found = node.at.source().text().get(at..span.end.max(at)).filter(|_| written && !bare.trim().is_empty());
        let found = found.and_then(|rest| rest.find(bare));
        written &= found.is_some() || bare.trim().is_empty();
        match found {
            Some(i) => {
                out.append(&whole.slice(at + i, at + i + bare.len()));
                at += i + bare.len();
            }
            None => out.append(&Text::written(bare, &node.at)),
        }
        out.push_str("\n");
    }
    let documents = tree_of(&out, node.at.path(), &[]);
    for error in documents.errors {
        reading.problems.push(Problem::at(error.at, format!("`{}`: these values are not YAML", node.at.path())));
    }
    documents.documents.first().map_or_else(|| Val::map(Map::default()), |d| Val::of_node(&d.root))
}
