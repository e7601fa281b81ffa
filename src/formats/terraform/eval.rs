//! Expressions → values, as far as they can be known without a provider.

use std::rc::Rc;

use hcl_edit::expr::{BinaryOperator, Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::repr::Decorated;

use super::collections::{either, equal, once, part};
use super::functions;
use super::names::{Instance, World};
use super::template;
use super::value::{self, MORE, as_bool, as_number, as_text, fails, later, list, map, more_entry, null, plain, tagged, text, unknown, why};
use crate::document::hcl::Origin;
use crate::document::{Content, Entry, Node};
use crate::source::Location;

/// Names that an expression sees beside those of its module: of a `for`, `each`, of a template.
pub(super) struct Scope<'s> {
    pub(super) name: &'s str,
    pub(super) value: &'s Node,
    pub(super) outer: Option<&'s Scope<'s>>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Here<'h> {
    pub(super) of: &'h Rc<Instance>,
    pub(super) origin: &'h Origin,
    pub(super) scope: Option<&'h Scope<'h>>,
}

impl Here<'_> {
    fn seen(&self, name: &str) -> Option<&Node> {
        let mut scope = self.scope;
        while let Some(s) = scope {
            if s.name == name {
                return Some(s.value);
            }
            scope = s.outer;
        }
        None
    }
}

/// More steps of names than this are no one's.
const LONGEST_PATH: usize = 64;

