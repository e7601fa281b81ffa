use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read_all(files: &[(&str, &str)], options: &ReadOptions) -> Reading {
    let workspace = MemoryWorkspace::new(files.iter().copied());
    let programs = Programs::default();
    let cx = ReadContext { workspace: &workspace, options, environment: "prod", programs: &programs };
    let path = files.first().map(|f| f.0.to_owned()).unwrap_or_default();
    let manifest = Manifest { format: "cloudformation".into(), paths: vec![path], ..Manifest::default() };
    CloudFormation.read(&manifest, &cx)
}

fn read(text: &str) -> Reading {
    read_all(&[("template.yaml", text)], &ReadOptions::default())
}

fn shown(reading: &Reading) -> Vec<String> {
    let one = |s: &crate::inventory::Service| {
        let software = s.known_software();
        let kind = software.and_then(|s| s.kind).map_or("-", |k| k.id.as_str());
        let version = software.and_then(|s| s.version.number()).unwrap_or_else(|| "?".into());
        let at = s.stated_at();
        format!("{} {kind} {version} `{}`", s.name, at.text().lines().next().unwrap_or(""))
    };
    reading.services.iter().map(one).collect()
}

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  PgVersion: { Type: String, Default: "15.7" }
  Password: { Type: String, NoEcho: true }
  Url: { Type: "AWS::SSM::Parameter::Value<String>", Default: /shop/url }
Mappings:
  Sizes:
    dev: { Redis: "6.2" }
    prod: { Redis: "7.1" }
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  NotProd: !Not [!Condition Prod]
  Odd: !Equals [!Ref "AWS::Region", x]
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties: { Engine: postgres, EngineVersion: !Ref PgVersion }
  Replica:
    Type: AWS::RDS::DBInstance
    Properties: { SourceDBInstanceIdentifier: !Ref Db }
  Group:
    Type: AWS::ElastiCache::ParameterGroup
    Properties: { CacheParameterGroupFamily: redis7 }
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties: { CacheParameterGroupName: !Ref Group }
  Other:
    Type: AWS::ElastiCache::CacheCluster
    Properties: { Engine: redis, EngineVersion: !FindInMap [Sizes, !Ref Stage, Redis] }
  DevOnly:
    Type: AWS::AmazonMQ::Broker
    Condition: NotProd
    Properties: { EngineType: RABBITMQ, EngineVersion: "3.13" }
  Maybe:
    Type: AWS::MSK::Cluster
    Condition: Odd
    Properties: { KafkaVersion: !ImportValue kafka }
  Jobs: { Type: "AWS::SQS::Queue" }
  Dead: { Type: "AWS::SQS::Queue" }
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Sub "shop-${Stage}"
      ContainerDefinitions:
        - Name: api
          Image: !Sub "acme/shop:${Stage}-1"
          Environment:
            - { Name: DB_HOST, Value: !GetAtt Db.Endpoint.Address }
            - { Name: STAGE, Value: !Ref Stage }
            - { Name: PASSWORD, Value: !Ref Password }
            - { Name: URL, Value: !Ref Url }
            - { Name: TOKEN, Value: "{{resolve:secretsmanager:shop}}" }
            - { Name: MODE, Value: !If [Prod, live, !Ref "AWS::NoValue"] }
            - !If [NotProd, { Name: DEBUG, Value: "1" }, !Ref "AWS::NoValue"]
          Secrets: [{ Name: KEY, ValueFrom: !Ref Password }]
"#;

#[test]
fn managed_services_with_their_versions() {
    let reading = read(TEMPLATE);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    assert_eq!(
        shown(&reading),
        [
            "Db postgresql 15.7 `\"15.7\"`",
            "Cache redis 7 `redis7`",
            "Other redis 7.0 `\"7.1\"`",
            "Maybe kafka ? `kafka`",
            "Jobs sqs ? `\"AWS::SQS::Queue\"`",
            "api - ? `\"acme/shop:${Stage}-1\"`",
        ]
    );
    assert!(reading.services[3].conditional.as_deref().is_some_and(|c| c.contains("`Odd`")));
    assert_eq!(reading.notes.len(), 2, "{:?}", reading.notes);
}

