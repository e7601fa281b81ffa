use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(text: &str) -> Reading {
    let workspace = MemoryWorkspace::new([("azure-pipelines.yml", text)]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "ci", programs: &programs };
    let manifest = Manifest { format: "azure-pipelines".into(), paths: vec!["azure-pipelines.yml".into()], ..Manifest::default() };
    AzurePipelines.read(&manifest, &cx)
}

fn shown(reading: &Reading) -> Vec<String> {
    let text = |s: &crate::inventory::Service| s.known_software().map_or_else(|| "?".to_owned(), |s| s.text.clone());
    reading.services.iter().map(|s| format!("{} {}", s.name, text(s))).collect()
}

const PIPELINE: &str = "
parameters:
  - { name: line, type: string, default: '7.2' }
variables:
  pg: 16
resources:
  containers:
    - container: pg
      image: postgres:$(pg)
      env: { POSTGRES_PASSWORD: x, TOKEN: $(secretOfTheProject) }
    - container: unused
      image: mysql:8
stages:
  - stage: test
    jobs:
      - ${{ if eq(variables.x, 'y') }}:
        - job: unit
          container: python:3.12
          services: { db: pg, cache: 'redis:${{ parameters.line }}' }
      - job: matrix
        strategy:
          matrix:
            old: { pg: '14' }
            new: { pg: '15' }
        services: { db: pg, queue: 'rabbitmq:$(line)' }
";

#[test]
fn services_of_jobs() {
    let reading = read(PIPELINE);
    let wanted =
        ["db postgres:16", "cache redis:7.2", "db postgres:14", "queue rabbitmq:$(line)", "db postgres:15", "queue rabbitmq:$(line)"];
    assert_eq!(shown(&reading), wanted);
    let named: Vec<_> = reading.services.iter().filter_map(|s| s.scope.as_ref()).map(|s| s.variant.as_str()).collect();
    assert!(named.ends_with(&["old", "old", "new", "new"]), "{named:?}");
    let env: Vec<_> = reading.services[reading.services.len() - 4].environ.vars.iter().map(|v| (v.key.as_str(), v.value.state())).collect();
    assert_eq!(env, [("POSTGRES_PASSWORD", "set"), ("TOKEN", "unknown")]);
}

#[test]
fn variables_of_a_stage_and_of_a_condition() {
    let text = "variables:\n- {name: pg, value: '15'}\n- {name: redis, value: '6'}\n- ${{ if eq(variables.x, 'y') }}:\n  - {name: redis, value: '7'}\nresources:\n  containers:\n  - {container: own, type: ACR, registry: acme, repository: valkey}\nstages:\n- stage: a\n  variables: {pg: '14'}\n  jobs:\n  - job: t\n    services: {db: 'postgres:$(pg)', cache: 'redis:$(redis)', kept: own}\n- stage: b\n  jobs:\n  - job: u\n    services: {db: 'postgres:$(variables.pg)'}\n";
    assert_eq!(shown(&read(text)), ["db postgres:14", "cache redis:$(redis)", "kept valkey", "db postgres:15"]);
}

#[test]
fn half_a_file_and_what_is_missing() {
    assert!(!read("jobs:\n  - job: a\n    services: {db: [").problems.is_empty());
    let reading = read("jobs:\n  - job: a\n    services: { db: { ports: [1] } }\n");
    assert!(reading.problems[0].message.contains("names no image"), "{:?}", reading.problems);
    assert_eq!(AzurePipelines.claims("azure-pipelines.yml", "on: push\njobs:\n"), Claim::No);
}

#[test]
fn templates_are_said() {
    let reading =
        read("extends: {template: base.yml}\nstages:\n- template: stages.yml\n- stage: a\n  jobs:\n  - template: jobs.yml\n  - job: x\n");
    let said: Vec<&str> = reading.problems.iter().filter_map(|p| p.message.split('`').nth(1)).collect();
    assert_eq!(said, ["base.yml", "stages.yml", "jobs.yml"], "{:?}", reading.problems);
}
