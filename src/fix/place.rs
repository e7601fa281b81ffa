//! A statement and its new text → the edits that make it: where it is written, or where the variable in it gets its value.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::edit::Edit;
use super::origin::{self, Grammar, Holder};
use super::tag::New;
use crate::document::dotenv;
use crate::formats::Manifest;
use crate::formats::compose::interpolate::Origin;
use crate::source::{Location, Source, Span};
use crate::workspace::{Workspace, file_name, join, parent};

/// The edits that give a statement its new text. `manifest` is the one that states it; `given` are the files that set variables,
/// the last one wins.
pub(super) fn edits(
    at: &Location,
    stated: &str,
    new: &New,
    workspace: &dyn Workspace,
    given: &[String],
    manifest: Option<&Manifest>,
) -> Result<Vec<Edit>, String> {
    if workspace.read(at.path()).ok().is_none_or(|s| s.text() != at.source().text()) {
        return Err(format!("`{}` is not a file of the repository as it was read", at.path()));
    }
    if LOCKED.contains(&file_name(at.path())) {
        return Err(format!("a lock file beside `{}` says it as well: change it with the package manager", at.path()));
    }
    let raw = at.text();
    let Some(grammar) = Grammar::of(raw, in_dockerfile(at)) else {
        alone(at)?;
        let mut found = raw.match_indices(stated);
        let (Some((start, _)), None) = (found.next(), found.next()) else { return Err("it is not written as it is read".into()) };
        if is_number(raw, at.path(), &new.text) {
            return Ok(vec![Edit { at: at.clone(), with: format!("\"{}\"", new.text) }]);
        }
        return Ok(vec![Edit { at: at.part(start + new.range.start, start + new.range.end), with: new.with.clone() }]);
    };
    let quote = usize::from(raw.starts_with(['"', '\'']));
    let text = raw.get(quote..raw.len() - quote).ok_or("it is not written as it is read")?;
    let mut holders = origin::holders(grammar, text, at, manifest, workspace);
    let set = match grammar {
        Grammar::Shell => variables(workspace, &env_files(given, at, manifest)),
        Grammar::Arguments => arguments(at),
        Grammar::Actions | Grammar::Parameters => BTreeMap::new(),
    };
    for (name, (value, at)) in set {
        holders.entry(name).or_default().push(Holder::only(value, at));
    }
    let (parts, values) = origin::solve(grammar, text, stated, &holders)?;
    let mut start = 0;
    for part in &parts {
        let end = start + part.value.len();
        let inside = start <= new.range.start && new.range.end <= end && (start < end || new.range.is_empty());
        if !inside {
            start = end;
            continue;
        }
        let range = new.range.start - start..new.range.end - start;
        let (name, default) = match &part.origin {
            Origin::Text(from) => {
                alone(at)?;
                let from = quote + from;
                return Ok(vec![Edit { at: at.part(from + range.start, from + range.end), with: new.with.clone() }]);
            }
            Origin::Variable(name, default) => (name, default),
        };
        let holder = values.get(name).ok_or_else(|| format!("where `{name}` gets its value is not known"))?;
        let mut out = vec![held(name, holder, range.clone(), &new.with)?];
        // A default that says the same goes along, so that it says the same afterwards.
        if let Some((from, to)) = default.filter(|(from, to)| text.get(*from..*to) == Some(&holder.value)) {
            alone(at)?;
            let default = at.part(quote + from, quote + to);
            out.push(Edit { at: default.part(range.start, range.end), with: new.with.clone() });
        }
        return Ok(out);
    }
    Err("it is put together from several parts".into())
}

/// The edit of a part of what gives a name its value.
fn held(name: &str, holder: &Holder, range: Range<usize>, with: &str) -> Result<Edit, String> {
    if holder.several {
        return Err(format!("`{name}` has several values, and which of them is to go is a decision"));
    }
    if holder.scalar != holder.at || holder.at.path().ends_with(".yml") || holder.at.path().ends_with(".yaml") {
        alone(&holder.scalar).map_err(|_| format!("the line that sets `{name}` holds more than it, which is not touched"))?;
    }
    let mut text = holder.value.clone();
    text.replace_range(range.clone(), with);
    if is_number(holder.scalar.text(), holder.at.path(), &text) && holder.scalar == holder.at {
        return Ok(Edit { at: holder.at.clone(), with: format!("\"{text}\"") });
    }
    Ok(Edit { at: holder.at.part(range.start, range.end), with: with.to_owned() })
}

/// Files with a lock beside them that repeats what they say.
const LOCKED: [&str; 5] = ["package.json", "composer.json", "Gemfile", "Pipfile", "go.mod"];

