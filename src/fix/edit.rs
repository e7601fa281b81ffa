//! Edits → the files with them: spliced by bytes, as a tree of files to read again, as a unified diff.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use similar::DiffTag;
use similar::algorithms::{Capture, Replace, myers};

use crate::limits::Limits;
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::Workspace;

/// One part of a file, and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    /// What is replaced; an empty place is a place to insert at.
    pub(super) at: Location,
    /// By what.
    pub(super) with: String,
}

impl Edit {
    /// Do the two want the same bytes, for another text?
    pub(super) fn clashes(&self, other: &Self) -> bool {
        let (a, b) = (self.at.span(), other.at.span());
        let both_insert = a.start == a.end && b.start == b.end;
        self != other && self.at.path() == other.at.path() && !both_insert && a.start <= b.end && b.start <= a.end
    }
}

/// The texts of the edited files, before and after.
pub(super) fn apply(edits: &[Edit]) -> BTreeMap<String, (Arc<Source>, String)> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(edit.at.path()).or_default().push(edit);
    }
    let edited = |(path, edits): (&str, Vec<&Edit>)| {
        let source = edits.first()?.at.source();
        Some((path.to_owned(), (Arc::clone(source), spliced(source.text(), edits))))
    };
    by_file.into_iter().filter_map(edited).collect()
}

/// A text with edits, none of which lies in another.
fn spliced(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|e| e.at.span());
    edits.dedup();
    let (mut out, mut kept) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        let span = edit.at.span();
        if let (Some(before), true) = (text.get(kept..span.start), text.is_char_boundary(span.end)) {
            out.push_str(before);
            out.push_str(&edit.with);
            kept = span.end;
        }
    }
    out + text.get(kept..).unwrap_or_default()
}

/// A tree of files in which some have another text.
pub(super) struct Edited<'w> {
    below: &'w dyn Workspace,
    texts: BTreeMap<String, Arc<Source>>,
}

impl<'w> Edited<'w> {
    pub(super) fn new(below: &'w dyn Workspace, texts: &BTreeMap<String, (Arc<Source>, String)>) -> Self {
        let edited = |source: &Arc<Source>, text: &String| source.inner(text.as_str());
        Self { below, texts: texts.iter().map(|(path, (source, text))| (path.clone(), edited(source, text))).collect() }
    }
}

impl Workspace for Edited<'_> {
    fn read(&self, path: &str) -> Result<Arc<Source>, Problem> {
        self.texts.get(path).map_or_else(|| self.below.read(path), |s| Ok(Arc::clone(s)))
    }

    fn is_file(&self, path: &str) -> bool {
        self.below.is_file(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.below.exists(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        self.below.is_dir(path)
    }

    fn list(&self, dir: &str) -> (Vec<String>, Vec<Problem>) {
        self.below.list(dir)
    }

    fn limits(&self) -> Limits {
        self.below.limits()
    }

    fn on_disk(&self) -> Option<&Path> {
        self.below.on_disk()
    }

    fn beside(&self) -> Vec<(&str, &dyn Workspace)> {
        self.below.beside()
    }
}

/// A unified diff without lines of context, which may hold values (`git apply --unidiff-zero` takes it).
pub(super) fn diff(path: &str, before: &str, after: &str) -> String {
    let (a, b) = (quoted(&format!("a/{path}")), quoted(&format!("b/{path}")));
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let mut found = Replace::new(Capture::new());
    match myers::diff(&mut found, old.as_slice(), 0..old.len(), new.as_slice(), 0..new.len()) {
        Ok(()) => {}
        Err(never) => match never {},
    }
    let mut out = String::new();
    for op in found.into_inner().into_ops() {
        let (tag, gone, come) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        if out.is_empty() {
            out = format!("--- {a}\n+++ {b}\n");
        }
        out.push_str(&format!("@@ -{} +{} @@\n", hunk(&gone), hunk(&come)));
        let lines =
            |sign, all: &[&str], range: Range<usize>| all.get(range).into_iter().flatten().map(|l| line(sign, l)).collect::<String>();
        out.push_str(&lines('-', &old, gone));
        out.push_str(&lines('+', &new, come));
    }
    out
}

/// Lines as a hunk's head names them, from one; of none, the line before.
fn hunk(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        many => format!("{},{many}", lines.start + 1),
    }
}

fn line(sign: char, text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
    format!("{sign}{text}{end}")
}

/// A path as git writes it: between quotes where it holds what would act (git-diff: core.quotePath).
fn quoted(path: &str) -> String {
    if !path.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|b| out.push_str(&format!("\\{b:03o}")));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn spliced_by_bytes_and_nothing_else() {
        let source = Source::new("a.yml", "\u{feff}a: é\r\nb: 1\r\n");
        let at = |start, end| source.at(Span { start, end });
        let edits = [
            Edit { at: at(13, 14), with: "22".into() },
            Edit { at: at(16, 16), with: "c:\r\n".into() },
            Edit { at: at(13, 14), with: "22".into() },
        ];
        let texts = apply(&edits);
        assert_eq!(texts["a.yml"].1, "\u{feff}a: é\r\nb: 22\r\nc:\r\n");
        assert_eq!(diff("x", "a\nb: 1\nc\n", "a\nb: 2\nc\n"), "--- a/x\n+++ b/x\n@@ -2 +2 @@\n-b: 1\n+b: 2\n");
        assert_eq!(quoted("a/x\n\"y"), "\"a/x\\012\\\"y\"");
    }
}
