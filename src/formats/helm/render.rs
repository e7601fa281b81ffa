//! A chart with its values → the objects that it installs, each scalar at the line that states it.

use std::rc::Rc;

use super::chart::{Chart, Dependency, enabled};
use super::program::KUBE;
use super::{backing, lines, prelude, values};
use crate::document::Node;
use crate::formats::gotemplate::{Engine, Files, Kind, Map, Text, Val};
use crate::formats::{ReadContext, Reading};
use crate::inventory::Service;
use crate::report::Problem;
use crate::workspace::{file_name, join};

/// The release that a chart is installed as.
#[derive(Clone)]
pub(super) struct Release {
    pub(super) name: String,
    pub(super) namespace: String,
}

/// What a chart gives.
#[derive(Default)]
pub(super) struct Rendered {
    pub(super) trees: Vec<Node>,
    /// Backing services of charts that are not here.
    pub(super) services: Vec<Service>,
    /// Charts that are needed and not here.
    pub(super) absent: Vec<String>,
}

/// A chart that takes part, with its own values.
struct Part<'c> {
    chart: &'c Chart,
    /// Its path among the charts, as Helm names templates: `shop/charts/db`.
    base: String,
    values: Val,
    subcharts: Val,
    /// Why it may not be installed.
    perhaps: Option<Rc<str>>,
}

/// Renders a chart with the values given over its defaults.
pub(super) fn render(chart: &Chart, given: &Val, release: &Release, cx: &ReadContext<'_>, reading: &mut Reading) -> Rendered {
    let mut out = Rendered::default();
    let mut parts = Vec::new();
    let values = values::merged(&chart.values, given);
    gather(chart, (chart.name(), None), values, release, &mut parts, &mut out, reading);
    let files: Vec<ChartFiles<'_>> = parts.iter().map(|p| ChartFiles { cx, root: &p.chart.path }).collect();
    let mut engine = Engine::new(None);
    if let Some(name) = out.absent.first() {
        // What a chart that is not here defines is not known, and no mistake of this one.
        engine.elsewhere = Some(format!("the chart `{name}` is not in this repository").into());
    }
    prelude::define(chart, &mut engine);
    // Definitions of the outer chart win over those of the charts that it depends on: it comes last.
    let mut bodies = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        for source in &part.chart.templates {
            match engine.add(Text::source(source)) {
                Ok(body) => {
                    engine.define(&format!("{}/{}", part.base, below(source.path(), &part.chart.path)), &body);
                    bodies.push((i, source, body));
                }
                Err(fail) => {
                    let at = fail.at.unwrap_or_else(|| source.whole());
                    reading.problems.push(Problem::at(at, format!("`{}` is not a template: it {}", source.path(), fail.why)));
                }
            }
        }
    }
    for (i, source, body) in &bodies {
        let Some(part) = parts.get(*i) else { continue };
        let name = file_name(source.path());
        if part.chart.library() || name.starts_with('_') || name.ends_with(".tpl") {
            continue;
        }
        engine.files = files.get(*i).map(|f| f as &dyn Files);
        let text = engine.run_file(body, &scope(part, release, source.path()));
        values::notices(&mut engine, source.path(), reading);
        match text {
            Ok(text) if text.as_str().trim().is_empty() => {}
            Ok(text) => {
                let first = out.trees.len();
                documents(&engine, &text, source.path(), &mut out, reading);
                if let Some(why) = &part.perhaps {
                    out.trees.iter_mut().skip(first).for_each(|tree| tree.set_perhaps(why));
                }
            }
            Err(fail) => {
                let at = fail.at.unwrap_or_else(|| source.whole());
                let problem = Problem::at(at, format!("`{}` could not be evaluated: it {}", source.path(), fail.why));
                reading.problems.push(problem.help("give the chart the values that production uses: --var-file or --set"));
            }
        }
    }
    out
}

/// The parts of a chart, inner ones first, and what stands for those that are not here.
fn gather<'c>(
    chart: &'c Chart,
    (base, perhaps): (String, Option<Rc<str>>),
    values: Val,
    release: &Release,
    parts: &mut Vec<Part<'c>>,
    out: &mut Rendered,
    reading: &mut Reading,
) {
    let mut subcharts = Map::default();
    for dependency in &chart.dependencies {
        let mut perhaps = perhaps.clone();
        let on = match enabled(dependency, &values) {
            Ok(on) => on,
            Err(why) => {
                let what = format!("whether the chart `{}` is installed is not known: {why}", dependency.key);
                perhaps.get_or_insert_with(|| what.as_str().into());
                reading.problems.push(Problem::at(dependency.at.clone(), what).warning());
                true
            }
        };
        let own = values.get(&dependency.key).filter(|v| v.as_map().is_some()).unwrap_or_else(|| Val::map(Map::default()));
        let Some(inner) = &dependency.chart else {
            if on {
                out.absent.push(dependency.name.clone());
            }
            if on && !backing::library(&dependency.name) {
                let first = out.services.len();
                absent(dependency, &own, release, out, reading);
                for service in out.services.iter_mut().skip(first) {
                    service.conditional = service.conditional.take().or_else(|| perhaps.as_deref().map(str::to_owned));
                }
            }
            // What its own defaults are is not known, on or off.
            let why: Rc<str> =
                format!("`{}` takes it from the chart `{}`, which is not in this repository", chart.name(), dependency.name).into();
            values::open(&own, &why, 32);
            if let Some(map) = values.as_map() {
                map.borrow_mut().put(&dependency.key, own);
            }
            continue;
        };
        let mut own = values::merged(&inner.values, &own);
        if let Some(global) = values.get("global") {
            own = values::merged(&own, &Val::pairs([("global", global)]));
        }
        if let Some(map) = values.as_map() {
            map.borrow_mut().put(&dependency.key, own.clone());
        }
        if on {
            subcharts.put(&dependency.key, Val::pairs([("Values", own.clone())]));
            gather(inner, (format!("{base}/charts/{}", dependency.key), perhaps), own, release, parts, out, reading);
        }
    }
    parts.push(Part { chart, base, values, subcharts: Val::map(subcharts), perhaps });
}

