//! A workflow, and those of the repository that call it → the values of its inputs
//! (docs.github.com/actions/how-tos/reuse-automations/reuse-workflows).

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Node, yaml};
use crate::formats::ci;
use crate::workspace::{Workspace, parent};

/// Name → value; `None` where only a run tells, as where two callers give two.
pub(super) type Inputs = BTreeMap<String, Option<String>>;

/// Most workflows that are asked whether they call one; where more may, its inputs are not known.
const CALLERS: usize = 64;

/// The inputs of a workflow: what its callers give, else the default.
pub(super) fn of(path: &str, root: &Node, workspace: &dyn Workspace) -> Inputs {
    let mut out = Inputs::new();
    for trigger in ["workflow_call", "workflow_dispatch"] {
        for entry in root.path(&["on", trigger, "inputs"]).map(Node::entries).unwrap_or_default().iter().take(ci::VARIABLES) {
            if let Some(key) = entry.key.text() {
                out.insert(key.to_owned(), entry.value.text_at(&["default"]).map(str::to_owned));
            }
        }
    }
    if out.is_empty() || root.path(&["on", "workflow_call"]).is_none() {
        return out;
    }
    match calls(path, workspace) {
        Some(calls) if calls.is_empty() => out,
        Some(calls) => out.iter().map(|(name, default)| (name.clone(), given(name, default.as_ref(), &calls))).collect(),
        None => out.into_keys().map(|name| (name, None)).collect(),
    }
}

/// What all calls give for an input, or its default where they give nothing.
fn given(name: &str, default: Option<&String>, calls: &[BTreeMap<String, String>]) -> Option<String> {
    let all: BTreeSet<Option<&String>> = calls.iter().map(|call| call.get(name).or(default)).collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some(Some(one)), None) if !one.contains("${{") => Some(one.clone()),
        _ => None,
    }
}

/// What each job that calls a workflow gives it (`with`); `None` where too many may call it.
fn calls(path: &str, workspace: &dyn Workspace) -> Option<Vec<BTreeMap<String, String>>> {
    let called = format!("./{path}");
    let (files, _) = workspace.list(parent(path));
    let mut out = Vec::new();
    let mut asked = 0;
    for file in files.iter().filter(|f| *f != path && (f.ends_with(".yml") || f.ends_with(".yaml"))) {
        let Some(source) = workspace.read(file).ok().filter(|s| s.text().contains(&called)) else { continue };
        asked += 1;
        if asked > CALLERS {
            return None;
        }
        let documents = yaml::read(&source).documents;
        let jobs = documents.first().and_then(|d| d.root.get("jobs")).map(Node::entries).unwrap_or_default();
        for job in jobs.iter().map(|e| &e.value).filter(|j| j.text_at(&["uses"]) == Some(called.as_str())) {
            let with = job.get("with").map(Node::entries).unwrap_or_default();
            out.push(with.iter().filter_map(|e| Some((e.key.text()?.to_owned(), e.value.text()?.to_owned()))).collect());
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::workspace::MemoryWorkspace;

    #[test]
    fn what_callers_give() {
        let path = ".github/workflows/test.yml";
        let text = "on:\n  workflow_call:\n    inputs: {pg: {default: '16'}, node: {default: '20'}, os: {}}\n";
        let root = yaml::read(&Source::new(path, text)).documents.remove(0).root;
        let with = |callers: &[&str]| {
            let call = |with: &&str| format!("jobs:\n  a:\n    uses: ./{path}\n    with: {{{with}}}\n");
            let files: Vec<(String, String)> =
                callers.iter().enumerate().map(|(i, w)| (format!(".github/workflows/{i}.yml"), call(w))).collect();
            let workspace = MemoryWorkspace::new(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
            let one = |(name, value): (String, Option<String>)| format!("{name}={}", value.unwrap_or("?".into()));
            of(path, &root, &workspace).into_iter().map(one).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(with(&[]), "node=20 os=? pg=16");
        assert_eq!(with(&["pg: '15', os: x"]), "node=20 os=x pg=15");
        assert_eq!(with(&["pg: '15'", "node: '20'"]), "node=20 os=? pg=?");
        assert_eq!(with(&["pg: '${{ inputs.pg }}'"]), "node=20 os=? pg=?");
        assert_eq!(with(&["pg: '15'"; CALLERS + 1]), "node=? os=? pg=?");
    }
}
