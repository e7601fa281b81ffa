use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(format: &dyn Format, files: &[(&str, &str)]) -> Reading {
    let workspace = MemoryWorkspace::new(files.iter().copied());
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "dev", programs: &programs };
    let path = files.first().map_or("", |(p, _)| p);
    let manifest = Manifest { format: format.id().into(), paths: vec![path.into()], ..Manifest::default() };
    format.read(&manifest, &cx)
}

const PATH: &str = ".devcontainer/devcontainer.json";

#[test]
fn what_it_starts_and_the_keys_it_adds() {
    let text = "// ours\n{\n  \"dockerComposeFile\": [\"../compose.yml\", \"compose.yml\",],\n  \"service\": \"app\",\n  \"runServices\": [\"app\"],\n  \"containerEnv\": {\"A\": \"1\", \"B\": \"${localEnv:B}\"},\n}\n";
    let base =
        "services:\n  app:\n    image: acme/app\n    depends_on: [db]\n  db:\n    image: postgres:15\n  other:\n    image: redis:7\n";
    let over = "services:\n  app:\n    environment: {C: x}\n";
    let reading = read(&Devcontainer, &[(PATH, text), ("compose.yml", base), (".devcontainer/compose.yml", over)]);
    assert_eq!(reading.services.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["app", "db"]);
    let keys: Vec<&str> = reading.services[0].environ.vars.iter().map(|v| v.key.as_str()).collect();
    assert_eq!(keys, ["A", "B", "C"]);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn servers_and_runtimes_of_features() {
    let text = "{\n  \"image\": \"mcr.microsoft.com/devcontainers/python:1-3.11-bookworm\",\n  \"features\": {\n    \"ghcr.io/itsmechlark/features/postgresql:1\": {\"version\": \"15\"},\n    \"ghcr.io/rails/devcontainer/features/postgres-client:1\": {},\n    \"ghcr.io/devcontainers/features/node:1\": {\"version\": \"20\"},\n    \"ghcr.io/devcontainers/features/go:1\": {}\n  }\n}\n";
    let reading = read(&Devcontainer, &[(PATH, text)]);
    let show = |s: &Software| format!("{} {}", s.kind.map_or("", |k| &k.id), s.version.number().unwrap_or_default());
    assert_eq!(reading.services.iter().filter_map(Service::known_software).map(show).collect::<Vec<_>>(), ["postgresql 15"]);
    assert_eq!(reading.runtimes.iter().filter_map(|r| r.software.value.known()).map(show).collect::<Vec<_>>(), ["python 3.11", "node 20"]);
    assert_ne!(Devcontainer.claims(PATH, text), Claim::No);
    assert_eq!(Devcontainer.claims(PATH, "{\"image\": \"node:20\"}"), Claim::No);
    assert_eq!(
        read(
            &runtimes::Runtimes,
            &[(PATH, "{\"build\": {\"dockerfile\": \"Dockerfile\"}}"), (".devcontainer/Dockerfile", "FROM ruby:3.3\n")]
        )
        .runtimes
        .len(),
        1
    );
}

#[test]
fn odd_files() {
    for text in [
        "",
        "{",
        "[]",
        "{\"dockerComposeFile\": \"../../../etc/passwd\"}",
        "{\"dockerComposeFile\": {}}",
        "{\"features\": [1], \"build\": 3, \"image\": {}}",
        "{\"dockerComposeFile\": \"x.yml\", \"runServices\": \"a\"}",
    ] {
        let _ = read(&Devcontainer, &[(PATH, text)]);
    }
}
