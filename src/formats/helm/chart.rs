//! A chart's folder → its description, defaults, templates and the charts that it depends on.

use std::rc::Rc;
use std::sync::Arc;

use super::values;
use crate::document::signs;
use crate::formats::gotemplate::{Kind, Map, Val};
use crate::formats::{ReadContext, Reading};
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::{file_name, join, parent};

/// Deepest nesting of charts in charts.
const DEPTH: usize = 8;
/// Most templates of a chart.
const TEMPLATES: usize = 2000;
/// Most charts that one takes in, each as often as it is taken in: under other names the same one doubles with every step.
const CHARTS: usize = 500;
/// Most nodes of their values, as signs between them count.
const VALUES: usize = 400_000;

/// A chart.
pub(super) struct Chart {
    /// Its folder.
    pub(super) path: String,
    /// `Chart.yaml`.
    pub(super) about: Val,
    /// `values.yaml`.
    pub(super) values: Val,
    /// Below `templates`, in order.
    pub(super) templates: Vec<Arc<Source>>,
    /// What it depends on.
    pub(super) dependencies: Vec<Dependency>,
    /// The path of its file of dependencies, for problems.
    pub(super) stated: String,
}

/// A chart that another one depends on.
pub(super) struct Dependency {
    /// The key of its values: alias or name.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) repository: Option<String>,
    /// Where it is named.
    pub(super) at: Location,
    /// Its version: of the lock file, else as it is asked for.
    pub(super) version: Option<(String, Location)>,
    pub(super) condition: Option<String>,
    pub(super) tags: Vec<String>,
    /// The chart, where it is in the repository.
    pub(super) chart: Option<Chart>,
    /// It lies there as an archive.
    pub(super) archive: Option<String>,
}

impl Chart {
    /// Its name.
    pub(super) fn name(&self) -> String {
        let named = self.about.get("name").and_then(|n| n.as_str().map(str::to_owned));
        named.unwrap_or_else(|| file_name(&self.path).to_owned())
    }

    /// Does it hold definitions for other charts alone?
    pub(super) fn library(&self) -> bool {
        self.about.get("type").is_some_and(|t| t.as_str() == Some("library"))
    }
}

