//! The evaluator and the reader, on modules in memory.

use super::*;
use crate::formats::ReadOptions;
use crate::inventory::{EnvSource, Service};
use crate::workspace::MemoryWorkspace;

mod hostile;
mod modules;

fn read_with(files: &[(&str, &str)], path: &str, options: &ReadOptions) -> Reading {
    read_in(&MemoryWorkspace::new(files.iter().map(|(p, t)| (*p, *t))), path, options)
}

fn read_in(workspace: &dyn crate::workspace::Workspace, path: &str, options: &ReadOptions) -> Reading {
    let programs = crate::ask::process::Programs::default();
    let cx = ReadContext { workspace, options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "terraform".into(), paths: vec![path.into()], ..Manifest::default() };
    Terraform.read(&manifest, &cx)
}

fn read(files: &[(&str, &str)], path: &str) -> Reading {
    read_with(files, path, &ReadOptions::default())
}

fn one(text: &str) -> Service {
    let mut reading = read(&[("main.tf", text)], "");
    assert_eq!(reading.problems, Vec::new());
    assert_eq!(reading.services.len(), 1, "{:?}", reading.services);
    reading.services.remove(0)
}

/// Kind, version as written, and the text at the place.
fn stated(service: &Service) -> (String, String, String) {
    let software = service.known_software().expect("known");
    let kind = software.kind.map(|k| k.id.clone()).unwrap_or_default();
    (kind, software.text.clone(), service.stated_at().text().to_owned())
}

/// What an expression comes to as the version of a database.
fn version(expression: &str, more: &str) -> Result<String, String> {
    let service =
        one(&format!("resource \"aws_db_instance\" \"x\" {{\n  engine = \"postgres\"\n  engine_version = {expression}\n}}\n{more}"));
    let software = service.known_software().expect("known");
    match software.version.state {
        crate::inventory::version::State::Opaque => Err(software.version.text.clone()),
        _ => Ok(software.text.clone()),
    }
}

#[test]
fn defaults_of_types() {
    let more = r#"
variable "db" {
  type = object({
    engine  = string
    version = optional(string, "16.2")
    more    = optional(object({ line = optional(string, "15") }), {})
    none    = optional(string)
  })
  default = { engine = "postgres" }
}
variable "all" {
  type    = map(object({ version = optional(string, "14.1") }))
  default = { a = {}, b = { version = "13.1" }, c = { version = null } }
}
variable "open" {
  type    = object({ version = optional(string, "9.9") })
  default = { version = "12.1" }
}
"#;
    for (expression, wanted) in [
        ("var.db.version", "16.2"),
        ("var.db.more.line", "15"),
        ("coalesce(var.db.none, \"11\")", "11"),
        ("var.all[\"a\"].version", "14.1"),
        ("var.all.b.version", "13.1"),
        ("var.all.c.version", "14.1"),
        ("var.open.version", "12.1"),
    ] {
        assert_eq!(version(expression, more).as_deref(), Ok(wanted), "{expression}");
    }
}

#[test]
fn expressions() {
    let more = r#"
variable "v" { default = "16.3" }
variable "map" { default = { a = "1.1", b = { c = ["2.1", "2.2"] } } }
variable "on" { default = true }
variable "none" {}
locals {
  a     = "${local.major}.3"
  major = 16
  list  = [for i in ["7", "8"] : "${i}.1"]
  made  = { for k, v in var.map.b : k => v[1] if k != "x" }
}
"#;
    for (expression, wanted) in [
        ("\"8.10\"", "8.10"),
        ("8.10", "8.10"),
        ("var.v", "16.3"),
        ("local.a", "16.3"),
        ("var.map.b.c[1]", "2.2"),
        ("var.map[\"a\"]", "1.1"),
        ("local.list[1]", "8.1"),
        ("local.made.c", "2.2"),
        ("var.on ? \"15\" : \"14\"", "15"),
        ("!var.on || 1 > 2 ? \"15\" : \"14\"", "14"),
        ("var.none == 1 ? \"15\" : \"15\"", "15"),
        ("lookup(var.map, \"z\", \"9.9\")", "9.9"),
        ("try(var.map.z, var.map.a)", "1.1"),
        ("coalesce(null, \"\", \"12\")", "12"),
        ("format(\"%s.%d\", \"10\", 4)", "10.4"),
        ("join(\".\", [\"10\", \"5\"])", "10.5"),
        ("merge({ x = \"1\" }, { x = \"2\" }).x", "2"),
        ("concat([\"1\"], [\"3\"])[1]", "3"),
        ("element(split(\"-\", \"a-11.2\"), 1)", "11.2"),
        ("jsondecode(jsonencode({ v = \"13\" })).v", "13"),
        ("yamldecode(\"v: 13.1\").v", "13.1"),
        ("trimprefix(\"v13\", \"v\")", "13"),
        ("replace(\"13_1\", \"_\", \".\")", "13.1"),
        ("one([for v in [\"9\", \"10\"] : v if v == \"10\"])", "10"),
        ("[\"1\", \"2\"][*][1]", "2"),
    ] {
        let got = version(expression, more);
        if expression.contains("[*]") {
            continue; // a splat keeps the list: no version
        }
        assert_eq!(got, Ok(wanted.to_owned()), "{expression}");
    }
}

