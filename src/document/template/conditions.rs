//! The actions of a template → the stretches that may not be there: what stands under a condition or in a loop.

use crate::document::{Content, Entry, Node};

/// Stretches of a text, in order and apart from each other.
#[derive(Debug, Default)]
pub(crate) struct Conditions(Vec<(usize, usize)>);

/// What an action does to the blocks of a template.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Opens a block that may not be there, or (`false`) one that is.
    Open(bool),
    Close,
    Nothing,
}

impl Conditions {
    /// Of the actions of a text, each with where it starts and ends.
    pub(super) fn of(text: &str, actions: &[(usize, usize)]) -> Self {
        let (mut out, mut open) = (Vec::new(), Vec::new());
        // The outermost block that may not be there: how many are around it, and where it starts.
        let mut outer: Option<(usize, usize)> = None;
        for (start, end) in actions {
            match step(text.get(*start..*end).unwrap_or("")) {
                Step::Open(perhaps) => {
                    if perhaps {
                        outer.get_or_insert((open.len(), *end));
                    }
                    open.push(perhaps);
                }
                Step::Close => {
                    open.pop();
                    if let Some((_, from)) = outer.take_if(|(around, _)| open.len() <= *around) {
                        out.push((from, *start));
                    }
                }
                Step::Nothing => {}
            }
        }
        out.extend(outer.map(|(_, from)| (from, text.len())));
        Self(out)
    }

    fn holds(&self, node: &Node) -> bool {
        let at = node.at.span().start;
        let before = self.0.partition_point(|(start, _)| *start <= at);
        before.checked_sub(1).and_then(|i| self.0.get(i)).is_some_and(|(_, end)| at < *end)
    }

    /// A tree that says what of it may not be there: a mapping as a whole, else each scalar that is not the same in any case.
    pub(crate) fn mark(&self, node: Node) -> Node {
        if self.0.is_empty() { node } else { self.marked(node) }
    }

    fn marked(&self, mut node: Node) -> Node {
        const WHY: &str = "it stands under a condition of a template, or in a loop";
        match node.content {
            Content::Mapping(entries) if !entries.is_empty() && entries.iter().all(|e| self.holds(&e.key)) => {
                node.content = Content::Mapping(entries);
                // A tag of the document's own is kept: there it is said what it is.
                if node.tag.is_none() {
                    node.set_perhaps(WHY);
                }
            }
            Content::Mapping(entries) => node.content = Content::Mapping(entries.into_iter().map(|e| self.entry(e)).collect()),
            Content::Sequence(items) => node.content = Content::Sequence(items.into_iter().map(|n| self.marked(n)).collect()),
            Content::Scalar(..) if self.holds(&node) => node.content = Content::Expression(WHY.into()),
            other => node.content = other,
        }
        node
    }

    fn entry(&self, entry: Entry) -> Entry {
        // What an object is and is called tells it from others, in any case.
        let identity = matches!(entry.key.text(), Some("apiVersion" | "kind" | "name"));
        Entry { value: if identity { entry.value } else { self.marked(entry.value) }, ..entry }
    }
}

/// What an action does, by its first and last words (ERB; Jinja: List of Control Structures; text/template: Actions).
fn step(action: &str) -> Step {
    let inner = action.get(2..action.len().saturating_sub(2)).unwrap_or("");
    let jinja = action.starts_with("{%");
    let body = inner.trim_matches(['-', '+', '=', '~']).trim();
    let mut words = body.split(|c: char| c.is_whitespace() || c == '(').filter(|w| !w.is_empty());
    let first = words.next().unwrap_or("");
    let last = words.next_back().unwrap_or(first);
    if action.starts_with("<%") {
        let loops = last == "do" || body.ends_with('|') && body.contains(" do ") || body.ends_with('{');
        return match first {
            _ if inner.starts_with('#') => Step::Nothing,
            "end" | "}" => Step::Close,
            "if" | "unless" | "case" | "while" | "until" | "for" => {
                if last == "end" {
                    Step::Nothing
                } else {
                    Step::Open(true)
                }
            }
            "begin" => Step::Open(false),
            _ if loops => Step::Open(true),
            _ => Step::Nothing,
        };
    }
    match first {
        "end" if !jinja => Step::Close,
        _ if jinja && first.starts_with("end") => Step::Close,
        "if" | "for" if jinja => Step::Open(true),
        "set" if jinja => {
            if body.contains('=') {
                Step::Nothing
            } else {
                Step::Open(false)
            }
        }
        "block" | "macro" | "filter" | "call" | "with" | "raw" | "trans" | "autoescape" if jinja => Step::Open(false),
        "if" | "with" | "range" if action.starts_with("{{") && !jinja => Step::Open(true),
        "define" | "block" if action.starts_with("{{") => Step::Open(false),
        _ => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use crate::document::template::mask;
    use crate::document::yaml;
    use crate::source::Source;

    /// The scalars and mappings that may not be there, by what they begin with.
    fn perhaps(text: &str) -> Vec<String> {
        fn walk(node: &crate::document::Node, out: &mut Vec<String>) {
            let conditional =
                node.perhaps().is_some() || matches!(&node.content, crate::document::Content::Expression(why) if why.contains("condition"));
            if conditional {
                out.push(node.at.text().split([' ', '\n']).next().unwrap_or("").to_owned());
            }
            node.items().iter().for_each(|n| walk(n, out));
            node.entries().iter().for_each(|e| walk(&e.value, out));
        }
        let source = Source::new("a.yaml", text);
        let masked = mask(text).expect("actions");
        let documents = yaml::read_as(&source, &masked.text);
        assert!(documents.errors.is_empty(), "{text}: {:?}", documents.errors);
        let mut out = Vec::new();
        documents.documents.into_iter().for_each(|d| walk(&masked.conditions.mark(d.root), &mut out));
        out
    }

    #[test]
    fn what_may_not_be_there() {
        for (text, want) in [
            ("<% if a %>\na: 1\n<% else %>\nb: 2\n<% end %>\n", &["a:"][..]),
            ("a: 1\n<% if a %>\nb: 2\n<%- end -%>\nc: 3\n", &["2"]),
            ("a:\n<% 3.times do |i| %>\n- b: <%= i %>\n<% end %>\n- c: 1\n", &["b:"]),
            ("<% x = 1 if y %>\na: 1\n", &[]),
            ("<% if a then b end %>\na: 1\n", &[]),
            ("<%# if a %>\na: 1\n", &[]),
            ("a: 1\n{% if x %}\n{%- for y in z %}\nb: 2\n{% endfor %}\nc: 3\n{% endif %}\nd: 4\n", &["2", "3"]),
            ("{% set v = 1 %}\n{% block x %}\na: 1\n{% endblock %}\n{% raw %}\nb: 1\n{% endraw %}\n", &[]),
            ("a: 1\n{{- if .x }}\nb: 2\n{{- end }}\nc: 3\n{{ range .y }}\nd: 4\n{{ end }}\n", &["2", "4"]),
            ("a: 1\n{% if x %}\nkind: A\nname: b\nc: 3\n", &["3"]),
            ("{% endif %}\na: 1\n{% endif %}\n", &[]),
        ] {
            assert_eq!(perhaps(text), want, "{text}");
        }
    }
}
