//! One file of a runtime → what it pins, at its place.

use std::sync::Arc;

use crate::document::Node;
use crate::formats::{ReadContext, Reading, declared};
use crate::inventory::{Fact, Runtime};
use crate::source::{Source, Span};
use crate::workspace::file_name;

use crate::catalogue::runtime_version;

/// Files of one version: name → kind.
const SINGLE: [(&str, &str); 10] = [
    (".nvmrc", "node"),
    (".node-version", "node"),
    (".python-version", "python"),
    (".ruby-version", "ruby"),
    (".java-version", "java"),
    (".go-version", "go"),
    (".php-version", "php"),
    (".bun-version", "bun"),
    ("runtime.txt", "python"),
    ("rust-toolchain", "rust"),
];
/// Files that are read by their keys.
const OTHERS: [&str; 14] = [
    ".tool-versions",
    "mise.toml",
    ".mise.toml",
    "rust-toolchain.toml",
    "go.mod",
    "package.json",
    "composer.json",
    "global.json",
    "Gemfile",
    "Pipfile",
    ".sdkmanrc",
    ".mise.local.toml",
    "mise.local.toml",
    ".dvmrc",
];
/// Plugins of asdf and mise: name → kind.
const PLUGINS: [(&str, &str); 18] = [
    ("nodejs", "node"),
    ("node", "node"),
    ("python", "python"),
    ("ruby", "ruby"),
    ("golang", "go"),
    ("go", "go"),
    ("java", "java"),
    ("php", "php"),
    ("bun", "bun"),
    ("deno", "deno"),
    ("dotnet", "dotnet"),
    ("dotnet-core", "dotnet"),
    ("rust", "rust"),
    ("elixir", "elixir"),
    ("erlang", "erlang"),
    ("core:node", "node"),
    ("core:python", "python"),
    ("core:ruby", "ruby"),
];

/// Is it a file of this format by its name?
pub(super) fn known(name: &str) -> bool {
    SINGLE.iter().any(|(n, _)| *n == name) || OTHERS.contains(&name)
}

/// Reads a file; what is no clear version is passed over.
pub(in crate::formats) fn read(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    match file_name(path) {
        "package.json" => {
            keys(path, cx, reading, &[("node", &["engines", "node"]), ("node", &["volta", "node"]), ("bun", &["engines", "bun"])])
        }
        "composer.json" => keys(path, cx, reading, &[("php", &["require", "php"]), ("php", &["config", "platform", "php"])]),
        "rust-toolchain.toml" => keys(path, cx, reading, &[("rust", &["toolchain", "channel"])]),
        "global.json" => sdk(path, cx, reading),
        "mise.toml" | ".mise.toml" | "mise.local.toml" | ".mise.local.toml" => mise(path, cx, reading),
        "Pipfile" => by_line(path, cx, reading, &|line| {
            value(line, "python_version", "python").or_else(|| value(line, "python_full_version", "python"))
        }),
        ".sdkmanrc" => by_line(path, cx, reading, &|line| value(line, "java", "java")),
        "go.mod" => by_line(path, cx, reading, &|line| line.strip_prefix("toolchain ").map(|v| ("go", v.trim()))),
        "Gemfile" => by_line(path, cx, reading, &gemfile),
        ".tool-versions" => by_line(path, cx, reading, &tool),
        name => {
            let Some((_, kind)) = SINGLE.iter().find(|(n, _)| *n == name) else { return };
            // `rust-toolchain` may be TOML of one key.
            by_line(path, cx, reading, &|line| {
                value(line, "channel", kind).or_else(|| (!line.starts_with(['#', '['])).then_some((*kind, line)))
            });
            // The first one is used, the others are there as well (pyenv).
            reading.runtimes.truncate(1);
        }
    }
}

/// The language version of `go.mod`, which CI installs as it is written.
pub(in crate::formats) fn go_directive(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    by_line(path, cx, reading, &|line| line.strip_prefix("go ").map(|v| ("go", v.trim())));
}

fn push(kind: &str, text: &str, source: &Arc<Source>, start: usize, reading: &mut Reading) {
    if let Some(software) = runtime_version(kind, text) {
        let at = source.at(Span { start, end: start + text.len() });
        reading.runtimes.push(Runtime { software: Fact::known(software, at), service: None, unit: String::new() });
    }
}

/// Reads a text file line by line: `pick` takes the kind and the part of the line that states the version.
fn by_line(path: &str, cx: &ReadContext<'_>, reading: &mut Reading, pick: &dyn for<'l> Fn(&'l str) -> Option<(&'static str, &'l str)>) {
    let source = match cx.workspace.read(path) {
        Ok(source) => source,
        Err(problem) => {
            reading.problems.push(problem.warning());
            return;
        }
    };
    let mut offset = 0;
    for line in source.text().split_inclusive('\n') {
        let body = line.split(" #").next().unwrap_or(line).trim();
        if let Some((kind, text)) = pick(body).filter(|(_, t)| !t.is_empty())
            && let Some(i) = line.find(text)
        {
            push(kind, text, &source, offset + i, reading);
        }
        offset += line.len();
    }
}

/// `key = "value"`, `key=value`.
fn value<'l>(line: &'l str, key: &str, kind: &'static str) -> Option<(&'static str, &'l str)> {
    let rest = line.strip_prefix(key)?.trim_start().strip_prefix('=')?;
    Some((kind, rest.trim().trim_matches(['"', '\''])))
}

/// `ruby "3.3.0"`, `ruby '~> 3.2'`; with `file:` another file says it.
fn gemfile(line: &str) -> Option<(&'static str, &str)> {
    let rest = line.strip_prefix("ruby")?.trim_start_matches(['(', ' ']);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(("ruby", rest.get(1..)?.split(quote).next()?))
}

/// `nodejs 20.11.0 18.19.0`: the first version is used.
fn tool(line: &str) -> Option<(&'static str, &str)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let (_, kind) = PLUGINS.iter().find(|(n, _)| *n == name)?;
    Some((kind, words.next()?))
}

fn node(kind: &str, node: &Node, reading: &mut Reading) {
    let Some(software) = node.text().and_then(|t| runtime_version(kind, t)) else { return };
    reading.runtimes.push(Runtime { software: Fact::known(software, node.at.clone()), service: None, unit: String::new() });
}

fn keys(path: &str, cx: &ReadContext<'_>, reading: &mut Reading, wanted: &[(&str, &[&str])]) {
    let Some((root, _)) = declared::root(path, cx, reading) else { return };
    for (kind, keys) in wanted {
        if let Some(found) = root.path(keys) {
            node(kind, found, reading);
        }
    }
}

fn mise(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    let Some((root, _)) = declared::root(path, cx, reading) else { return };
    for entry in root.get("tools").map(Node::entries).unwrap_or_default() {
        let Some((_, kind)) = entry.key.text().and_then(|name| PLUGINS.iter().find(|(n, _)| *n == name)) else { continue };
        let value = entry.value.items().first().unwrap_or(&entry.value);
        node(kind, value.get("version").unwrap_or(value), reading);
    }
}

/// The SDK's third component is its own, not the runtime's patch (learn.microsoft.com: .NET versioning).
fn sdk(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) {
    let Some((root, _)) = declared::root(path, cx, reading) else { return };
    let Some(found) = root.path(&["sdk", "version"]) else { return };
    let series: Vec<&str> = found.text().unwrap_or_default().split('.').take(2).collect();
    if let Some(software) = runtime_version("dotnet", &series.join(".")) {
        reading.runtimes.push(Runtime { software: Fact::known(software, found.at.clone()), service: None, unit: String::new() });
    }
}
