//! The type of a variable and its value → the value with the defaults of `optional()` in it (developer.hashicorp.com: Type Constraints).

use hcl_edit::expr::{Expression, FuncArgs, Object, ObjectKey};

use super::eval::Here;
use super::names::World;
use super::value::{is_null, null, text};
use crate::document::{Content, Entry, Node};

/// Deepest type that is looked into.
const DEEPEST: usize = 32;

impl World<'_> {
    /// A value of a type, with what the type says of attributes that are not given.
    pub(super) fn completed(&self, value: Node, of: &Expression, here: Here<'_>) -> Node {
        self.complete(value, of, here, 0)
    }

    fn complete(&self, value: Node, of: &Expression, here: Here<'_>, depth: usize) -> Node {
        let Some((name, args)) = call(of).filter(|_| depth < DEEPEST) else { return value };
        let Some(inner) = args.iter().next() else { return value };
        let Node { content, at, tag } = value;
        let each = |node: Node| if tag.is_none() { self.complete(node, inner, here, depth + 1) } else { node };
        let content = match (name, content, inner) {
            ("object", Content::Mapping(entries), Expression::Object(object)) if tag.is_none() => {
                Content::Mapping(self.attributes(entries, object, here, depth, &at))
            }
            ("map", Content::Mapping(entries), _) => {
                Content::Mapping(entries.into_iter().map(|e| Entry { value: each(e.value), key: e.key }).collect())
            }
            ("list" | "set", Content::Sequence(items), _) => Content::Sequence(items.into_iter().map(each).collect()),
            ("optional", content, _) => return self.complete(Node { content, at, tag }, inner, here, depth + 1),
            (_, content, _) => content,
        };
        Node { content, at, tag }
    }

    fn attributes(
        &self,
        mut entries: Vec<Entry>,
        object: &Object,
        here: Here<'_>,
        depth: usize,
        at: &crate::source::Location,
    ) -> Vec<Entry> {
        // An entry without a name stands for more: what is not listed may be among them.
        let open = entries.iter().any(|e| e.key.text().is_none());
        for (key, declared) in object.iter() {
            let name = match key {
                ObjectKey::Ident(name) => name.as_str(),
                ObjectKey::Expression(Expression::Variable(name)) => name.as_str(),
                ObjectKey::Expression(Expression::String(name)) => name.value().as_str(),
                ObjectKey::Expression(_) => continue,
            };
            let declared = declared.expr();
            let default = call(declared).filter(|(function, _)| *function == "optional").map(|(_, args)| args.iter().nth(1));
            match (entries.iter_mut().find(|e| e.key.text() == Some(name)), default) {
                (Some(entry), Some(Some(default))) if is_null(&entry.value) => {
                    entry.value = self.complete(self.eval(default, here), declared, here, depth + 1);
                }
                (Some(entry), _) => {
                    entry.value = self.complete(std::mem::replace(&mut entry.value, null(at)), declared, here, depth + 1);
                }
                (None, Some(default)) if !open => {
                    let value = default.map_or_else(|| null(at), |d| self.complete(self.eval(d, here), declared, here, depth + 1));
                    entries.push(Entry { key: text(name, at), value });
                }
                (None, _) => {}
            }
        }
        entries
    }
}

/// The name and the arguments of a call.
fn call(expr: &Expression) -> Option<(&str, &FuncArgs)> {
    match expr {
        Expression::FuncCall(call) => Some((call.name.name.as_str(), &call.args)),
        _ => None,
    }
}
