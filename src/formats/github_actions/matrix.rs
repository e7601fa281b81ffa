//! `strategy.matrix` → the combinations of the axes that an expression names
//! (docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations).

use std::collections::BTreeMap;

use crate::document::{Node, yaml};
use crate::formats::ci;

/// Path below `matrix` → its text.
pub(super) type Combination = BTreeMap<String, String>;

/// GitHub runs at most 256 jobs of a matrix.
const MOST: usize = 256;

/// Every combination of what `named` needs.
///
/// # Errors
/// The matrix is made while the workflow runs, or is larger than what GitHub runs: one phrase.
pub(super) fn combinations(matrix: &Node, named: &[String], budget: &ci::Budget) -> Result<Vec<Combination>, String> {
    let literal = resolve(matrix)?;
    let first = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
    let wanted: Vec<String> = named.iter().map(|n| first(n)).collect();
    let listed = |key: &str| literal.get(key).map(resolve).transpose().map(|n| n.map(|n| n.items().to_vec()).unwrap_or_default());
    let (include, exclude) = (listed("include")?, listed("exclude")?);
    let axis = |key: &str| !matches!(key, "include" | "exclude") && literal.get(key).is_some();
    // An axis counts where it is named, or where an `include` that sets what is named depends on it.
    let mut axes: Vec<String> = wanted.iter().filter(|w| axis(w)).cloned().collect();
    for entry in &include {
        let keys: Vec<&str> = entry.entries().iter().filter_map(|e| e.key.text()).collect();
        if keys.iter().any(|k| wanted.iter().any(|w| w == k)) {
            axes.extend(keys.iter().filter(|k| axis(k)).map(|k| (*k).to_owned()));
        }
    }
    axes.sort();
    axes.dedup();
    let mut out: Vec<Combination> = vec![Combination::new()];
    for name in &axes {
        let values = literal.get(name).map(resolve).transpose()?.map(|n| n.items().to_vec()).unwrap_or_default();
        if out.len().saturating_mul(values.len()) > MOST {
            return Err(format!("the matrix has more than {MOST} combinations"));
        }
        let mut next = Vec::new();
        for combination in &out {
            for value in &values {
                let mut more = combination.clone();
                flatten(name, value, &mut more, 0);
                next.push(more);
            }
        }
        out = next;
    }
    // An entry of `include` goes into every combination that it fits, and stands alone where there is none.
    if !literal.entries().iter().any(|e| e.key.text().is_some_and(axis)) {
        out.clear();
    }
    if include.len() > MOST || !budget.take((out.len() + 1).saturating_mul(include.len() + exclude.len())) {
        return Err("the matrix adds and excludes more combinations than are read".to_owned());
    }
    let excluded = |c: &Combination| exclude.iter().any(|e| !e.entries().is_empty() && fits(e, c, &axes, true));
    out.retain(|c| !excluded(c));
    let original = out.clone();
    for entry in &include {
        let mut found = false;
        for (combination, base) in out.iter_mut().zip(&original) {
            if fits(entry, base, &axes, false) {
                found = true;
                add(entry, combination);
            }
        }
        let sets = entry.entries().iter().any(|e| e.key.text().is_some_and(|k| wanted.iter().any(|w| w == k)));
        if !found && sets {
            let mut alone = Combination::new();
            add(entry, &mut alone);
            out.push(alone);
        }
    }
    if out.is_empty() {
        // What no matrix has is the empty text (expressions: a property that does not exist).
        out.push(Combination::new());
    }
    Ok(out)
}

/// A combination in a few words.
pub(super) fn label(combination: &Combination) -> String {
    combination.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
}

/// Do the values that an entry gives for axes agree with a combination? An exclusion must name axes alone.
fn fits(entry: &Node, combination: &Combination, axes: &[String], whole: bool) -> bool {
    entry.entries().iter().all(|e| {
        let Some(key) = e.key.text() else { return false };
        if !axes.iter().any(|a| a == key) {
            return !whole;
        }
        let mut given = Combination::new();
        flatten(key, &e.value, &mut given, 0);
        given.iter().all(|(k, v)| combination.get(k) == Some(v))
    })
}

fn add(entry: &Node, combination: &mut Combination) {
    for e in entry.entries() {
        if let Some(key) = e.key.text() {
            flatten(key, &e.value, combination, 0);
        }
    }
}

/// An object as `name.key` for each of its scalars.
fn flatten(name: &str, value: &Node, out: &mut Combination, depth: usize) {
    if let Some(text) = value.text() {
        out.insert(name.to_owned(), text.to_owned());
    }
    if depth < 4 {
        for entry in value.entries() {
            if let Some(key) = entry.key.text() {
                flatten(&format!("{name}.{key}"), &entry.value, out, depth + 1);
            }
        }
    }
}

/// The node itself, or what `fromJSON` of a literal gives.
fn resolve(node: &Node) -> Result<Node, String> {
    let Some(text) = node.text().filter(|t| t.contains("${{")) else { return Ok(node.clone()) };
    let inner = text.trim().strip_prefix("${{").and_then(|t| t.strip_suffix("}}")).map(str::trim).unwrap_or_default();
    let call = inner.get(..8).filter(|f| f.eq_ignore_ascii_case("fromjson")).and_then(|_| inner.get(8..));
    let json = call.and_then(|t| t.trim().strip_prefix('(')?.strip_suffix(')')).map(str::trim);
    let literal = json.and_then(|t| t.strip_prefix('\'')?.strip_suffix('\''));
    let documents = literal.map(|t| yaml::read(&node.at.source().inner(t.replace("''", "'"))));
    let root = documents.and_then(|d| d.documents.into_iter().next()).map(|d| d.root);
    root.ok_or_else(|| {
        format!("the matrix is the expression `{}`, known only when the workflow runs", inner.chars().take(80).collect::<String>())
    })
}
