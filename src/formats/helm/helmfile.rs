//! A helmfile → its releases, each as its chart installs it (helmfile.readthedocs.io).

use super::render::Release;
use super::{backing, chart, install, orphan, values};
use crate::formats::gotemplate::{Engine, Kind, Map, Text, Val};
use crate::formats::{ReadContext, Reading, declared};
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::{join, parent};

/// Deepest nesting of helmfiles in helmfiles.
const DEPTH: usize = 4;
/// Most helmfiles that one takes in, each as often as it is taken in.
const FILES: usize = 200;

/// The environments that the text of a helmfile declares.
fn environments(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut width = None;
    let mut lines = text.lines().skip_while(|l| l.trim_end() != "environments:").skip(1);
    for line in lines.by_ref() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("{{") {
            continue;
        }
        if indent == 0 {
            break;
        }
        if *width.get_or_insert(indent) == indent
            && let Some((name, _)) = line.split_once(':')
        {
            out.push(name.trim_matches(['"', '\'']).to_owned());
        }
    }
    out
}

/// The environment of a helmfile that is meant by one of ours.
fn meant(declared: &[String], environment: &str) -> Option<String> {
    let names = declared::environment_names(environment);
    let says = |name: &&String| names.contains(&name.to_ascii_lowercase().as_str()) || name.as_str() == environment;
    let default = || (declared.is_empty() || declared.iter().any(|d| d == "default")).then(|| "default".to_owned());
    declared.iter().find(says).cloned().or_else(default)
}

/// Could it be production's: does it declare no environments, the default one, or one of production?
pub(super) fn for_production(text: &str) -> bool {
    meant(&environments(text), "prod").is_some()
}

/// Local charts and files that a helmfile takes in.
pub(super) fn parts(path: &str, text: &str) -> Vec<String> {
    let dir = parent(path);
    let named = text.lines().filter_map(|l| l.trim().trim_start_matches("- ").split_once(':'));
    let charts = named.filter(|(key, _)| *key == "chart").map(|(_, v)| v.trim().trim_matches(['"', '\'']));
    let files = text.lines().filter_map(|l| l.trim().strip_prefix("- ")).map(|v| v.trim().trim_matches(['"', '\'']));
    let files = files.filter(|v| [".yaml", ".yml", ".gotmpl"].iter().any(|e| v.ends_with(e)));
    charts.filter(|c| c.starts_with('.')).chain(files).filter_map(|p| join(dir, p)).filter(|p| !p.is_empty()).collect()
}

/// Reads a helmfile.
pub(super) fn read(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    nested(path, cx, reading, DEPTH, &mut (FILES + 1));
}

fn nested(path: &str, cx: &ReadContext<'_>, reading: &mut Reading, depth: usize, left: &mut usize) {
    let Some(fewer) = left.checked_sub(1) else { return };
    *left = fewer;
    if fewer == 0 {
        let what = format!("is not read, nor are those after it: helmfiles take in more than the limit of {FILES} files");
        return reading.problems.push(Problem::file(path, what));
    }
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => return reading.problems.push(problem),
    };
    let declared = environments(source.text());
    let environment = meant(&declared, cx.environment).unwrap_or_else(|| {
        let names = declared.iter().map(|d| format!("`{d}`")).collect::<Vec<_>>().join(", ");
        let what = format!("`{path}` declares no environment for {}: it has {names}; read without one", cx.environment);
        reading.problems.push(Problem::at(source.whole(), what).warning());
        "default".into()
    });
    let mut data = Val::map(Map::default());
    let mut repositories = Vec::new();
    // Each part of the file is evaluated with what the parts before it gave.
    for part in parts_of(&source) {
        let mut engine = Engine::new(None);
        let scope = scope(&environment, &data, None);
        let text = engine.add(part).and_then(|body| engine.run(&body, &scope));
        values::notices(&mut engine, path, reading);
        let text = match text {
            Ok(text) => text,
            Err(fail) => {
                let at = fail.at.unwrap_or_else(|| source.whole());
                reading.problems.push(Problem::at(at, format!("`{path}` could not be evaluated: it {}", fail.why)));
                continue;
            }
        };
        let documents = super::lines::tree(&engine, &text, path, reading);
        for error in documents.errors {
            reading.problems.push(Problem::at(error.at, format!("`{path}` {}", error.why)));
        }
        for document in documents.documents {
            let state = Val::of_node(&document.root);
            for given in items(state.path(&["environments", environment.as_str(), "values"]).as_ref()) {
                if let Some(more) = layer(&given, path, &scope, cx, reading) {
                    data = values::merged(&data, &more);
                }
            }
            repositories
                .extend(items(state.get("repositories").as_ref()).iter().filter_map(|r| Some((text_of(r, "name")?, text_of(r, "url")?))));
            for other in items(state.get("helmfiles").as_ref()).into_iter().chain(items(state.get("bases").as_ref())) {
                let inner = other.as_str().map(str::to_owned).or_else(|| text_of(&other, "path")).and_then(|p| join(parent(path), &p));
                match inner.filter(|p| depth > 0 && cx.workspace.is_file(p)) {
                    Some(inner) => nested(&inner, cx, reading, depth - 1, left),
                    None => {
                        reading.problems.push(Problem::at(place(&other, path), format!("`{path}` takes in a helmfile that is not read")))
                    }
                }
            }
            for release in items(state.get("releases").as_ref()) {
                self::release(&release, path, (&environment, &data, &repositories), cx, reading);
            }
        }
    }
}

