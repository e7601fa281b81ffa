//! A resource that is a managed service → its kind and version.

use std::collections::BTreeMap;

use super::Resource;
use crate::document::{Content, Node};
use crate::formats::Reading;
use crate::inventory::{Fact, Provider, Service, Software, Version};

/// Services that have no version, so that one of each kind is enough: kind → where it is in the reading.
#[derive(Default)]
pub(super) struct Once(BTreeMap<&'static str, usize>);

/// What a resource type is: the cloud's service, the property that names the engine, the engine where it is left out, and
/// the property with the version.
fn row(kind: &str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    Some(match kind {
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" | "AWS::RDS::GlobalCluster" => ("rds", "Engine", "", "EngineVersion"),
        "AWS::ElastiCache::CacheCluster" => ("elasticache", "Engine", "", "EngineVersion"),
        "AWS::ElastiCache::ReplicationGroup" => ("elasticache", "Engine", "redis", "EngineVersion"),
        "AWS::ElastiCache::ServerlessCache" => ("elasticache", "Engine", "", "MajorEngineVersion"),
        "AWS::MemoryDB::Cluster" => ("memorydb", "Engine", "redis", "EngineVersion"),
        "AWS::AmazonMQ::Broker" => ("mq", "EngineType", "", "EngineVersion"),
        "AWS::MSK::Cluster" => ("msk", "", "kafka", "KafkaVersion"),
        "AWS::MSK::ServerlessCluster" => ("msk", "", "kafka", ""),
        "AWS::OpenSearchService::Domain" => ("opensearch", "", "", "EngineVersion"),
        "AWS::Elasticsearch::Domain" => ("elasticsearch", "", "", "ElasticsearchVersion"),
        "AWS::DocDB::DBCluster" => ("docdb", "", "docdb", "EngineVersion"),
        "AWS::DocDBElastic::Cluster" => ("docdb", "", "docdb", ""),
        "AWS::Neptune::DBCluster" => ("neptune", "", "", "EngineVersion"),
        "AWS::Redshift::Cluster" => ("redshift", "", "", "ClusterVersion"),
        "AWS::Timestream::InfluxDBInstance" => ("influxdb", "", "", ""),
        "AWS::DSQL::Cluster" => ("dsql", "", "postgres", ""),
        "AWS::Lightsail::Database" => ("lightsail", "RelationalDatabaseBlueprintId", "", "RelationalDatabaseBlueprintId"),
        _ => return None,
    })
}

/// Resource types that are there or not.
fn present(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::S3::Bucket" => "s3",
        "AWS::SQS::Queue" => "sqs",
        "AWS::SNS::Topic" => "sns",
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => "dynamodb",
        "AWS::Kinesis::Stream" => "kinesis",
        "AWS::SES::EmailIdentity" => "ses",
        "AWS::Cassandra::Keyspace" | "AWS::Cassandra::Table" => "keyspaces",
        _ => return None,
    })
}

/// Properties that name a group of parameters, whose family tells the version where nothing else does.
const GROUPS: [&str; 4] = ["DBClusterParameterGroupName", "DBParameterGroupName", "CacheParameterGroupName", "ParameterGroupName"];

pub(super) fn read(resource: &Resource<'_>, once: &mut Once, reading: &mut Reading) {
    let key = &resource.entry.key;
    let kind_at = resource.entry.value.get("Type").unwrap_or(&resource.entry.value);
    if let Some(engine) = present(resource.kind) {
        if let Some(first) = once.0.get(engine).and_then(|i| reading.services.get_mut(*i)) {
            first.aliases.push(resource.name.to_owned());
        } else if let Some(software) = Software::managed(engine, None) {
            once.0.insert(engine, reading.services.len());
            let mut service = Service::new(resource.name, key.at.clone(), Provider::Managed);
            service.software = Some(Fact::known(software, kind_at.at.clone()));
            reading.services.push(service);
        }
        return;
    }
    let Some((cloud, engine_key, default, version_key)) = row(resource.kind) else { return };
    let properties = resource.properties();
    // A replica or a member of a cluster is what its source is.
    let member = ["DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"];
    if resource.kind != "AWS::RDS::DBCluster" && cloud == "rds" && member.iter().any(|k| properties.get(k).is_some()) {
        return;
    }
    let engine = properties.get(engine_key);
    let stated = engine.filter(|_| !engine_key.is_empty());
    let mut service = Service::new(resource.name, key.at.clone(), Provider::Managed);
    if let Some(Content::Expression(why)) = stated.map(|n| &n.content) {
        service.software = Some(Fact::unknown(format!("the engine is not known: {why}"), stated.map_or(&kind_at.at, |n| &n.at).clone()));
        reading.services.push(service);
        return;
    }
    let name = stated.and_then(Node::text).unwrap_or(default);
    if name.is_empty() && !engine_key.is_empty() {
        let why = format!("`{engine_key}` is left out: it is that of the snapshot or source");
        service.software = Some(Fact::unknown(why, kind_at.at.clone()));
        reading.services.push(service);
        return;
    }
    let family = family(resource, &properties);
    let version = properties.get(version_key).filter(|n| !n.is_null()).or(family.as_ref());
    // `redis7`, `postgres16`, `mysql8.0`: the number of the family.
    let written = version.and_then(|n| {
        let text = n.text()?;
        let start = text.rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |i| i + 1);
        Some(if family.as_ref().is_some_and(|f| f.at == n.at) { text.get(start..).unwrap_or(text) } else { text })
    });
    let engine = if name.is_empty() || default == cloud { cloud.to_owned() } else { format!("{cloud}:{name}") };
    let Some(mut software) = Software::managed(&engine, written.filter(|t| !t.is_empty())) else { return };
    if let Some(node) = version {
        match node.text() {
            Some(text) => text.clone_into(&mut software.text),
            None => {
                software.text = node.at.text().to_owned();
                software.version = Version::opaque(node.at.text());
            }
        }
    }
    let at = version.or(stated).unwrap_or(kind_at);
    service.software = Some(Fact::known(software, at.at.clone()));
    reading.services.push(service);
}

/// The family of the parameter group that a resource names, where the template makes the group.
fn family(resource: &Resource<'_>, properties: &Node) -> Option<Node> {
    let raw = resource.entry.value.get("Properties")?;
    let name = GROUPS.iter().find_map(|k| properties.get(k).and(raw.get(k)))?;
    let named = match super::resolve::intrinsic(name) {
        Some(call) if call.name == "Ref" => call.argument.text()?,
        Some(_) => return None,
        // `default.redis7`: the cloud's own group of a family.
        None => return name.text().filter(|t| t.starts_with("default.") && !t.contains("cluster")).map(|_| name.clone()),
    };
    let group = resource.resolver.resource(named)?.get("Properties")?;
    let family = group.get("Family").or_else(|| group.get("CacheParameterGroupFamily"))?;
    Some(resource.resolver.resolve(family)).filter(|f| f.text().is_some())
}
