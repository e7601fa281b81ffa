//! Every command that the README and the docs name is run, in a repository that has what they speak of: what is written there
//! must be taken by the program. Publishing goes to the stand-in for GitHub.

#![expect(clippy::disallowed_methods, reason = "a test runs the programs and reads files itself")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::github::{Github, TOKEN};
use crate::repository::Repository;

/// The README and `docs/*.md`: path and text.
pub(crate) fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec!["README.md".to_owned()];
    for entry in fs::read_dir(root.join("docs")).expect("docs").map(|e| e.expect("an entry")) {
        paths.extend(entry.file_name().to_str().filter(|n| n.ends_with(".md")).map(|n| format!("docs/{n}")));
    }
    paths.sort();
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("a page").replace("\r\n", "\n");
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// Fenced blocks of a page: language and text.
pub(crate) fn blocks(text: &str) -> Vec<(&str, String)> {
    let (mut out, mut open): (Vec<(&str, String)>, bool) = (Vec::new(), false);
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => {
                open = !open;
                out.extend(open.then(|| (language, String::new())));
            }
            None if open => out.last_mut().expect("an open block").1.extend([line, "\n"]),
            None => {}
        }
    }
    out
}

/// Text between single backticks, outside of blocks.
pub(crate) fn spans(text: &str) -> Vec<String> {
    let mut outside = String::new();
    let mut open = false;
    for line in text.lines() {
        if line.starts_with("```") {
            open = !open;
        } else if !open {
            outside.extend([line, "\n"]);
        }
    }
    outside.split("\n\n").flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The command on a line of a block: a shell's, one in a recipe of CI, one between quotes of Groovy.
fn command(line: &str) -> Option<String> {
    let line =
        line.trim().trim_start_matches("- ").trim_start_matches("$ ").replace("\"$PARITY\"", "parity").replace("cargo run --", "parity");
    let line = line.strip_prefix("sh '").and_then(|l| l.strip_suffix('\'')).unwrap_or(&line);
    let word = |w: &str| w == "parity" || w.starts_with("GITHUB_TOKEN=");
    line.split_whitespace().next().is_some_and(word).then(|| line.replace("GITHUB_TOKEN=...", &format!("GITHUB_TOKEN={TOKEN}")))
}

/// What a page says in passing: a span that begins with the program's name, with words in place of what it leaves open.
fn in_passing(span: &str) -> Option<String> {
    let rest = span.strip_prefix("parity ")?.replace('\n', " ");
    let filled = rest.replace("RULE", "tools/version-major").replace("SHELL", "bash").replace("weekly N", "weekly 4");
    let group = ["publish", "export"].contains(&filled.as_str());
    let more = match filled.as_str() {
        "compare" => " postgres:15 postgres:16",
        "merge" => " parity.json",
        "init" => " --force",
        _ if group => " --help",
        _ => "",
    };
    Some(format!("parity {filled}{more}"))
}

/// A repository as the pages have it in mind: the sample with a staging environment, a base branch, and the reports of a run.
fn repository() -> Repository {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sample");
    let r = Repository::new();
    let read = |path: &str| fs::read_to_string(sample.join(path)).expect("the sample");
    for file in ["docker-compose.yml", ".env.example", "web/Dockerfile"] {
        r.write(file, &read(file));
    }
    for file in ["db.yaml", "web.yaml"] {
        r.write(&format!("deploy/k8s/prod/{file}"), &read(&format!("k8s/{file}")));
        r.write(&format!("deploy/k8s/staging/{file}"), &read(&format!("k8s/{file}")));
    }
    r.write("fixtures/sample/docker-compose.yml", &read("docker-compose.yml"));
    r.write(".gitignore", "/report.*\n/parity.*\n");
    r.write(".github/.keep", "");
    r.write("event.json", &format!("{{\"workflow_run\": {{\"head_sha\": \"{}\"}}}}", "a".repeat(40)));
    r.commit("first");
    r.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    r.git(&["remote", "add", "origin", "."]);
    r.write("docker-compose.yml", &read("docker-compose.yml").replace("redis:7.2-alpine", "redis:6"));
    r.commit("second");
    for name in ["report", "parity"] {
        let files = [format!("json={name}.json"), format!("comment={name}.md")];
        let (text, exit) = r.parity(&["diff", "--report", &files[0], "--report", &files[1]]);
        assert_eq!(exit, Some(1), "{text}");
    }
    r
}

/// The checkout beside it that holds production.
fn gitops() -> Repository {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sample/k8s");
    let r = Repository::new();
    for file in ["db.yaml", "web.yaml"] {
        r.write(&format!("apps/shop/{file}"), &fs::read_to_string(sample.join(file)).expect("the sample"));
    }
    r.commit("first");
    r
}

/// What is wrong with a command, if something is. In a shell, as it is written.
fn fails(r: &Repository, github: &Github, line: &str) -> Option<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_parity")).parent().expect("a folder");
    let path = std::env::join_paths([program].into_iter().map(Path::to_owned).chain(std::env::split_paths(&std::env::var_os("PATH")?)));
    let base = r.git(&["rev-parse", "origin/main"]);
    if line.contains("--history history.json") {
        let (said, exit) = r.parity(&["history", "--weekly", "2", "--report", "json=history.json"]);
        assert_eq!(exit, Some(0), "{said}");
    }
    let beside = line.contains("../gitops").then(gitops);
    let line = &beside.as_ref().map_or_else(|| line.to_owned(), |b| line.replace("../gitops", &b.path().display().to_string()));
    let out = Command::new("bash")
        .args(["-c", line])
        .current_dir(r.path())
        .env_clear()
        .env("PATH", path.expect("a path"))
        .envs([("HOME", r.path().display().to_string()), ("GITHUB_API_URL", github.url.clone()), ("GITHUB_TOKEN", TOKEN.into())])
        // What asks other hosts gets no answer.
        .envs(["http_proxy", "https_proxy", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:1")))
        .env("no_proxy", "127.0.0.1")
        .envs([("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()), ("CHANGE_TARGET", "main"), ("CHANGE_ID", "7"), ("report", "report.json")])
        .envs([("GITHUB_REPOSITORY", "acme/shop"), ("GITHUB_EVENT_NAME", "workflow_run"), ("GITHUB_EVENT_PATH", "event.json")])
        .output()
        .expect("a shell");
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    // 1 and 3 are what the sample has to tell (it has no CI: that is an error of the report, with 3); with another error there is
    // none of it.
    let error = errors.lines().any(|l| l.starts_with("error"));
    let fine = matches!((out.status.code(), error), (Some(0 | 1), false) | (Some(3), _));
    (!fine).then(|| format!("`{line}`: {:?}: {errors}", out.status.code()))
}

#[test]
#[cfg_attr(windows, ignore = "the commands are written for a POSIX shell")]
fn every_command_of_the_docs_runs() {
    let github = Github::new();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (page, text) in pages() {
        let in_blocks = blocks(&text).iter().flat_map(|(_, t)| t.lines().filter_map(command).collect::<Vec<_>>()).collect::<Vec<_>>();
        for line in in_blocks.into_iter().chain(spans(&text).iter().filter_map(|s| in_passing(s))) {
            count += 1;
            wrong.extend(fails(&repository(), &github, &line).map(|why| format!("{page}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 30, "only {count} commands were found");
    let writes = github.writes();
    let sent = |what: &str| writes.iter().any(|w| w.starts_with(what));
    assert!(sent("POST /repos/acme/shop/issues/7/comments") && sent("POST /repos/acme/shop/issues"), "{writes:?}");
}

#[test]
fn the_configuration_of_the_readme_is_taken() {
    let (_, readme) = pages().into_iter().find(|(path, _)| path == "README.md").expect("README.md");
    let all = blocks(&readme);
    let (_, yaml) = all.iter().find(|(language, _)| *language == "yaml").expect("an example");
    let r = repository();
    r.git(&["checkout", "-q", "origin/main"]);
    r.write("parity.yml", yaml);
    let (text, exit) = r.parity(&["diff", "--today", "2026-11-01"]);
    assert!(exit == Some(0) && text.contains("hidden: 2 findings by an exception"), "{exit:?} {text}");
}

#[test]
fn the_finding_of_the_readme_is_what_is_printed() {
    let (_, readme) = pages().into_iter().find(|(path, _)| path == "README.md").expect("README.md");
    let (_, shown) = blocks(&readme).into_iter().find(|(_, t)| t.starts_with("error[")).expect("an example");
    let out = crate::sample::parity(&["diff", "--root", "fixtures/sample"]);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let mut printed = text.lines().skip_while(|line| Some(*line) != shown.lines().next());
    // Since when they differ depends on the clone.
    let missing: Vec<&str> = shown.lines().filter(|line| !printed.any(|p| p == *line)).collect();
    assert!(missing.is_empty(), "{missing:#?}\n{text}");
}

#[test]
fn the_pre_commit_hook_is_a_command() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).expect("the hook");
    let hooks: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    let entry = hooks[0]["entry"].as_str().expect("an entry");
    assert_eq!(fails(&repository(), &Github::new(), entry), None);
}