/// The parts of a helmfile: what `---` divides.
fn parts_of(source: &std::sync::Arc<Source>) -> Vec<Text> {
    let whole = Text::source(source);
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in source.text().split_inclusive('\n') {
        if line.trim_end() == "---" {
            out.push(whole.slice(start, at));
            start = at + line.len();
        }
        at += line.len();
    }
    out.push(whole.slice(start, at));
    out
}

fn scope(environment: &str, data: &Val, release: Option<Val>) -> Val {
    let named = Val::pairs([("Name", Val::str(environment)), ("KubeContext", Val::str("")), ("Values", data.clone())]);
    let mut pairs = vec![("Environment", named), ("Values", data.clone()), ("StateValues", data.clone()), ("Namespace", Val::str(""))];
    pairs.extend(release.map(|r| ("Release", r)));
    Val::pairs(pairs)
}

fn items(list: Option<&Val>) -> Vec<Val> {
    match list.map(|l| &l.kind) {
        Some(Kind::List(items)) => items.to_vec(),
        _ => Vec::new(),
    }
}

fn text_of(v: &Val, key: &str) -> Option<String> {
    v.get(key).and_then(|t| t.as_str().map(str::to_owned))
}

fn place(v: &Val, path: &str) -> Location {
    v.place().unwrap_or_else(|| Source::new(path, "").whole())
}

