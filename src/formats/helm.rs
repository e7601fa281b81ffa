//! Helm charts, values of charts from elsewhere, helmfiles, Argo CD and Flux releases → what they install.

use std::collections::BTreeSet;

use crate::formats::gotemplate::{Map, Val};
use crate::report::Problem;
use crate::workspace::{self, Workspace, file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side};

mod backing;
mod chart;
mod claims;
mod convention;
mod gitops;
mod helmfile;
mod lines;
mod open;
mod orphan;
mod prelude;
mod program;
mod render;
#[cfg(test)]
mod tests;
mod values;

use claims::What;
use render::Release;

/// Stack of the thread that evaluates templates: their nesting is bounded, and each level takes some frames.
const STACK: usize = 256 * 1024 * 1024;

/// The format.
#[derive(Debug)]
pub struct Helm;

impl Format for Helm {
    fn id(&self) -> &'static str {
        "helm"
    }

    fn name(&self) -> &'static str {
        "Helm"
    }

    fn deploys(&self) -> bool {
        true
    }

    fn decides(&self, path: &str) -> bool {
        file_name(path).starts_with("helmfile.")
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images and versions as the chart renders them with the values of production; dependencies by their chart's version",
            env: "as Kubernetes",
            processes: "as Kubernetes",
            unknown: "what the built-in reading cannot evaluate, where `helm` is not on `PATH`; charts that are not in the repository",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        claims::may_claim(path)
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        match claims::what(path, head) {
            Some(What::Chart) => Claim::Yes { manifest: parent(path).to_owned(), side: Side::Prod },
            Some(What::Helmfile) if !helmfile::for_production(head) => Claim::No,
            Some(_) => Claim::Yes { manifest: path.to_owned(), side: Side::Prod },
            None => Claim::No,
        }
    }

    /// A chart and the values files given beside it are one.
    fn merges(&self) -> bool {
        true
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        if workspace.is_dir(path) {
            let below = ["templates", "charts", "crds", "ci"].iter().filter_map(|d| join(path, d));
            return below.chain(convention::beside(path, workspace)).chain(chart::local(path, workspace)).collect();
        }
        match workspace.read(path) {
            Ok(source) if claims::what(path, source.text()) == Some(What::Helmfile) => helmfile::parts(path, source.text()),
            Ok(source) if claims::what(path, source.text()) == Some(What::Release) => gitops::parts(&source, workspace),
            _ => Vec::new(),
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        // Templates nest; a thread of our own has the stack for it.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read(manifest, cx));
            thread.ok().and_then(|t| t.join().ok()).unwrap_or_else(|| {
                let path = manifest.paths.first().map_or("", String::as_str);
                Reading { problems: vec![Problem::file(path, "could not be read: the reader stopped")], ..Reading::default() }
            })
        })
    }
}

/// Does a file release charts, so that it is read as what they install?
pub(crate) fn is_release(path: &str, text: &str) -> bool {
    claims::what(path, text) == Some(What::Release)
}

fn read(manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
    let mut reading = Reading::default();
    let mut charts: Vec<String> = Vec::new();
    let mut values_files: Vec<String> = Vec::new();
    for path in &manifest.paths {
        if cx.workspace.is_dir(path) {
            charts.push(path.clone());
            continue;
        }
        if file_name(path) == "Chart.yaml" {
            charts.push(parent(path).to_owned());
            continue;
        }
        let head = cx.workspace.read(path);
        match head.as_ref().ok().and_then(|s| claims::what(path, s.text())) {
            Some(What::Helmfile) => helmfile::read(path, cx, &mut reading),
            Some(What::Release) => gitops::read(path, cx, &mut reading),
            _ => match head {
                Ok(_) => values_files.push(path.clone()),
                Err(problem) => reading.problems.push(problem),
            },
        }
    }
    // Values given without a chart belong to the one that they lie beside.
    if charts.is_empty() && !values_files.is_empty() {
        charts.extend(values_files.iter().filter_map(|f| convention::chart_of(f, cx.workspace)));
        charts.sort();
        charts.dedup();
    }
    if charts.is_empty() {
        for path in &values_files {
            orphans(path, manifest, cx, &mut reading);
        }
        return reading;
    }
    for path in charts {
        let mine = |f: &&String| convention::chart_of(f, cx.workspace).is_none_or(|c| c == path) && convention::near(f, &path);
        let (own, other): (Vec<&String>, Vec<&String>) = values_files.iter().partition(mine);
        let own: Vec<String> = own.into_iter().cloned().collect();
        chart(&path, &own, cx, &mut reading);
        for path in other {
            orphans(path, manifest, cx, &mut reading);
        }
    }
    reading
}