/// Would YAML read the new text as another number (`3.10` is `3.1`), where no quotes are?
fn is_number(raw: &str, path: &str, text: &str) -> bool {
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    yaml && !raw.starts_with(['"', '\'']) && text.split_once('.').is_some_and(|(_, b)| b.ends_with('0') && !b.contains('.'))
}

/// Keys alone, with what opens a list or a mapping and with anchors. (Classes are spelled out: Unicode's are not built in.)
static LEFT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\x{feff}?[ \t]*(?:-[ \t]+)*(?:["']?[0-9A-Za-z_./@:-]+["']?[ \t]*[:=][ \t]*(?:[&!][^ \t]+[ \t]+)*[\{\[]?[ \t]*(?:type:[ \t]*[a-z]+,[ \t]*)?)*$"#).ok()
});
/// What closes, and a comment.
static RIGHT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^["']?[}\], \t]*(?:[ \t](?:#|//).*)?$"#).ok());

/// Is nothing else on the line that a diff would show, such as the value of a variable?
pub(super) fn alone(at: &Location) -> Result<(), String> {
    let (first, last) = (at.position().line.get(), at.end().line.get());
    let source = at.source();
    let line = source.line_span(first).filter(|_| first == last).ok_or("it is written over several lines")?;
    let text = source.text();
    let left = text.get(line.start..at.span().start).unwrap_or_default();
    let right = text.get(at.span().end..line.end).unwrap_or_default();
    if text.get(line.start..line.end).is_some_and(|l| l.chars().any(|c| c.is_control() && c != '\t')) {
        return Err("its line holds characters that act".into());
    }
    let fits = |regex: &Option<Regex>, text: &str| regex.as_ref().is_some_and(|r| r.is_match(text));
    let whole = |regex: &Option<Regex>| fits(regex, text.get(line.start..line.end).unwrap_or_default());
    let keyword = |words: &[&str]| left.split_whitespace().next().is_some_and(|w| words.iter().any(|k| w.eq_ignore_ascii_case(k)));
    if keyword(&["FROM", "ARG"]) || (fits(&LEFT, left) && fits(&RIGHT, right)) || runtime_line(at.path(), right) || whole(&SERVICES) {
        return Ok(());
    }
    Err("its line holds more than it, which is not touched".into())
}

/// A list of services in one line, of which none is more than an image.
static SERVICES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[ \t]*services:[ \t]*\[(?:[^{}\[\]=]|\$\{[0-9A-Za-z_]+\})*\][ \t]*(?:#.*)?$").ok());

/// A line of a file that names runtimes alone.
fn runtime_line(path: &str, right: &str) -> bool {
    let name = file_name(path);
    right.trim().is_empty()
        && (name.starts_with('.') && name.ends_with("-version") || matches!(name, ".nvmrc" | ".tool-versions" | "runtime.txt"))
}

fn in_dockerfile(at: &Location) -> bool {
    let line = at.source().line_span(at.position().line.get());
    let text = line.and_then(|l| at.source().text().get(l.start..l.end)).unwrap_or_default();
    text.split_whitespace().next().is_some_and(|w| w.eq_ignore_ascii_case("from"))
}

/// `ARG NAME=value` before the first `FROM`: the values and where they stand.
fn arguments(at: &Location) -> BTreeMap<String, (String, Location)> {
    let source = at.source();
    let (mut out, mut offset) = (BTreeMap::new(), 0);
    for line in source.text().split_inclusive('\n') {
        let body = line.trim_start_matches('\u{feff}').trim();
        let word = body.split_whitespace().next().unwrap_or_default();
        if word.eq_ignore_ascii_case("from") {
            break;
        }
        let rest = body.get(word.len()..).unwrap_or_default().trim();
        if word.eq_ignore_ascii_case("arg")
            && let Some((name, value)) = rest.split_once('=')
            && let value = value.trim_matches(['"', '\''])
            && !value.contains(char::is_whitespace)
            && let Some(i) = line.rfind(value).filter(|_| !value.is_empty())
        {
            let start = offset + i;
            out.insert(name.to_owned(), (value.to_owned(), source.at(Span { start, end: start + value.len() })));
        }
        offset += line.len();
    }
    out
}

/// The files that may set variables of a statement: those that are given, else `.env` beside it or beside its manifest.
fn env_files(given: &[String], at: &Location, manifest: Option<&Manifest>) -> Vec<String> {
    if !given.is_empty() {
        return given.to_vec();
    }
    let manifest = manifest.and_then(|m| m.paths.first()).map_or(at.path(), String::as_str);
    let mut out: Vec<String> = [parent(at.path()), parent(manifest)].iter().filter_map(|dir| join(dir, ".env")).collect();
    out.dedup();
    out
}

fn variables(workspace: &dyn Workspace, files: &[String]) -> BTreeMap<String, (String, Location)> {
    let mut out = BTreeMap::new();
    for source in files.iter().filter(|f| workspace.is_file(f)).filter_map(|f| workspace.read(f).ok()) {
        for entry in dotenv::read(&source).0 {
            if let Some(value) = entry.value.map(|v| v.text).filter(|v| !v.contains('$'))
                && let Some(at) = value_at(&source, &entry.at, &value)
            {
                out.insert(entry.key, (value, at));
            }
        }
    }
    out
}

/// Where the value of an entry stands, if it is written as it is read, alone on its line.
fn value_at(source: &std::sync::Arc<Source>, key: &Location, value: &str) -> Option<Location> {
    let after = source.text().get(key.span().end..)?;
    let start = after.find(['=', ':'])? + 1;
    let rest = after.get(start..)?;
    let trimmed = rest.trim_start_matches([' ', '\t']);
    let quote = usize::from(trimmed.starts_with(['"', '\'']));
    let start = key.span().end + start + (rest.len() - trimmed.len()) + quote;
    let at = source.at(Span { start, end: start + value.len() });
    (at.text() == value && !value.contains('\n')).then_some(at)
}

/// The files with the edits: path and text.
#[cfg(test)]
fn with(edits: &[Edit]) -> Vec<String> {
    super::edit::apply(edits).into_iter().map(|(path, (_, text))| format!("{path}: {text}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::MemoryWorkspace;

    fn edited(line: &str, env: &str) -> Result<Vec<String>, String> {
        let workspace = MemoryWorkspace::new([("c.yml", line), (".env", env)]);
        let source = workspace.read("c.yml").expect("there");
        let start = line.find("image: ").map_or(0, |i| i + 7);
        let end = line.find(" #").unwrap_or(line.len());
        let range: Range<usize> = 9..11;
        let new = New { range, with: "16".into(), text: "postgres:16".into() };
        edits(&source.at(Span { start, end }), "postgres:15", &new, &workspace, &[".env".to_owned()], None).map(|e| with(&e))
    }

    #[test]
    fn where_the_version_lives() {
        for (line, env, want) in [
            ("image: postgres:15", "", vec!["c.yml: image: postgres:16"]),
            ("  image: &db \"postgres:15\" # as prod", "", vec!["c.yml:   image: &db \"postgres:16\" # as prod"]),
            ("  image: 'postgres:15' # as prod", "", vec!["c.yml:   image: 'postgres:16' # as prod"]),
            ("image: postgres:${V:-15}", "", vec!["c.yml: image: postgres:${V:-16}"]),
            ("image: ${I:-postgres:${V-15}}", "", vec!["c.yml: image: ${I:-postgres:${V-16}}"]),
            ("image: postgres:$V", "A=1\nV='15' # x\n", vec![".env: A=1\nV='16' # x\n"]),
            ("image: postgres:${V:-15}", "V=15", vec![".env: V=16", "c.yml: image: postgres:${V:-16}"]),
            ("image: postgres:${V:-12}", "V=15", vec![".env: V=16"]),
            ("image: ${I}", "I=postgres:15", vec![".env: I=postgres:16"]),
            ("image: post${R}1${V}", "R=gres:\nV=5\n", vec![]),
            ("image: postgres:${V}", "V=14", vec![]),
            ("image: postgres:${{ matrix.pg }}", "", vec![]),
        ] {
            let got = edited(line, env);
            if want.is_empty() {
                assert!(got.is_err(), "{line}: {got:?}")
            } else {
                assert_eq!(got.as_ref().ok(), Some(&want.iter().map(|w| (*w).to_owned()).collect()), "{line}: {got:?}")
            }
        }
    }

    #[test]
    fn a_line_that_holds_more_is_left() {
        let fits = |line: &str| {
            let source = Source::new("x.yml", line);
            let start = line.find("pg:15").expect("there");
            alone(&source.at(Span { start, end: start + 5 })).is_ok()
        };
        for line in [
            "image: pg:15",
            "  - image: pg:15 # c",
            "db: {image: pg:15}",
            "  x: &a pg:15",
            "FROM --platform=x pg:15 AS b",
            "pg: {type: string, default: pg:15}",
            "  services: [redis:$R, pg:15, 'x/y:${Z}'] # c",
            "\"image\": \"x\", y",
        ] {
            if line.contains("pg:15") {
                assert!(fits(line), "{line}");
            }
        }
        for line in [
            "db: {environment: {P: s}, image: pg:15}",
            "db: {image: pg:15, environment: {P: s}}",
            "a: [x, pg:15]",
            "services: [{name: pg:15, variables: {P: s}}]",
            "image: pg:15 \u{1b}[0m",
        ] {
            assert!(!fits(line), "{line}");
        }
    }
}
