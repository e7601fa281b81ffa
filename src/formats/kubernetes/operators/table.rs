//! Custom resources that declare a backing service, and where they state its version.
//!
//! Sources: the operators' CRDs (github.com/datreeio/CRDs-catalog and each operator's repository), the providers of
//! Crossplane (marketplace.upbound.io), ACK (aws-controllers-k8s), Config Connector and Azure Service Operator references.
//! Some are in no catalogue of CRDs, and are taken from manifests of the operators' own repositories and documentation:
//! StackGres (ongres/stackgres: `e2e/sgcluster.yaml`), K8ssandra (docs.k8ssandra.io), ClickHouse (Altinity/clickhouse-operator: the
//! server's container is called `clickhouse`), Artemis (artemiscloud/activemq-artemis-operator: the API's types), Couchbase
//! (docs.couchbase.com: CouchbaseCluster; v1 had `baseImage` and `version`), KubeDB (kubedb/docs).

use Stated::{Image, Own, Version};

/// One sort of resource.
pub(super) struct Row {
    /// The group of `apiVersion`.
    pub(super) group: &'static str,
    /// Its kinds.
    pub(super) kinds: &'static [&'static str],
    /// A kind of the catalogue (operators); the service of a cloud, with its engine where that is always the same.
    pub(super) software: &'static str,
    /// Where a cloud's resource names the engine, and what it is when nothing is written.
    pub(super) engine: Option<(&'static str, Option<&'static str>)>,
    /// Where the version stands: the first that is written counts.
    pub(super) stated: &'static [Stated],
    managed: bool,
}

impl Row {
    /// Does a cloud run it?
    pub(super) fn managed(&self) -> bool {
        self.managed
    }
}

