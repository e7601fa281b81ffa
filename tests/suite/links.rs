//! What the README, the docs and the recipes in them refer to is there: links, anchors, files, inputs and outputs of the action.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::docs::{blocks, pages, spans};
use crate::generated::is_written;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn all_pages() -> Vec<(String, String)> {
    let more = ["CONTRIBUTING.md", "CHANGELOG.md"].map(|p| (p.to_owned(), fs::read_to_string(root().join(p)).expect("a page")));
    pages().into_iter().chain(more).collect()
}

/// Targets of `[words](target)`, outside of blocks.
fn links(text: &str) -> Vec<String> {
    let outside: Vec<&str> = text.split("```").step_by(2).collect();
    let target = |part: &str| part.split_once(')').map(|(target, _)| target.to_owned());
    outside.iter().flat_map(|t| t.split("](").skip(1).filter_map(target)).collect()
}

/// Anchors of a page as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_lowercase());
    let slug = |h: String| h.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-");
    text.split("```").step_by(2).flat_map(|t| t.lines().filter_map(heading).map(slug).collect::<Vec<_>>()).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (page, text) in all_pages() {
        for link in links(&text).iter().filter(|l| !l.contains("://")) {
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = match path {
                "" => root().join(&page),
                _ => root().join(&page).parent().map(|dir| dir.join(path)).unwrap_or_default(),
            };
            let there = file.exists() && (anchor.is_empty() || fs::read_to_string(&file).is_ok_and(|t| anchors(&t).contains(anchor)));
            if !there {
                wrong.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 3, "only {count} links inside the project");
}

#[test]
fn every_file_that_is_named_is_there() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    // The rules give examples of other people's files.
    for (page, text) in all_pages().into_iter().filter(|(page, _)| page != "docs/rules.md") {
        for span in spans(&text) {
            let ours =
                ["docs/", "scripts/", "src/", "tests/", ".github/workflows/", "fixtures/", ".ci/"].iter().any(|p| span.starts_with(p));
            // What is left open is in capitals or braces; what is no path has other characters.
            let plain = span.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/.-_".contains(c));
            if ours && plain {
                count += 1;
                wrong.extend((!root().join(&span).exists()).then(|| format!("{page}: `{span}`")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 4, "only {count} files are named");
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(root().join(path)).expect("a file")).expect("YAML")
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_mapping().into_iter().flatten().filter_map(|(k, _)| k.as_str().map(str::to_owned)).collect()
}

/// Every mapping in a document that uses something, with what it uses.
fn uses<'v>(value: &'v Value, out: &mut Vec<(&'v str, &'v Value)>) {
    out.extend(value.get("uses").and_then(Value::as_str).map(|u| (u, value)));
    match value {
        Value::Mapping(m) => m.iter().for_each(|(_, v)| uses(v, out)),
        Value::Sequence(s) => s.iter().for_each(|v| uses(v, out)),
        _ => {}
    }
}

/// The YAML of the docs and the workflows of the repository: where, and the document.
fn recipes() -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for (page, text) in pages() {
        for (_, block) in blocks(&text).into_iter().filter(|(language, _)| *language == "yaml") {
            // A part of a list of steps stands in the page with its indentation.
            let value: Value = serde_yaml::from_str(&block).unwrap_or_else(|e| panic!("{page}: {e}\n{block}"));
            out.push((page.clone(), value));
        }
    }
    let workflows = fs::read_dir(root().join(".github/workflows")).expect("workflows").map(|e| e.expect("an entry").path());
    let name = |p: PathBuf| format!(".github/workflows/{}", p.file_name().expect("a name").to_string_lossy());
    out.extend(workflows.map(name).map(|p| (p.clone(), yaml(&p))));
    out
}

#[test]
fn recipes_use_the_inputs_that_there_are() {
    let action = keys(&yaml("action.yml")["inputs"]);
    let fleet = yaml(".github/workflows/fleet.yml");
    let call = fleet.get("on").map(|on| on["workflow_call"].clone()).expect("on");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (page, document) in recipes() {
        let mut all = Vec::new();
        uses(&document, &mut all);
        for (used, step) in all {
            let (known, secrets) = match used {
                _ if used.starts_with("parity-drift/parity/.github/workflows/fleet.yml@") => {
                    (keys(&call["inputs"]), keys(&call["secrets"]))
                }
                _ if used.starts_with("parity-drift/parity@") || matches!(used, "./" | "./.parity") => (action.clone(), BTreeSet::new()),
                _ => {
                    // Pinned: a tag can be moved by whoever takes over a repository.
                    let pinned = used.split_once('@').is_some_and(|(_, c)| c.len() == 40 && c.bytes().all(|b| b.is_ascii_hexdigit()));
                    wrong.extend((!pinned && !used.starts_with("./")).then(|| format!("{page}: `{used}` is not pinned to a commit")));
                    continue;
                }
            };
            count += 1;
            let given = |key: &str| step.get(key).map(keys).unwrap_or_default();
            wrong.extend(given("with").difference(&known).map(|k| format!("{page}: `{used}` has no input `{k}`")));
            wrong.extend(given("secrets").difference(&secrets).map(|k| format!("{page}: `{used}` has no secret `{k}`")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 4, "only {count} uses");
}

/// What `scripts/action` reads and writes is what action.yml gives and hands on.
#[test]
fn the_action_hands_on_every_input_and_output() {
    let action = yaml("action.yml");
    let text = fs::read_to_string(root().join("action.yml")).expect("a file");
    let script = fs::read_to_string(root().join("scripts/action/run.sh")).expect("a file")
        + &fs::read_to_string(root().join("scripts/action/install.sh")).expect("a file");
    let lost: Vec<String> = keys(&action["inputs"]).into_iter().filter(|i| !text.contains(&format!("${{{{ inputs.{i} }}}}"))).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let steps = action["runs"]["steps"].as_sequence().expect("steps");
    let given: BTreeSet<String> = steps.iter().flat_map(|s| keys(&s["env"])).collect();
    let unread: Vec<&String> =
        given.iter().filter(|v| !script.contains(v.as_str()) && !script.contains(v.trim_start_matches("PARITY_"))).collect();
    assert!(unread.is_empty(), "{unread:?}");
}

/// The tables of `docs/github.md`.
#[test]
fn the_inputs_and_outputs_are_documented() {
    let action = yaml("action.yml");
    let text = |v: &Value| v.as_str().unwrap_or_default().replace('|', "\\|");
    let mut table = String::from("| input | meaning | default |\n|---|---|---|\n");
    for (name, input) in action["inputs"].as_mapping().expect("inputs") {
        let default = match text(&input["default"]) {
            d if d.is_empty() => String::new(),
            d if d.contains("${{") => "the job's token".to_owned(),
            d => format!("`{d}`"),
        };
        writeln!(table, "| `{}` | {} | {default} |", text(name), text(&input["description"])).expect("a text");
    }
    table.push_str("\n| output | meaning |\n|---|---|\n");
    for (name, output) in action["outputs"].as_mapping().expect("outputs") {
        writeln!(table, "| `{}` | {} |", text(name), text(&output["description"])).expect("a text");
    }
    let page = fs::read_to_string(root().join("docs/github.md")).expect("a page").replace("\r\n", "\n");
    let (start, end) = ("<!-- inputs and outputs: written by a test -->\n", "<!-- end of inputs and outputs -->\n");
    let (before, rest) = page.split_once(start).expect("the marker of the tables");
    let (_, after) = rest.split_once(end).expect("the end of the tables");
    is_written("docs/github.md", &format!("{before}{start}{table}{end}{after}"));
}

/// What is copied is there and not left out; what the build needs is copied.
#[test]
fn the_image_is_built_from_what_is_there() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a file");
    let dockerfile = read("Dockerfile");
    let words = dockerfile.lines().filter_map(|l| l.strip_prefix("COPY ")).filter(|l| !l.starts_with("--from="));
    let copied: BTreeSet<&str> = words.flat_map(|l| l.split_whitespace().rev().skip(1)).collect();
    let ignored = read(".dockerignore");
    let lost: Vec<&&str> = copied.iter().filter(|p| !root().join(p).exists() || ignored.lines().any(|i| i == **p)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let manifest: toml_edit::DocumentMut = read("Cargo.toml").parse().expect("TOML");
    let mut needed = vec!["Cargo.toml".to_owned(), "Cargo.lock".to_owned(), "src".to_owned()];
    needed.extend(manifest["package"]["readme"].as_str().map(str::to_owned));
    // Cargo refuses a manifest whose targets are not there.
    needed.extend(manifest["bench"].as_array_of_tables().into_iter().flatten().map(|_| "benches".to_owned()));
    let missing: Vec<&String> = needed.iter().filter(|n| !copied.contains(n.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let rust = dockerfile.split_once("FROM rust:").expect("a base").1;
    let minimum = manifest["package"]["rust-version"].as_str().expect("a version");
    assert!(rust.starts_with(minimum), "built with the version that Cargo.toml asks for, {minimum}");
}
