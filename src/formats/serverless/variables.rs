//! `${self:...}`, `${opt:stage, 'dev'}`, `${env:X}`, `${file(x.yml):key}` → values, as far as files say them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::file;
use crate::document::{Content, Documents, Entry, Node, Style, yaml};
use crate::formats::{ReadContext, declared};
use crate::report::Problem;
use crate::workspace::{join, parent};

/// Deepest chain of variables and values.
const DEPTH: usize = 32;
/// Most values that are resolved in one file: variables that name each other can double with every step.
const BUDGET: usize = 20_000;

/// Longest text that variables may make.
const LONGEST: usize = 64 * 1024;

/// What the variables of one file are resolved with.
pub(super) struct Variables<'r> {
    path: &'r str,
    root: &'r Node,
    cx: &'r ReadContext<'r>,
    stage: String,
    env: BTreeMap<String, String>,
    left: Cell<usize>,
    /// Files that were read.
    files: RefCell<BTreeMap<String, Option<Rc<Documents>>>>,
}

impl<'r> Variables<'r> {
    pub(super) fn new(path: &'r str, root: &'r Node, cx: &'r ReadContext<'r>, problems: &mut Vec<Problem>) -> Self {
        let mut env = BTreeMap::new();
        let dotenv_file = join(parent(path), ".env").filter(|p| cx.workspace.is_file(p));
        if let Some(source) = dotenv_file.filter(|_| root.text_at(&["useDotenv"]) == Some("true")).and_then(|p| cx.workspace.read(&p).ok())
        {
            env.extend(declared::entries(&source, problems).into_iter().filter_map(|e| Some((e.key, e.value?.text))));
        }
        env.extend(cx.options.process_env.clone().unwrap_or_default());
        Self { path, root, cx, stage: stage(root, cx.environment), env, left: Cell::new(BUDGET), files: RefCell::default() }
    }

    /// What was taken for granted.
    pub(super) fn note(&self) -> Option<String> {
        let text = self.root.at.source().text();
        let asks = text.contains("opt:stage") || text.contains("sls:stage");
        asks.then(|| format!("the stage of `{}` is taken to be `{}`", self.path, self.stage))
    }

    /// A node with all that can be resolved.
    pub(super) fn resolve(&self, node: &Node) -> Node {
        self.node(node, 0)
    }

    fn node(&self, node: &Node, depth: usize) -> Node {
        let left = self.left.get();
        if left == 0 {
            return unknown(node, &format!("more than the limit of {BUDGET} values are resolved before it"), None);
        }
        if depth > DEPTH {
            return unknown(node, "its variables are nested too deeply", None);
        }
        self.left.set(left - 1);
        let content = match &node.content {
            Content::Sequence(items) => Content::Sequence(items.iter().map(|n| self.node(n, depth + 1)).collect()),
            Content::Mapping(entries) => {
                let entry = |e: &Entry| Entry { key: e.key.clone(), value: self.node(&e.value, depth + 1) };
                Content::Mapping(entries.iter().map(entry).collect())
            }
            Content::Scalar(text, _) if text.contains("${") => return self.text(text, node, depth),
            _ => return node.clone(),
        };
        Node { content, at: node.at.clone(), tag: node.tag.clone() }
    }

