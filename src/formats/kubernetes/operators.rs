//! Custom resources that declare a backing service → that service.
//!
//! Sources: the operators' CRDs (github.com/datreeio/CRDs-catalog and each operator's repository).

use super::objects::Object;
use super::workload::image;
use crate::document::Node;
use crate::inventory::{Fact, Provider, Service, Software};

/// Group, kind, catalogue kind, where the version or the image stands.
const TABLE: [(&str, &str, &str, Stated); 26] = [
    ("postgresql.cnpg.io", "Cluster", "postgresql", Stated::Image(&["spec", "imageName"])),
    ("acid.zalan.do", "postgresql", "postgresql", Stated::Version(&["spec", "postgresql", "version"])),
    ("postgres-operator.crunchydata.com", "PostgresCluster", "postgresql", Stated::Version(&["spec", "postgresVersion"])),
    ("pgv2.percona.com", "PerconaPGCluster", "postgresql", Stated::Version(&["spec", "postgresVersion"])),
    ("pxc.percona.com", "PerconaXtraDBCluster", "mysql", Stated::Image(&["spec", "pxc", "image"])),
    ("ps.percona.com", "PerconaServerMySQL", "mysql", Stated::Image(&["spec", "mysql", "image"])),
    ("mysql.oracle.com", "InnoDBCluster", "mysql", Stated::Version(&["spec", "version"])),
    ("k8s.mariadb.com", "MariaDB", "mariadb", Stated::Image(&["spec", "image"])),
    ("psmdb.percona.com", "PerconaServerMongoDB", "mongodb", Stated::Image(&["spec", "image"])),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity", "mongodb", Stated::Version(&["spec", "version"])),
    ("databases.spotahome.com", "RedisFailover", "redis", Stated::Image(&["spec", "redis", "image"])),
    ("redis.redis.opstreelabs.in", "Redis", "redis", Stated::Image(&["spec", "kubernetesConfig", "image"])),
    ("redis.redis.opstreelabs.in", "RedisCluster", "redis", Stated::Image(&["spec", "kubernetesConfig", "image"])),
    ("redis.redis.opstreelabs.in", "RedisReplication", "redis", Stated::Image(&["spec", "kubernetesConfig", "image"])),
    ("dragonflydb.io", "Dragonfly", "dragonfly", Stated::Image(&["spec", "image"])),
    ("kafka.strimzi.io", "Kafka", "kafka", Stated::Version(&["spec", "kafka", "version"])),
    ("rabbitmq.com", "RabbitmqCluster", "rabbitmq", Stated::Image(&["spec", "image"])),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", "elasticsearch", Stated::Version(&["spec", "version"])),
    ("kibana.k8s.elastic.co", "Kibana", "kibana", Stated::Version(&["spec", "version"])),
    ("opensearch.opster.io", "OpenSearchCluster", "opensearch", Stated::Version(&["spec", "general", "version"])),
    ("opensearch.org", "OpenSearchCluster", "opensearch", Stated::Version(&["spec", "general", "version"])),
    ("crdb.cockroachlabs.com", "CrdbCluster", "cockroachdb", Stated::Version(&["spec", "cockroachDBVersion"])),
    ("scylla.scylladb.com", "ScyllaCluster", "scylladb", Stated::Version(&["spec", "version"])),
    ("minio.min.io", "Tenant", "minio", Stated::Image(&["spec", "image"])),
    ("k8s.keycloak.org", "Keycloak", "keycloak", Stated::Image(&["spec", "image"])),
    ("temporal.io", "TemporalCluster", "temporal", Stated::Version(&["spec", "version"])),
];

/// How a custom resource states its version.
enum Stated {
    Version(&'static [&'static str]),
    Image(&'static [&'static str]),
}

/// The service that a custom resource declares, if it is in the table.
pub(super) fn service(object: &Object) -> Option<Service> {
    let (_, _, kind, stated) = TABLE.iter().find(|(group, kind, ..)| *group == object.group && *kind == object.kind)?;
    let name = object.node.path(&["metadata", "name"]).unwrap_or(&object.node);
    let mut service = Service::new(object.name.clone(), name.at.clone(), Provider::Operator);
    let unset = || Software::of_kind(kind, None).map(|s| Fact::known(s, name.at.clone()));
    service.software = match stated {
        Stated::Version(path) => match object.node.path(path).filter(|n| !n.is_null()) {
            Some(node) => Software::of_kind(kind, node.text()).map(|s| Fact::known(s, node.at.clone())),
            None => unset(),
        },
        Stated::Image(path) => object.node.path(path).and_then(image).map(|fact| with_kind(fact, kind)).or_else(unset),
    };
    if let Some(extension) = object.node.path(&["spec", "postGISVersion"]).and_then(Node::text)
        && let Some(Fact { value: crate::inventory::Value::Known(software), .. }) = service.software.as_mut()
    {
        software.extension = Some("postgis".into());
        software.version.extension = Some(extension.to_owned());
    }
    Some(service)
}

/// The operator says the kind, whatever the image is called.
fn with_kind(fact: Fact<Software>, id: &str) -> Fact<Software> {
    Fact { value: fact.value.map(|s| Software { kind: s.kind.or_else(|| crate::catalogue::kind(id)), ..s }), at: fact.at }
}
