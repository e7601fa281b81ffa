//! Terraform's JSON syntax → the same in native syntax, with a map back to the places of the file.
//!
//! Source: developer.hashicorp.com/terraform/language/syntax/json. Which properties are blocks is for the schema of a provider to
//! say; all are written as arguments, and readers take a block and an argument of the same name alike.

use std::sync::Arc;

use super::{Origin, Parsed};
use crate::document::{Content, Node, Style, Unreadable, json};
use crate::source::{Location, Source, Span};

/// Where the pieces of a text that was made came from: start in it, place in the file, letter for letter or as a whole.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<(usize, Span, bool)>);

impl Places {
    /// The place in the file of a span of the text.
    pub(super) fn span(&self, span: Span) -> Span {
        let start = self.of(span.start).map_or(0, |(from, to, exact)| if exact { to.start + (span.start - from) } else { to.start });
        let last = span.end.saturating_sub(1).max(span.start);
        let end = self.of(last).map_or(0, |(from, to, exact)| if exact { (to.start + (last - from) + 1).min(to.end) } else { to.end });
        Span { start, end: end.max(start) }
    }

    fn of(&self, offset: usize) -> Option<(usize, Span, bool)> {
        let i = self.0.partition_point(|(start, ..)| *start <= offset);
        self.0.get(i.checked_sub(1)?).copied()
    }
}

/// Reads a source.
pub(super) fn read(source: &Arc<Source>) -> Parsed {
    let documents = json::read(source);
    let mut parsed = Parsed { errors: documents.errors, ..Parsed::default() };
    for entry in documents.documents.first().map(|d| d.root.entries()).unwrap_or_default() {
        let word = entry.key.text().unwrap_or_default();
        for body in each(&entry.value) {
            match word {
                "locals" => block(word, &[], &entry.key, body, &mut parsed),
                "variable" | "output" | "module" => named(word, &[], body, 1, &mut parsed),
                "resource" | "data" => named(word, &[], body, 2, &mut parsed),
                _ => {}
            }
        }
    }
    parsed
}

/// The bodies of blocks of one name: one, or a list of them.
fn each(node: &Node) -> &[Node] {
    if node.is_sequence() { node.items() } else { std::slice::from_ref(node) }
}

/// Blocks with so many more labels, which are the keys of mappings.
fn named<'n>(word: &str, labels: &[&'n Node], node: &'n Node, more: usize, parsed: &mut Parsed) {
    for entry in node.entries().iter().filter(|e| e.key.text() != Some("//")) {
        let labels: Vec<&Node> = labels.iter().copied().chain([&entry.key]).collect();
        for body in each(&entry.value) {
            if more > 1 {
                named(word, &labels, body, more - 1, parsed);
            } else {
                block(word, &labels, &entry.key, body, parsed);
            }
        }
    }
}

