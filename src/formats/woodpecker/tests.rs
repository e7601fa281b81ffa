use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(path: &str, text: &str) -> Reading {
    let workspace = MemoryWorkspace::new([(path, text)]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "ci", programs: &programs };
    let manifest = Manifest { format: "woodpecker".into(), paths: vec![path.into()], ..Manifest::default() };
    Woodpecker.read(&manifest, &cx)
}

fn shown(reading: &Reading) -> Vec<String> {
    let text = |s: &crate::inventory::Service| s.known_software().map_or_else(|| "?".to_owned(), |s| s.text.clone());
    reading.services.iter().map(|s| format!("{} {}", s.name, text(s))).collect()
}

#[test]
fn pipelines_of_drone() {
    let reading = read(
        ".drone.yml",
        "kind: pipeline\nname: unit\nsteps:\n  - { name: test, image: 'golang:1.22' }\nservices:\n  - name: db\n    image: postgres:16\n    environment: { POSTGRES_PASSWORD: { from_secret: pg }, POSTGRES_DB: shop }\n---\nkind: pipeline\nname: other\nservices:\n  - { name: cache, image: 'redis:7.2' }\n  - { name: lost }\n---\nkind: secret\nname: pg\n",
    );
    assert_eq!(shown(&reading), ["db postgres:16", "cache redis:7.2"]);
    assert_eq!(reading.services[0].environ.vars.iter().map(|v| v.value.state()).collect::<Vec<_>>(), ["set", "set"]);
    assert_eq!((reading.runtimes.len(), reading.problems.len()), (1, 1), "{:?}", reading.problems);
}

#[test]
fn a_matrix_of_woodpecker() {
    let reading = read(
        ".woodpecker/test.yaml",
        "matrix:\n  PG: ['15', '16']\nsteps:\n  test: { image: 'node:20' }\nservices:\n  db: { image: 'postgres:${PG}' }\n  cache: { image: 'redis:${LINE}' }\n",
    );
    assert_eq!(shown(&reading), ["db postgres:15", "db postgres:16", "cache redis:${LINE}"]);
    let variants: Vec<_> = reading.services.iter().filter_map(|s| s.scope.as_ref()).map(|s| s.variant.as_str()).collect();
    assert_eq!(variants[..2], ["PG=15", "PG=16"]);
}

#[test]
fn steps_that_are_detached_and_lists_of_variables() {
    let reading = read(
        ".woodpecker.yml",
        "steps:\n  - {name: cache, image: 'redis:6', detach: true}\n  - {name: test, image: 'golang:1.22'}\nservices:\n  db: {image: 'postgres:16', environment: [POSTGRES_DB=x, 'POSTGRES_USER=${WHO}']}\n",
    );
    assert_eq!(shown(&reading), ["db postgres:16", "cache redis:6"]);
    let keys: Vec<_> = reading.services[0].environ.vars.iter().map(|v| (v.key.as_str(), v.value.state())).collect();
    assert_eq!(keys, [("POSTGRES_DB", "set"), ("POSTGRES_USER", "unknown")]);
}

#[test]
fn half_a_file_and_an_empty_one() {
    assert!(!read(".drone.yml", "services:\n  - {name: db, image: [").problems.is_empty());
    assert!(read(".drone.yml", "").problems[0].message.contains("is empty"));
}
