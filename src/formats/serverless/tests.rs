use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(files: &[(&str, &str)]) -> Reading {
    let workspace = MemoryWorkspace::new(files.iter().copied());
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "serverless".into(), paths: vec!["api/serverless.yml".into()], ..Manifest::default() };
    Serverless.read(&manifest, &cx)
}

const FILE: &str = r"
service: shop
useDotenv: true
provider:
  name: aws
  runtime: nodejs20.x
  stage: ${opt:stage, 'dev'}
  environment:
    STAGE: ${self:provider.stage}
    TABLE: ${self:custom.tables.${self:provider.stage}}
    TOKEN: ${env:TOKEN}
    HOST: ${env:HOST, 'db.acme.test'}
    URL: ${ssm:/shop/url}
    OTHER: ${file(./other.yml):a.b}
    CODE: ${file(./other.js):a.b}
    ARN: !GetAtt Db.Arn
custom:
  tables: { dev: shop-dev, production: shop-live }
  version: '15.4'
functions:
  hello:
    handler: a.b
    environment: { LOCAL: '1' }
  nightly:
    image: acme/night:2.1
    events: [{ schedule: rate(1 day) }]
resources:
  Resources:
    Db:
      Type: AWS::RDS::DBInstance
      Properties: { Engine: postgres, EngineVersion: '${self:custom.version}' }
";

#[test]
fn variables_functions_and_resources() {
    let reading = read(&[("api/serverless.yml", FILE), ("api/other.yml", "a: {b: x}\n"), ("api/other.js", "module.exports = 1")]);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let [hello, nightly, db] = reading.services.as_slice() else { panic!("three: {:?}", reading.services) };
    let states: Vec<_> = hello.environ.vars.iter().map(|v| format!("{} {}", v.key, v.value.state())).collect();
    let wanted = ["ARN set", "CODE unknown", "HOST set", "LOCAL set", "OTHER set", "STAGE set", "TABLE set", "TOKEN unknown", "URL set"];
    assert_eq!(states, wanted);
    assert_eq!(nightly.process, Process::Scheduled);
    assert_eq!(nightly.known_software().map(|s| s.text.as_str()), Some("acme/night:2.1"));
    assert_eq!(db.known_software().and_then(|s| s.version.number()).as_deref(), Some("15.4"));
    assert_eq!(reading.runtimes.len(), 1);
    assert_eq!(reading.notes, ["the stage of `api/serverless.yml` is taken to be `production`"]);
}

#[test]
fn variables_that_name_each_other_end() {
    let circle = "service: a\nprovider: {name: aws, environment: {A: '${self:custom.a}', B: '${self:custom.b0}'}}\ncustom:\n  a: '${self:custom.a}'\n";
    let mut text = circle.to_owned();
    for i in 0..30 {
        text.push_str(&format!("  b{i}: ['${{self:custom.b{}}}', '${{self:custom.b{}}}']\n", i + 1, i + 1));
    }
    text.push_str("functions: {f: {handler: x}}\n");
    let reading = read(&[("api/serverless.yml", &text)]);
    assert_eq!(reading.services[0].environ.get("A").map(|v| v.value.state()), Some("unknown"));
}

#[test]
fn half_a_file() {
    for end in (0..FILE.len()).step_by(5) {
        read(&[("api/serverless.yml", &FILE[..end])]);
    }
}

#[test]
fn functions_that_are_not_known_are_said() {
    let reading = read(&[("api/serverless.yml", "service: a\nprovider: {name: aws}\nfunctions: ${file(functions.js)}\n")]);
    assert!(
        reading.problems.iter().any(|p| p.message.contains("functions of `api/serverless.yml` are not known")),
        "{:?}",
        reading.problems
    );
    let reading = read(&[("api/serverless.yml", "service: a\nprovider: {name: aws}\nfunctions:\n  one: ${file(one.js)}\n")]);
    assert_eq!(reading.services.iter().map(|s| s.environ.unlisted.len()).collect::<Vec<_>>(), [1]);
}
