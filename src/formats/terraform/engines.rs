//! Resource types and well-known modules → the software that they provide: where engine and version stand.
//!
//! Sources: the providers' documentation (registry.terraform.io) and each module's inputs.

use super::resource::Resource;
use super::value::{as_text, is_null};
use crate::document::Node;
use crate::inventory::{Confidence, Fact, Provider, Service, Software, Version};

/// Where the engine stands.
#[derive(Clone, Copy)]
pub(super) enum Engine {
    /// The type says it: `s3`, `msk:kafka`.
    Is(&'static str),
    /// An argument names it, of this service; what is meant where it is not set (empty: nothing can be said).
    At(&'static str, &'static str, &'static str),
    /// The version's prefix names it, of this service: `POSTGRES_15`, `postgresql/16`; the engine where it is not set.
    Prefix(&'static str, &'static str),
}
use Engine::{At, Is, Prefix};

/// Type, engine, where the version stands (the first that is set), where it is named, what means that it is none of its own.
pub(super) type Row = (&'static str, Engine, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const V: &[&str] = &["version"];
const EV: &[&str] = &["engine_version"];
const NAME: &[&str] = &["name"];
const NONE: &[&str] = &[];

/// Resource types, sorted by provider. `a.b` is an argument of a block.
pub(super) static RESOURCES: &[Row] = &[
    // Amazon Web Services
    ("aws_db_instance", At("rds", "engine", ""), EV, &["identifier"], &["replicate_source_db"]),
    ("aws_rds_cluster", At("rds", "engine", ""), EV, &["cluster_identifier"], &["replication_source_identifier"]),
    ("aws_rds_global_cluster", At("rds", "engine", "aurora"), EV, &["global_cluster_identifier"], &["source_db_cluster_identifier"]),
    (
        "aws_elasticache_replication_group",
        At("elasticache", "engine", "redis"),
        EV,
        &["replication_group_id"],
        &["global_replication_group_id"],
    ),
    ("aws_elasticache_cluster", At("elasticache", "engine", ""), EV, &["cluster_id"], &["replication_group_id"]),
    ("aws_elasticache_serverless_cache", At("elasticache", "engine", ""), &["major_engine_version"], NAME, NONE),
    ("aws_memorydb_cluster", At("memorydb", "engine", "redis"), EV, NAME, NONE),
    ("aws_mq_broker", At("mq", "engine_type", ""), EV, &["broker_name"], NONE),
    ("aws_msk_cluster", Is("msk:kafka"), &["kafka_version"], &["cluster_name"], NONE),
    ("aws_msk_serverless_cluster", Is("msk:kafka"), NONE, &["cluster_name"], NONE),
    ("aws_opensearch_domain", Is("opensearch:opensearch"), EV, &["domain_name"], NONE),
    ("aws_elasticsearch_domain", Is("es:elasticsearch"), &["elasticsearch_version"], &["domain_name"], NONE),
    ("aws_opensearchserverless_collection", Is("opensearch:opensearch"), NONE, NAME, NONE),
    ("aws_docdb_cluster", Is("docdb"), EV, &["cluster_identifier"], NONE),
    ("aws_docdbelastic_cluster", Is("docdb"), NONE, NAME, NONE),
    ("aws_neptune_cluster", Is("neptune"), EV, &["cluster_identifier"], &["replication_source_identifier"]),
    ("aws_keyspaces_keyspace", Is("keyspaces"), NONE, NAME, NONE),
    ("aws_dynamodb_table", Is("dynamodb"), NONE, NAME, NONE),
    ("aws_dynamodb_global_table", Is("dynamodb"), NONE, NAME, NONE),
    ("aws_sqs_queue", Is("sqs"), NONE, NAME, NONE),
    ("aws_sns_topic", Is("sns"), NONE, NAME, NONE),
    ("aws_s3_bucket", Is("s3"), NONE, &["bucket"], NONE),
    ("aws_ses_domain_identity", Is("ses"), NONE, &["domain"], NONE),
    ("aws_ses_email_identity", Is("ses"), NONE, &["email"], NONE),
    ("aws_ses_configuration_set", Is("ses"), NONE, NAME, NONE),
    ("aws_sesv2_email_identity", Is("ses"), NONE, &["email_identity"], NONE),
    ("aws_sesv2_configuration_set", Is("ses"), NONE, &["configuration_set_name"], NONE),
    ("aws_timestreaminfluxdb_db_instance", Is("timestream:influxdb"), NONE, NAME, NONE),
    ("aws_redshift_cluster", Is("redshift"), &["cluster_version"], &["cluster_identifier"], NONE),
    ("aws_redshiftserverless_workgroup", Is("redshift"), NONE, &["workgroup_name"], NONE),
    ("aws_lightsail_database", Prefix("lightsail", ""), &["blueprint_id"], &["relational_database_name"], NONE),
    ("aws_dsql_cluster", Is("dsql:postgres"), NONE, NONE, NONE),
    // Google Cloud
    ("google_sql_database_instance", Prefix("gcp", ""), &["database_version"], NAME, &["master_instance_name"]),
    ("google_redis_instance", Is("gcp:redis"), &["redis_version"], NAME, NONE),
    ("google_redis_cluster", Is("gcp:redis"), NONE, NAME, NONE),
    ("google_memorystore_instance", Is("gcp:valkey"), EV, &["instance_id"], NONE),
    ("google_memcache_instance", Is("gcp:memcached"), &["memcache_version"], NAME, NONE),
    ("google_alloydb_cluster", Is("gcp:postgres"), &["database_version"], &["cluster_id"], &["secondary_config"]),
    ("google_managed_kafka_cluster", Is("gcp:kafka"), NONE, &["cluster_id"], NONE),
    ("google_firestore_database", Is("firestore"), NONE, NAME, NONE),
    ("google_storage_bucket", Is("gcs"), NONE, NAME, NONE),
    ("google_pubsub_topic", Is("pubsub"), NONE, NAME, NONE),
    // Azure
    ("azurerm_postgresql_flexible_server", Is("azure:postgresql"), V, NAME, &["source_server_id"]),
    ("azurerm_postgresql_server", Is("azure:postgresql"), V, NAME, &["creation_source_server_id"]),
    ("azurerm_mysql_flexible_server", Is("azure:mysql"), V, NAME, &["source_server_id"]),
    ("azurerm_mysql_server", Is("azure:mysql"), V, NAME, NONE),
    ("azurerm_mariadb_server", Is("azure:mariadb"), V, NAME, NONE),
    ("azurerm_mssql_server", Is("azure:mssql"), V, NAME, NONE),
    ("azurerm_mssql_managed_instance", Is("azure:mssql"), NONE, NAME, NONE),
    ("azurerm_redis_cache", Is("azure:redis"), &["redis_version"], NAME, NONE),
    ("azurerm_redis_enterprise_cluster", Is("azure:redis"), NONE, NAME, NONE),
    ("azurerm_managed_redis", Is("azure:redis"), NONE, NAME, NONE),
    ("azurerm_cosmosdb_account", Is("cosmosdb"), &["mongo_server_version"], NAME, NONE),
    ("azurerm_mongo_cluster", Is("cosmos-mongo"), V, NAME, &["source_server_id"]),
    ("azurerm_cosmosdb_postgresql_cluster", Is("azure:postgresql"), &["sql_version"], NAME, &["source_resource_id"]),
    ("azurerm_servicebus_namespace", Is("servicebus"), NONE, NAME, NONE),
    ("azurerm_eventhub_namespace", Is("eventhubs:kafka"), NONE, NAME, NONE),
    ("azurerm_storage_account", Is("azure-storage"), NONE, NAME, NONE),
    // Others
    ("digitalocean_database_cluster", At("digitalocean", "engine", ""), V, NAME, NONE),
    ("digitalocean_spaces_bucket", Is("s3-other"), NONE, NAME, NONE),
    ("aiven_pg", Is("aiven:pg"), &["pg_user_config.pg_version"], &["service_name"], NONE),
    ("aiven_mysql", Is("aiven:mysql"), &["mysql_user_config.mysql_version"], &["service_name"], NONE),
    ("aiven_kafka", Is("aiven:kafka"), &["kafka_user_config.kafka_version"], &["service_name"], NONE),
    ("aiven_opensearch", Is("aiven:opensearch"), &["opensearch_user_config.opensearch_version"], &["service_name"], NONE),
    ("aiven_redis", Is("aiven:redis"), &["redis_user_config.redis_version"], &["service_name"], NONE),
    ("aiven_valkey", Is("aiven:valkey"), &["valkey_user_config.valkey_version"], &["service_name"], NONE),
    ("aiven_cassandra", Is("aiven:cassandra"), &["cassandra_user_config.cassandra_version"], &["service_name"], NONE),
    ("aiven_clickhouse", Is("aiven:clickhouse"), NONE, &["service_name"], NONE),
    ("aiven_dragonfly", Is("aiven:dragonfly"), NONE, &["service_name"], NONE),
    ("mongodbatlas_cluster", Is("atlas:mongodb"), &["mongo_db_major_version"], NAME, NONE),
    ("mongodbatlas_advanced_cluster", Is("atlas:mongodb"), &["mongo_db_major_version"], NAME, NONE),
    ("mongodbatlas_flex_cluster", Is("atlas:mongodb"), NONE, NAME, NONE),
    ("mongodbatlas_serverless_instance", Is("atlas:mongodb"), NONE, NAME, NONE),
    ("confluent_kafka_cluster", Is("confluent:kafka"), NONE, &["display_name"], NONE),
    ("ec_deployment", Is("elastic:elasticsearch"), V, NAME, NONE),
    ("upstash_redis_database", Is("upstash:redis"), NONE, &["database_name"], NONE),
    ("rediscloud_subscription_database", Is("rediscloud:redis"), &["redis_version"], NAME, NONE),
    ("rediscloud_essentials_database", Is("rediscloud:redis"), NONE, NAME, NONE),
    ("neon_project", Is("neon:postgres"), &["pg_version"], NAME, NONE),
    ("supabase_project", Is("supabase:postgres"), NONE, NAME, NONE),
    ("planetscale_database", Is("planetscale:mysql"), NONE, NAME, NONE),
    ("cockroach_cluster", Is("cockroach:cockroachdb"), &["cockroach_version"], NAME, NONE),
    ("clickhouse_service", Is("clickhouse:clickhouse"), NONE, NAME, NONE),
    ("linode_database_postgresql_v2", Prefix("linode", "postgresql"), &["engine_id"], &["label"], NONE),
    ("linode_database_mysql_v2", Prefix("linode", "mysql"), &["engine_id"], &["label"], NONE),
    ("scaleway_rdb_instance", Prefix("scaleway", ""), &["engine"], NAME, NONE),
    ("scaleway_redis_cluster", Is("scaleway:redis"), V, NAME, NONE),
    ("vultr_database", At("vultr", "database_engine", ""), &["database_engine_version"], &["label"], NONE),
    ("ovh_cloud_project_database", At("ovh", "engine", ""), V, &["description"], NONE),
    ("clevercloud_postgresql", Is("clevercloud:postgres"), V, NAME, NONE),
    ("render_postgres", Is("render:postgres"), V, NAME, NONE),
    ("render_keyvalue", Is("render:keyvalue"), NONE, NAME, NONE),
    ("render_redis", Is("render:redis"), NONE, NAME, NONE),
];

/// The row of a resource type.
pub(super) fn row(kind: &str) -> Option<&'static Row> {
    RESOURCES.iter().find(|row| row.0 == kind)
}

/// The service that a resource or a module provides by a row.
pub(super) fn service(resource: &Resource, row: &Row) -> Option<Service> {
    let (_, engine, versions, names, skip) = *row;
    let written = |path: &&str| resource.get(&path.split('.').collect::<Vec<_>>()).filter(|n| !is_null(n) && n.text() != Some(""));
    if skip.iter().any(|s| written(s).is_some_and(|n| n.items().is_empty() != n.is_sequence() || !n.is_sequence())) {
        return None;
    }
    let version = versions.iter().find_map(written);
    let mut service = Service::new(resource.name(), resource.at.clone(), Provider::Managed);
    service.aliases = resource.aliases();
    service.aliases.extend(names.iter().find_map(written).and_then(|n| as_text(n).ok()).filter(|n| *n != service.name));
    service.conditional.clone_from(&resource.conditional);
    let name = match engine {
        Is("cosmosdb") => cosmos(resource).to_owned(),
        Is(engine) => engine.to_owned(),
        At(of, path, default) => match written(&path) {
            Some(node) => match as_text(node) {
                Ok(engine) => format!("{of}:{engine}"),
                Err(why) => {
                    service.software = Some(Fact::unknown(&*why, node.at.clone()));
                    return Some(service);
                }
            },
            None if default.is_empty() => return family(resource, service, of),
            None => format!("{of}:{default}"),
        },
        Prefix(of, default) => match version.map(|n| (n, as_text(n))) {
            Some((_, Ok(text))) => format!("{of}:{}", prefix(&text).to_ascii_lowercase()),
            Some((node, Err(why))) if default.is_empty() => {
                service.software = Some(Fact::unknown(&*why, node.at.clone()));
                return Some(service);
            }
            _ if default.is_empty() => return None,
            _ => format!("{of}:{default}"),
        },
    };
    // Without a version, the engine's line says most.
    let stated = match engine {
        At(_, path, _) => written(&path).map_or(&resource.at, |n| &n.at),
        _ => &resource.at,
    };
    service.software = Some(software(&name, version, stated)?);
    Some(service)
}

/// The software of an engine; a version that is not known leaves the kind.
pub(super) fn software(engine: &str, version: Option<&Node>, stated: &crate::source::Location) -> Option<Fact<Software>> {
    let Some(node) = version else { return Some(Fact::known(Software::managed(engine, None)?, stated.clone())) };
    match as_text(node) {
        Ok(text) => Some(Fact::known(Software::managed(engine, Some(&text))?, node.at.clone())),
        Err(why) => {
            let mut software = Software::managed(engine, None)?;
            // What is written names the variable; where it is long, the reason does.
            let written = node.at.text();
            software.text = if written.len() <= 60 && !written.contains('\n') { written.to_owned() } else { why.to_string() };
            software.version = Version::opaque(&why);
            Some(Fact::known(software, node.at.clone()))
        }
    }
}

/// The letters before the number: `POSTGRES_15`, `PostgreSQL-15`, `postgresql/16`, `aurora-postgresql15`.
fn prefix(text: &str) -> &str {
    let text = text.strip_prefix("default.").unwrap_or(text);
    text.find(|c: char| c.is_ascii_digit()).map_or(text, |i| text.split_at(i).0).trim_end_matches(['_', '-', '/', '.'])
}

/// An engine that is not named: a family of parameters may name it with its version (`postgres16`).
fn family(resource: &Resource, mut service: Service, of: &str) -> Option<Service> {
    const FAMILIES: [&[&str]; 6] = [
        &["family"],
        &["cluster_parameter_group", "family"],
        &["db_cluster_parameter_group_family"],
        &["db_parameter_group_family"],
        &["parameter_group_family"],
        &["cluster_family"],
    ];
    let node = FAMILIES.iter().find_map(|path| resource.get(path)).filter(|n| !is_null(n))?;
    let text = as_text(node).ok()?;
    service.software = Some(software(&format!("{of}:{}", prefix(&text)), Some(node), &resource.at)?);
    Some(service)
}

/// The API that a Cosmos DB account answers (registry.terraform.io: azurerm_cosmosdb_account).
fn cosmos(resource: &Resource) -> &'static str {
    let able = |name: &str| super::resource::each(&resource.body, &["capabilities"]).iter().any(|c| c.text_at(&["name"]) == Some(name));
    if resource.text(&["kind"]).as_deref() == Some("MongoDB") || able("EnableMongo") {
        "cosmos-mongo"
    } else if able("EnableCassandra") {
        "keyspaces"
    } else {
        "cosmosdb"
    }
}

/// The same service, but its kind is a guess from a name.
pub(super) fn guessed(mut service: Service) -> Service {
    if let Some(Fact { value: crate::inventory::Value::Known(software), .. }) = &mut service.software {
        software.confidence = Confidence::Guess;
    }
    service
}
