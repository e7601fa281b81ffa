//! Rendered text → the same text in which each line that is not known stands as what it may be: an item of the list that it
//! is in, an entry of the mapping, or the value of the key above it. What reads it then knows that there is more.

use crate::document::Documents;
use crate::formats::Reading;
use crate::formats::gotemplate::{Engine, MARK, MARK_END, Text, reason_in, tree_of};
use crate::report::Problem;
use crate::source::Source;

/// What a line is in the block that it belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Block {
    /// `- item`.
    List,
    /// `key: value`.
    Mapping,
    /// `key:`, and nothing behind it so far.
    Key,
}

/// What stands for lines that are not known.
#[derive(Clone, Copy, PartialEq)]
enum Stands {
    /// `- MARK`.
    Item,
    /// `MARK: MARK`.
    Entry,
    /// `MARK`, the value of the key above.
    Value,
    /// Nothing: it is alone in its document, or goes on with a value.
    Nowhere,
}

/// The documents of a rendered text. Where something in place of a line that is not known makes it no YAML, there is nothing.
pub(super) fn tree(engine: &Engine<'_>, text: &Text, path: &str, reading: &mut Reading) -> Documents {
    let Some((with, without)) = filled(engine, text, path, reading) else { return tree_of(text, path, engine.reasons()) };
    let documents = tree_of(&with, path, engine.reasons());
    if documents.errors.is_empty() { documents } else { tree_of(&without, path, engine.reasons()) }
}

/// Says of every line that holds an unknown value alone that it is not known. Gives the text with what stands in its place, and
/// the text without.
fn filled(engine: &Engine<'_>, text: &Text, path: &str, reading: &mut Reading) -> Option<(Text, Text)> {
    let all = text.as_str();
    if !all.contains(MARK) {
        return None;
    }
    let stands = stands(all);
    let (mut with, mut without) = (Text::default(), Text::default());
    let mut at = 0;
    for (line, stands) in all.split_inclusive('\n').zip(stands) {
        let end = at + line.len();
        let whole = text.slice(at, end);
        let Some(stands) = stands else {
            with.append(&whole);
            without.append(&whole);
            at = end;
            continue;
        };
        let why = reason_in(line, engine.reasons()).unwrap_or_default();
        let place = text.place(at, end.saturating_sub(1)).unwrap_or_else(|| Source::new(path, "").whole());
        reading.problems.push(Problem::at(place, format!("`{path}`: what stands here is not known: {why}")).warning());
        let mark = whole.trimmed(true, true, char::is_whitespace);
        let indent = whole.slice(0, line.len() - line.trim_start().len());
        if stands != Stands::Nowhere {
            with.append(&indent);
            with.push_str(if stands == Stands::Item { "- " } else { "" });
            with.append(&mark);
        }
        if stands == Stands::Entry {
            // A key stands once in a mapping.
            with.push_str(&format!("{at}: "));
            with.append(&mark);
        }
        with.push_str("\n");
        without.push_str("\n");
        at = end;
    }
    Some((with, without))
}

