//! A resource's block → its data, whether it was written in HCL or stands in a plan.

use std::rc::Rc;

use hcl_edit::structure::{Body, Structure};

use super::eval::{Here, Scope};
use super::names::{Instance, World};
use super::value::{as_text, list, map, more, text, why};
use crate::document::{Content, Entry, Node};
use crate::source::Location;

/// A resource or a call of a module from elsewhere.
pub(super) struct Resource {
    /// Its type (`aws_db_instance`), or the source of a module.
    pub(super) kind: String,
    /// Its name in the configuration.
    pub(super) label: String,
    /// Its key where there are several copies.
    pub(super) key: String,
    /// Names of the modules that it lies in, outermost first.
    pub(super) path: Vec<String>,
    /// Its heading.
    pub(super) at: Location,
    /// Its arguments; nested blocks are lists.
    pub(super) body: Node,
    /// Why it may not be there.
    pub(super) conditional: Option<String>,
}

/// Names that say nothing: the module's name says more.
const PLAIN: [&str; 16] = [
    "this",
    "main",
    "default",
    "instance",
    "self",
    "resource",
    "cluster",
    "db",
    "app",
    "task",
    "service",
    "server",
    "container",
    "function",
    "lambda",
    "module",
];

impl Resource {
    /// The value at a path; a list of one block is that block.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Node> {
        dig(&self.body, path)
    }

    /// The text at a path, where one is known.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        as_text(self.get(path)?).ok()
    }

    /// The name that it goes by.
    pub(super) fn name(&self) -> String {
        let plain = PLAIN.contains(&self.label.as_str());
        let name = self.path.last().filter(|_| plain).unwrap_or(&self.label);
        let numbered = self.key.is_empty() || self.key.bytes().all(|b| b.is_ascii_digit()) && self.key == "0";
        if numbered { name.clone() } else { format!("{name}[{}]", self.key) }
    }

    /// Other names: its label, its module's.
    pub(super) fn aliases(&self) -> Vec<String> {
        let name = self.name();
        let mut all: Vec<String> = [self.label.clone(), self.key.clone()].into_iter().chain(self.path.last().cloned()).collect();
        all.retain(|a| !a.is_empty() && *a != name && !PLAIN.contains(&a.as_str()) && !a.bytes().all(|b| b.is_ascii_digit()));
        all.dedup();
        all
    }
}

/// The value at a path; a list of one block is that block.
pub(in crate::formats) fn dig<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| match &node.content {
        Content::Sequence(items) if node.tag.is_none() => items.first()?.get(key),
        _ => node.get(key),
    })
}

/// The blocks or items at a path: of a list all, of a mapping itself.
pub(in crate::formats) fn each<'n>(node: &'n Node, path: &[&str]) -> Vec<&'n Node> {
    match dig(node, path) {
        Some(Node { content: Content::Sequence(items), tag: None, .. }) => items.iter().collect(),
        Some(node) if node.is_mapping() => vec![node],
        _ => Vec::new(),
    }
}

impl World<'_> {
    /// A block's arguments and nested blocks, evaluated.
    pub(super) fn body(&self, body: &Body, here: Here<'_>, at: &Location) -> Node {
        self.deeper(at, || {
            let mut entries: Vec<Entry> = Vec::new();
            for structure in body {
                match structure {
                    Structure::Attribute(attribute) => {
                        let key = text(attribute.key.as_str(), &here.origin.at(&attribute.key));
                        entries.push(Entry { key, value: self.eval(&attribute.value, here) });
                    }
                    Structure::Block(block) if block.ident.as_str() == "dynamic" => self.dynamic(block, here, &mut entries),
                    Structure::Block(block) => {
                        let at = here.origin.at(&block.ident);
                        let key = text(block.ident.as_str(), &at);
                        let mut value = self.body(&block.body, here, &at);
                        // A label of a nested block (`job "x"`) reads as its name.
                        if let (Some(label), Content::Mapping(inner)) = (block.labels.first(), &mut value.content) {
                            let at = hcl_edit::Span::span(label).map_or_else(|| at.clone(), |_| here.origin.at(label));
                            inner.push(Entry { key: text("label", &at), value: text(label.as_str(), &at) });
                        }
                        add(&mut entries, key, value);
                    }
                }
            }
            map(entries, at)
        })
    }

    /// `dynamic "x" { for_each = ... content { ... } }`
    fn dynamic(&self, block: &hcl_edit::structure::Block, here: Here<'_>, entries: &mut Vec<Entry>) {
        let Some(label) = block.labels.first() else { return };
        let at = here.origin.at(label);
        let name = label.as_str();
        let (Some(each), Some(content)) = (block.body.get_attribute("for_each"), block.body.get_blocks("content").next()) else { return };
        let collection = self.eval(&each.value, here);
        let iterator = block.body.get_attribute("iterator").and_then(|i| i.value.as_variable()).map_or(name, |i| i.as_str());
        let pairs: Vec<(Node, Node)> = match &collection.content {
            Content::Sequence(items) if collection.tag.is_none() => items.iter().map(|n| (n.clone(), n.clone())).collect(),
            Content::Mapping(all) => all.iter().map(|e| (e.key.clone(), e.value.clone())).collect(),
            Content::Expression(why) => return add(entries, text(name, &at), more(why, &at)),
            _ => return,
        };
        for (key, value) in pairs {
            let open = super::value::tagged(&value, super::value::MORE).then(|| why(&value).cloned()).flatten();
            let made = match open {
                Some(why) => more(why, &at),
                None => {
                    let pair = map(vec![Entry { key: text("key", &at), value: key }, Entry { key: text("value", &at), value }], &at);
                    let scope = Scope { name: iterator, value: &pair, outer: here.scope };
                    self.body(&content.body, Here { scope: Some(&scope), ..here }, &at)
                }
            };
            add(entries, text(name, &at), made);
        }
    }

    /// The resources of a type in a block, one a copy.
    pub(super) fn resources(&self, of: &Rc<Instance>, item: &super::source::Item, conditional: Option<&String>) -> Vec<Resource> {
        let at = item.heading();
        let copies = self.copies(of, item);
        let copy = |copy: super::copies::Copy| Resource {
            kind: item.label(0).to_owned(),
            label: item.label(item.labels.len().saturating_sub(1)).to_owned(),
            key: copy.key,
            path: of.path.clone(),
            at: at.clone(),
            body: self.with_names(of, item, &copy.names, |here| self.body(item.body(), here, &at)),
            conditional: copy.conditional.or_else(|| conditional.cloned()),
        };
        copies.into_iter().map(copy).collect()
    }
}

/// Adds one more block of a name.
fn add(entries: &mut Vec<Entry>, key: Node, block: Node) {
    if let Some(entry) = entries.iter_mut().find(|e| e.key.text() == key.text())
        && let Content::Sequence(items) = &mut entry.value.content
    {
        items.push(block);
        return;
    }
    let at = key.at.clone();
    entries.push(Entry { key, value: list(vec![block], &at) });
}
