//! Modules from registries and other repositories → the service that their inputs describe. Their own version is never the
//! software's.
//!
//! Sources: each module's inputs (registry.terraform.io, github.com).

use std::rc::Rc;

use super::engines::{self, Engine, Row};
use super::names::{Instance, World, source_of};
use super::resource::Resource;
use super::source::Item;
use super::value::{as_bool, list, map, settled, text};
use super::workloads;
use crate::document::{Entry, Node};
use crate::inventory::Service;

use Engine::{At, Is, Prefix};

const EV: &[&str] = &["engine_version"];
const DB: &[&str] = &["database_version"];
const NAME: &[&str] = &["name"];
const NONE: &[&str] = &[];

/// What a source contains, and the row; the first that fits.
static MODULES: &[Row] = &[
    ("terraform-aws-modules/rds-aurora/aws//modules/dsql", Is("dsql:postgres"), NONE, NAME, NONE),
    ("terraform-aws-modules/rds-aurora", At("rds", "engine", ""), EV, NAME, &["replication_source_identifier"]),
    ("terraform-aws-modules/rds-proxy", Is(""), NONE, NONE, NONE),
    // What a database takes beside it is none.
    ("terraform-aws-modules/rds/aws//modules/db_parameter_group", Is(""), NONE, NONE, NONE),
    ("terraform-aws-modules/rds/aws//modules/db_option_group", Is(""), NONE, NONE, NONE),
    ("terraform-aws-modules/rds/aws//modules/db_subnet_group", Is(""), NONE, NONE, NONE),
    (
        "terraform-aws-modules/rds",
        At("rds", "engine", ""),
        &["engine_version", "major_engine_version"],
        &["identifier"],
        &["replicate_source_db"],
    ),
    (
        "terraform-aws-modules/elasticache/aws//modules/serverless-cache",
        At("elasticache", "engine", "redis"),
        &["major_engine_version"],
        NAME,
        NONE,
    ),
    ("terraform-aws-modules/elasticache/aws//modules/user-group", Is(""), NONE, NONE, NONE),
    ("terraform-aws-modules/elasticache", At("elasticache", "engine", "redis"), EV, &["replication_group_id", "cluster_id"], NONE),
    ("terraform-aws-modules/memory-db", At("memorydb", "engine", "redis"), EV, NAME, NONE),
    ("terraform-aws-modules/msk-kafka-cluster", Is("msk:kafka"), &["kafka_version"], NAME, NONE),
    ("terraform-aws-modules/opensearch", Is("opensearch:opensearch"), EV, &["domain_name"], NONE),
    ("terraform-aws-modules/s3-bucket/aws//modules/", Is(""), NONE, NONE, NONE),
    ("terraform-aws-modules/s3-bucket", Is("s3"), NONE, &["bucket"], NONE),
    ("terraform-aws-modules/sqs", Is("sqs"), NONE, NAME, NONE),
    ("terraform-aws-modules/sns", Is("sns"), NONE, NAME, NONE),
    ("terraform-aws-modules/dynamodb-table", Is("dynamodb"), NONE, NAME, NONE),
    ("cloudposse/rds-cluster", At("rds", "engine", "aurora-mysql"), EV, NAME, NONE),
    ("cloudposse/rds/", At("rds", "engine", ""), EV, NAME, NONE),
    ("cloudposse/elasticache-redis", At("elasticache", "engine", "redis"), EV, NAME, NONE),
    ("cloudposse/elasticache-memcached", Is("elasticache:memcached"), EV, NAME, NONE),
    ("cloudposse/documentdb-cluster", Is("docdb"), EV, NAME, NONE),
    ("cloudposse/mq-broker", At("mq", "engine_type", ""), EV, NAME, NONE),
    ("cloudposse/msk-apache-kafka-cluster", Is("msk:kafka"), &["kafka_version"], NAME, NONE),
    ("cloudposse/elasticsearch", Is("es:elasticsearch"), &["elasticsearch_version"], NAME, NONE),
    ("cloudposse/s3-bucket", Is("s3"), NONE, NAME, NONE),
    ("cloudposse/dynamodb-autoscaler", Is(""), NONE, NONE, NONE),
    ("cloudposse/dynamodb", Is("dynamodb"), NONE, NAME, NONE),
    ("sql-db/google//modules/postgresql", Prefix("gcp", "postgres"), DB, NAME, NONE),
    ("sql-db/google//modules/mysql", Prefix("gcp", "mysql"), DB, NAME, NONE),
    ("sql-db/google//modules/safer_mysql", Prefix("gcp", "mysql"), DB, NAME, NONE),
    ("sql-db/google//modules/mssql", Prefix("gcp", "sqlserver"), DB, NAME, NONE),
    ("memorystore/google//modules/memcache", Is("gcp:memcached"), &["memcache_version"], NAME, NONE),
    ("memorystore/google//modules/valkey", Is("gcp:valkey"), &["engine_version"], &["instance_id"], NONE),
    ("memorystore/google//modules/backup", Is(""), NONE, NONE, NONE),
    ("memorystore/google", Is("gcp:redis"), &["redis_version"], NAME, NONE),
    ("alloy-db/google", Is("gcp:postgres"), DB, &["cluster_id"], NONE),
    ("cloud-storage/google", Is("gcs"), NONE, NAME, NONE),
    ("pubsub/google", Is("pubsub"), NONE, &["topic"], NONE),
    ("avm-res-dbforpostgresql-flexibleserver", Is("azure:postgresql"), &["server_version"], NAME, NONE),
    ("avm-res-dbformysql-flexibleserver", Is("azure:mysql"), &["mysql_version"], NAME, NONE),
    ("avm-res-cache-redis", Is("azure:redis"), &["redis_version"], NAME, NONE),
    ("avm-res-documentdb-databaseaccount", Is("cosmosdb"), &["mongo_server_version"], NAME, NONE),
    ("avm-res-documentdb-mongocluster", Is("cosmos-mongo"), &["server_version"], NAME, NONE),
    ("avm-res-servicebus-namespace", Is("servicebus"), NONE, NAME, NONE),
    ("avm-res-eventhub-namespace", Is("eventhubs:kafka"), NONE, NAME, NONE),
    ("avm-res-storage-storageaccount", Is("azure-storage"), NONE, NAME, NONE),
    ("avm-res-sql-server", Is("azure:mssql"), NONE, NAME, NONE),
    ("Azure/postgresql", Is("azure:postgresql"), &["server_version"], &["server_name"], NONE),
];