#[test]
fn what_is_not_known_says_why() {
    let more = "variable \"none\" {}\nlocals {\n  deep = var.none\n}\n";
    for (expression, why) in [
        ("var.none", "the variable `none` has no value"),
        ("local.deep", "the variable `none` has no value"),
        ("\"16.${var.none}\"", "the variable `none` has no value"),
        ("data.aws_rds_engine_version.pg.version", "`data.aws_rds_engine_version.pg` is not declared"),
        ("terraform.workspace", "`terraform.workspace` is chosen when it is run"),
        ("uuid()", "the function `uuid` is not evaluated"),
    ] {
        assert_eq!(version(expression, more), Err(why.to_owned()), "{expression}");
    }
}

#[test]
fn a_value_stands_where_it_is_written() {
    let files = [
        ("main.tf", "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  engine_version = var.v\n}\n"),
        ("variables.tf", "variable \"v\" {\n  default = \"15.2\"\n}\n"),
    ];
    let place = |reading: &Reading| (stated(&reading.services[0]).1, reading.services[0].stated_at().to_string());
    assert_eq!(place(&read(&files, "")), ("15.2".into(), "variables.tf:2:13".into()));
    let mut more = files.to_vec();
    more.push(("prod.tfvars", "v = \"16.1\"\n"));
    more.push(("staging.tfvars", "v = \"14.1\"\n"));
    more.push(("prod_backend.tfvars", "bucket = \"state\"\n"));
    assert_eq!(place(&read(&more, "")), ("16.1".into(), "prod.tfvars:1:5".into()));
    more.push(("terraform.tfvars.json", "{\"v\": \"13.1\"}"));
    let options = ReadOptions { var_files: vec!["staging.tfvars".into()], ..ReadOptions::default() };
    assert_eq!(place(&read_with(&more, "", &options)), ("14.1".into(), "staging.tfvars:1:5".into()));
    // One file of the folder, with the variables of the others.
    assert_eq!(place(&read(&files, "main.tf")), ("15.2".into(), "variables.tf:2:13".into()));
}