/// A chart of its own: the values are those given, else those that convention finds.
fn chart(path: &str, given: &[String], cx: &ReadContext<'_>, reading: &mut Reading) {
    let shown = if path.is_empty() { "." } else { path };
    let asked: Vec<String> =
        cx.options.var_files.iter().filter(|f| claims::values_name(f)).filter_map(|f| workspace::given(cx.workspace, f)).collect();
    let (files, because) = if !asked.is_empty() || !given.is_empty() {
        ([given, &asked].concat(), "given")
    } else {
        (convention::values_files(path, cx.environment, cx.workspace), "found by their names")
    };
    let mut own = Val::map(Map::default());
    for file in &files {
        if let Some(more) = values::file(file, None, cx, reading) {
            own = values::merged(&own, &more);
        }
    }
    own = values::merged(&own, &values::set(&cx.options.set, reading));
    let Some(chart) = chart::load(path, cx, reading) else { return };
    let release = Release { name: chart.name(), namespace: "default".into() };
    let with = if files.is_empty() {
        if cx.options.set.is_empty() {
            reading.defaults.get_or_insert_with(|| shown.to_owned());
        }
        "with its default values".to_owned()
    } else {
        let named: Vec<String> = files.iter().map(|f| format!("`{f}`")).collect();
        format!("with the values of {} ({because})", named.join(", "))
    };
    let set = if cx.options.set.is_empty() { "" } else { " and of `--set`" };
    let first = reading.services.len();
    let open = install(&chart, &own, &release, &format!("the chart `{shown}` {with}{set}"), cx, reading);
    if files.is_empty() && cx.options.set.is_empty() {
        open::mark(reading.services.get_mut(first..).unwrap_or_default(), &open, shown);
    }
}

/// Renders a chart and reads its objects. Gives the names of those whose templates take keys from values.
fn install(
    chart: &chart::Chart,
    own: &Val,
    release: &Release,
    what: &str,
    cx: &ReadContext<'_>,
    reading: &mut Reading,
) -> BTreeSet<String> {
    if chart.library() {
        reading.notes.push(format!("{what} holds definitions for other charts alone"));
        return BTreeSet::new();
    }
    let mut rendered = render::render(chart, own, release, cx, reading);
    let how = program::check(chart, own, release, &mut rendered, cx, reading);
    let open = open::names(&rendered.trees);
    let mut objects = super::kubernetes::read_trees(rendered.trees);
    reading.services.append(&mut rendered.services);
    reading.services.append(&mut objects.services);
    reading.injected.append(&mut objects.injected);
    reading.injected.sort();
    reading.injected.dedup();
    reading.problems.append(&mut objects.problems);
    let absent = match rendered.absent.as_slice() {
        [] => String::new(),
        names => format!("; not in this repository: {}", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
    };
    reading.notes.push(format!("{what}, as release `{}`: {how}{absent}", release.name));
    open
}

/// Values of a chart from elsewhere.
fn orphans(path: &str, manifest: &Manifest, cx: &ReadContext<'_>, reading: &mut Reading) {
    let Some(values) = values::file(path, None, cx, reading) else { return };
    let unit = manifest.unit.rsplit('/').next().filter(|u| !u.is_empty()).unwrap_or("app");
    let found = orphan::services(&values, unit, "that these values are for");
    if found.is_empty() {
        reading.problems.push(Problem::file(path, "are values of a chart that is not in this repository, and name no image").info());
    }
    reading.services.extend(found);
    reading.notes.push(format!("`{path}`: values of a chart that is not in this repository, read by their names"));
}