/// Last words of a source that name the software by themselves, for modules that are in no list.
const WORDS: [(&str, &str); 16] = [
    ("postgres", "postgres"),
    ("postgresql", "postgres"),
    ("mysql", "mysql"),
    ("mariadb", "mariadb"),
    ("redis", "redis"),
    ("valkey", "valkey"),
    ("memcached", "memcached"),
    ("mongodb", "mongodb"),
    ("rabbitmq", "rabbitmq"),
    ("kafka", "kafka"),
    ("opensearch", "opensearch"),
    ("elasticsearch", "elasticsearch"),
    ("documentdb", "docdb"),
    ("elasticache", ""),
    ("aurora", ""),
    ("rds", ""),
];

/// Arguments that state the version of software.
const VERSIONS: &[&str] =
    &["engine_version", "server_version", "database_version", "postgres_version", "postgresql_version", "redis_version", "mysql_version"];

/// Is an input known to be this?
fn is(resource: &Resource, key: &str, wanted: bool) -> bool {
    resource.get(&[key]).is_some_and(|n| as_bool(n) == Ok(wanted))
}

/// The service of a module from elsewhere, if it is one.
pub(super) fn service(resource: &Resource) -> Option<Service> {
    const SWITCHES: [&str; 8] = [
        "create",
        "enabled",
        "create_db_instance",
        "create_cluster",
        "create_bucket",
        "create_table",
        "create_replication_group",
        "create_topic",
    ];
    let is = |key, wanted| is(resource, key, wanted);
    let source = plain(&resource.kind);
    // A cluster alone is one that is no replication group.
    let either = source.contains("terraform-aws-modules/elasticache") && !source.contains("//modules/");
    let off = if either {
        is("create", false) || (is("create_replication_group", false) && !is("create_cluster", true))
    } else {
        SWITCHES.iter().any(|key| is(key, false))
    };
    if off {
        return None;
    }
    if let Some(row) = MODULES.iter().find(|row| source.contains(row.0)) {
        return if matches!(row.1, Is("")) { None } else { engines::service(resource, row) };
    }
    guess(resource, &source)
}

