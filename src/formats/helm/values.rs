//! Values files, defaults and `--set` → one tree of values, merged as Helm merges (helm.sh: Values Files; chartutil/coalesce.go).

use std::rc::Rc;

use crate::document::yaml;
use crate::formats::gotemplate::{Engine, Kind, Map, Text, Val};
use crate::formats::{ReadContext, Reading};
use crate::report::Problem;
use crate::source::Source;
use crate::workspace::file_name;

/// Deepest values that are merged.
const DEPTH: usize = 64;

/// `over` over `base`; a `null` takes a default away.
pub(super) fn merged(base: &Val, over: &Val) -> Val {
    merge(base, over, DEPTH)
}

fn merge(base: &Val, over: &Val, depth: usize) -> Val {
    let (Some(low), Some(high)) = (base.as_map(), over.as_map()) else {
        return if matches!(over.kind, Kind::Null) && base.as_map().is_some() { base.deep(depth) } else { over.deep(depth) };
    };
    let (low, high) = (low.borrow(), high.borrow());
    let mut out = Map { open: low.open.clone().or_else(|| high.open.clone()), ..Map::default() };
    for (key, (at, value)) in &low.entries {
        match high.entries.get(key) {
            None => out.entries.insert(key.clone(), (at.clone(), value.deep(depth))),
            Some((_, over)) if matches!(over.kind, Kind::Null) => None,
            Some((over_at, over)) if depth > 0 => {
                let both = value.as_map().is_some() && over.as_map().is_some();
                out.entries.insert(key.clone(), (if both { at.clone() } else { over_at.clone() }, merge(value, over, depth - 1)))
            }
            Some(_) => None,
        };
    }
    for (key, (at, value)) in &high.entries {
        if !low.entries.contains_key(key) && !matches!(value.kind, Kind::Null) {
            out.entries.insert(key.clone(), (at.clone(), value.deep(depth)));
        }
    }
    Val { at: base.at.clone(), ..Val::map(out) }
}

/// Says of every mapping that there may be more in it than is listed.
pub(super) fn open(value: &Val, why: &Rc<str>, depth: usize) {
    let Some(map) = value.as_map() else { return };
    if depth > 0 {
        for (_, v) in map.borrow().entries.values() {
            open(v, why, depth - 1);
        }
    }
    map.borrow_mut().open = Some(Rc::clone(why));
}

/// Reads a values file: YAML, or a template of it that helmfile evaluates with its own data (`.gotmpl`).
pub(super) fn file(path: &str, data: Option<&Val>, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<Val> {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            reading.problems.push(problem);
            return None;
        }
    };
    if path.ends_with(".gotmpl") || (file_name(path).contains(".tmpl") && source.text().contains("{{")) {
        // Without a helmfile its data are not known.
        let unknown = Val::map(Map { open: Some("a helmfile gives it".into()), ..Map::default() });
        return rendered(&source, data.unwrap_or(&unknown), reading);
    }
    of_source(&source, reading)
}

/// The first document of a source as values.
pub(super) fn of_source(source: &std::sync::Arc<Source>, reading: &mut Reading) -> Option<Val> {
    let documents = yaml::read(source);
    for error in &documents.errors {
        reading.problems.push(Problem::at(error.at.clone(), format!("`{}` {}", source.path(), error.why)));
    }
    Some(documents.documents.first().map_or_else(|| Val::map(Map::default()), |d| Val::of_node(&d.root)))
}

/// A template of values, evaluated.
fn rendered(source: &std::sync::Arc<Source>, data: &Val, reading: &mut Reading) -> Option<Val> {
    let mut engine = Engine::new(None);
    let path = source.path();
    let text = engine.add(Text::source(source)).and_then(|body| engine.run(&body, data));
    notices(&mut engine, path, reading);
    match text {
        Ok(text) => {
            let documents = super::lines::tree(&engine, &text, path, reading);
            for error in documents.errors {
                reading.problems.push(Problem::at(error.at, format!("`{path}` {}", error.why)));
            }
            Some(documents.documents.first().map_or_else(|| Val::map(Map::default()), |d| Val::of_node(&d.root)))
        }
        Err(fail) => {
            let at = fail.at.unwrap_or_else(|| source.whole());
            reading.problems.push(Problem::at(at, format!("`{path}` {}", fail.why)));
            None
        }
    }
}

/// What an engine did not know becomes problems.
pub(super) fn notices(engine: &mut Engine<'_>, path: &str, reading: &mut Reading) {
    for (at, why) in std::mem::take(&mut engine.notices) {
        let at = at.unwrap_or_else(|| Source::new(path, "").whole());
        let problem = Problem::at(at.clone(), format!("`{}`: {why}", at.path())).warning();
        if !reading.problems.contains(&problem) {
            reading.problems.push(problem);
        }
    }
}

/// `a.b=1,c=x` of `--set` as values (helm.sh: The Format and Limitations of --set), lists by index left out.
pub(super) fn set(settings: &[String], reading: &mut Reading) -> Val {
    let mut out = Val::map(Map::default());
    for setting in settings {
        for part in split(setting, ',') {
            let source = Source::new("--set", part.as_str());
            let Some((path, value)) = part.split_once('=') else {
                reading
                    .problems
                    .push(Problem::at(source.at(crate::source::Span { start: 0, end: 0 }), "`--set`: a part is no `path=value`").warning());
                continue;
            };
            let at = source.at(crate::source::Span { start: path.len() + 1, end: part.len() });
            let scalar = crate::document::Node {
                content: crate::document::Content::Scalar(value.into(), crate::document::Style::Plain),
                at: at.clone(),
                tag: None,
            };
            match below(path, Val::of_node(&scalar)) {
                Some(nested) => out = merged(&out, &nested),
                None => {
                    reading.problems.push(Problem::at(source.whole(), format!("`--set`: the path `{path}` is not read")).warning());
                }
            }
        }
    }
    out
}

/// Most parts of a path.
const PARTS: usize = 64;

/// A value at a path of `--set`; `None` where the path is not read: it goes into a list, or has very many parts.
pub(super) fn below(path: &str, value: Val) -> Option<Val> {
    let keys = split(path, '.');
    let read = keys.len() <= PARTS && !keys.iter().any(|k| k.is_empty() || k.contains('['));
    read.then(|| keys.iter().rev().fold(value, |inner, key| Val::pairs([(key.as_str(), inner)])))
}

/// The parts between signs that no backslash escapes.
fn split(text: &str, sign: char) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, out.last_mut()) {
            ('\\', Some(last)) => last.extend(chars.next()),
            (c, _) if c == sign => out.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    out
}