/// Values: written in place, or the path of a file.
fn layer(given: &Val, path: &str, scope: &Val, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<Val> {
    match &given.kind {
        Kind::Map(_) => Some(given.clone()),
        Kind::Str(file) => match join(parent(path), file.as_str()) {
            Some(file) if cx.workspace.is_file(&file) => values::file(&file, Some(scope), cx, reading),
            _ => {
                let what = format!("`{path}` takes values from `{}`, which does not exist", file.as_str());
                reading.problems.push(Problem::at(place(given, path), what));
                None
            }
        },
        Kind::Unknown(why) => {
            reading.problems.push(Problem::at(place(given, path), format!("`{path}`: which values are given is not known: {why}")));
            None
        }
        _ => None,
    }
}

/// Fields of a release that change what it installs, and are not read (helmfile.readthedocs.io: Configuration).
const UNREAD: [&str; 9] = [
    "inherit",
    "jsonPatches",
    "postRenderer",
    "secrets",
    "setString",
    "setTemplate",
    "strategicMergePatches",
    "transformers",
    "valuesTemplate",
];

/// What of a release is not read.
fn unread(release: &Val, name: &str, path: &str) -> Vec<Problem> {
    let fields = UNREAD.iter().filter_map(|field| Some((field, release.get(field)?)));
    let one = |(field, value): (&&str, Val)| {
        let what = format!("`{field}` of the release `{name}` may change what it installs; it is not read");
        Problem::at(value.place().unwrap_or_else(|| place(release, path)), what).warning()
    };
    fields.map(one).collect()
}

/// One release.
fn release(
    release: &Val,
    path: &str,
    (environment, data, repositories): (&str, &Val, &[(String, String)]),
    cx: &ReadContext<'_>,
    reading: &mut Reading,
) {
    let (Some(name), Some(chart)) = (text_of(release, "name"), text_of(release, "chart")) else {
        reading.problems.push(Problem::at(place(release, path), format!("`{path}` has a release whose name or chart is not known")));
        return;
    };
    match release.get("installed").map(|i| i.kind) {
        Some(Kind::Bool(false)) => return,
        Some(Kind::Unknown(why)) => {
            let what = format!("whether the release `{name}` is installed is not known: {why}; it is read as if it were");
            reading.problems.push(Problem::at(place(release, path), what).warning());
        }
        _ => {}
    }
    reading.problems.extend(unread(release, &name, path));
    let condition = text_of(release, "condition").and_then(|c| data.path(&c.split('.').collect::<Vec<_>>()));
    match condition.map(|c| c.kind) {
        Some(Kind::Bool(false)) => return,
        Some(Kind::Unknown(why)) => {
            let what = format!("whether the release `{name}` is installed is not known: {why}; it is read as if it were");
            reading.problems.push(Problem::at(place(release, path), what).warning());
        }
        _ => {}
    }
    let namespace = text_of(release, "namespace").filter(|n| !n.is_empty()).unwrap_or_else(|| "default".into());
    let about =
        Val::pairs([("Name", Val::str(name.clone())), ("Namespace", Val::str(namespace.clone())), ("Chart", Val::str(chart.clone()))]);
    let scope = scope(environment, data, Some(about));
    let mut own = Val::map(Map::default());
    for given in items(release.get("values").as_ref()) {
        if let Some(more) = layer(&given, path, &scope, cx, reading) {
            own = values::merged(&own, &more);
        }
    }
    for set in items(release.get("set").as_ref()) {
        let value = set.get("value").unwrap_or_else(|| Val::unknown("`set` takes it from elsewhere than `value`"));
        if let Some(key) = text_of(&set, "name") {
            let nested = key.split('.').rev().fold(value, |v, key| Val::pairs([(key, v)]));
            own = values::merged(&own, &nested);
        }
    }
    own = values::merged(&own, &values::set(&cx.options.set, reading));
    let local = join(parent(path), &chart).filter(|c| cx.workspace.is_file(&join(c, "Chart.yaml").unwrap_or_default()));
    if let Some(folder) = local {
        let Some(loaded) = chart::load(&folder, cx, reading) else { return };
        let what = format!("the chart `{folder}` as `{path}` releases it for the environment `{environment}`");
        install(&loaded, &own, &Release { name, namespace }, &what, cx, reading);
        return;
    }
    let named = chart.split('/').next().unwrap_or("");
    let repository = repositories.iter().find(|(n, _)| n == named).map_or(named, |(_, url)| url.as_str());
    let place = release.get("chart").map_or_else(|| place(release, path), |c| place(&c, path));
    remote(&name, &chart, repository, release.get("version"), &own, &place, reading);
    reading.notes.push(format!(
        "the chart `{chart}` is not in this repository: the release `{name}` of `{path}` is read by its name, version and values"
    ));
}

/// A release of a chart from elsewhere: a known backing service, or what its values tell.
pub(super) fn remote(name: &str, chart: &str, repository: &str, version: Option<Val>, own: &Val, at: &Location, reading: &mut Reading) {
    let version = version.and_then(|v| {
        let at = v.place()?;
        let text = v.as_str().map_or_else(|| at.text().to_owned(), str::to_owned);
        Some((text, at))
    });
    let version = version.as_ref().map(|(v, at)| (v.as_str(), at));
    match backing::service(chart, Some(repository), version, own, name, at) {
        Some(service) => reading.services.push(service),
        None => {
            let found = orphan::services(own, name, &format!("`{chart}`"));
            if found.is_empty() {
                let what = format!("the chart `{chart}` is not in this repository: what the release `{name}` runs is not known");
                reading.problems.push(Problem::at(at.clone(), what).warning());
            }
            reading.services.extend(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_found_in_the_text() {
        let text = "environments:\n  dev:\n    values:\n      - a: 1\n  production:\n---\nreleases: []\n";
        assert_eq!(environments(text), ["dev", "production"]);
        assert_eq!(meant(&environments(text), "prod").as_deref(), Some("production"));
        assert!(!for_production("environments:\n  dev: {}\nreleases: []\n"));
        assert!(for_production("releases: []\n"));
    }
}