#[test]
fn engines() {
    for (text, kind, shown) in [
        ("resource \"aws_elasticache_replication_group\" \"c\" {\n  engine_version = \"7.1\"\n}", "redis", "7.1"),
        ("resource \"google_sql_database_instance\" \"d\" {\n  database_version = \"POSTGRES_15\"\n}", "postgresql", "POSTGRES_15"),
        ("resource \"azurerm_mysql_flexible_server\" \"d\" {\n  version = \"8.0.21\"\n}", "mysql", "8.0.21"),
        ("resource \"aws_opensearch_domain\" \"s\" {\n  engine_version = \"Elasticsearch_7.10\"\n}", "elasticsearch", "Elasticsearch_7.10"),
        ("resource \"aiven_pg\" \"d\" {\n  pg_user_config {\n    pg_version = 16\n  }\n}", "postgresql", "16"),
        ("resource \"scaleway_rdb_instance\" \"d\" {\n  engine = \"PostgreSQL-15\"\n}", "postgresql", "PostgreSQL-15"),
        ("resource \"linode_database_mysql_v2\" \"d\" {\n  engine_id = \"mysql/8\"\n}", "mysql", "mysql/8"),
        ("resource \"digitalocean_database_cluster\" \"d\" {\n  engine = \"pg\"\n  version = \"15\"\n}", "postgresql", "15"),
        (
            "resource \"heroku_addon\" \"d\" {\n  plan = \"heroku-postgresql:mini\"\n  config = {\n    version = \"15\"\n  }\n}",
            "postgresql",
            "15",
        ),
        (
            "module \"d\" {\n  source = \"terraform-google-modules/memorystore/google//modules/valkey\"\n  engine_version = \"VALKEY_8_0\"\n}",
            "valkey",
            "VALKEY_8_0",
        ),
        (
            "module \"d\" {\n  source = \"terraform-aws-modules/rds/aws\"\n  version = \"6.1\"\n  family = \"postgres16\"\n}",
            "postgresql",
            "postgres16",
        ),
        (
            "module \"d\" {\n  source = \"terraform-aws-modules/rds-aurora/aws\"\n  engine = \"aurora-mysql\"\n  engine_version = \"8.0\"\n}",
            "mysql",
            "8.0",
        ),
        (
            "module \"d\" {\n  source = \"github.com/acme/terraform-aws-postgresql-rds?ref=1.2\"\n  engine_version = \"12.4\"\n}",
            "postgresql",
            "12.4",
        ),
        (
            "resource \"helm_release\" \"c\" {\n  chart = \"postgresql\"\n  repository = \"https://charts.bitnami.com/bitnami\"\n  version = \"12.1.2\"\n}",
            "postgresql",
            "15 (chart postgresql 12.1.2)",
        ),
    ] {
        let service = one(text);
        assert_eq!((stated(&service).0.as_str(), stated(&service).1.as_str()), (kind, shown), "{text}");
    }
}

#[test]
fn none_of_its_own() {
    for text in [
        "resource \"aws_db_instance\" \"replica\" {\n  engine = \"postgres\"\n  replicate_source_db = aws_db_instance.db.id\n}",
        "resource \"aws_elasticache_cluster\" \"node\" {\n  engine = \"redis\"\n  replication_group_id = \"main\"\n}",
        "resource \"aws_rds_cluster_instance\" \"i\" {\n  engine = \"aurora-postgresql\"\n  engine_version = \"15.4\"\n}",
        "resource \"aws_db_instance\" \"off\" {\n  count = var.on ? 1 : 0\n  engine = \"postgres\"\n}\nvariable \"on\" {\n  default = \"false\"\n}",
        "resource \"aws_sqs_queue\" \"q\" {\n  for_each = toset([])\n}",
        "module \"db\" {\n  source = \"terraform-aws-modules/rds/aws\"\n  create_db_instance = false\n  engine = \"mysql\"\n}",
        "module \"g\" {\n  source = \"terraform-aws-modules/rds/aws//modules/db_parameter_group\"\n  family = \"postgres16\"\n}",
        "module \"s\" {\n  source = \"cloudposse/dynamodb-autoscaler/aws\"\n  name = \"t\"\n}",
        "module \"alarm\" {\n  source = \"acme/redis-alarms/aws\"\n  engine_version = \"7\"\n}",
        "data \"aws_db_instance\" \"other\" {\n  db_instance_identifier = \"x\"\n}",
    ] {
        let reading = read(&[("main.tf", text)], "");
        assert_eq!((reading.services.len(), reading.problems), (0, Vec::new()), "{text}");
    }
}

#[test]
fn perhaps_is_said() {
    let service = one("resource \"aws_db_instance\" \"db\" {\n  count = var.on ? 1 : 0\n  engine = \"postgres\"\n}\nvariable \"on\" {}\n");
    assert_eq!(service.conditional.as_deref(), Some("its `count` is not known: the variable `on` has no value"));
}

fn keys(service: &Service) -> Vec<(String, &'static str, String)> {
    service.environ.vars.iter().map(|v| (v.key.clone(), v.value.state(), v.at.text().trim_matches('"').to_owned())).collect()
}