/// One block, as a piece of its own.
fn block(word: &str, labels: &[&Node], key: &Node, body: &Node, parsed: &mut Parsed) {
    let mut out = Writer::default();
    out.write(word, &key.at, false);
    for label in labels {
        out.write(" ", &label.at, false);
        out.text(label);
    }
    out.body(body);
    let source = key.at.source();
    let places = Arc::new(Places(out.places));
    match super::parse(&out.text) {
        Ok(read) => parsed.pieces.push((read, Origin { source: Arc::clone(source), base: 0, places: Some(places) })),
        Err(error) => {
            let offset = error.location().offset();
            let at = places.span(Span { start: offset, end: offset }).start;
            parsed.errors.push(Unreadable::new(source, at, "holds an expression that is not valid HCL"));
        }
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    places: Vec<(usize, Span, bool)>,
}

impl Writer {
    fn write(&mut self, text: &str, at: &Location, exact: bool) {
        self.places.push((self.text.len(), at.span(), exact));
        self.text.push_str(text);
    }

    /// `{`, what is in it, and the sign that closes it at its own place.
    fn body(&mut self, node: &Node) {
        self.write(" {\n", &node.at.part(0, 1), false);
        for entry in node.entries() {
            match entry.key.text() {
                Some("dynamic") => {
                    for blocks in each(&entry.value) {
                        self.dynamic(blocks);
                    }
                }
                Some("lifecycle") => {
                    self.write("lifecycle", &entry.key.at, false);
                    each(&entry.value).iter().take(1).for_each(|b| self.body(b));
                }
                Some(name) if is_name(name) => {
                    let inner = entry.key.at.part(1, entry.key.at.text().len().saturating_sub(1));
                    self.write(name, &inner, inner.text() == name);
                    self.write(" = ", &entry.value.at, false);
                    self.value(&entry.value);
                    self.text.push('\n');
                }
                _ => {}
            }
        }
        self.close("}\n", node);
    }

    /// `dynamic "setting" { for_each = ... content { ... } }`
    fn dynamic(&mut self, node: &Node) {
        for entry in node.entries() {
            for body in each(&entry.value) {
                self.write("dynamic ", &entry.key.at, false);
                self.text(&entry.key);
                self.write(" {\n", &body.at, false);
                for argument in body.entries() {
                    match argument.key.text() {
                        Some("content") => {
                            self.write("content", &argument.key.at, false);
                            each(&argument.value).iter().take(1).for_each(|b| self.body(b));
                        }
                        Some(name @ ("for_each" | "iterator")) => {
                            self.write(name, &argument.key.at, false);
                            self.write(" = ", &argument.value.at, false);
                            match argument.value.text().filter(|t| name == "iterator" && is_name(t)) {
                                Some(word) => self.write(word, &argument.value.at, false),
                                None => self.value(&argument.value),
                            }
                            self.text.push('\n');
                        }
                        _ => {}
                    }
                }
                self.close("}\n", body);
            }
        }
    }

    fn close(&mut self, sign: &str, node: &Node) {
        let end = node.at.text().len();
        self.write(sign, &node.at.part(end.saturating_sub(1), end), false);
    }

    fn value(&mut self, node: &Node) {
        match &node.content {
            Content::Mapping(entries) => {
                self.write("{", &node.at.part(0, 1), false);
                for entry in entries {
                    self.text(&entry.key);
                    self.write(" = ", &entry.value.at, false);
                    self.value(&entry.value);
                    self.text.push_str(",\n");
                }
                self.close("}", node);
            }
            Content::Sequence(items) => {
                self.write("[", &node.at.part(0, 1), false);
                for item in items {
                    self.value(item);
                    self.text.push_str(",\n");
                }
                self.close("]", node);
            }
            Content::Scalar(text, Style::Plain) => self.write(text, &node.at, true),
            Content::Scalar(..) => self.text(node),
            Content::Empty | Content::Expression(_) => self.write("null", &node.at, false),
        }
    }

    /// A text in quotes: as it stands in the file, where no escape of JSON is in it.
    fn text(&mut self, node: &Node) {
        let written = node.at.text();
        if !written.contains(['\\', '\n']) && written.len() > 1 && written.ends_with('"') {
            return self.write(written, &node.at, true);
        }
        self.write(&quoted(node.text().unwrap_or_default()), &node.at, false);
    }
}

/// Can it stand as the name of an argument?
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// A text as HCL quotes it; what stands in `${ }` and `%{ }` stays as it is.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut depth = 0_usize;
    let mut before = ['\0'; 2];
    for c in text.chars() {
        match c {
            '{' if depth > 0 => depth += 1,
            // `$${` is no start of an expression.
            '{' if matches!(before[1], '$' | '%') && before[0] != before[1] => depth = 1,
            '}' if depth > 0 => depth -= 1,
            _ => {}
        }
        match c {
            '\n' | '\r' | '\t' if depth > 0 => out.push(' '),
            '"' | '\\' if depth == 0 => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        before = [before[1], c];
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_their_places() {
        let text = r#"{"//": "made", "locals": {"a": "x"}, "resource": {"aws_db_instance": {"db": [{
  "engine": "postgres", "name": "a \"${local.names["b"]}\"", "size": 8.10, "tags": {"k": [true, null]},
  "dynamic": {"setting": {"for_each": "${local.all}", "content": {"v": "${setting.value}"}}}
}]}}, "provider": {"aws": {}}}"#;
        let source = Source::new("main.tf.json", text.replace("[\"b\"]", "[\\\"b\\\"]"));
        let parsed = read(&source);
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors.iter().map(|e| &e.why).collect::<Vec<_>>());
        let [_, (body, origin)] = parsed.pieces.as_slice() else { panic!("two blocks") };
        let block = body.blocks().next().expect("a block");
        assert_eq!(block.labels.iter().map(|l| origin.at(l).text().to_owned()).collect::<Vec<_>>(), ["\"aws_db_instance\"", "\"db\""]);
        let at = |name: &str| origin.at(&block.body.get_attribute(name).expect("there").value).text().to_owned();
        assert_eq!((at("engine").as_str(), at("size").as_str()), ("\"postgres\"", "8.10"));
        assert!(at("name").starts_with("\"a \\\"${"));
        assert_eq!(at("tags"), "{\"k\": [true, null]}");
        assert_eq!(block.body.get_blocks("dynamic").count(), 1);
    }

    #[test]
    fn half_a_file_keeps_what_is_whole() {
        let parsed = read(&Source::new("a.tf.json", "{\"locals\": {\"a\": \"${\"}, \"variable\": {\"v\": {\"default\": \"1"));
        assert!(!parsed.errors.is_empty());
    }
}
