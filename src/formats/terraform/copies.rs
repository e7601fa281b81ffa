//! `count` and `for_each` of a block → its copies: none, some, or perhaps.

use std::rc::Rc;

use super::names::{Instance, World};
use super::source::Item;
use super::value::{MORE, as_bool, as_number, as_text, is_null, map, plain, tagged, text, unknown, why};
use crate::document::{Content, Entry, Node};
use crate::report::Problem;
use crate::source::Location;

/// One copy of a block.
#[derive(Clone)]
pub(super) struct Copy {
    /// Its key or number; empty where the block stands for itself.
    pub(super) key: String,
    /// `each` or `count`.
    pub(super) names: Vec<(String, Node)>,
    /// Why it may not be there.
    pub(super) conditional: Option<String>,
}

/// More copies than this are not told apart.
const MOST: usize = 64;

impl World<'_> {
    /// The copies of a resource or of a call.
    pub(super) fn copies(&self, of: &Rc<Instance>, item: &Item) -> Vec<Copy> {
        let body = item.body();
        if let Some(count) = body.get_attribute("count") {
            let value = self.with_names(of, item, &[], |here| self.eval(&count.value, here));
            return self.told_apart(item, self.counted(item, &value));
        }
        if let Some(each) = body.get_attribute("for_each") {
            let value = self.with_names(of, item, &[], |here| self.eval(&each.value, here));
            return self.told_apart(item, one_for_each(&value));
        }
        if let Some(enabled) = body.get_blocks("lifecycle").next().and_then(|l| l.body.get_attribute("enabled")) {
            // OpenTofu: the `enabled` meta-argument.
            let value = self.with_names(of, item, &[], |here| self.eval(&enabled.value, here));
            return match as_bool(&value) {
                Ok(true) => vec![alone(None)],
                Ok(false) => Vec::new(),
                Err(why) => vec![alone(Some(why.to_string()))],
            };
        }
        vec![alone(None)]
    }

    /// The first of very many copies; that there are more is said.
    fn told_apart(&self, item: &Item, mut copies: Vec<Copy>) -> Vec<Copy> {
        if copies.len() > MOST {
            copies.truncate(MOST);
            let what = format!("it has more than the limit of {MOST} copies; the rest is not read");
            self.problem(Problem::at(item.heading(), what).warning());
        }
        copies
    }

    fn counted(&self, item: &Item, value: &Node) -> Vec<Copy> {
        let numbered = |n: usize| {
            let names = vec![("count".to_owned(), index(&plain(n.to_string(), &value.at), "index", &value.at))];
            Copy { key: n.to_string(), names, conditional: None }
        };
        match as_number(value).or_else(|why| as_bool(value).map(f64::from).map_err(|_| why)) {
            Ok(n) if n < 1.0 => Vec::new(),
            Ok(n) => {
                // Copies that do not use their number are one service.
                let uses = item.whole.text().contains("count.index");
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one or more, and bounded at once")]
                let many = if uses { n.min((MOST + 1) as f64) as usize } else { 1 };
                (0..many).map(numbered).collect()
            }
            Err(why) => vec![Copy { conditional: Some(format!("its `count` is not known: {why}")), ..numbered(0) }],
        }
    }
}

fn alone(conditional: Option<String>) -> Copy {
    Copy { key: String::new(), names: Vec::new(), conditional }
}

fn index(value: &Node, name: &str, at: &Location) -> Node {
    map(vec![Entry { key: text(name, at), value: value.clone() }], at)
}

fn one_for_each(value: &Node) -> Vec<Copy> {
    let at = &value.at;
    let each = |key: &Node, item: &Node| {
        let entries = vec![Entry { key: text("key", at), value: key.clone() }, Entry { key: text("value", at), value: item.clone() }];
        vec![("each".to_owned(), map(entries, at))]
    };
    let perhaps = |why: &str| {
        let unknown = unknown(why, at);
        Copy { key: String::new(), names: each(&unknown, &unknown), conditional: Some(format!("its `for_each` is not known: {why}")) }
    };
    let named = |key: &Node, item: &Node| match as_text(key) {
        Ok(name) => Copy { key: name, names: each(key, item), conditional: None },
        Err(why) => perhaps(&why),
    };
    match &value.content {
        Content::Mapping(entries) => entries
            .iter()
            .take(MOST + 1)
            .map(|e| match (tagged(&e.value, MORE), why(&e.value)) {
                (true, Some(why)) => perhaps(why),
                _ => named(&e.key, &e.value),
            })
            .collect(),
        Content::Sequence(items) if value.tag.is_none() => items
            .iter()
            .take(MOST + 1)
            .map(|n| match (tagged(n, MORE), why(n)) {
                (true, Some(why)) => perhaps(why),
                _ => named(n, n),
            })
            .collect(),
        Content::Expression(why) => vec![perhaps(why)],
        _ if is_null(value) => Vec::new(),
        _ => vec![perhaps("it is neither a mapping nor a set")],
    }
}
