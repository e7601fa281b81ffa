//! Steps that set up a runtime → the runtime, from the version that is written or the file that is named.

use crate::document::Node;
use crate::inventory::{Fact, Value};
use crate::workspace::join;

use super::expression::Names;
use crate::catalogue::runtime_version;
use crate::formats::runtimes::files;
use crate::formats::{ReadContext, Reading, ci};

/// Action → (kind, input that names the version). Each action's `action.yml`.
const ACTIONS: [(&str, &str, &str); 13] = [
    ("actions/setup-node", "node", "node-version"),
    ("actions/setup-python", "python", "python-version"),
    ("actions/setup-go", "go", "go-version"),
    ("actions/setup-java", "java", "java-version"),
    ("actions/setup-dotnet", "dotnet", "dotnet-version"),
    ("actions/setup-ruby", "ruby", "ruby-version"),
    ("ruby/setup-ruby", "ruby", "ruby-version"),
    ("shivammathur/setup-php", "php", "php-version"),
    ("oven-sh/setup-bun", "bun", "bun-version"),
    ("denoland/setup-deno", "deno", "deno-version"),
    ("erlef/setup-beam", "elixir", "elixir-version"),
    ("erlef/setup-beam", "erlang", "otp-version"),
    ("astral-sh/setup-uv", "python", "python-version"),
];

/// Does a workflow use one of them?
pub(super) fn mentions(text: &str) -> bool {
    ACTIONS.iter().any(|(action, ..)| text.contains(&format!("{action}@")))
}

/// Reads one step.
pub(super) fn step(job: &str, step: &Node, names: &Names<'_>, cx: &ReadContext<'_>, reading: &mut Reading) {
    let Some(action) = step.text_at(&["uses"]).and_then(|u| u.split('@').next()) else { return };
    for (_, kind, input) in ACTIONS.iter().filter(|(a, ..)| a.eq_ignore_ascii_case(action)) {
        if let Some(node) = step.path(&["with", input]) {
            version(job, kind, node, names, reading);
        } else if let Some(path) = step.text_at(&["with", &format!("{input}-file")]).filter(|p| !p.contains("${{"))
            && let Some(path) = join("", path).filter(|p| cx.workspace.is_file(p))
        {
            let mut found = Reading::default();
            files::read(&path, cx, &mut found);
            if found.runtimes.is_empty() && path.ends_with("go.mod") {
                files::go_directive(&path, cx, &mut found);
            }
            for runtime in
                found.runtimes.into_iter().filter(|r| r.software.value.known().is_some_and(|s| s.kind.is_some_and(|k| k.id == *kind)))
            {
                ci::runtime_of(job, runtime.software, reading);
            }
        }
    }
}

/// One version, a list of them (one a line), or an expression.
fn version(job: &str, kind: &str, node: &Node, names: &Names<'_>, reading: &mut Reading) {
    let items = if node.is_sequence() { node.items() } else { std::slice::from_ref(node) };
    for item in items {
        let Some(text) = item.text() else { continue };
        for (_, value) in names.values(text) {
            match value {
                Value::Known(value) => {
                    for line in value.lines().map(str::trim).filter(|l| !l.is_empty()) {
                        if let Some(software) = runtime_version(kind, line) {
                            ci::runtime_of(job, Fact::known(software, item.at.clone()), reading);
                        }
                    }
                }
                Value::Unknown(why) => ci::runtime_of(job, Fact::unknown(why, item.at.clone()), reading),
            }
        }
    }
}
