//! Files as forges name them: from the top of the repository, whatever `--root` is; never those of another repository.

use serde_json::{Value, json};

use crate::repository::Repository;

fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: db\n          image: {image}\n"
    )
}

/// PostgreSQL 15 in development and 16 in production, in a part of a repository.
fn repository() -> Repository {
    let r = Repository::new();
    r.write("services/shop/compose.yml", "services:\n  db:\n    image: postgres:15\n");
    r.write("services/shop/k8s/db.yaml", &deployment("postgres:16"));
    r.write("deploy/db.yaml", &deployment("postgres:17"));
    r.commit("start");
    r
}

/// Every path that a form names, in order, once each.
fn paths(r: &Repository, form: &str, args: &[&str]) -> Vec<String> {
    let (text, _) = r.parity(&[&["diff", "--report", form, "--root", "services/shop"], args].concat());
    let mut out = Vec::new();
    if form == "github" {
        let file = |l: &str| Some(l.split_once("file=")?.1.split(',').next()?.to_owned());
        out.extend(text.lines().filter_map(file));
    } else {
        let document: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        walk(&document, &mut out);
    }
    out.sort();
    out.dedup();
    out
}

fn walk(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("path" | "uri", Value::String(path)) => out.push(path.clone()),
                    ("driver", _) => {}
                    _ => walk(value, out),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|v| walk(v, out)),
        _ => {}
    }
}

#[test]
fn a_root_below_the_top() {
    let r = repository();
    for form in ["github", "sarif", "gitlab", "rdjson"] {
        let all = paths(&r, form, &[]);
        assert!(all.contains(&"services/shop/compose.yml".to_owned()), "{form}: {all:?}");
        assert!(all.iter().all(|p| p.starts_with("services/shop/")), "{form}: {all:?}");
        // Production beside the root, in the same repository.
        let all = paths(&r, form, &["--prod", "../../deploy"]);
        assert!(all.iter().all(|p| p.starts_with("services/shop/") || p == "deploy/db.yaml"), "{form}: {all:?}");
        assert!(form == "github" || form == "gitlab" || all.contains(&"deploy/db.yaml".to_owned()), "{form}: {all:?}");
    }
    // Without a repository the root is all that there is.
    std::fs::remove_dir_all(r.path().join(".git")).expect("removed");
    assert_eq!(paths(&r, "gitlab", &[]), ["compose.yml"]);
}

#[test]
fn what_lies_in_another_repository_is_no_place_of_this_one() {
    let (r, gitops) = (repository(), Repository::new());
    gitops.write("db.yaml", &deployment("postgres:latest"));
    gitops.commit("start");
    let name = gitops.path().file_name().expect("a name").to_string_lossy().into_owned();
    let way = format!("../../../{name}/db.yaml");
    for form in ["github", "sarif", "gitlab", "rdjson"] {
        let (text, _) = r.parity(&["diff", "--report", form, "--root", "services/shop", "--prod", &way]);
        assert!(text.contains("tools/floating-tag"), "{form}: a finding of production alone: {text}");
        let all = paths(&r, form, &["--prod", &way]);
        assert!(!all.is_empty() && all.iter().all(|p| p == "services/shop/compose.yml"), "{form}: {all:?}");
    }
    // The words still say where.
    let (text, _) = r.parity(&["diff", "--report", "sarif", "--root", "services/shop", "--prod", &way]);
    assert!(text.contains(&format!("See prod: {way}:9:")), "{text}");
}

#[test]
fn reviewdog_is_given_the_edits_of_fix() {
    let r = repository();
    let (text, _) = r.parity(&["diff", "--report", "rdjson", "--root", "services/shop"]);
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let of = |rule: &str| {
        let diagnostics = document["diagnostics"].as_array().expect("diagnostics");
        diagnostics.iter().find(|d| d["code"]["value"] == rule).unwrap_or_else(|| panic!("no {rule} in {text}")).clone()
    };
    let wanted = json!([{ "range": { "start": { "line": 3, "column": 21 }, "end": { "line": 3, "column": 23 } }, "text": "16" }]);
    assert_eq!(of("tools/version-major")["suggestions"], wanted);
    assert_eq!(of("parity/summary")["suggestions"], Value::Null);
}