/// Is a line nothing but the mark of an unknown value?
fn is_mark(line: &str) -> bool {
    line.trim().strip_prefix(MARK).and_then(|l| l.strip_suffix(MARK_END)).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Does a line open a block or belong to one? Empty lines and comments do not.
fn counts(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

/// For each line what stands for it, where it is not known.
fn stands(text: &str) -> Vec<Option<Stands>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // The line that counts behind each: one more of the same block, or the first of an outer one.
    let mut next: Vec<Option<&str>> = Vec::with_capacity(lines.len());
    let mut behind = None;
    for line in lines.iter().rev() {
        next.push(behind);
        if line.starts_with("---") {
            behind = None;
        } else if counts(line) && !is_mark(line) {
            behind = Some(*line);
        }
    }
    let mut open: Vec<(usize, Block)> = Vec::new();
    let mut out = Vec::with_capacity(lines.len());
    for (line, next) in lines.iter().zip(next.into_iter().rev()) {
        out.push(None);
        if line.starts_with("---") {
            open.clear();
        } else if is_mark(line) {
            open.truncate(open.partition_point(|(column, _)| *column <= indent(line)));
            if let Some(last) = out.last_mut() {
                *last = Some(stand(indent(line), open.last(), next));
            }
        } else if counts(line) {
            enter(line, &mut open);
        }
    }
    out
}

/// What stands for a line that is not known, at a column: what its neighbours are.
fn stand(column: usize, above: Option<&(usize, Block)>, next: Option<&str>) -> Stands {
    match above {
        Some((at, Block::List | Block::Key)) if *at == column => return Stands::Item,
        Some((at, Block::Mapping)) if *at == column => return Stands::Entry,
        _ => {}
    }
    match next.filter(|line| indent(line) == column).map(str::trim_start) {
        Some(line) if line.starts_with("- ") || line.trim_end() == "-" => Stands::Item,
        Some(_) => Stands::Entry,
        None if above.is_some_and(|(_, block)| *block == Block::Key) => Stands::Value,
        None => Stands::Nowhere,
    }
}

/// Goes into the blocks that a line opens, and out of those that it ends.
fn enter(line: &str, open: &mut Vec<(usize, Block)>) {
    let mut column = indent(line);
    let mut rest = line.trim();
    open.truncate(open.partition_point(|(at, _)| *at < column));
    if let Some((_, block @ Block::Key)) = open.last_mut() {
        *block = Block::Mapping;
    }
    // `- - a: 1` opens two lists and a mapping; no line needs more.
    for _ in 0..8 {
        let Some(item) = rest.strip_prefix('-').filter(|r| r.is_empty() || r.starts_with(' ')) else { break };
        open.push((column, Block::List));
        column += 1 + item.len() - item.trim_start().len();
        rest = item.trim_start();
    }
    if !rest.is_empty() {
        open.push((column, if rest.ends_with(':') { Block::Key } else { Block::Mapping }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with `?` for a line that is not known.
    fn shown(text: &str) -> String {
        let text = text.replace('?', &format!("{MARK}0{MARK_END}"));
        let line = |(line, stands): (&str, Option<Stands>)| match stands {
            None => line.to_owned(),
            Some(Stands::Item) => format!("{}- ?\n", " ".repeat(indent(line))),
            Some(Stands::Entry) => format!("{}?: ?\n", " ".repeat(indent(line))),
            Some(Stands::Value) => format!("{}?\n", " ".repeat(indent(line))),
            Some(Stands::Nowhere) => "\n".to_owned(),
        };
        text.split_inclusive('\n').zip(stands(&text)).map(line).collect()
    }

    #[test]
    fn what_stands_for_a_line() {
        for (text, wanted) in [
            ("env:\n  - name: A\n    value: x\n  ?\n", "env:\n  - name: A\n    value: x\n  - ?\n"),
            ("env:\n  ?\n  - name: A\n", "env:\n  - ?\n  - name: A\n"),
            ("env:\n  ?\nports: []\n", "env:\n  ?\nports: []\n"),
            ("- env:\n  ?\n  ports: []\n", "- env:\n  - ?\n  ports: []\n"),
            ("- env:\n  - name: A\n  ?\n  ports: []\n", "- env:\n  - name: A\n  - ?\n  ports: []\n"),
            ("- name: a\n  ?\n", "- name: a\n  ?: ?\n"),
            ("data:\n  a: b\n\n  # more\n  ?\n", "data:\n  a: b\n\n  # more\n  ?: ?\n"),
            ("data:\n  ?\n  a: b\n", "data:\n  ?: ?\n  a: b\n"),
            ("a: 1\n---\n?\n---\nb: 2\n", "a: 1\n---\n\n---\nb: 2\n"),
            ("a: \"x\"\n    ?\nb: 1\n", "a: \"x\"\n\nb: 1\n"),
            ("env:\n  - a\n      ?\n", "env:\n  - a\n\n"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
