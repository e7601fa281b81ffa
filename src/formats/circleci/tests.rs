use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(text: &str) -> Reading {
    let path = ".circleci/config.yml";
    let workspace = MemoryWorkspace::new([(path, text)]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "ci", programs: &programs };
    let manifest = Manifest { format: "circleci".into(), paths: vec![path.into()], ..Manifest::default() };
    CircleCi.read(&manifest, &cx)
}

fn services(reading: &Reading) -> Vec<String> {
    let text = |s: &crate::inventory::Service| s.known_software().map_or("?".to_owned(), |k| k.text.clone());
    reading.services.iter().map(|s| format!("{} {}", s.name, text(s))).collect()
}

#[test]
fn the_first_container_is_the_job_and_the_others_are_services() {
    let text = "parameters: {redis: {type: string, default: '7'}}\n_db: &db\n  - image: cimg/ruby:3.2\n  - image: cimg/postgres:15.0\n    environment: {POSTGRES_PASSWORD: hunter2}\njobs:\n  a:\n    docker: *db\n  b:\n    executor: {name: big, pg: '16'}\n  c:\n    executor: big\n  d:\n    parameters: {pg: {type: string}}\n    docker:\n      - image: cimg/base:2024.01\n      - {image: 'postgres:<< parameters.pg >>', name: db}\n  e:\n    docker: [{image: 'cimg/base:1'}, {image: 'mysql:<< parameters.nothing >>'}]\nexecutors:\n  big:\n    parameters: {pg: {type: string, default: '14'}}\n    docker:\n      - image: cimg/ruby:3.3\n      - image: postgres:<< parameters.pg >>\n      - image: redis:<<pipeline.parameters.redis>>\nworkflows:\n  all:\n    jobs:\n      - a\n      - d:\n          matrix: {parameters: {pg: ['12', '13']}}\n";
    let reading = read(text);
    assert_eq!(
        services(&reading),
        [
            "postgres cimg/postgres:15.0",
            "postgres postgres:16",
            "redis redis:7",
            "postgres postgres:14",
            "redis redis:7",
            "db postgres:12",
            "db postgres:13",
            "mysql mysql:<< parameters.nothing >>",
        ]
    );
    assert_eq!(
        reading.runtimes.iter().filter_map(|r| Some(r.software.value.known()?.text.clone())).collect::<Vec<_>>(),
        ["cimg/ruby:3.2", "cimg/ruby:3.3"]
    );
    assert!(!format!("{reading:?}").contains("hunter2"));
}

#[test]
fn odd_files() {
    for text in [
        "",
        "jobs",
        "jobs: {a: {docker: x}}",
        "jobs: {a: {docker: [x, {}, {image: []}]}}",
        "jobs:\n  a:\n    docker: [",
        "jobs: {a: &a {<<: *a, docker: [{image: '<<'}, {image: '>> << x'}]}}",
    ] {
        let _ = read(text);
    }
}