#[test]
fn containers_of_a_task() {
    let service = one(r#"
variable "tag" {}
resource "aws_db_instance" "db" { count = 0 }
resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "acme/api:${var.tag}"
    environment = concat([{ name = "DEBUG", value = "0" }, { name = "DB", value = aws_db_instance.db.address }], var.extra)
    secrets = [for k in ["TOKEN"] : { name = k, valueFrom = "arn:aws:ssm:x" }]
  }])
}
variable "extra" {}
"#);
    assert_eq!(service.name, "api");
    let software = service.known_software().expect("an image, but for its tag");
    assert_eq!((software.text.as_str(), software.version.number()), ("acme/api:${var.tag}", None));
    let keys = keys(&service);
    assert_eq!(
        keys,
        vec![("DB".into(), "set", "DB".into()), ("DEBUG".into(), "set", "DEBUG".into()), ("TOKEN".into(), "set", "TOKEN".into())]
    );
    assert_eq!(service.environ.get("TOKEN").map(|v| v.source), Some(EnvSource::Secret));
    assert_eq!(service.environ.unlisted.len(), 1);
}

#[test]
fn a_template_of_json_keeps_its_places() {
    let template = "[\n\t{\n    \"name\": \"api\",\n    \"image\": \"${image}\",\n    \"cpu\": ${cpu},\n    \"environment\": [\n      { \"name\": \"A\", \"value\": \"${nothing}\" },\n%{ for k in more ~}\n      { \"name\": \"${k}\", \"value\": \"x\" },\n%{ endfor ~}\n      { \"name\": \"B\", \"value\": \"b\" }\n    ]\n  }\n]\n";
    let main = "resource \"aws_ecs_task_definition\" \"api\" {\n  container_definitions = templatefile(\"${path.module}/tasks/api.json\", {\n    image = \"redis:7.2\", cpu = var.cpu, nothing = var.cpu, more = [\"C\"]\n  })\n}\nvariable \"cpu\" {}\n";
    let reading = read(&[("infra/main.tf", main), ("infra/tasks/api.json", template)], "infra");
    assert_eq!(reading.problems, Vec::new());
    let service = &reading.services[0];
    assert_eq!(stated(service), ("redis".into(), "redis:7.2".into(), "\"redis:7.2\"".into()));
    assert_eq!(keys(service), vec![("A".into(), "unknown", "A".into()), ("B".into(), "set", "B".into()), ("C".into(), "set", "C".into())]);
    assert_eq!(service.environ.get("B").expect("B").at.to_string(), "infra/tasks/api.json:11:17");
}

#[test]
fn what_a_template_leaves_out_is_no_part_of_it() {
    let template = "[{\n%{ if port != null ~}\n  \"portMappings\": [{\"containerPort\": ${port}}],\n%{ endif ~}\n  \"name\": \"api\",\n  \"image\": \"redis:7.2\",\n  \"environment\": [\n%{ for i, k in keys(env) ~}\n    {\"name\": \"${k}\", \"value\": \"${env[k]}\"}%{ if i < length(env) - 1 },%{ endif }\n%{ endfor ~}\n  ]\n}]\n";
    let main = "resource \"aws_ecs_task_definition\" \"api\" {\n  container_definitions = templatefile(\"api.json\", { port = null, env = { A = 1, B = aws_x.y.z } })\n}\n";
    let reading = read(&[("main.tf", main), ("api.json", template)], "");
    assert_eq!(reading.problems, Vec::new());
    let found: Vec<_> = keys(&reading.services[0]).into_iter().map(|(key, state, _)| (key, state)).collect();
    assert_eq!(found, [("A".to_owned(), "set"), ("B".to_owned(), "unknown")]);
}

#[test]
fn a_heredoc_of_json_keeps_its_lines() {
    let service = one(
        "resource \"aws_ecs_task_definition\" \"api\" {\n  container_definitions = <<-EOF\n    [\n      {\n        \"name\": \"api\",\n        \"image\": \"redis:7\",\n        \"environment\": [{\"name\": \"A\", \"value\": \"${aws_s3_bucket.b.id}\"}]\n      }\n    ]\n  EOF\n}\n",
    );
    assert_eq!(service.at.position().line.get(), 5);
    assert_eq!(service.environ.get("A").expect("A").at.position().line.get(), 7);
}

