//! The engine and the version of a managed service, as its cloud or platform writes them → kind and version.

use crate::inventory::version::State;
use crate::inventory::{Flag, Version};

/// The kind of an engine as a cloud or platform writes it.
pub(super) fn engine_kind(service: &str, name: &str, version: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let starts = |p: &str| name.starts_with(p);
    Some(match service {
        "heroku" => match name.as_str() {
            "heroku-postgresql" => "postgresql",
            "heroku-redis" | "rediscloud" | "redistogo" | "rediscloud-annual" => "redis",
            "heroku-kafka" => "kafka",
            "cloudamqp" => "rabbitmq",
            "bonsai" | "searchbox" | "foundelasticsearch" => "elasticsearch",
            "memcachier" | "memcachedcloud" => "memcached",
            "jawsdb" | "cleardb" => "mysql",
            "jawsdb-maria" => "mariadb",
            "sendgrid" | "mailgun" | "postmark" => "smtp",
            _ => return None,
        },
        "render" => match name.as_str() {
            "postgres" => "postgresql",
            "redis" => "redis",
            "keyvalue" => "valkey",
            _ => return None,
        },
        // Platform.sh runs MariaDB under both names; Oracle's is `oracle-mysql` (docs.platform.sh: MariaDB/MySQL).
        "platformsh" if name == "mysql" => "mariadb",
        "opensearch" if version.starts_with("Elasticsearch") => "elasticsearch",
        "platformsh" if name == "vault-kms" => "vault",
        "docdb" | "cosmos-mongo" | "atlas" => "mongodb",
        "keyspaces" => "cassandra",
        "msk" => "kafka",
        _ if starts("aurora-postgres") || starts("postgres") || name == "pg" => "postgresql",
        _ if name == "aurora" || starts("aurora-mysql") || name == "mysql" || name == "oracle-mysql" => "mysql",
        _ if starts("mariadb") => "mariadb",
        _ if starts("sqlserver") || starts("custom-sqlserver") || name == "mssql" => "mssql",
        _ if starts("oracle") || starts("custom-oracle") => "oracle",
        _ if starts("db2") => "db2",
        _ if starts("rabbitmq") => "rabbitmq",
        _ if starts("activemq") => "activemq",
        _ if starts("redis") => "redis",
        _ if starts("valkey") => "valkey",
        _ if starts("memcache") => "memcached",
        _ if starts("mongodb") => "mongodb",
        _ if starts("elasticsearch") => "elasticsearch",
        _ => return super::kind(if name.is_empty() { service } else { &name }).map(|k| k.id.as_str()),
    })
}

/// The version text of a managed service: prefixes, wildcards, builds and translations.
pub(super) fn managed_version(service: &str, name: &str, text: &str, flags: &mut Vec<Flag>) -> Version {
    if let Some((major, aurora)) = text.split_once(".mysql_aurora.") {
        flags.push(Flag::Mapped);
        return Version { text: text.to_owned(), ..aurora_mysql(major, aurora) };
    }
    // `POSTGRES_15`, `MYSQL_8_0`, `REDIS_6_X`, `OpenSearch_2.11`
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (prefix, rest) = text.split_at(start);
    let rest = if prefix.ends_with('_') { rest.replace('_', ".") } else { rest.to_owned() };
    // `3.7.x.kraft`, `2.8.2.tiered`, `11.22-rds.20240418`, `16.4-limitless`, `15.00.4312.2.v1`
    let number: Vec<&str> =
        rest.split('-').next().unwrap_or("").split('.').take_while(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())).collect();
    let mut version = Version { text: text.to_owned(), ..Version::parse(&number.join(".")) };
    if number.is_empty() {
        return if text.eq_ignore_ascii_case("latest") { Version::floating(text) } else { Version::opaque(text) };
    }
    if number.len() == 1 && version.state != State::Version {
        version.state = State::Version;
        version.components = number.iter().filter_map(|n| n.parse().ok()).collect();
    }
    let name = name.to_ascii_lowercase();
    match (service, version.components.as_slice()) {
        // Azure SQL's 2.0 and 12.0 are versions of the service, not of SQL Server (registry.terraform.io: azurerm_mssql_server).
        ("azure", _) if name == "mssql" => return Version::floating(text),
        // The retired single server wrote 10.0 and 10.2 for the whole of PostgreSQL 10.
        ("azure", [10, _]) if name.starts_with("postgres") => version.components = vec![10],
        // `19.0.0.0.ru-2024-01...`: the first number alone is Oracle's, the release update is AWS's.
        (_, [first, _, ..]) if name.contains("oracle") && name != "oracle-mysql" => version.components = vec![*first],
        // AWS: ElastiCache 7.1 is compatible with Redis 7.0.
        ("elasticache" | "memorydb", [7, 1]) if name.starts_with("redis") => {
            version.components = vec![7, 0];
            flags.push(Flag::Mapped);
        }
        // Azure writes 8.0.21 for the whole line 8.0.
        ("azure", [8, 0, 21]) if name == "mysql" => {
            version.components = vec![8, 0];
            flags.push(Flag::Mapped);
        }
        ("docdb", [a, b, 0]) => version.components = vec![*a, *b],
        (_, [13..=17, ..]) if name.starts_with("sqlserver") => {
            let years = [2016, 2017, 2019, 2022, 2025];
            let year = version.components.first().and_then(|n| usize::try_from(*n).ok()).and_then(|n| years.get(n.checked_sub(13)?));
            version.components = year.into_iter().copied().collect();
            flags.push(Flag::Mapped);
        }
        _ => {}
    }
    version
}

/// Aurora MySQL's number → MySQL's (docs.aws.amazon.com: Aurora MySQL release notes).
fn aurora_mysql(major: &str, aurora: &str) -> Version {
    let parts: Vec<u64> = aurora.split('.').filter_map(|p| p.parse().ok()).collect();
    let patch = match *parts.as_slice() {
        [3, minor, ..] => {
            [23, 23, 26, 28, 32, 34, 36, 39, 40, 42, 43, 44].get(usize::try_from(minor).unwrap_or(usize::MAX).wrapping_sub(1)).copied()
        }
        [2, minor, ..] if minor <= 11 => Some(12),
        [2, 12, 0 | 1, ..] => Some(40),
        [2, ..] => Some(44),
        [8, 4, patch, ..] => Some(patch),
        _ => None,
    };
    let mut version = Version::parse(major);
    version.components.extend(patch);
    version
}
