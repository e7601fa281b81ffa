//! The program on the sample that ships with it, and on bad input.

#![expect(clippy::disallowed_methods, reason = "a test runs the program itself")]

use std::fs;
use std::process::{Command, Output};

pub(crate) fn parity(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parity")).args(args).env_clear().current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("runs")
}

fn text(out: &Output) -> String {
    String::from_utf8(out.stdout.clone()).expect("text")
}

#[test]
fn the_sample_has_the_drift_that_the_readme_shows() {
    let out = parity(&["diff", "--root", "fixtures/sample"]);
    assert_eq!(out.status.code(), Some(1));
    let text = text(&out);
    for want in ["error[tools/version-major]: `db`", "docker-compose.yml:25:12", "k8s/db.yaml:12:18", "FEATURE_CHECKOUT_V2: …"] {
        assert!(text.contains(want), "{want}\n{text}");
    }
    // parity: `redis:7.2-alpine` covers 7.2.5, the same key in a ConfigMap and in compose
    for not in ["`cache` runs", "`REDIS_URL` is", "`DATABASE_URL` is"] {
        assert!(!text.contains(not), "{not}\n{text}");
    }
}

#[test]
fn two_runs_are_the_same_and_no_value_is_shown() {
    for form in ["table", "json"] {
        let args = ["diff", "--root", "fixtures/sample", "--report", form];
        let (one, two) = (parity(&args), parity(&args));
        assert_eq!(one.stdout, two.stdout);
        for value in ["only-for-this-machine", "shop@db", "smtp.example.com", "cache:6379"] {
            assert!(!text(&one).contains(value), "{form} shows a value");
        }
    }
}

#[test]
fn the_json_report_is_the_contract() {
    let out = parity(&["diff", "dev", "prod", "--root", "fixtures/sample", "--report", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!((report["schema"].as_str(), report["exit"].as_u64()), (Some("parity-report/1"), Some(1)));
    let services = report["comparisons"][0]["services"].as_array().expect("services");
    let db = services.iter().find(|s| s["name"] == "db").expect("db");
    assert_eq!(
        (db["verdict"].as_str(), db["from"]["line"].as_u64(), db["to"]["version"].as_str()),
        (Some("major"), Some(25), Some("16.4"))
    );
}

#[test]
fn a_side_does_not_drift_from_itself() {
    let side = ["--dev", "docker-compose.yml", "--prod", "docker-compose.yml", "--fail-on", "warning"];
    let out = parity(&[&["diff", "dev", "prod", "--root", "fixtures/sample"][..], &side].concat());
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
}

#[test]
fn bad_input_is_a_problem_and_the_rest_stands() {
    let dir = tempfile::tempdir().expect("folder");
    fs::create_dir(dir.path().join("k8s")).expect("folder");
    let write = |path: &str, bytes: &[u8]| fs::write(dir.path().join(path), bytes).expect("written");
    write("compose.yaml", b"services:\n  db:\n    image: postgres:15\n  web:\n    image: \"${UNSET}/web\"\n");
    write("k8s/db.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: db}\nspec:\n  containers: [{name: db, image: 'postgres:16'}]\n");
    write("k8s/broken.yaml", b"apiVersion: v1\nkind: Pod\nspec: [\n");
    write("k8s/binary.yaml", &[0, 159, 146, 150]);
    let out = parity(&["diff", "--root", dir.path().to_str().expect("path")]);
    let text = text(&out);
    assert_eq!(out.status.code(), Some(1), "{text}");
    for want in
        ["PostgreSQL 15 and 16 are different major series", "`k8s/broken.yaml` is not valid YAML", "`k8s/binary.yaml` is a binary file"]
    {
        assert!(text.contains(want), "{want}\n{text}");
    }
}

#[test]
fn every_cut_of_the_sample_is_read_without_panic() {
    let dir = tempfile::tempdir().expect("folder");
    let source = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sample/docker-compose.yml")).expect("sample");
    for cut in (0..source.len()).step_by(37) {
        fs::write(dir.path().join("compose.yaml"), &source[..cut]).expect("written");
        let out = parity(&["inventory", "dev", "--root", dir.path().to_str().expect("path"), "--dev", "compose.yaml"]);
        assert!(matches!(out.status.code(), Some(0 | 2 | 3)), "cut at {cut}: {:?}", out.status);
    }
}

#[test]
fn usage_is_explained() {
    for (args, want) in [
        (&["explain", "tools/version-majr"][..], "did you mean `tools/version-major`?"),
        (&["diff", "--root", "fixtures/sample", "--prod", "nothing"][..], "`nothing` does not exist"),
        (&["diff", "--root", "fixtures/sample", "--report", "tabel"][..], "there is no report form `tabel`"),
        (&["compare", "Redis:7", "redis:7"][..], "is no image reference"),
    ] {
        let out = parity(args);
        let err = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(want), "{args:?}: {err}");
    }
    assert_eq!(text(&parity(&["compare", "postgres:15-alpine", "rds:postgres 15.7"])), "covers: PostgreSQL 15 covers 15.7\n");
}
