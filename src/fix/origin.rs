//! The variables and expressions of a statement → the scalars that give them their values: a variable of a pipeline, the one
//! value of a matrix, the default of a parameter, a build argument.
//!
//! Which scalar it is follows from its key, from where it stands, and from the value: together with the text around it, it must
//! make what was read. The edit is tried on a copy as every other.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Node, yaml};
use crate::formats::compose::interpolate::{Origin, Piece, pieces};
use crate::formats::{self, Manifest};
use crate::source::Location;
use crate::workspace::Workspace;

/// How many ways to give variables their values are tried.
const MOST: usize = 64;
/// How many files of a pipeline are looked at.
const MOST_FILES: usize = 50;
/// How deep a file is looked at.
const DEPTH: usize = 32;

/// How a statement names what is written elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// `$NAME`, `${NAME:-default}`.
    Shell,
    /// The same in a Dockerfile, where build arguments set it.
    Arguments,
    /// `${{ matrix.name }}` (docs.github.com/actions: expressions).
    Actions,
    /// `<< parameters.name >>` (circleci.com/docs: reusing configuration).
    Parameters,
}

/// A scalar that gives a name its value.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    /// Its text.
    pub(super) value: String,
    /// Where the text stands, without quotes.
    pub(super) at: Location,
    /// Where the scalar stands, with quotes.
    pub(super) scalar: Location,
    /// It is one of several values of a list.
    pub(super) several: bool,
    /// How many nodes hold both it and the statement: what is nearer wins.
    near: usize,
}

impl Holder {
    /// The only one of its name.
    pub(super) fn only(value: String, at: Location) -> Self {
        Self { value, scalar: at.clone(), at, several: false, near: 1 }
    }
}

/// What each name of a statement may stand for.
pub(super) type Holders = BTreeMap<String, Vec<Holder>>;

/// A statement in parts, and what gives each name its value.
pub(super) type Solved = (Vec<Piece>, BTreeMap<String, Holder>);

impl Grammar {
    /// Of a statement as it is written; `None` where it names nothing.
    pub(super) fn of(raw: &str, dockerfile: bool) -> Option<Self> {
        match raw {
            _ if dockerfile => raw.contains('$').then_some(Self::Arguments),
            _ if raw.contains("${{") => Some(Self::Actions),
            _ if raw.contains("<<") => Some(Self::Parameters),
            _ if raw.contains('$') => Some(Self::Shell),
            _ => None,
        }
    }

    fn pieces(self, text: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Piece>, String> {
        match self {
            Self::Shell | Self::Arguments => pieces(text, get),
            Self::Actions => paths(text, ("${{", "}}"), get),
            Self::Parameters => paths(text, ("<<", ">>"), get),
        }
    }

    /// The names of a text.
    pub(super) fn names(self, text: &str) -> BTreeSet<String> {
        let seen = std::cell::RefCell::new(BTreeSet::new());
        // A default that names something is looked at where the variable is not set.
        for set in [true, false] {
            let _seen = self.pieces(text, &|name| {
                seen.borrow_mut().insert(name.to_owned());
                set.then(String::new)
            });
        }
        seen.into_inner()
    }

    /// The keys above a name's value, one of which must be there, and the keys of the name itself.
    fn wanted(self, name: &str) -> (&'static [&'static str], Vec<&str>) {
        let mut keys: Vec<&str> = name.split('.').collect();
        match (self, keys.first()) {
            (Self::Shell, _) => (&["variables", "matrix"], vec![name]),
            (Self::Arguments, _) => (&["args"], vec![name]),
            (Self::Actions, Some(&"matrix")) => (&["matrix"], keys.split_off(1)),
            (Self::Actions, Some(&"env")) => (&["env"], keys.split_off(1)),
            (Self::Actions, Some(&"inputs")) => (&["inputs"], keys.split_off(1)),
            (Self::Parameters, Some(&"pipeline")) => (&["parameters"], keys.split_off(keys.len() - 1)),
            // Whoever calls a job gives it parameters beside its own keys.
            (Self::Parameters, Some(&"parameters")) => (&[], keys.split_off(1)),
            _ => (&[], Vec::new()),
        }
    }
}