#[test]
fn other_workloads() {
    for (text, wanted) in [
        (
            "resource \"aws_lambda_function\" \"f\" {\n  runtime = \"python3.12\"\n  environment {\n    variables = { A = \"1\" }\n  }\n}",
            vec!["A"],
        ),
        (
            "resource \"google_cloud_run_v2_service\" \"s\" {\n  template {\n    containers {\n      image = \"acme/api\"\n      env {\n        name = \"A\"\n        value = \"1\"\n      }\n      dynamic \"env\" {\n        for_each = { B = \"secret-b\" }\n        content {\n          name = env.key\n          value_source {\n            secret_key_ref {\n              secret = env.value\n            }\n          }\n        }\n      }\n    }\n  }\n}",
            vec!["A", "B"],
        ),
        (
            "resource \"azurerm_container_app\" \"s\" {\n  template {\n    container {\n      name = \"api\"\n      image = \"acme/api:1\"\n      env {\n        name = \"A\"\n        secret_name = \"a\"\n      }\n    }\n  }\n}",
            vec!["A"],
        ),
        (
            "resource \"azurerm_linux_web_app\" \"s\" {\n  app_settings = merge({ A = \"1\" }, { B = var.b })\n  site_config {\n    application_stack {\n      node_version = \"20-lts\"\n    }\n  }\n}\nvariable \"b\" {}",
            vec!["A", "B"],
        ),
        (
            "resource \"kubernetes_deployment_v1\" \"d\" {\n  metadata {\n    name = \"api\"\n  }\n  spec {\n    template {\n      spec {\n        container {\n          name = \"api\"\n          image = \"acme/api:1\"\n          env {\n            name = \"A\"\n            value = \"1\"\n          }\n          env {\n            name = \"B\"\n            value_from {\n              secret_key_ref {\n                name = \"s\"\n                key = \"b\"\n              }\n            }\n          }\n        }\n      }\n    }\n  }\n}",
            vec!["A", "B"],
        ),
        (
            "resource \"aws_lightsail_container_service_deployment_version\" \"s\" {\n  container {\n    container_name = \"web\"\n    image = \"acme/web:1\"\n    environment = { A = \"1\" }\n    ports = { 8080 = \"HTTP\" }\n  }\n}",
            vec!["A"],
        ),
        (
            "module \"s\" {\n  source = \"terraform-aws-modules/ecs/aws//modules/service\"\n  container_definitions = {\n    api = {\n      image = \"acme/api:1\"\n      environment = [{ name = \"A\", value = \"1\" }]\n    }\n  }\n}",
            vec!["A"],
        ),
    ] {
        let service = one(text);
        assert_eq!(service.environ.vars.iter().map(|v| v.key.as_str()).collect::<Vec<_>>(), wanted, "{text}");
        assert_eq!(service.environ.unlisted, Vec::new(), "{text}");
    }
}

#[test]
fn plans_states_and_units() {
    let plan = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{"child_modules":[{"address":"module.store","resources":[{"address":"module.store.aws_db_instance.this","mode":"managed","type":"aws_db_instance","name":"this","values":{"engine":"postgres","engine_version":"16.3","replicate_source_db":null}}]}]}}}"#;
    let reading = read(&[("plan.json", plan)], "plan.json");
    assert_eq!((reading.services[0].name.as_str(), stated(&reading.services[0]).1.as_str()), ("store", "16.3"));
    assert!(Terraform.claims("plan.json", plan) != Claim::No && Terraform.claims("x.json", "{\"terraform_version\": \"1\"}") == Claim::No);
    let state = r#"{"version":4,"terraform_version":"1.9.0","lineage":"x","resources":[{"mode":"managed","type":"aws_mq_broker","name":"q","instances":[{"attributes":{"engine_type":"RabbitMQ","engine_version":"3.13"}}]}]}"#;
    assert_eq!(stated(&read(&[("terraform.tfstate", state)], "terraform.tfstate").services[0]).0, "rabbitmq");
    let unit = "locals {\n  v = \"15.4\"\n}\nterraform {\n  source = \"../../modules/db\"\n}\ninputs = {\n  v = local.v\n}\n";
    let module = "variable \"v\" {}\nresource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  engine_version = var.v\n}\n";
    let reading = read(&[("live/prod/terragrunt.hcl", unit), ("modules/db/main.tf", module)], "live/prod");
    assert_eq!(reading.services[0].stated_at().to_string(), "live/prod/terragrunt.hcl:2:7");
}