/// How a resource states its version, and at which path.
pub(super) enum Stated {
    /// A version of the kind.
    Version(&'static str),
    /// An image.
    Image(&'static str),
    /// A number of the product, which is not the version of the kind.
    Own(&'static str),
}

impl Stated {
    pub(super) fn path(&self) -> &'static str {
        match self {
            Version(path) | Image(path) | Own(path) => path,
        }
    }
}

/// An operator's resource.
const fn operator(group: &'static str, kinds: &'static [&'static str], software: &'static str, stated: &'static [Stated]) -> Row {
    Row { group, kinds, software, engine: None, stated, managed: false }
}

/// A cloud's resource of one engine.
const fn cloud(group: &'static str, kinds: &'static [&'static str], software: &'static str, stated: &'static [Stated]) -> Row {
    Row { group, kinds, software, engine: None, stated, managed: true }
}

/// A cloud's resource that names its engine.
const fn engine(
    group: &'static str,
    kinds: &'static [&'static str],
    software: &'static str,
    engine: (&'static str, Option<&'static str>),
    stated: &'static [Stated],
) -> Row {
    Row { group, kinds, software, engine: Some(engine), stated, managed: true }
}

/// Every resource.
pub(super) static TABLE: &[Row] = &[
    operator("postgresql.cnpg.io", &["Cluster"], "postgresql", &[Image("spec.imageName")]),
    operator("acid.zalan.do", &["postgresql"], "postgresql", &[Version("spec.postgresql.version")]),
    operator(
        "postgres-operator.crunchydata.com",
        &["PostgresCluster"],
        "postgresql",
        &[Version("spec.postgresVersion"), Image("spec.image")],
    ),
    operator("pgv2.percona.com", &["PerconaPGCluster"], "postgresql", &[Version("spec.postgresVersion"), Image("spec.image")]),
    operator("pg.percona.com", &["PerconaPGCluster"], "postgresql", &[Version("spec.postgresVersion"), Image("spec.image")]),
    operator("stackgres.io", &["SGCluster"], "postgresql", &[Version("spec.postgres.version")]),
    operator("pxc.percona.com", &["PerconaXtraDBCluster"], "mysql", &[Image("spec.pxc.image")]),
    operator("ps.percona.com", &["PerconaServerMySQL"], "mysql", &[Image("spec.mysql.image")]),
    operator("mysql.oracle.com", &["InnoDBCluster"], "mysql", &[Version("spec.version")]),
    operator("planetscale.com", &["VitessCluster"], "mysql", &[Image("spec.images.mysqld.mysql80Compatible"), Image("spec.images.vtgate")]),
    operator("k8s.mariadb.com", &["MariaDB"], "mariadb", &[Image("spec.image")]),
    operator("psmdb.percona.com", &["PerconaServerMongoDB"], "mongodb", &[Image("spec.image")]),
    operator("mongodbcommunity.mongodb.com", &["MongoDBCommunity"], "mongodb", &[Version("spec.version")]),
    operator("databases.spotahome.com", &["RedisFailover"], "redis", &[Image("spec.redis.image")]),
    operator(
        "redis.redis.opstreelabs.in",
        &["Redis", "RedisCluster", "RedisReplication"],
        "redis",
        &[Image("spec.kubernetesConfig.image"), Version("spec.clusterVersion")],
    ),
    operator("app.redislabs.com", &["RedisEnterpriseCluster"], "redis", &[Own("spec.redisEnterpriseImageSpec.versionTag")]),
    operator("dragonflydb.io", &["Dragonfly"], "dragonfly", &[Image("spec.image")]),
    operator("kafka.strimzi.io", &["Kafka"], "kafka", &[Version("spec.kafka.version"), Image("spec.kafka.image")]),
    operator("platform.confluent.io", &["Kafka"], "kafka", &[Image("spec.image.application")]),
    operator("rabbitmq.com", &["RabbitmqCluster"], "rabbitmq", &[Image("spec.image")]),
    operator("elasticsearch.k8s.elastic.co", &["Elasticsearch"], "elasticsearch", &[Version("spec.version")]),
    operator("kibana.k8s.elastic.co", &["Kibana"], "kibana", &[Version("spec.version")]),
    operator("opensearch.opster.io", &["OpenSearchCluster"], "opensearch", &[Version("spec.general.version"), Image("spec.general.image")]),
    operator("opensearch.org", &["OpenSearchCluster"], "opensearch", &[Version("spec.general.version"), Image("spec.general.image")]),
    operator("crdb.cockroachlabs.com", &["CrdbCluster"], "cockroachdb", &[Version("spec.cockroachDBVersion"), Image("spec.image.name")]),
    operator(
        "clickhouse.altinity.com",
        &["ClickHouseInstallation"],
        "clickhouse",
        &[Image("spec.templates.podTemplates[].spec.containers[clickhouse].image")],
    ),
    operator("scylla.scylladb.com", &["ScyllaCluster"], "scylladb", &[Version("spec.version")]),
    operator("cassandra.datastax.com", &["CassandraDatacenter"], "cassandra", &[Version("spec.serverVersion")]),
    operator("k8ssandra.io", &["K8ssandraCluster"], "cassandra", &[Version("spec.cassandra.serverVersion")]),
    operator("minio.min.io", &["Tenant"], "minio", &[Image("spec.image")]),
    operator("k8s.keycloak.org", &["Keycloak"], "keycloak", &[Image("spec.image")]),
    operator("pingcap.com", &["TidbCluster"], "tidb", &[Version("spec.version")]),
    operator("temporal.io", &["TemporalCluster"], "temporal", &[Version("spec.version")]),
    // AMQ Broker and the operator's own images count versions that are not those of Artemis.
    operator("broker.amq.io", &["ActiveMQArtemis"], "artemis", &[Own("spec.version"), Own("spec.deploymentPlan.image")]),
    operator("couchbase.com", &["CouchbaseCluster"], "couchbase", &[Image("spec.image"), Version("spec.version")]),
    operator("kubedb.com", &["Postgres"], "postgresql", &[Version("spec.version")]),
    operator("kubedb.com", &["MySQL"], "mysql", &[Version("spec.version")]),
    operator("kubedb.com", &["MariaDB"], "mariadb", &[Version("spec.version")]),
    operator("kubedb.com", &["Redis"], "redis", &[Version("spec.version")]),
    operator("kubedb.com", &["MongoDB"], "mongodb", &[Version("spec.version")]),
    operator("kubedb.com", &["Kafka"], "kafka", &[Version("spec.version")]),
    operator("kubedb.com", &["ZooKeeper"], "zookeeper", &[Version("spec.version")]),
    // Services that others run, ordered through a resource.
    cloud("atlas.mongodb.com", &["AtlasDeployment"], "atlas:mongodb", &[Version("spec.deploymentSpec.mongoDBMajorVersion")]),
    cloud("aiven.io", &["PostgreSQL"], "aiven:pg", &[Version("spec.userConfig.pg_version")]),
    cloud("aiven.io", &["MySQL"], "aiven:mysql", &[Version("spec.userConfig.mysql_version")]),
    cloud("aiven.io", &["Kafka"], "aiven:kafka", &[Version("spec.userConfig.kafka_version")]),
    cloud("aiven.io", &["OpenSearch"], "aiven:opensearch", &[Version("spec.userConfig.opensearch_version")]),
    cloud("aiven.io", &["Redis"], "aiven:redis", &[Version("spec.userConfig.redis_version")]),
    cloud("aiven.io", &["Valkey"], "aiven:valkey", &[]),
    cloud("aiven.io", &["Cassandra"], "aiven:cassandra", &[Version("spec.userConfig.cassandra_version")]),
    cloud("aiven.io", &["Clickhouse"], "aiven:clickhouse", &[]),
    // Crossplane: the arguments are Terraform's, in camel case.
    engine(
        "rds.aws.upbound.io",
        &["Instance", "Cluster"],
        "rds",
        ("spec.forProvider.engine", None),
        &[Version("spec.forProvider.engineVersion"), Version("spec.initProvider.engineVersion")],
    ),
    engine(
        "elasticache.aws.upbound.io",
        &["ReplicationGroup", "Cluster"],
        "elasticache",
        ("spec.forProvider.engine", Some("redis")),
        &[Version("spec.forProvider.engineVersion"), Version("spec.initProvider.engineVersion")],
    ),
    engine(
        "elasticache.aws.upbound.io",
        &["ServerlessCache"],
        "elasticache",
        ("spec.forProvider.engine", None),
        &[Version("spec.forProvider.majorEngineVersion")],
    ),
    engine(
        "memorydb.aws.upbound.io",
        &["Cluster"],
        "memorydb",
        ("spec.forProvider.engine", Some("redis")),
        &[Version("spec.forProvider.engineVersion")],
    ),
    cloud("docdb.aws.upbound.io", &["Cluster"], "docdb:docdb", &[Version("spec.forProvider.engineVersion")]),
    cloud("kafka.aws.upbound.io", &["Cluster"], "msk:kafka", &[Version("spec.forProvider.kafkaVersion")]),
    cloud("opensearch.aws.upbound.io", &["Domain"], "opensearch:opensearch", &[Version("spec.forProvider.engineVersion")]),
    engine("mq.aws.upbound.io", &["Broker"], "mq", ("spec.forProvider.engineType", None), &[Version("spec.forProvider.engineVersion")]),
    engine(
        "sql.gcp.upbound.io",
        &["DatabaseInstance"],
        "cloudsql",
        ("spec.forProvider.databaseVersion", None),
        &[Version("spec.forProvider.databaseVersion")],
    ),
    cloud("redis.gcp.upbound.io", &["Instance"], "memorystore:redis", &[Version("spec.forProvider.redisVersion")]),
    cloud("memcache.gcp.upbound.io", &["Instance"], "memorystore:memcached", &[Version("spec.forProvider.memcacheVersion")]),
    cloud("alloydb.gcp.upbound.io", &["Cluster"], "alloydb:postgres", &[Version("spec.forProvider.databaseVersion")]),
    cloud("dbforpostgresql.azure.upbound.io", &["FlexibleServer", "Server"], "azure:postgres", &[Version("spec.forProvider.version")]),
    cloud("dbformysql.azure.upbound.io", &["FlexibleServer"], "azure:mysql", &[Version("spec.forProvider.version")]),
    cloud("cache.azure.upbound.io", &["RedisCache"], "azure:redis", &[Version("spec.forProvider.redisVersion")]),
    engine(
        "database.aws.crossplane.io",
        &["RDSInstance"],
        "rds",
        ("spec.forProvider.engine", None),
        &[Version("spec.forProvider.engineVersion")],
    ),
    engine(
        "rds.aws.crossplane.io",
        &["DBInstance", "DBCluster"],
        "rds",
        ("spec.forProvider.engine", None),
        &[Version("spec.forProvider.engineVersion")],
    ),
    engine(
        "cache.aws.crossplane.io",
        &["ReplicationGroup", "CacheCluster"],
        "elasticache",
        ("spec.forProvider.engine", None),
        &[Version("spec.forProvider.engineVersion")],
    ),
    engine(
        "database.gcp.crossplane.io",
        &["CloudSQLInstance"],
        "cloudsql",
        ("spec.forProvider.databaseVersion", None),
        &[Version("spec.forProvider.databaseVersion")],
    ),
    // ACK.
    engine("rds.services.k8s.aws", &["DBInstance", "DBCluster"], "rds", ("spec.engine", None), &[Version("spec.engineVersion")]),
    engine(
        "elasticache.services.k8s.aws",
        &["ReplicationGroup", "CacheCluster"],
        "elasticache",
        ("spec.engine", None),
        &[Version("spec.engineVersion")],
    ),
    engine(
        "elasticache.services.k8s.aws",
        &["ServerlessCache"],
        "elasticache",
        ("spec.engine", None),
        &[Version("spec.majorEngineVersion")],
    ),
    engine("memorydb.services.k8s.aws", &["Cluster"], "memorydb", ("spec.engine", Some("redis")), &[Version("spec.engineVersion")]),
    engine("mq.services.k8s.aws", &["Broker"], "mq", ("spec.engineType", None), &[Version("spec.engineVersion")]),
    cloud("kafka.services.k8s.aws", &["Cluster"], "msk:kafka", &[Version("spec.kafkaVersion")]),
    cloud("documentdb.services.k8s.aws", &["DBCluster"], "docdb:docdb", &[Version("spec.engineVersion")]),
    cloud("opensearchservice.services.k8s.aws", &["Domain"], "opensearch:opensearch", &[Version("spec.engineVersion")]),
    // Config Connector.
    engine("sql.cnrm.cloud.google.com", &["SQLInstance"], "cloudsql", ("spec.databaseVersion", None), &[Version("spec.databaseVersion")]),
    cloud("redis.cnrm.cloud.google.com", &["RedisInstance"], "memorystore:redis", &[Version("spec.redisVersion")]),
    cloud("memcache.cnrm.cloud.google.com", &["MemcacheInstance"], "memorystore:memcached", &[Version("spec.memcacheVersion")]),
    cloud("alloydb.cnrm.cloud.google.com", &["AlloyDBCluster"], "alloydb:postgres", &[Version("spec.databaseVersion")]),
    // Azure Service Operator.
    cloud("dbforpostgresql.azure.com", &["FlexibleServer"], "azure:postgres", &[Version("spec.version")]),
    cloud("dbformysql.azure.com", &["FlexibleServer"], "azure:mysql", &[Version("spec.version")]),
    cloud("cache.azure.com", &["Redis"], "azure:redis", &[Version("spec.redisVersion")]),
    cloud("documentdb.azure.com", &["DatabaseAccount"], "cosmos", &[Version("spec.apiProperties.serverVersion")]),
    cloud("sql.azure.com", &["Server"], "azure:mssql", &[Version("spec.version")]),
];