/// A text with paths between brackets.
fn paths(text: &str, (open, close): (&str, &str), get: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Piece>, String> {
    let (mut out, mut rest) = (Vec::new(), text);
    let plain = |value: &str, rest: &str| Piece { value: value.to_owned(), origin: Origin::Text(text.len() - rest.len()) };
    while let Some((before, after)) = rest.split_once(open) {
        out.push(plain(before, rest));
        let (inner, tail) = after.split_once(close).ok_or("an expression in it is not closed")?;
        let name = inner.trim();
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
            return Err("it comes from an expression".into());
        }
        let value = get(name).ok_or_else(|| format!("where `{name}` gets its value is not known"))?;
        out.push(Piece { value, origin: Origin::Variable(name.to_owned(), None) });
        rest = tail;
    }
    out.push(plain(rest, rest));
    Ok(out)
}

/// The scalars of the statement's own file and of its manifest's that may give its names their values.
pub(super) fn holders(grammar: Grammar, text: &str, at: &Location, manifest: Option<&Manifest>, workspace: &dyn Workspace) -> Holders {
    let mut out = Holders::new();
    let names = grammar.names(text);
    for path in files(grammar, at, manifest, workspace) {
        let Ok(source) = workspace.read(&path) else { continue };
        for document in yaml::read(&source).documents {
            let mut statement = Vec::new();
            let _there = path_to(&document.root, at, &mut statement, 0);
            for name in &names {
                let (contexts, keys) = grammar.wanted(name);
                if keys.is_empty() {
                    continue;
                }
                let mut search = Search { contexts, keys: &keys, statement: &statement, found: Vec::new() };
                search.below(&document.root, contexts.is_empty(), &mut Vec::new());
                out.entry(name.clone()).or_default().append(&mut search.found);
            }
        }
    }
    out
}

/// Where a statement's names may be set: variables of a pipeline in any of its files, all else in the statement's own.
fn files(grammar: Grammar, at: &Location, manifest: Option<&Manifest>, workspace: &dyn Workspace) -> Vec<String> {
    let mut out = vec![at.path().to_owned()];
    if matches!(grammar, Grammar::Shell | Grammar::Arguments)
        && let Some(manifest) = manifest
    {
        out.extend(manifest.paths.iter().cloned());
        let format = formats::by_id(&manifest.format);
        let mut next = 0;
        while let Some(path) = out.get(next).cloned().filter(|_| out.len() < MOST_FILES) {
            next += 1;
            out.extend(format.map(|f| f.parts(&path, workspace)).unwrap_or_default().into_iter().filter(|p| workspace.is_file(p)));
            let mut seen = BTreeSet::new();
            out.retain(|p| seen.insert(p.clone()));
        }
    }
    out.retain(|p| p.ends_with(".yml") || p.ends_with(".yaml"));
    out.truncate(MOST_FILES);
    out
}

/// The numbers of the children that lead to the scalar at a place.
fn path_to(node: &Node, at: &Location, path: &mut Vec<usize>, depth: usize) -> bool {
    if node.at == *at {
        return true;
    }
    let children = node.entries().iter().map(|e| &e.value).chain(node.items());
    for (i, child) in children.enumerate().take_while(|_| depth < DEPTH) {
        path.push(i);
        if path_to(child, at, path, depth + 1) {
            return true;
        }
        path.pop();
    }
    false
}

struct Search<'s> {
    contexts: &'s [&'s str],
    keys: &'s [&'s str],
    /// The path to the statement.
    statement: &'s [usize],
    found: Vec<Holder>,
}