impl World<'_> {
    /// What an expression comes to.
    pub(super) fn eval(&self, expr: &Expression, here: Here<'_>) -> Node {
        let at = here.origin.at(expr);
        if !self.charge(1) {
            return unknown("evaluating takes more steps than the limit", &at);
        }
        match expr {
            Expression::Null(_) => null(&at),
            Expression::Bool(b) => plain(b.value().to_string(), &at),
            Expression::Number(n) => {
                // `8.10` stays as it was written.
                let written = Some(at.text().trim()).filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
                plain(written.map_or_else(|| n.value().to_string(), str::to_owned), &at)
            }
            Expression::String(s) => text(s.value(), &at),
            _ => self.deeper(&at, || self.compound(expr, here, &at)),
        }
    }

    fn compound(&self, expr: &Expression, here: Here<'_>, at: &Location) -> Node {
        match expr {
            Expression::Array(items) => list(items.iter().map(|e| self.eval(e, here)).collect(), at),
            Expression::Object(object) => self.object(object, here, at),
            Expression::StringTemplate(t) => template::quoted(self, t, here, at),
            Expression::HeredocTemplate(t) => template::heredoc(self, &t.template, here, at),
            Expression::Parenthesis(inner) => self.eval(inner.inner(), here),
            Expression::Variable(name) => match here.seen(name.as_str()) {
                Some(value) => self.copy(value, at),
                None => self.unseen(name.as_str(), at),
            },
            Expression::Conditional(c) => self.conditional(&c.cond_expr, &c.true_expr, &c.false_expr, here, at),
            Expression::FuncCall(call) => self.function(call, here, at),
            Expression::Traversal(traversal) => self.traversal(traversal, here, at),
            Expression::UnaryOp(op) => self.unary(*op.operator.value(), &op.expr, here, at),
            Expression::BinaryOp(op) => self.binary(*op.operator.value(), &op.lhs_expr, &op.rhs_expr, here, at),
            Expression::ForExpr(f) => self.for_expr(f, here, at),
            _ => unknown("the expression is of a kind that is not evaluated", at),
        }
    }

    /// A name that nothing here gives a value.
    fn unseen(&self, name: &str, at: &Location) -> Node {
        if (self.at_run_time)(name) {
            return later(format!("`{name}` is known only where it runs"), at);
        }
        // A word alone is no reference: it may be a value that has lost its quotes.
        let what = if name.contains('.') { format!("`{name}`") } else { "a name".to_owned() };
        unknown(format!("{what} is not known here"), at)
    }

    /// A copy of a value that a name stands for. What is not known is not known at the name.
    fn copy(&self, node: &Node, at: &Location) -> Node {
        if !self.charge(value::size(node)) {
            return unknown("evaluating takes more steps than the limit", at);
        }
        match &node.content {
            Content::Expression(_) => Node { at: at.clone(), ..node.clone() },
            _ => node.clone(),
        }
    }

    fn object(&self, object: &Object, here: Here<'_>, at: &Location) -> Node {
        let mut entries: Vec<Entry> = Vec::new();
        for (key, value) in object.iter() {
            // Names are taken from the file: the reader tells a key that is written twice apart (document/hcl.rs).
            let key = match key {
                ObjectKey::Ident(ident) => name_at(ident.as_str(), &here.origin.at(ident)),
                ObjectKey::Expression(Expression::Variable(name)) if here.seen(name.as_str()).is_none() => {
                    name_at(name.as_str(), &here.origin.at(name))
                }
                ObjectKey::Expression(Expression::String(name)) => name_at(name.value(), &here.origin.at(name)),
                ObjectKey::Expression(expr) => self.eval(expr, here),
            };
            let value = self.eval(value.expr(), here);
            match as_text(&key) {
                Ok(name) => entries.push(Entry { key: text(name, &key.at), value }),
                Err(why) => entries.push(more_entry(why, &key.at)),
            }
        }
        once(&mut entries);
        map(entries, at)
    }

    pub(super) fn conditional(&self, cond: &Expression, yes: &Expression, no: &Expression, here: Here<'_>, at: &Location) -> Node {
        let condition = self.eval(cond, here);
        match as_bool(&condition) {
            Ok(true) => self.eval(yes, here),
            Ok(false) => self.eval(no, here),
            Err(_) if tagged(&condition, value::FAILS) => condition,
            Err(why) => {
                let (yes, no) = (self.eval(yes, here), self.eval(no, here));
                either(yes, no, &why, at)
            }
        }
    }

    fn unary(&self, operator: UnaryOperator, expr: &Expression, here: Here<'_>, at: &Location) -> Node {
        let value = self.eval(expr, here);
        let made = match operator {
            UnaryOperator::Not => as_bool(&value).map(|b| plain((!b).to_string(), at)),
            UnaryOperator::Neg => as_number(&value).map(|n| value::number(-n, at)),
        };
        made.unwrap_or_else(|why| unknown(why, at))
    }

    fn binary(&self, operator: BinaryOperator, left: &Expression, right: &Expression, here: Here<'_>, at: &Location) -> Node {
        let left = self.eval(left, here);
        let truth = |b: bool| plain(b.to_string(), at);
        let made = match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                let decides = operator == BinaryOperator::Or;
                let first = as_bool(&left);
                if first == Ok(decides) {
                    return truth(decides);
                }
                let second = as_bool(&self.eval(right, here));
                match (first, second) {
                    (_, Ok(b)) if b == decides => Ok(truth(decides)),
                    (Err(why), _) | (_, Err(why)) => Err(why),
                    (Ok(_), Ok(_)) => Ok(truth(!decides)),
                }
            }
            BinaryOperator::Eq | BinaryOperator::NotEq => {
                equal(&left, &self.eval(right, here)).map(|same| truth(same == (operator == BinaryOperator::Eq)))
            }
            _ => {
                let right = self.eval(right, here);
                as_number(&left).and_then(|a| Ok((a, as_number(&right)?))).map(|(a, b)| arithmetic(operator, a, b, at))
            }
        };
        made.unwrap_or_else(|why| unknown(why, at))
    }

    fn function(&self, call: &FuncCall, here: Here<'_>, at: &Location) -> Node {
        let name = call.name.name.as_str();
        match name {
            "try" | "can" => {
                let mut last = fails("no expression of `try` can be evaluated", at);
                for arg in call.args.iter() {
                    last = self.eval(arg, here);
                    if !tagged(&last, value::FAILS) {
                        break;
                    }
                }
                if name == "try" {
                    return last;
                }
                return match (tagged(&last, value::FAILS), why(&last)) {
                    (true, _) => plain("false", at),
                    (false, None) => plain("true", at),
                    (false, Some(why)) => unknown(why, at),
                };
            }
            _ => {}
        }
        let mut args: Vec<Node> = call.args.iter().map(|e| self.eval(e, here)).collect();
        if call.args.expand_final()
            && let Some(last) = args.pop()
        {
            match last.content {
                Content::Sequence(items) if last.tag.is_none() => args.extend(items),
                _ => args.push(last),
            }
        }
        functions::call(self, name, args, here, at)
    }

    fn traversal(&self, traversal: &Traversal, here: Here<'_>, at: &Location) -> Node {
        let steps = traversal.operators.as_slice();
        if steps.len() > LONGEST_PATH {
            return unknown(format!("a name has more than {LONGEST_PATH} parts"), at);
        }
        let Expression::Variable(root) = &traversal.expr else {
            let base = self.eval(&traversal.expr, here);
            return self.walk(&base, steps, here, at);
        };
        if let Some(base) = here.seen(root.as_str()) {
            return self.walk(base, steps, here, at);
        }
        if (self.at_run_time)(root.as_str()) {
            return self.unseen(root.as_str(), at);
        }
        let name = |n: usize| match steps.get(n).map(Decorated::value) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        let Some(first) = name(0) else { return self.unseen(root.as_str(), at) };
        let rest = |n: usize| steps.get(n..).unwrap_or_default();
        match root.as_str() {
            "var" => self.walk(&self.variable(here.of, first, at), rest(1), here, at),
            "local" => self.walk(&self.local(here.of, first, at), rest(1), here, at),
            "path" => self.path(here.of, first, at),
            "terraform" => unknown(format!("`terraform.{first}` is chosen when it is run"), at),
            "module" => {
                let index = steps.get(1).and_then(|s| self.index(s.value(), here));
                let (key, skip) = match &index {
                    Some(Ok(key)) => (key.as_str(), 2),
                    Some(Err(why)) => return unknown(why, at),
                    None => ("", 1),
                };
                match name(skip) {
                    Some(output) => self.walk(&self.output(here.of, first, key, output, at), rest(skip + 1), here, at),
                    None => unknown(format!("all of `module.{first}` is not evaluated"), at),
                }
            }
            kind => {
                let (data, kind, label, skip) = match (kind, name(1)) {
                    ("data", Some(label)) => (true, first, label, 2),
                    _ => (false, kind, first, 1),
                };
                let indexed = usize::from(steps.get(skip).is_some_and(|s| self.index(s.value(), here).is_some()));
                let written = at.text().split_whitespace().next().unwrap_or(kind).to_owned();
                match name(skip + indexed) {
                    Some(attribute) => {
                        let value = self.attribute(here.of, data, kind, label, attribute, at);
                        self.walk(&value, rest(skip + indexed + 1), here, at)
                    }
                    None => later(format!("`{written}` is known only after `apply`"), at),
                }
            }
        }
    }

    /// The key of an index operator.
    fn index(&self, step: &TraversalOperator, here: Here<'_>) -> Option<Result<String, Rc<str>>> {
        match step {
            TraversalOperator::Index(expr) => Some(as_text(&self.eval(expr, here)).map_err(|why| Rc::from(&*why))),
            TraversalOperator::LegacyIndex(n) => Some(Ok(n.value().to_string())),
            _ => None,
        }
    }

    /// Follows names and indexes into a value.
    fn walk(&self, base: &Node, steps: &[Decorated<TraversalOperator>], here: Here<'_>, at: &Location) -> Node {
        let mut current = base;
        for (i, step) in steps.iter().enumerate() {
            if why(current).is_some() {
                break;
            }
            let key = match step.value() {
                TraversalOperator::GetAttr(name) => Ok(name.as_str().to_owned()),
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let rest = steps.get(i + 1..).unwrap_or_default();
                    return match &current.content {
                        Content::Sequence(items) if current.tag.is_none() => {
                            list(items.iter().map(|n| if tagged(n, MORE) { n.clone() } else { self.walk(n, rest, here, at) }).collect(), at)
                        }
                        Content::Empty => list(Vec::new(), at),
                        _ => list(vec![self.walk(current, rest, here, at)], at),
                    };
                }
                other => self.index(other, here).unwrap_or_else(|| Ok(String::new())),
            };
            // A key is looked for among all of a mapping.
            if !self.charge(current.entries().len() / 64) {
                return unknown("evaluating takes more steps than the limit", at);
            }
            current = match key.map_err(|why| unknown(why, at)).and_then(|key| part(current, &key, at)) {
                Ok(next) => next,
                Err(missing) => return missing,
            };
        }
        self.copy(current, at)
    }
}

/// A key as it stands in the file.
fn name_at(parsed: &str, at: &Location) -> Node {
    let written = at.text().trim();
    let bare = written.strip_prefix('"').and_then(|w| w.strip_suffix('"')).unwrap_or(written);
    text(if bare.len() == parsed.len() { bare } else { parsed }, at)
}

fn arithmetic(operator: BinaryOperator, a: f64, b: f64, at: &Location) -> Node {
    let truth = |b: bool| plain(b.to_string(), at);
    match operator {
        BinaryOperator::Less => truth(a < b),
        BinaryOperator::LessEq => truth(a <= b),
        BinaryOperator::Greater => truth(a > b),
        BinaryOperator::GreaterEq => truth(a >= b),
        BinaryOperator::Plus => value::number(a + b, at),
        BinaryOperator::Minus => value::number(a - b, at),
        BinaryOperator::Mul => value::number(a * b, at),
        BinaryOperator::Div => value::number(a / b, at),
        BinaryOperator::Mod => value::number(a % b, at),
        _ => unknown("the operator is not evaluated", at),
    }
}