#[test]
fn the_environment_of_a_task() {
    let reading = read(TEMPLATE);
    let api = reading.services.iter().find(|s| s.name == "api").expect("api");
    let states: Vec<_> = api.environ.vars.iter().map(|v| format!("{} {}", v.key, v.value.state())).collect();
    let wanted = ["DB_HOST set", "KEY set", "MODE set", "PASSWORD unknown", "STAGE set", "TOKEN set", "URL set"];
    assert_eq!(states, wanted);
    assert_eq!(api.needs, ["Db"]);
    assert_eq!(api.aliases, ["shop-prod", "Task"]);
    assert_eq!(api.known_software().map(|s| s.text.as_str()), Some("acme/shop:prod-1"));
}

#[test]
fn parameters_that_are_given() {
    let parameters = r#"[{"ParameterKey": "PgVersion", "ParameterValue": "16.3"}]"#;
    let options = ReadOptions { var_files: vec!["prod.json".into()], ..ReadOptions::default() };
    let reading = read_all(&[("template.yaml", TEMPLATE), ("prod.json", parameters)], &options);
    assert_eq!(shown(&reading).first().map(String::as_str), Some("Db postgresql 16.3 `\"16.3\"`"));
    let sam = "[prod.deploy.parameters]\nparameter_overrides = \"PgVersion=14.2 Stage=prod\"\n";
    let reading = read_all(&[("template.yaml", TEMPLATE), ("samconfig.toml", sam)], &ReadOptions::default());
    assert_eq!(shown(&reading).first().map(String::as_str), Some("Db postgresql 14.2 `\"PgVersion=14.2 Stage=prod\"`"));
}

#[test]
fn functions_and_json() {
    let text = r#"{"Transform": "AWS::Serverless-2016-10-31",
      "Globals": {"Function": {"Runtime": "nodejs18.x", "Environment": {"Variables": {"A": "1", "B": "2"}}}},
      "Resources": {"Hello": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "hello/",
        "Environment": {"Variables": {"B": {"Fn::ImportValue": "x"}, "C": {"Fn::Sub": "${AWS::Region}"}}}}}}}"#;
    let reading = read_all(&[("app.template.json", text)], &ReadOptions::default());
    let function = reading.services.first().expect("a function");
    let states: Vec<_> = function.environ.vars.iter().map(|v| format!("{} {}", v.key, v.value.state())).collect();
    assert_eq!(states, ["A set", "B set", "C unknown"]);
    let runtime = reading.runtimes.first().expect("a runtime");
    assert_eq!((runtime.unit.as_str(), runtime.software.at.text()), ("hello", "\"nodejs18.x\""));
}

#[test]
fn nested_stacks() {
    let outer = "Resources:\n  Data:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./db.yaml\n      Parameters: { V: '8.0.35' }\n  Away:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: 'https://s3.amazonaws.com/x/y.yaml' }\n";
    let inner = "Parameters:\n  V: { Type: String }\nResources:\n  Db:\n    Type: AWS::RDS::DBCluster\n    Properties: { Engine: aurora-mysql, EngineVersion: !Ref V }\n";
    let files = [("infra/main.yaml", outer), ("infra/db.yaml", inner)];
    let reading = read_all(&files, &ReadOptions::default());
    assert_eq!(shown(&reading), ["Db mysql 8.0.35 `'8.0.35'`"]);
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(CloudFormation.parts("infra/main.yaml", &MemoryWorkspace::new(files)), ["infra/db.yaml"]);
    // A stack that takes in itself ends.
    let circle = "Resources:\n  Data:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: a.yaml }\n";
    assert_eq!(read_all(&[("a.yaml", circle)], &ReadOptions::default()).problems.len(), 1);
}