impl Search<'_> {
    fn below(&mut self, node: &Node, under: bool, path: &mut Vec<usize>) {
        if path.len() > DEPTH {
            return;
        }
        for (i, entry) in node.entries().iter().enumerate() {
            path.push(i);
            let key = entry.key.text().unwrap_or_default();
            if under && self.keys.first() == Some(&key) {
                self.value(&entry.value, 1, false, path);
            }
            self.below(&entry.value, under || self.contexts.contains(&key), path);
            path.pop();
        }
        for (i, item) in node.items().iter().enumerate() {
            path.push(i);
            self.assigned(item, under, path);
            self.below(item, under, path);
            path.pop();
        }
    }

    /// The value of the first so many keys.
    fn value(&mut self, node: &Node, keys: usize, several: bool, path: &[usize]) {
        for item in node.items() {
            self.value(item, keys, several || node.items().len() > 1, path);
        }
        if let Some(next) = self.keys.get(keys).copied() {
            node.get(next).into_iter().for_each(|n| self.value(n, keys + 1, several, path));
        } else if let Some(text) = node.text() {
            let quote = usize::from(node.at.text().starts_with(['"', '\'']));
            self.hold(text, &node.at, quote, several, path);
        } else {
            // GitLab writes a variable with a description, CircleCI and GitHub an input with a default.
            ["value", "default"].iter().filter_map(|k| node.get(k)).filter(|n| n.text().is_some()).for_each(|n| {
                self.value(n, keys, several, path);
            });
        }
    }

    /// `NAME=value` in a list.
    fn assigned(&mut self, item: &Node, under: bool, path: &[usize]) {
        let [key] = self.keys else { return };
        if let Some(value) = item.text().filter(|_| under).and_then(|t| t.strip_prefix(key)?.strip_prefix('=')) {
            let quote = usize::from(item.at.text().starts_with(['"', '\'']));
            self.hold(value, &item.at, quote + key.len() + 1, false, path);
        }
    }

    fn hold(&mut self, value: &str, scalar: &Location, start: usize, several: bool, path: &[usize]) {
        let at = scalar.part(start, start + value.len());
        if at.text() == value && !value.is_empty() && Grammar::of(value, false).is_none() {
            let near = self.statement.iter().zip(path).take_while(|(a, b)| a == b).count();
            self.found.push(Holder { value: value.to_owned(), at, scalar: scalar.clone(), several, near: near + 2 });
        }
    }
}

