//! A rule's own fixtures, `fixtures/rules/GROUP/NAME/{drift,clean,unknown}`: `repo/` is what is read, `command` (optional,
//! default `diff`) the arguments, `history` (optional) what is committed when, as [`Repository::play`] reads it, `expected` the
//! findings of that rule alone. `fixtures/rules/all` holds the findings of
//! every other rule on them: a rule that fires on a neighbour's example is seen there.
//!
//! `UPDATE_EXPECTED=1 cargo test --test suite rules` writes all of them anew, `docs/rules.md` and the README's table too.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes files itself")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use parity::rules::{ALL, Meta};

use crate::repository::Repository;

const CASES: [&str; 3] = ["drift", "clean", "unknown"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn metas() -> impl Iterator<Item = &'static Meta> {
    ALL.iter().map(|r| r.meta())
}

/// The folders of a rule's cases.
fn cases(meta: &Meta) -> impl Iterator<Item = PathBuf> {
    let folder = root().join("fixtures/rules").join(meta.id);
    CASES.into_iter().map(move |case| folder.join(case))
}

/// The findings of a case, each with its rule and its line.
fn findings(case: &Path) -> Vec<(String, String)> {
    let line = fs::read_to_string(case.join("command")).unwrap_or_else(|_| "diff".to_owned());
    let played = fs::read_to_string(case.join("history")).ok().map(|script| Repository::play(&case.join("repo"), &script));
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity"));
    command.args(line.split_whitespace()).args(["--report", "json", "--fail-on", "never"]).env_clear();
    match &played {
        Some(repository) => command.current_dir(repository.path()).env("PATH", std::env::var_os("PATH").expect("PATH")),
        None => command.current_dir(case.join("repo")),
    };
    let out = command.output().expect("parity runs");
    let report: serde_json::Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{}: {e}: {}", case.display(), String::from_utf8_lossy(&out.stderr)));
    let one = |f: &serde_json::Value| {
        let text = |key: &str| f[key].as_str().unwrap_or_default().to_owned();
        let place =
            |p: &serde_json::Value| p["path"].as_str().map(|path| format!(" {path}:{}:{}", p["line"], p["column"])).unwrap_or_default();
        let places: String =
            [&f["from_at"], &f["to_at"]].into_iter().chain(f["places"].as_array().into_iter().flatten()).map(place).collect();
        (text("rule"), format!("{}[{}] {} ({}):{places}", text("severity"), text("rule"), text("message"), text("subject")))
    };
    report["findings"].as_array().expect("findings").iter().map(one).collect()
}

/// Compares a file with what it should hold, or writes it.
fn holds(path: &Path, got: &str, wrong: &mut Vec<String>) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, got).expect("written");
    }
    let want = fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if got != want {
        let diff = similar::TextDiff::from_lines(&want, got).unified_diff().header("expected", "now").to_string();
        wrong.push(format!("{}\n{diff}", path.display()));
    }
}

fn right(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} file(s) differ; UPDATE_EXPECTED=1 writes them\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_its_cases_and_says_what_is_expected() {
    let mut wrong = Vec::new();
    let mut neighbours = String::new();
    // What only the network knows has no case of files: its own file tests it.
    for meta in metas().filter(|m| m.id != "time/image-age") {
        for case in cases(meta) {
            assert!(case.join("repo").is_dir(), "the rule `{}` has no case {}", meta.id, case.display());
            let all = findings(&case);
            let own: String = all.iter().filter(|(rule, _)| rule == meta.id).map(|(_, line)| format!("{line}\n")).collect();
            holds(&case.join("expected"), &own, &mut wrong);
            let name = case.file_name().expect("a name").to_string_lossy().into_owned();
            match name.as_str() {
                "drift" if own.is_empty() => wrong.push(format!("{}: no drift was found", case.display())),
                "clean" if !own.is_empty() => wrong.push(format!("{}: not clean\n{own}", case.display())),
                "unknown" if own.contains("error[") => wrong.push(format!("{}: what is not known is no error\n{own}", case.display())),
                _ => {}
            }
            let others: Vec<&String> = all.iter().filter(|(rule, _)| rule != meta.id).map(|(_, line)| line).collect();
            if !others.is_empty() {
                writeln!(neighbours, "{} {name}", meta.id).expect("a text");
                others.iter().for_each(|line| writeln!(neighbours, "  {line}").expect("a text"));
            }
        }
    }
    holds(&root().join("fixtures/rules/all"), &neighbours, &mut wrong);
    right(&wrong);
}

#[test]
fn a_rule_that_is_written_is_listed() {
    for group in fs::read_dir(root().join("src/rules")).expect("rules").map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()) {
        for file in fs::read_dir(&group).expect("a group").map(|e| e.expect("an entry").path()).filter(|p| p.is_file()) {
            let text = fs::read_to_string(&file).expect("a text");
            if !text.contains("\nimpl Rule for ") {
                continue;
            }
            let stem = file.file_stem().expect("a name").to_string_lossy().replace('_', "-");
            let id = format!("{}/{stem}", group.file_name().expect("a name").to_string_lossy());
            assert!(metas().any(|m| m.id == id), "{} is not in rules::ALL as `{id}`", file.display());
        }
    }
}

/// `docs/rules.md`, from what each rule says of itself.
fn docs() -> String {
    let mut out = String::from(
        "# Rules\n\nWritten by a test from what each rule says of itself: `UPDATE_EXPECTED=1 cargo test --test suite rules`.\n",
    );
    let mut group = "";
    for meta in metas() {
        let (of, _) = meta.id.split_once('/').expect("group/name");
        if of != group {
            write!(out, "\n## {of}\n").expect("a text");
            group = of;
        }
        let opt_in = if meta.opt_in { ", only when asked for" } else { "" };
        write!(
            out,
            "\n### {}\n\n{} ({}{opt_in}). {}\n\n- drift: {}\n- parity: {}\n",
            meta.id,
            meta.question,
            meta.severity.as_str(),
            meta.why,
            meta.drift,
            meta.parity
        )
        .expect("a text");
    }
    out
}

#[test]
fn the_docs_say_what_the_rules_say() {
    let mut wrong = Vec::new();
    holds(&root().join("docs/rules.md"), &docs(), &mut wrong);
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md").replace("\r\n", "\n");
    let (start, end) = ("<!-- rules: written by a test -->\n", "<!-- end of rules -->\n");
    let (before, rest) = readme.split_once(start).expect("the marker of the rules' table");
    let (_, after) = rest.split_once(end).expect("the end of the rules' table");
    let mut table = String::from("| rule | severity | question |\n|---|---|---|\n");
    for meta in metas() {
        let question = meta.question.replace('|', "\\|");
        writeln!(table, "| `{}` | {} | {question} |", meta.id, meta.severity.as_str()).expect("a text");
    }
    holds(&path, &format!("{before}{start}{table}{end}{after}"), &mut wrong);
    right(&wrong);
}