#[test]
fn hostile() {
    let circle =
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:\n  Q: { Type: AWS::SQS::Queue, Condition: A }\n";
    assert!(read(circle).services.first().is_some_and(|s| s.conditional.is_some()));
    for end in (0..TEMPLATE.len()).step_by(7).filter(|i| TEMPLATE.is_char_boundary(*i)) {
        read(&TEMPLATE[..end]);
    }
}

#[test]
fn claims() {
    let yes = |path: &str, head: &str| CloudFormation.may_claim(path) && CloudFormation.claims(path, head) != Claim::No;
    assert!(yes("infra/app.yaml", TEMPLATE) && !yes("infra/app.tf", TEMPLATE));
    assert!(!yes("template.yaml", "Resources:\n  - a\n  - b\n"));
    assert!(!yes("iam.yaml", "AWSTemplateFormatVersion: x\nResources:\n  R: { Type: AWS::IAM::Role }\n"));
    assert!(!yes("crd.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    AWS::RDS::DBInstance\nResources:\n"));
}

#[test]
fn containers_of_lightsail() {
    let reading = read(
        "Resources:\n  Shop:\n    Type: AWS::Lightsail::Container\n    Properties:\n      ServiceName: shop\n      ContainerServiceDeployment:\n        Containers:\n          - ContainerName: web\n            Image: acme/shop:1.2\n            Ports: [{ Port: \"8080\", Protocol: HTTP }]\n            Environment: [{ Variable: MODE, Value: prod }, { Value: lost }]\n          - { ContainerName: cache, Image: \"redis:7.2\" }\n",
    );
    assert_eq!(shown(&reading), ["web - 1.2 `acme/shop:1.2`", "cache redis 7.2 `\"redis:7.2\"`"]);
    let web = &reading.services[0];
    assert_eq!(web.aliases, ["shop", "Shop"]);
    assert_eq!(web.ports.first().and_then(|p| p.value.known()), Some(&8080));
    assert_eq!((web.environ.vars.len(), web.environ.unlisted.len()), (1, 1));
}

#[test]
fn what_names_itself_over_and_over_ends_at_a_limit() {
    let last = "  D:\n    Type: AWS::RDS::DBInstance\n    Condition: C0\n    Properties: {Engine: postgres, EngineVersion: !FindInMap [m, k0, s]}\n";
    let conditions: String = (0..25)
        .map(|i| {
            format!(
                "  C{i}: !And [{}]\n",
                vec![format!("Condition: C{}", i + 1); 10].iter().map(|c| format!("{{{c}}}")).collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    let maps: String =
        (0..25).map(|i| format!("    k{i}:\n      s: [{}]\n", vec![format!("!FindInMap [m, k{}, s]", i + 1); 4].join(", "))).collect();
    let text = format!(
        "Parameters:\n  P: {{Type: String}}\nConditions:\n{conditions}  C25: !Equals [!Ref P, x]\nMappings:\n  m:\n{maps}    k25: {{s: '15'}}\nResources:\n{last}"
    );
    let reading = read(&text);
    assert!(reading.problems.iter().any(|p| p.message.contains("steps to resolve")), "{:?}", reading.problems);
    assert!(reading.services.iter().all(|s| s.conditional.is_some()));

    let long = format!(
        "Parameters:\n  P: {{Type: String, Default: {}}}\nResources:\n  D:\n    Type: AWS::RDS::DBInstance\n    Properties: {{Engine: postgres, EngineVersion: !Sub '{}'}}\n",
        "x".repeat(100_000),
        "${P}".repeat(10)
    );
    let reading = read(&long);
    assert!(reading.services.iter().all(|s| s.known_software().is_some_and(|s| s.version.number().is_none())));
}

#[test]
fn what_a_macro_makes_is_said() {
    let text = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Queues:\n    - Name\n    - [a, b]\n    - Queue${Name}: {Type: AWS::SQS::Queue}\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties: {Engine: postgres}\n";
    let reading = read(text);
    assert_eq!(reading.services.len(), 1);
    assert!(reading.problems.iter().any(|p| p.message.contains("`Fn::ForEach::Queues`")), "{:?}", reading.problems);
}