/// Without host, `git::`, `?ref=`: what names the module.
fn plain(source: &str) -> String {
    let source = source.split('?').next().unwrap_or(source);
    let source = source.strip_prefix("tfr://").unwrap_or(source).trim_start_matches('/');
    // On GitHub a module's repository is called terraform-PROVIDER-NAME.
    match source.rsplit_once("/terraform-") {
        Some((owner, name)) if owner.contains("github.com") => {
            let owner = owner.rsplit(['/', ':']).next().unwrap_or(owner);
            let (repository, rest) = name.split_once("//").map_or((name, ""), |(r, rest)| (r, rest));
            let (provider, name) = repository.trim_end_matches(".git").split_once('-').unwrap_or(("", repository));
            let rest = if rest.is_empty() { String::new() } else { format!("//{rest}") };
            format!("{owner}/{name}/{provider}{rest}")
        }
        _ => format!("{source}/").replace("//", "\u{0}").trim_end_matches('/').replace('\u{0}', "//"),
    }
}

/// A module that is in no list: it says that it is of a kind by its name and its inputs.
fn guess(resource: &Resource, source: &str) -> Option<Service> {
    const NOT: [&str; 18] = [
        "alarm",
        "alarms",
        "alert",
        "backup",
        "bastion",
        "dashboard",
        "group",
        "iam",
        "monitoring",
        "parameter",
        "policy",
        "proxy",
        "role",
        "secret",
        "secrets",
        "security",
        "subnet",
        "user",
    ];
    let name = source.trim_end_matches(['/']).rsplit("//").next().unwrap_or(source);
    let parts: Vec<&str> =
        name.split('/').filter(|p| !p.is_empty() && !matches!(*p, "aws" | "google" | "azurerm" | "azure" | "modules")).collect();
    let words: Vec<&str> = parts.last()?.split(['-', '_', '.']).collect();
    if words.iter().any(|w| NOT.contains(w)) {
        return None;
    }
    let (word, engine) = WORDS.iter().find(|(word, _)| words.contains(word))?;
    let says = resource.get(&["engine"]).is_some() || VERSIONS.iter().any(|v| resource.get(&[v]).is_some());
    if !says && words.as_slice() != [*word] {
        return None;
    }
    let of = if *engine == "docdb" { "docdb" } else { "module" };
    let default: &'static str = engine;
    let row: Row = ("", At(of, "engine", default), VERSIONS, NAME, &["replicate_source_db"]);
    engines::service(resource, &row).map(engines::guessed)
}