/// A chart that is needed and not here: a known backing service, or something that is not known.
fn absent(dependency: &Dependency, values: &Val, release: &Release, out: &mut Rendered, reading: &mut Reading) {
    if let Some(archive) = &dependency.archive {
        let problem = Problem::file(archive, "is an archive: the chart in it is not unpacked, and is read by its name and version alone");
        reading.problems.push(problem.warning().help(format!("unpack it: `tar xzf {archive}`")));
    }
    match backing::of_chart(dependency, values, release) {
        Some(service) => out.services.push(service),
        None => {
            let what = format!("the chart `{}` is not in this repository: what it runs is not known", dependency.name);
            let problem = Problem::at(dependency.at.clone(), what);
            reading.problems.push(problem.warning().help("vendor it with `helm dependency build`, and unpack it in `charts/`"));
            out.services.extend(super::orphan::services(values, &dependency.key, &format!("`{}`", dependency.name)));
        }
    }
}

/// The documents of a rendered text.
fn documents(engine: &Engine<'_>, text: &Text, path: &str, out: &mut Rendered, reading: &mut Reading) {
    let documents = lines::tree(engine, text, path, reading);
    for error in documents.errors {
        let what = format!("`{path}` with these values is not YAML: it {}", error.why);
        reading.problems.push(Problem::at(error.at, what));
    }
    out.trees.extend(documents.documents.into_iter().map(|d| d.root).filter(|root| !is_test(root)));
}

/// Tests of a release are no part of it (helm.sh: Chart Tests).
pub(super) fn is_test(root: &Node) -> bool {
    let hook = root.path(&["metadata", "annotations"]).and_then(|a| a.get("helm.sh/hook")).and_then(Node::text).unwrap_or("");
    hook.split(',').any(|h| h.trim().starts_with("test"))
}

/// A path as seen from a chart.
fn below<'p>(path: &'p str, chart: &str) -> &'p str {
    path.strip_prefix(chart).map_or(path, |p| p.trim_start_matches('/'))
}

/// What a template sees (helm.sh: Built-in Objects).
fn scope(part: &Part<'_>, release: &Release, path: &str) -> Val {
    let chart = Map::default();
    let about = Val::map(chart);
    if let (Some(map), Some(written)) = (about.as_map(), part.chart.about.as_map()) {
        for (key, (at, value)) in &written.borrow().entries {
            let name = match key.as_str() {
                "apiVersion" => "APIVersion".to_owned(),
                key => key.chars().take(1).flat_map(char::to_uppercase).chain(key.chars().skip(1)).collect(),
            };
            // `version` and `appVersion` are texts, however they are written.
            let value = match (&value.kind, value.place()) {
                (Kind::Float(_), Some(at)) => Val::text(Text::written(at.text(), &at)),
                _ => value.clone(),
            };
            map.borrow_mut().entries.insert(name, (at.clone(), value));
        }
        map.borrow_mut().put("IsRoot", Val::bool(true));
    }
    let mut numbers = KUBE.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let version =
        Val::pairs([("Version", Val::str(KUBE)), ("Major", Val::str(major)), ("Minor", Val::str(minor)), ("GitVersion", Val::str(KUBE))]);
    Val::pairs([
        ("Values", part.values.clone()),
        ("Subcharts", part.subcharts.clone()),
        ("Chart", about),
        (
            "Release",
            Val::pairs([
                ("Name", Val::str(release.name.clone())),
                ("Namespace", Val::str(release.namespace.clone())),
                ("Service", Val::str("Helm")),
                ("IsInstall", Val::bool(true)),
                ("IsUpgrade", Val::bool(false)),
                ("Revision", Val::int(1)),
            ]),
        ),
        (
            "Capabilities",
            Val::pairs([
                ("KubeVersion", version),
                ("APIVersions", Val::of(Kind::ApiVersions)),
                ("HelmVersion", Val::pairs([("Version", Val::str("v3.18.6"))])),
            ]),
        ),
        ("Files", Val::of(Kind::Files("".into()))),
        (
            "Template",
            Val::pairs([
                ("Name", Val::str(format!("{}/{}", part.base, below(path, &part.chart.path)))),
                ("BasePath", Val::str(format!("{}/templates", part.base))),
            ]),
        ),
    ])
}

/// `.Files` of a chart.
struct ChartFiles<'a> {
    cx: &'a ReadContext<'a>,
    root: &'a str,
}

impl Files for ChartFiles<'_> {
    fn get(&self, path: &str) -> Option<Text> {
        // Only below the chart: `..` in a template leads nowhere.
        let path = join(self.root, path).filter(|p| self.root.is_empty() || p.starts_with(&format!("{}/", self.root)))?;
        self.cx.workspace.is_file(&path).then(|| self.cx.workspace.read(&path).ok()).flatten().map(|s| Text::source(&s))
    }

    fn paths(&self) -> Vec<String> {
        let prefix = if self.root.is_empty() { String::new() } else { format!("{}/", self.root) };
        let (files, _) = self.cx.workspace.list(self.root);
        files.iter().filter_map(|f| f.strip_prefix(&prefix)).filter(|f| !f.starts_with("templates/")).map(str::to_owned).collect()
    }
}
