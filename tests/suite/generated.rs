//! What is written from something else: from the code the JSON Schemas and the list of formats in `docs/`, and the catalogue as the
//! program reads it from the one that people edit. `UPDATE_EXPECTED=1 cargo test --test suite generated`
//! writes it anew.

use std::fs;
use std::path::Path;

use crate::cases;

/// The file at `path` is what the code says.
pub(crate) fn is_written(path: &str, text: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::create_dir_all(full.parent().expect("a folder")).expect("made");
        fs::write(&full, text).expect("written");
    }
    let have = fs::read_to_string(&full).unwrap_or_default().replace("\r\n", "\n");
    assert!(have == text, "{path} is not what the code says; UPDATE_EXPECTED=1 cargo test --test suite generated writes it");
}

#[test]
fn the_formats() {
    is_written("docs/formats.md", &parity::formats::documentation());
}

#[test]
fn the_catalogue() {
    let edited = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalogue/kinds.toml")).expect("the catalogue");
    let table: toml::Table = edited.parse().expect("TOML");
    let kinds = table.get("kind").and_then(toml::Value::as_array).expect("kinds");
    let lines: String = kinds.iter().map(|kind| format!("{}\n", serde_json::to_string(kind).expect("JSON"))).collect();
    is_written("src/catalogue/kinds.jsonl", &lines);
}

#[test]
fn the_limits() {
    is_written("docs/limits.md", &parity::limits::documentation());
}

#[test]
fn the_schemas() {
    is_written("docs/report.schema.json", &parity::report::json::schema());
    is_written("docs/parity.schema.json", &parity::config::schema());
    is_written("docs/history.schema.json", &parity::report::trend::schema());
    is_written("docs/inventory.schema.json", &parity::report::inventory::schema());
}

/// The JSON on standard output of a command in a case's folder; `None` where it ended with a usage error.
fn json(case: &Path, arguments: &[&str]) -> Option<serde_json::Value> {
    let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
    let printed = cases::run(case, &[arguments, vec!["--report".into(), "json".into()]].concat());
    serde_json::from_str(printed.split("--- ").next()?).ok()
}

#[test]
fn every_report_is_valid_by_its_schema() {
    let validator = |schema: &str| jsonschema::validator_for(&serde_json::from_str(schema).expect("a schema")).expect("a valid schema");
    let report = validator(&parity::report::json::schema());
    let inventory = validator(&parity::report::inventory::schema());
    let mut looked_at = 0;
    for case in cases::all() {
        for (arguments, schema) in
            [(vec!["diff"], &report), (vec!["inventory", "prod"], &inventory), (vec!["inventory", "dev"], &inventory)]
        {
            let Some(document) = json(&case, &arguments) else { continue };
            let errors: Vec<String> = schema.iter_errors(&document).map(|e| format!("{} at {}", e, e.instance_path())).collect();
            assert!(errors.is_empty(), "{} {arguments:?}: {errors:?}", case.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 3, "only {looked_at} documents were validated");
}