/// The one way to give the names of a text their values that makes what was read.
///
/// # Errors
/// There is none, or more than one: one phrase.
pub(super) fn solve(grammar: Grammar, text: &str, stated: &str, holders: &Holders) -> Result<Solved, String> {
    let names: Vec<String> = grammar.names(text).into_iter().collect();
    let mut ways: Vec<BTreeMap<String, Holder>> = vec![BTreeMap::new()];
    for name in &names {
        let given = holders.get(name).map(Vec::as_slice).unwrap_or_default();
        // Without a value there is the default.
        let unset = || ways.iter().cloned();
        let set = |h: &Holder| ways.iter().cloned().map(|w| w.into_iter().chain([(name.clone(), h.clone())]).collect()).collect::<Vec<_>>();
        ways = given.iter().flat_map(set).chain(unset()).take(MOST).collect();
    }
    let read = |way: &BTreeMap<String, Holder>| {
        let parts = grammar.pieces(text, &|name| way.get(name).map(|h| h.value.clone())).ok()?;
        (parts.iter().map(|p| p.value.as_str()).collect::<String>() == stated).then_some(parts)
    };
    // Names that are not needed are of no matter.
    let used = |parts: &[Piece], way: &BTreeMap<String, Holder>| -> BTreeMap<String, Holder> {
        let name = |p: &Piece| if let Origin::Variable(name, _) = &p.origin { Some(name.clone()) } else { None };
        parts.iter().filter_map(name).filter_map(|n| Some((n.clone(), way.get(&n)?.clone()))).collect()
    };
    let mut solved: Vec<Solved> =
        ways.iter().filter_map(|way| read(way).map(|parts| (used(&parts, way), parts))).map(|(w, p)| (p, w)).collect();
    let near = |s: &Solved| s.1.values().map(|h| h.near).sum::<usize>();
    let most = solved.iter().map(near).max();
    solved.retain(|s| Some(near(s)) == most);
    solved.dedup_by(|a, b| a.1.values().map(|h| &h.at).eq(b.1.values().map(|h| &h.at)));
    let all = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match solved.len() {
        1 => solved.pop().ok_or_else(String::new),
        0 if names.is_empty() => grammar.pieces(text, &|_| None).and(Err("it is not written as it is read".into())),
        0 => Err(format!("where {all} gets its value is not known")),
        _ => Err(format!("{all} is set to this in several places")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::MemoryWorkspace;

    /// Where the value of the only name of the first `image` comes from, or why that is not known.
    fn origin(text: &str, stated: &str) -> Result<(String, bool), String> {
        let workspace = MemoryWorkspace::new([("ci.yml", text)]);
        let source = workspace.read("ci.yml").expect("there");
        let root = yaml::read(&source).documents.remove(0).root;
        let mut open = vec![&root];
        let mut image = None;
        while let Some(node) = open.pop() {
            image = node.get("image").or(image);
            open.extend(node.entries().iter().map(|e| &e.value).chain(node.items()));
        }
        let image = image.expect("an image");
        let raw = image.text().expect("a text");
        let grammar = Grammar::of(raw, false).ok_or("it names nothing")?;
        let (_, way) = solve(grammar, raw, stated, &holders(grammar, raw, &image.at, None, &workspace))?;
        let holder = way.into_values().next().ok_or("a default")?;
        Ok((holder.scalar.to_string().replace("ci.yml:", ""), holder.several))
    }

    #[test]
    fn the_nearest_that_makes_what_was_read() {
        for (text, stated, want) in [
            ("a: {matrix: {pg: [15]}, image: 'postgres:${{ matrix.pg }}'}", "postgres:15", Ok(("1:19", false))),
            ("a: {matrix: {pg: [14, 15]}, image: 'postgres:${{ matrix.pg }}'}", "postgres:15", Ok(("1:23", true))),
            ("a: {matrix: {db: [{v: 15}]}, image: 'postgres:${{ matrix.db.v }}'}", "postgres:15", Ok(("1:23", false))),
            ("a: {matrix: {include: [{pg: 15}]}, image: 'postgres:${{ matrix.pg }}'}", "postgres:15", Ok(("1:29", false))),
            ("env: {V: 15}\na: {env: {V: 15}, image: 'postgres:${{ env.V }}'}", "postgres:15", Ok(("2:14", false))),
            ("env: {V: 15}\nb: {env: {V: 15}}\na: {image: 'postgres:${{ env.V }}'}", "postgres:15", Err("several places")),
            ("a: {matrix: {pg: [14]}, image: 'postgres:${{ matrix.pg }}'}", "postgres:15", Err("not known")),
            ("a: {pg: 15, image: 'postgres:${{ matrix.pg }}'}", "postgres:15", Err("not known")),
            ("a: {image: \"postgres:${{ matrix.pg || '15' }}\"}", "postgres:15", Err("from an expression")),
            ("variables: {V: {value: '15', description: x}}\na: {image: 'postgres:$V'}", "postgres:15", Ok(("1:24", false))),
            ("variables: {V: 14}\na: {variables: {V: 15}, image: 'postgres:$V'}", "postgres:15", Ok(("2:20", false))),
            ("variables: {V: 14}\na: {variables: {V: 15}, image: 'postgres:$V'}", "postgres:14", Ok(("1:16", false))),
            ("variables: {W: 15}\na: {image: 'postgres:${V:-15}'}", "postgres:15", Err("a default")),
            (
                "e: {parameters: {pg: {default: '15'}}, image: 'postgres:<< parameters.pg >>'}\nj: {pg: '14'}",
                "postgres:14",
                Ok(("2:9", false)),
            ),
            ("parameters: {pg: {default: '15'}}\nx: {image: 'postgres:<<pipeline.parameters.pg>>'}", "postgres:15", Ok(("1:28", false))),
        ] {
            let got = origin(text, stated);
            match want {
                Ok((at, several)) => assert_eq!(got, Ok((at.to_owned(), several)), "{text}"),
                Err(why) => assert!(got.as_ref().is_err_and(|e| e.contains(why)), "{text}: {got:?}"),
            }
        }
    }
}
