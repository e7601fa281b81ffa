//! `${{ ... }}` → the texts that it can stand for: a literal, the matrix, `env`, the default of an input; all else is
//! unknown under its own name (docs.github.com/actions/reference/workflows-and-actions/expressions).

use std::collections::BTreeMap;

use crate::document::Node;
use crate::formats::ci;
use crate::inventory::Value;

use super::inputs::Inputs;
use super::matrix::{self, Combination};

/// Deepest nesting of functions and of variables in variables.
const DEPTH: usize = 8;

/// What a job's expressions may name.
pub(super) struct Names<'n> {
    env: BTreeMap<&'n str, &'n str>,
    inputs: &'n Inputs,
    matrix: Option<&'n Node>,
    budget: &'n ci::Budget,
}

impl<'n> Names<'n> {
    /// The names of a job in its workflow.
    pub(super) fn of(root: &'n Node, job: &'n Node, inputs: &'n Inputs, budget: &'n ci::Budget) -> Self {
        let mut env = BTreeMap::new();
        for node in [root.get("env"), job.get("env")].into_iter().flatten() {
            env.extend(node.entries().iter().take(ci::VARIABLES).filter_map(|e| Some((e.key.text()?, e.value.text()?))));
        }
        Self { env, inputs, matrix: job.path(&["strategy", "matrix"]), budget }
    }

    /// Everything that a text can be: one value, or one for each combination of the matrix that it names, with the
    /// combination as text.
    pub(super) fn values(&self, text: &str) -> Vec<(String, Value<String>)> {
        if !text.contains("${{") {
            return vec![(String::new(), Value::Known(text.to_owned()))];
        }
        let named = matrix_names(text);
        if named.is_empty() {
            return vec![(String::new(), self.fill(text, None, 0))];
        }
        let combinations = match self.matrix.map(|m| matrix::combinations(m, &named, self.budget)) {
            Some(Ok(combinations)) => combinations,
            Some(Err(why)) => return vec![(String::new(), Value::Unknown(why))],
            None => vec![Combination::new()],
        };
        let mut out: Vec<(String, Value<String>)> = Vec::new();
        for combination in combinations.iter().take_while(|_| self.budget.take(0)) {
            let value = self.fill(text, Some(combination), 0);
            if !out.iter().any(|(_, v)| *v == value) {
                out.push((matrix::label(combination), value));
            }
        }
        out
    }

    /// Replaces every expression of a text.
    fn fill(&self, text: &str, combination: Option<&Combination>, depth: usize) -> Value<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            out.push_str(before);
            let Some((inner, tail)) = after.split_once("}}") else { return Value::Unknown("a `${{` is not closed".into()) };
            match self.evaluate(inner.trim(), combination, depth) {
                Some(value) => out.push_str(&value),
                None => return Value::Unknown(format!("the expression `{}` is known only when the workflow runs", short(inner.trim()))),
            }
            rest = tail;
        }
        out.push_str(rest);
        Value::Known(out)
    }

    /// The text of one expression; `None` where it cannot be known.
    fn evaluate(&self, text: &str, combination: Option<&Combination>, depth: usize) -> Option<String> {
        if depth > DEPTH || text.contains("&&") {
            return None;
        }
        let mut last = String::new();
        // `a || b`: the first that is not empty.
        for part in split(text, "||") {
            last = self.term(part.trim(), combination, depth)?;
            if !matches!(last.as_str(), "" | "0" | "false") {
                break;
            }
        }
        Some(last)
    }

    fn term(&self, text: &str, combination: Option<&Combination>, depth: usize) -> Option<String> {
        if let Some(inner) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
            return (!inner.replace("''", "").contains('\'')).then(|| inner.replace("''", "'"));
        }
        if !text.is_empty() && text.parse::<f64>().is_ok() {
            return Some(text.to_owned());
        }
        if let Some(inner) = text.strip_prefix("format(").and_then(|t| t.strip_suffix(')')) {
            let mut parts = split(inner, ",").into_iter();
            let mut out = self.evaluate(parts.next()?.trim(), combination, depth + 1)?;
            for (i, part) in parts.enumerate() {
                let value = self.evaluate(part.trim(), combination, depth + 1)?;
                let hole = format!("{{{i}}}");
                if !self.budget.take(out.matches(&hole).count().saturating_mul(value.len())) {
                    return None;
                }
                out = out.replace(&hole, &value);
            }
            return Some(out);
        }
        let path = path(text)?;
        match path.split_first()? {
            (context, keys) if context == "matrix" => combination?.get(&keys.join(".")).cloned().or_else(|| Some(String::new())),
            (context, [key]) => {
                let text = match context.as_str() {
                    "env" => *self.env.get(key.as_str())?,
                    "inputs" => self.inputs.get(key.as_str())?.as_deref()?,
                    _ => return None,
                };
                if !self.budget.take(text.len()) {
                    return None;
                }
                match self.fill(text, combination, depth + 1) {
                    Value::Known(value) => Some(value),
                    Value::Unknown(_) => None,
                }
            }
            _ => None,
        }
    }
}

/// `matrix.db.image`, `matrix['db']` → its parts; `None` for all that is no path.
fn path(text: &str) -> Option<Vec<String>> {
    let text = text.replace("['", ".").replace("']", "");
    let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let word = |p: &String| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    parts.iter().all(word).then_some(parts)
}

/// The paths below `matrix` that a text's expressions name.
fn matrix_names(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for inner in text.split("${{").skip(1).filter_map(|t| t.split_once("}}")).map(|(inner, _)| inner.replace("['", ".").replace("']", "")) {
        for (i, _) in inner.match_indices("matrix.") {
            let before = inner.get(..i).and_then(|b| b.chars().next_back());
            if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
                continue;
            }
            let name: String = inner
                .get(i + "matrix.".len()..)
                .unwrap_or_default()
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
                .collect();
            if !out.contains(&name) {
                out.push(name);
            }
        }
    }
    out
}

/// Splits at a separator that stands neither in quotes nor in brackets.
fn split<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let (mut out, mut start, mut quoted, mut open) = (Vec::new(), 0, false, 0_usize);
    for (i, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => open = open.saturating_sub(1),
            _ if !quoted && open == 0 && i >= start && text.get(i..).is_some_and(|t| t.starts_with(separator)) => {
                out.push(text.get(start..i).unwrap_or_default());
                start = i + separator.len();
            }
            _ => {}
        }
    }
    out.push(text.get(start..).unwrap_or_default());
    out
}

/// An expression as a message may quote it.
fn short(text: &str) -> String {
    let out: String = text.chars().take(80).collect();
    if out.len() < text.len() { format!("{out}...") } else { out }
}