/// Reads a chart's folder.
pub(super) fn load(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<Chart> {
    nested(path, cx, reading, &mut Left { depth: DEPTH, charts: CHARTS, values: VALUES, full: false })
}

/// What may still be taken in.
struct Left {
    depth: usize,
    charts: usize,
    values: usize,
    /// Was there too much?
    full: bool,
}

impl Left {
    /// Counts a chart and its values; says once that there are too many.
    fn take(&mut self, path: &str, values: usize, reading: &mut Reading) -> bool {
        if self.full {
            return false;
        }
        if let (Some(charts), Some(values)) = (self.charts.checked_sub(1), self.values.checked_sub(values)) {
            (self.charts, self.values) = (charts, values);
            return true;
        }
        self.full = true;
        let what =
            format!("is not read, nor are those after it: there are more than the limit of {CHARTS} charts or {VALUES} nodes of values");
        reading.problems.push(Problem::file(path, what));
        false
    }
}

fn nested(path: &str, cx: &ReadContext<'_>, reading: &mut Reading, left: &mut Left) -> Option<Chart> {
    let in_chart = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    if left.depth == 0 {
        reading.problems.push(Problem::file(path, format!("is a chart nested deeper than the limit of {DEPTH}")));
        return None;
    }
    let defaults = in_chart("values.yaml");
    let read = if cx.workspace.is_file(&defaults) { cx.workspace.read(&defaults).ok() } else { None };
    if !left.take(path, read.map_or(0, |s| signs(s.path(), s.text())), reading) {
        return None;
    }
    let about = values::file(&in_chart("Chart.yaml"), None, cx, reading)?;
    if about.as_map().is_none() {
        reading.problems.push(Problem::file(&in_chart("Chart.yaml"), "holds no mapping of keys to values"));
        return None;
    }
    let optional = |name: &str, reading: &mut Reading| {
        let path = in_chart(name);
        cx.workspace.is_file(&path).then(|| values::file(&path, None, cx, reading)).flatten()
    };
    let defaults = optional("values.yaml", reading).filter(|v| v.as_map().is_some()).unwrap_or_else(|| Val::map(Map::default()));
    let (mut files, _) = cx.workspace.list(&in_chart("templates"));
    files.sort();
    if files.len() > TEMPLATES {
        let problem = format!("has more than the limit of {TEMPLATES} templates; the rest is not read");
        reading.problems.push(Problem::file(&in_chart("templates"), problem));
        files.truncate(TEMPLATES);
    }
    let ignored = ignored(path, cx);
    let mut templates = Vec::new();
    for file in files.iter().filter(|f| template(f) && !ignored(f)) {
        match cx.workspace.read(file) {
            Ok(source) => templates.push(source),
            Err(problem) => reading.problems.push(problem),
        }
    }
    // Charts of the first API write their dependencies into a file of their own.
    let (stated, listed) = match about.get("dependencies") {
        Some(listed) => (in_chart("Chart.yaml"), Some(listed)),
        None => (in_chart("requirements.yaml"), optional("requirements.yaml", reading).and_then(|r| r.get("dependencies"))),
    };
    let lock = optional("Chart.lock", reading).or_else(|| optional("requirements.lock", reading));
    let mut chart = Chart { path: path.to_owned(), about, values: defaults, templates, dependencies: Vec::new(), stated };
    left.depth -= 1;
    let mut found = dependencies(&chart, listed.as_ref(), lock.as_ref(), cx, reading, left);
    found.extend(unlisted(&chart, &found, cx, reading, left));
    left.depth += 1;
    chart.dependencies = found;
    Some(chart)
}

/// Is a file below `templates` a template that is rendered or defines something?
fn template(path: &str) -> bool {
    let name = file_name(path);
    name != "NOTES.txt" && name.rsplit('.').next().is_some_and(|e| matches!(e, "yaml" | "yml" | "tpl" | "json"))
}

/// The patterns of `.helmignore`.
fn ignored(path: &str, cx: &ReadContext<'_>) -> impl Fn(&str) -> bool + use<> {
    let file = if path.is_empty() { ".helmignore".to_owned() } else { format!("{path}/.helmignore") };
    let text = if cx.workspace.is_file(&file) { cx.workspace.read(&file).ok() } else { None };
    let mut set = globset::GlobSetBuilder::new();
    for line in text.iter().flat_map(|t| t.text().lines()).map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', '!'])) {
        let anchored = line.trim_end_matches('/').contains('/');
        let pattern = line.trim_matches('/');
        for pattern in if anchored {
            vec![pattern.to_owned(), format!("{pattern}/**")]
        } else {
            vec![format!("**/{pattern}"), format!("**/{pattern}/**")]
        } {
            if let Ok(glob) = globset::GlobBuilder::new(&pattern).literal_separator(true).build() {
                set.add(glob);
            }
        }
    }
    let set = set.build().unwrap_or_default();
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    move |file: &str| set.is_match(file.strip_prefix(&prefix).unwrap_or(file))
}

