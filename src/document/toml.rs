//! TOML → a tree, over `toml_edit` with its spans.

use std::ops::Range;
use std::sync::Arc;

use toml_edit::{Document as Toml, InlineTable, Item, Key, Table, Value};

use super::{Content, Document, Documents, Entry, Node, Style, Unreadable, too_many};
use crate::source::{Source, Span};

/// Reads a source; a file that is no TOML gives one error.
#[must_use]
pub fn read(source: &Arc<Source>) -> Documents {
    if let Some(error) = too_many(source) {
        return Documents { errors: vec![error], ..Documents::default() };
    }
    match Toml::parse(source.text()) {
        Ok(toml) => {
            let reader = Reader { source };
            let root = reader.table(toml.as_table(), Some(0..source.text().len()));
            Documents { documents: vec![Document { root }], ..Documents::default() }
        }
        Err(e) => {
            let offset = e.span().map_or(0, |s| s.start);
            // The parser's first line names what it wanted; later lines may quote the text.
            let why = e.message().lines().next().unwrap_or("").to_lowercase();
            Documents { errors: vec![Unreadable::new(source, offset, format!("is not valid TOML: {why}"))], ..Documents::default() }
        }
    }
}

struct Reader<'s> {
    source: &'s Arc<Source>,
}

impl Reader<'_> {
    fn node(&self, content: Content, span: Option<Range<usize>>) -> Node {
        let span = span.unwrap_or(0..0);
        Node { content, at: self.source.at(Span { start: span.start, end: span.end }), tag: None }
    }

    fn table(&self, table: &Table, span: Option<Range<usize>>) -> Node {
        let entries = table.iter().filter_map(|(name, item)| self.entry(name, table.key(name), item)).collect();
        self.node(Content::Mapping(entries), span.or_else(|| table.span()))
    }

    fn inline(&self, table: &InlineTable) -> Node {
        let entry = |(name, value): (&str, &Value)| Entry { key: self.key(name, table.key(name)), value: self.value(value) };
        self.node(Content::Mapping(table.iter().map(entry).collect()), table.span())
    }

    fn entry(&self, name: &str, key: Option<&Key>, item: &Item) -> Option<Entry> {
        let value = match item {
            Item::None => return None,
            Item::Value(value) => self.value(value),
            Item::Table(table) => self.table(table, None),
            Item::ArrayOfTables(tables) => {
                self.node(Content::Sequence(tables.iter().map(|t| self.table(t, None)).collect()), tables.span())
            }
        };
        Some(Entry { key: self.key(name, key), value })
    }

    fn key(&self, name: &str, key: Option<&Key>) -> Node {
        self.node(Content::Scalar(name.into(), Style::Plain), key.and_then(Key::span))
    }

    fn value(&self, value: &Value) -> Node {
        let span = value.span();
        match value {
            Value::Array(items) => self.node(Content::Sequence(items.iter().map(|v| self.value(v)).collect()), span),
            Value::InlineTable(table) => self.inline(table),
            Value::String(text) => self.node(Content::Scalar(text.value().as_str().into(), Style::Double), span),
            other => {
                let text = span.clone().and_then(|s| self.source.text().get(s)).map_or_else(|| other.to_string(), str::to_owned);
                self.node(Content::Scalar(text.trim().into(), Style::Plain), span)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_text() {
        let docs = read(&Source::new("fly.toml", "app = \"shop\"\n[env]\nPORT = 8080\n[[services]]\ninternal_port = 8_080\n"));
        let root = &docs.documents[0].root;
        let port = root.path(&["env", "PORT"]).expect("port");
        assert_eq!((port.text(), port.at.text(), port.at.to_string().as_str()), (Some("8080"), "8080", "fly.toml:3:8"));
        assert_eq!(root.get("services").map(|s| s.items().len()), Some(1));
        assert_eq!(root.entry("app").map(|e| e.key.at.text()), Some("app"));
    }

    #[test]
    fn half_a_file_is_an_error_with_a_place() {
        let docs = read(&Source::new("fly.toml", "[env]\nA = \"b"));
        assert_eq!(docs.errors.len(), 1);
        assert_eq!(docs.errors[0].at.position().line.get(), 2);
    }
}
