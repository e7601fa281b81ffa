//! Nodes with intrinsic functions → nodes whose values are known as far as the template says them.
//!
//! Source: the intrinsic function reference (docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference). What cannot
//! be known before deployment is a [`Content::Expression`] with its reason; one that refers to something that is made or
//! kept elsewhere keeps a tag.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::functions::{Call, call};
use super::parameters::Parameter;
use crate::document::{Content, Entry, Node};

/// Deepest nesting of functions and values.
pub(super) const DEPTH: usize = 64;
/// Most values and conditions that are resolved in one template: mappings and conditions that name each other can double
/// with every step.
pub(super) const STEPS: usize = 1_000_000;

/// The tag of a value that is to be left out.
const NO_VALUE: &str = "!NoValue";

/// What a template says beside its resources.
pub(super) struct Resolver<'t> {
    parameters: BTreeMap<String, Parameter>,
    pub(super) mappings: Option<&'t Node>,
    conditions: Option<&'t Node>,
    resources: Option<&'t Node>,
    left: Cell<usize>,
}

/// Is a resource made?
pub(super) enum Stands {
    Yes,
    /// Its condition is false: the condition's name.
    No(String),
    /// Its condition is not known: the reason.
    Perhaps(String),
}

impl<'t> Resolver<'t> {
    pub(super) fn new(root: &'t Node, parameters: BTreeMap<String, Parameter>) -> Self {
        Self {
            parameters,
            mappings: root.get("Mappings"),
            conditions: root.get("Conditions"),
            resources: root.get("Resources"),
            left: Cell::new(STEPS),
        }
    }

    /// Counts one step; false when there is none left.
    fn step(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Were all steps taken?
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Is a resource made, as far as its condition says?
    pub(super) fn stands(&self, resource: &Node) -> Stands {
        let Some(name) = resource.text_at(&["Condition"]) else { return Stands::Yes };
        match self.condition(name, 0) {
            Some(true) => Stands::Yes,
            Some(false) => Stands::No(name.to_owned()),
            None => Stands::Perhaps(format!("the condition `{name}` is not known")),
        }
    }

    /// The resource of a logical id.
    pub(super) fn resource(&self, name: &str) -> Option<&'t Node> {
        self.resources?.get(name)
    }

    /// A node with all that can be resolved.
    pub(super) fn resolve(&self, node: &Node) -> Node {
        self.at_depth(node, 0)
    }

    pub(super) fn at_depth(&self, node: &Node, depth: usize) -> Node {
        if depth > DEPTH {
            return unknown(node, format!("it is nested deeper than the limit of {DEPTH}"));
        }
        if !self.step() {
            return unknown(node, format!("resolving takes more than the limit of {STEPS} steps"));
        }
        if let Some(found) = intrinsic(node) {
            return call(self, &found, depth + 1);
        }
        let content = match &node.content {
            Content::Sequence(items) => {
                let items = items.iter().map(|n| self.at_depth(n, depth + 1));
                Content::Sequence(items.filter(|n| n.tag.as_deref() != Some(NO_VALUE)).collect())
            }
            Content::Mapping(entries) => {
                let entries = entries.iter().map(|e| Entry { key: e.key.clone(), value: self.at_depth(&e.value, depth + 1) });
                Content::Mapping(entries.filter(|e| e.value.tag.as_deref() != Some(NO_VALUE)).collect())
            }
            other => other.clone(),
        };
        Node { content, at: node.at.clone(), tag: node.tag.clone() }
    }

    /// What a name stands for, written at a node.
    pub(super) fn reference(&self, name: &str, at: &Node) -> Node {
        if name == "AWS::NoValue" {
            return Node { content: Content::Empty, at: at.at.clone(), tag: Some(NO_VALUE.into()) };
        }
        if name.starts_with("AWS::") {
            return unknown(at, format!("`{name}` is known only at deployment"));
        }
        match self.parameters.get(name) {
            // Its place is where the value is written: the default, or the file that gives it.
            Some(Parameter::Value(value)) => return value.clone(),
            Some(Parameter::Elsewhere(what)) => return elsewhere(at, what.clone()),
            Some(Parameter::Missing) => return unknown(at, format!("the parameter `{name}` has no default")),
            None => {}
        }
        let resource = name.split('.').next().unwrap_or(name);
        if self.resource(resource).is_some() {
            return elsewhere(at, made_by(resource));
        }
        unknown(at, format!("`{name}` is neither a parameter nor a resource of the template"))
    }

    /// Is a condition true, as far as it can be said?
    pub(super) fn condition(&self, name: &str, depth: usize) -> Option<bool> {
        self.holds(self.conditions?.get(name)?, depth + 1)
    }

    /// Is the node of a condition true?
    pub(super) fn holds(&self, node: &Node, depth: usize) -> Option<bool> {
        if depth > DEPTH || !self.step() {
            return None;
        }
        let Call { name, argument, .. } = intrinsic(node).or_else(|| {
            let entry = node.entries().first().filter(|e| e.key.text() == Some("Condition"))?;
            Some(Call { name: "Condition", argument: &entry.value, node })
        })?;
        let mut each = argument.items().iter().map(|n| self.holds(n, depth + 1));
        match name {
            "Condition" => self.condition(argument.text()?, depth + 1),
            "Not" => each.next()?.map(|held| !held),
            "And" => all(each, false),
            "Or" => all(each, true),
            "Equals" => {
                let [a, b] = argument.items() else { return None };
                let (a, b) = (self.at_depth(a, depth + 1), self.at_depth(b, depth + 1));
                Some(a.text()? == b.text()?)
            }
            _ => None,
        }
    }
}

/// `And` and `Or` of what may not be known: one that decides is enough.
fn all(each: impl Iterator<Item = Option<bool>>, decides: bool) -> Option<bool> {
    let mut known = true;
    for held in each {
        match held {
            Some(held) if held == decides => return Some(decides),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decides)
}

/// The function that a node calls: `!Ref X`, `{Ref: X}`, `{"Fn::Sub": X}`.
pub(super) fn intrinsic(node: &Node) -> Option<Call<'_>> {
    if let Some(name) = node.tag.as_deref().and_then(|t| t.strip_prefix('!')).filter(|t| !t.is_empty() && *t != "NoValue") {
        let name = name.strip_prefix("Fn::").unwrap_or(name);
        return (!matches!(node.content, Content::Expression(_))).then_some(Call { name, argument: node, node });
    }
    let [entry] = node.entries() else { return None };
    let key = entry.key.text()?;
    let name = if key == "Ref" { key } else { key.strip_prefix("Fn::")? };
    Some(Call { name, argument: &entry.value, node })
}

/// What is said of a value that a resource has; [`maker`] tells the resource.
pub(super) fn made_by(resource: &str) -> String {
    format!("the resource `{resource}`")
}

/// The resource that has a value.
pub(super) fn maker(what: &str) -> Option<&str> {
    what.strip_prefix("the resource `")?.strip_suffix('`')
}

/// A value that cannot be known.
pub(super) fn unknown(at: &Node, why: impl Into<String>) -> Node {
    let why: String = why.into();
    Node { content: Content::Expression(why.into()), at: at.at.clone(), tag: None }
}

/// A value that is made or kept elsewhere.
pub(super) fn elsewhere(at: &Node, what: impl Into<String>) -> Node {
    Node { tag: Some("!Ref".into()), ..unknown(at, what) }
}