    /// A text with variables: one variable alone may be of any form.
    fn text(&self, text: &str, node: &Node, depth: usize) -> Node {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, after) = rest.split_at(start);
            let Some(end) = closing(after) else { break };
            let inner = after.get(2..end).unwrap_or("");
            let tail = after.get(end + 1..).unwrap_or("");
            out.push_str(before);
            rest = tail;
            if !is_variable(inner) {
                // A variable of CloudFormation, for `Fn::Sub`.
                out.push_str(after.get(..=end).unwrap_or(""));
                continue;
            }
            let value = self.variable(inner, node, depth + 1);
            if out.is_empty() && tail.is_empty() && before.is_empty() {
                return Node { tag: value.tag.clone().or_else(|| node.tag.clone()), ..value };
            }
            match (value.text(), &value.content) {
                (Some(value), _) => out.push_str(value),
                (None, Content::Expression(_)) => return Node { at: node.at.clone(), ..value },
                (None, _) => return unknown(node, &format!("`{}` is no text", shown(inner)), None),
            }
            if out.len() > LONGEST {
                return unknown(node, "its text grows too long", None);
            }
        }
        out.push_str(rest);
        Node { content: Content::Scalar(out.as_str().into(), Style::Double), at: node.at.clone(), tag: node.tag.clone() }
    }

    /// The first alternative that has a value.
    fn variable(&self, inner: &str, node: &Node, depth: usize) -> Node {
        if depth > DEPTH {
            return unknown(node, "its variables are nested too deeply", None);
        }
        let flat = if inner.contains("${") { self.text(inner, node, depth) } else { text(inner, node) };
        let Some(inner) = flat.text().map(str::to_owned) else { return flat };
        let mut why: Option<Node> = None;
        for alternative in alternatives(&inner) {
            match self.source(alternative.trim(), node, depth) {
                Ok(value) => return value,
                Err(reason) => {
                    why.get_or_insert(reason);
                }
            }
        }
        why.unwrap_or_else(|| unknown(node, "it names no variable", None))
    }

    fn source(&self, address: &str, node: &Node, depth: usize) -> Result<Node, Node> {
        if let Some(literal) = ['\'', '"'].iter().find_map(|q| address.strip_prefix(*q)?.strip_suffix(*q)) {
            return Ok(text(literal, node));
        }
        if let Some(rest) = address.strip_prefix("file(") {
            let (name, key) = rest.split_once(')').unwrap_or((rest, ""));
            return self.file(name, key.trim_start_matches(':'), node, depth);
        }
        let (source, name) = address.split_once(':').unwrap_or((address, ""));
        let elsewhere = |what: &str| Err(unknown(node, what, Some("!Variable")));
        match source {
            "self" => {
                let keys: Vec<&str> = name.split('.').filter(|k| !k.is_empty()).collect();
                // The stage is what the command line says first.
                if keys == ["provider", "stage"] {
                    return Ok(text(&self.stage, node));
                }
                match self.root.path(&keys) {
                    Some(found) if !found.is_null() => Ok(self.node(found, depth + 1)),
                    _ => Err(unknown(node, &format!("`{}` is not in the file", shown(address)), None)),
                }
            }
            "opt" | "sls" if name == "stage" => Ok(text(&self.stage, node)),
            "env" => match self.env.get(name) {
                Some(value) => Ok(text(value, node)),
                None => Err(unknown(node, &format!("the variable `{name}` is not set"), None)),
            },
            "ssm" | "ssm(raw)" => elsewhere("the AWS parameter store"),
            "cf" => elsewhere("an output of another stack"),
            "param" => match self.root.path(&["params", &self.stage, name]).or_else(|| self.root.path(&["params", "default", name])) {
                Some(found) => Ok(self.node(found, depth + 1)),
                None => elsewhere("a parameter of Serverless"),
            },
            "s3" => elsewhere("a file in S3"),
            _ => Err(unknown(node, &format!("`{}` is known only at deployment", shown(address)), None)),
        }
    }

    /// `file(path):key.key`
    fn file(&self, name: &str, key: &str, node: &Node, depth: usize) -> Result<Node, Node> {
        let wrong = |why: String| Err(unknown(node, &why, None));
        let path = file(parent(self.path), name).filter(|p| self.cx.workspace.is_file(p));
        let Some(path) = path else { return wrong(format!("the file `{}` is not in the repository", shown(name))) };
        if ![".yml", ".yaml", ".json"].iter().any(|e| path.ends_with(e)) {
            return wrong(format!("the file `{}` is a program", shown(name)));
        }
        let Some(documents) = self.documents(path) else { return wrong(format!("the file `{}` cannot be read", shown(name))) };
        let keys: Vec<&str> = key.split('.').filter(|k| !k.is_empty()).collect();
        match documents.documents.first().and_then(|d| d.root.path(&keys)) {
            Some(found) if !found.is_null() => Ok(self.node(found, depth + 1)),
            _ if !documents.errors.is_empty() => wrong(format!("the file `{}` cannot be read", shown(name))),
            _ => wrong(format!("the file `{}` has no such key", shown(name))),
        }
    }

    /// The documents of a file, read once.
    fn documents(&self, path: String) -> Option<Rc<Documents>> {
        if let Some(known) = self.files.borrow().get(&path) {
            return known.clone();
        }
        let documents = self.cx.workspace.read(&path).ok().map(|source| Rc::new(yaml::read(&source)));
        self.files.borrow_mut().insert(path, documents.clone());
        documents
    }
}

/// The stage: the environment's name, as the file's own settings by stage spell it.
fn stage(root: &Node, environment: &str) -> String {
    let names = declared::environment_names(environment);
    let settings = [root.get("custom"), root.get("params")];
    let spelled = |name: &&str| {
        let held = |n: &Node| n.get(name).is_some() || n.entries().iter().any(|e| e.value.get(name).is_some());
        settings.iter().flatten().any(|n| held(n))
    };
    (*names.iter().find(|n| spelled(n)).unwrap_or(&environment)).to_owned()
}

/// Is what stands in the braces a variable of Serverless, and not one of CloudFormation?
fn is_variable(inner: &str) -> bool {
    inner.starts_with("file(") || inner.starts_with("${") || (inner.contains(':') && !inner.contains("::") && !inner.starts_with('!'))
}

/// Where the brace of a `${` at the start closes.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'{' => open += 1,
            b'}' if open <= 1 => return Some(i),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// The parts between commas that are not in quotes or parentheses.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut out, mut start, mut quote, mut open) = (Vec::new(), 0, None, 0_usize);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => open += 1,
            (None, ')') => open = open.saturating_sub(1),
            (None, ',') if open == 0 => {
                out.push(text.get(start..i).unwrap_or(""));
                start = i + 1;
            }
            _ => {}
        }
    }
    out.push(text.get(start..).unwrap_or(""));
    out
}

/// A name for a message, not too long.
fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}

fn text(text: &str, at: &Node) -> Node {
    Node { content: Content::Scalar(text.into(), Style::Double), at: at.at.clone(), tag: None }
}

fn unknown(at: &Node, why: &str, tag: Option<&str>) -> Node {
    Node { content: Content::Expression(why.into()), at: at.at.clone(), tag: tag.map(Into::into) }
}