fn dependencies(
    chart: &Chart,
    listed: Option<&Val>,
    lock: Option<&Val>,
    cx: &ReadContext<'_>,
    reading: &mut Reading,
    left: &mut Left,
) -> Vec<Dependency> {
    let items = |v: Option<&Val>| match v.map(|v| v.kind.clone()) {
        Some(Kind::List(items)) => items.to_vec(),
        _ => Vec::new(),
    };
    let locked = items(lock.and_then(|l| l.get("dependencies")).as_ref());
    let text = |v: &Val, key: &str| v.get(key).and_then(|t| t.as_str().map(str::to_owned));
    let mut out = Vec::new();
    for item in items(listed) {
        let Some(name) = text(&item, "name") else { continue };
        let repository = text(&item, "repository");
        let version = |v: &Val| {
            let version = v.get("version")?;
            let at = version.place()?;
            let text = if let Kind::Float(_) = version.kind { at.text().to_owned() } else { version.as_str()?.to_owned() };
            Some((text, at))
        };
        let exact = locked.iter().find(|l| text(l, "name").as_ref() == Some(&name)).and_then(version);
        let at = item.get("name").and_then(|n| n.place()).unwrap_or_else(|| Source::new(chart.stated.as_str(), "").whole());
        let tags = items(item.get("tags").as_ref()).iter().filter_map(|t| t.as_str().map(str::to_owned)).collect();
        let asked = version(&item);
        let local = repository.as_deref().and_then(|r| r.strip_prefix("file://")).and_then(|p| join(&chart.path, p));
        let vendored = join(&chart.path, &format!("charts/{name}")).into_iter().chain(local);
        let folder = vendored.into_iter().find(|p| *p != chart.path && cx.workspace.is_file(&format!("{p}/Chart.yaml")));
        let archive = asked.as_ref().or(exact.as_ref()).and_then(|(v, _)| join(&chart.path, &format!("charts/{name}-{v}.tgz")));
        out.push(Dependency {
            key: text(&item, "alias").unwrap_or_else(|| name.clone()),
            condition: text(&item, "condition"),
            version: exact.or(asked),
            chart: folder.and_then(|p| nested(&p, cx, reading, left)),
            archive: archive.filter(|a| cx.workspace.is_file(a)),
            name,
            repository,
            at,
            tags,
        });
    }
    out
}

/// Charts that lie in `charts` without being named.
fn unlisted(chart: &Chart, named: &[Dependency], cx: &ReadContext<'_>, reading: &mut Reading, left: &mut Left) -> Vec<Dependency> {
    let Some(charts) = join(&chart.path, "charts") else { return Vec::new() };
    let (files, _) = cx.workspace.list(&charts);
    let direct = |f: &&String| file_name(f) == "Chart.yaml" && parent(parent(f)) == charts;
    let mut out = Vec::new();
    for file in files.iter().filter(direct) {
        let folder = parent(file);
        if named.iter().any(|d| d.name == file_name(folder)) {
            continue;
        }
        let Some(found) = nested(folder, cx, reading, left) else { continue };
        if named.iter().any(|d| d.chart.as_ref().is_some_and(|c| c.path == found.path)) {
            continue;
        }
        let at = found.about.get("name").and_then(|n| n.place()).unwrap_or_else(|| Source::new(file.as_str(), "").whole());
        let name = found.name();
        out.push(Dependency {
            key: name.clone(),
            name,
            repository: None,
            at,
            version: None,
            condition: None,
            tags: Vec::new(),
            chart: Some(found),
            archive: None,
        });
    }
    out
}

/// Is a dependency installed with these values (helm.sh: Tags and Condition fields)? Unknown: why.
pub(super) fn enabled(dependency: &Dependency, values: &Val) -> Result<bool, Rc<str>> {
    for path in dependency.condition.iter().flat_map(|c| c.split(',')) {
        let keys: Vec<&str> = path.trim().split('.').collect();
        match values.path(&keys).map(|v| v.kind) {
            Some(Kind::Bool(enabled)) => return Ok(enabled),
            Some(Kind::Unknown(why)) => return Err(why),
            _ => {}
        }
    }
    let mut said = dependency.tags.iter().filter_map(|t| values.path(&["tags", t.as_str()])).filter_map(|v| match v.kind {
        Kind::Bool(on) => Some(on),
        _ => None,
    });
    let first = said.next();
    Ok(first.is_none_or(|first| first || said.any(|on| on)))
}

/// Charts in the repository that a chart takes in by `file://`.
pub(super) fn local(path: &str, workspace: &dyn crate::workspace::Workspace) -> Vec<String> {
    let Some(source) = join(path, "Chart.yaml").and_then(|p| workspace.read(&p).ok()) else { return Vec::new() };
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}');
    let named = source.text().split("file://").skip(1).filter_map(|rest| rest.split(ends).next());
    named.filter_map(|p| join(path, p)).filter(|p| p != path).collect()
}