/// An output of a module from elsewhere that is made of its inputs alone: a container's definition.
pub(super) fn output(world: &World<'_>, of: &Rc<Instance>, item: &Rc<Item>, names: &[(String, Node)], output: &str) -> Option<Node> {
    let source = plain(source_of(item)?);
    if !source.contains("container-definition") || !source.starts_with("cloudposse") {
        return None;
    }
    let at = item.heading();
    let body = world.with_names(of, item, names, |here| world.body(item.body(), here, &at));
    let mut entries = Vec::new();
    let rename = [
        ("container_name", "name"),
        ("container_image", "image"),
        ("environment", "environment"),
        ("secrets", "secrets"),
        ("command", "command"),
        ("entrypoint", "entryPoint"),
        ("port_mappings", "portMappings"),
        ("environment_files", "environmentFiles"),
        ("stop_timeout", "stopTimeout"),
        ("healthcheck", "healthCheck"),
    ];
    for (from, to) in rename {
        if let Some(entry) = body.entry(from) {
            entries.push(Entry { key: text(to, &entry.key.at), value: entry.value.clone() });
        }
    }
    for (from, to) in [("map_environment", "environment"), ("map_secrets", "secrets")] {
        if let Some(entry) = body.entry(from) {
            entries.push(Entry { key: text(to, &entry.key.at), value: entry.value.clone() });
        }
    }
    let one = map(entries, &at);
    match output {
        "json_map_encoded" | "sensitive_json_map_encoded" => Some(super::value::json(one, &at)),
        "json_map_encoded_list" | "sensitive_json_map_encoded_list" => Some(super::value::json(list(vec![one], &at), &at)),
        "json_map_object" | "sensitive_json_map_object" => Some(one),
        _ => None,
    }
}

/// Does a source name a module that is read?
pub(super) fn names(source: &str) -> bool {
    let source = plain(source);
    let named = MODULES.iter().any(|row| source.contains(row.0) && !matches!(row.1, Is("")));
    let last = source.rsplit(['/', ':']).find(|p| !matches!(*p, "aws" | "google" | "azurerm" | "azure" | "")).unwrap_or("");
    named || runs(&source).is_some() || last.split(['-', '_', '.']).any(|w| WORDS.iter().any(|(word, _)| *word == w))
}

/// How a module runs the app.
enum Runs {
    /// An ECS service: `container_definitions` is a mapping or a list.
    Ecs,
    /// A Lambda function.
    Lambda,
    /// An App Runner service.
    AppRunner,
}

fn runs(source: &str) -> Option<Runs> {
    if source.contains("terraform-aws-modules/ecs/aws//modules/service")
        || source.contains("terraform-aws-modules/ecs/aws//modules/container-definition")
    {
        Some(Runs::Ecs)
    } else if source.contains("terraform-aws-modules/lambda/aws") && !source.contains("//modules/") {
        Some(Runs::Lambda)
    } else if source.contains("terraform-aws-modules/app-runner") {
        Some(Runs::AppRunner)
    } else {
        None
    }
}

/// Reads a module that runs the app; says whether it is one.
pub(super) fn workload(resource: &Resource, reading: &mut crate::formats::Reading) -> bool {
    let first = reading.services.len();
    match runs(&plain(&resource.kind)) {
        Some(Runs::Ecs) => {
            if ["create", "create_service"].iter().any(|key| is(resource, key, false)) {
                return true;
            }
            if plain(&resource.kind).contains("//modules/container-definition") {
                let one = list(vec![resource.body.clone()], &resource.at);
                workloads::containers(resource, &settled(one), reading);
            } else if let Some(list) = resource.get(&["container_definitions"]) {
                workloads::containers(resource, &settled(list.clone()), reading);
            }
        }
        Some(Runs::Lambda) => {
            if ["create", "create_function"].iter().any(|key| is(resource, key, false)) {
                return true;
            }
            workloads::function(resource, (&["runtime"], &["image_uri"], &[&["environment_variables"]], &[]), reading);
        }
        Some(Runs::AppRunner) => {
            let image = &["source_configuration", "image_repository", "image_identifier"];
            let env: &[&[&str]] = &[&["source_configuration", "image_repository", "image_configuration", "runtime_environment_variables"]];
            let secrets: &[&[&str]] =
                &[&["source_configuration", "image_repository", "image_configuration", "runtime_environment_secrets"]];
            workloads::function(resource, (&[], image, env, secrets), reading);
        }
        None => return false,
    }
    for service in reading.services.iter_mut().skip(first) {
        service.conditional.clone_from(&resource.conditional);
    }
    true
}
