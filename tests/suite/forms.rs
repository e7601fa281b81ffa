//! Every report form over every case, against the schema or the rules of the program that reads it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cases;
use crate::sample::parity;

fn validator(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas").join(name);
    let schema = serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

/// What each case's command writes in a form; cases that end with a usage error are left out.
fn written(form: &str) -> Vec<(PathBuf, String)> {
    let mut out = Vec::new();
    for case in cases::all() {
        let arguments = cases::arguments(&case);
        if arguments.first().map(String::as_str) != Some("diff") || arguments.iter().any(|a| a == "--report") {
            continue;
        }
        let printed = cases::run(&case, &[arguments, vec!["--report".into(), form.into()]].concat());
        let (text, rest) = printed.split_once("--- ").expect("an end");
        if !rest.contains("exit 2") {
            out.push((case, text.to_owned()));
        }
    }
    assert!(out.len() > 30, "only {} cases", out.len());
    out
}

fn documents(form: &str) -> Vec<(PathBuf, Value)> {
    let json = |(case, text): (PathBuf, String)| {
        let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}\n{text}", case.display()));
        (case, value)
    };
    written(form).into_iter().map(json).collect()
}

fn all_valid(form: &str, schema: &str) -> Vec<(PathBuf, Value)> {
    let validator = validator(schema);
    let documents = documents(form);
    for (case, document) in &documents {
        let errors: Vec<String> = validator.iter_errors(document).map(|e| format!("{e} at {}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", case.display());
    }
    documents
}

#[test]
fn sarif_is_valid_and_has_what_github_wants() {
    // https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
    let mut results = 0;
    for (case, document) in all_valid("sarif", "sarif-2.1.0.json") {
        let run = &document["runs"][0];
        for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
            for field in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text"] {
                assert!(rule.pointer(field).and_then(Value::as_str).is_some_and(|t| !t.is_empty() && t.len() <= 1024), "{field}: {rule}");
            }
        }
        let mut seen = BTreeSet::new();
        for result in run["results"].as_array().expect("results") {
            results += 1;
            let rule = result["ruleIndex"].as_u64().and_then(|i| run["tool"]["driver"]["rules"].get(usize::try_from(i).ok()?));
            assert_eq!(rule.map(|r| &r["id"]), Some(&result["ruleId"]));
            let region = result.pointer("/locations/0/physicalLocation/region").expect("a region");
            let at = |field: &str| region[field].as_u64().filter(|n| *n > 0).unwrap_or_else(|| panic!("{field}: {result}"));
            assert!((at("startLine"), at("startColumn")) <= (at("endLine"), at("endColumn")), "{result}");
            let name = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a fingerprint");
            assert!(seen.insert(name.to_owned()), "{}: {name} twice", case.display());
            let text = result["message"]["text"].as_str().expect("a message");
            for related in result["relatedLocations"].as_array().into_iter().flatten() {
                assert!(text.contains(&format!("]({})", related["id"])), "GitHub shows what the message links: {result}");
            }
        }
    }
    assert!(results > 50, "{results} results");
}

#[test]
fn gitlab_is_valid_and_no_fingerprint_is_twice() {
    for (case, document) in all_valid("gitlab", "gitlab.json") {
        let issues = document.as_array().expect("issues");
        let names: BTreeSet<&str> = issues.iter().filter_map(|i| i["fingerprint"].as_str()).collect();
        assert_eq!(names.len(), issues.len(), "{}", case.display());
    }
}

#[test]
fn rdjson_and_badge_are_valid() {
    all_valid("rdjson", "rdjson.json");
    all_valid("badge", "badge.json");
}

#[test]
fn junit_fails_where_the_run_does() {
    for (case, text) in written("junit") {
        let exit = parity_exit(&case);
        let sum = |name: &str| {
            let head = text.split("<testsuites").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or("");
            head.split(&format!("{name}=\""))
                .nth(1)
                .and_then(|n| n.split('"').next())
                .and_then(|n| n.parse::<usize>().ok())
                .expect("a count")
        };
        let fails = (sum("failures") > 0, sum("errors") > 0);
        match exit {
            0 => assert_eq!(fails, (false, false), "{}\n{text}", case.display()),
            1 => assert!(fails.0, "{}\n{text}", case.display()),
            _ => assert_eq!(fails, (false, true), "{}\n{text}", case.display()),
        }
        let count = |what: &str| text.matches(what).count();
        assert_eq!((count("<failure"), count("<error"), count("<testcase")), (sum("failures"), sum("errors"), sum("tests")), "{text}");
    }
}

fn parity_exit(case: &Path) -> u8 {
    let printed = cases::run(case, &cases::arguments(case));
    printed.rsplit("--- exit ").next().and_then(|n| n.trim().parse().ok()).expect("an exit")
}

#[test]
fn html_asks_for_nothing_and_closes_what_it_opens() {
    for (case, text) in written("html") {
        for not in ["<script", " src=", "url(", "@import", "<link", "<iframe", "<img", " style=", " on"] {
            let tags = text.split('<').filter_map(|t| t.split('>').next()).map(|t| format!("<{t}")).collect::<Vec<_>>();
            assert!(!tags.iter().any(|t| t.contains(not)), "{}: {not}", case.display());
        }
        for element in ["html", "main", "section", "article", "table", "tr", "ul", "details", "svg", "pre"] {
            let opened = text.matches(&format!("<{element}>")).count() + text.matches(&format!("<{element} ")).count();
            assert_eq!(opened, text.matches(&format!("</{element}>")).count(), "{}: {element}", case.display());
        }
    }
}

#[test]
fn github_keeps_ten_of_a_level() {
    for (case, text) in written("github") {
        for level in ["error", "warning", "notice"] {
            let lines = text.lines().filter(|l| l.starts_with(&format!("::{level} "))).count();
            assert!(lines <= 10, "{}: {lines} of {level}", case.display());
        }
        assert!(text.lines().last().is_some_and(|l| l.starts_with("exit ")), "{}", case.display());
    }
}

#[test]
fn an_unknown_form_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("report.json");
    let first = format!("json={}", file.display());
    let out = parity(&["diff", "--root", "fixtures/sample", "--report", &first, "--report", "sarfi"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("did you mean `sarif`?"));
    assert!(!file.exists());
    assert_eq!(parity(&["inventory", "--root", "fixtures/sample", "--report", "sarif"]).status.code(), Some(2));
}

#[test]
fn a_file_that_cannot_be_written_keeps_no_other_from_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |form: &str, name: &str| format!("{form}={}", dir.path().join(name).display());
    let (bad, good) = (at("html", "no/such/folder.html"), at("markdown", "report.md"));
    let out = parity(&["diff", "--root", "fixtures/sample", "--report", &bad, "--report", &good, "--report", "badge"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("folder.html"), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(fs::read_to_string(dir.path().join("report.md")).expect("written").starts_with("### parity: Drift"));
    assert!(String::from_utf8_lossy(&out.stdout).contains("schemaVersion"));
}
