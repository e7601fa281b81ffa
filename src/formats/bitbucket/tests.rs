use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(text: &str) -> Reading {
    let workspace = MemoryWorkspace::new([("bitbucket-pipelines.yml", text)]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "ci", programs: &programs };
    let manifest = Manifest { format: "bitbucket".into(), paths: vec!["bitbucket-pipelines.yml".into()], ..Manifest::default() };
    Bitbucket.read(&manifest, &cx)
}

#[test]
fn services_that_steps_name() {
    let reading = read(
        "image: python:3.12\ndefinitions:\n  services:\n    db:\n      image: postgres:16\n      variables: { POSTGRES_PASSWORD: x, TOKEN: $TOKEN }\n    private:\n      image: { name: 'redis:7.2', username: $U }\n    unused: { image: 'mysql:8' }\npipelines:\n  default:\n    - parallel:\n        - step: { name: unit, services: [db, docker, private, lost] }\n        - step: { image: { name: 'node:20' } }\n",
    );
    let text = |s: &crate::inventory::Service| format!("{} {}", s.name, s.known_software().map_or("?", |s| &s.text));
    assert_eq!(reading.services.iter().map(text).collect::<Vec<_>>(), ["db postgres:16", "private redis:7.2"]);
    let states: Vec<_> = reading.services[0].environ.vars.iter().map(|v| v.value.state()).collect();
    assert_eq!(states, ["set", "unknown"]);
    assert_eq!(reading.runtimes.len(), 2);
    assert_eq!(reading.problems.len(), 1, "{:?}", reading.problems);
    assert!(reading.problems[0].message.contains("`lost`"));
}

#[test]
fn docker_by_another_name_is_no_service() {
    let reading = read(
        "definitions:\n  services:\n    big: {type: docker, memory: 4096}\n    db: {image: 'postgres:16'}\npipelines:\n  default:\n    - step: {services: [big, db]}\n",
    );
    assert_eq!((reading.services.len(), reading.problems.len()), (1, 0), "{:?}", reading.problems);
}

#[test]
fn half_a_file() {
    assert!(!read("pipelines:\n  default:\n    - step: {services: [").problems.is_empty());
}
