//! What a value says of the service behind it: its kind and its host, never its text.

use super::EnvValue;
use crate::catalogue::{Kind, kind, kind_of_scheme};

/// Keys whose word names a driver of a database, as frameworks spell them (Laravel, Django, knex, Prisma, Strapi, n8n).
const DRIVERS: [&str; 8] =
    ["DB_CONNECTION", "DB_ENGINE", "DATABASE_ENGINE", "DB_CLIENT", "DATABASE_CLIENT", "DB_DIALECT", "DB_TYPE", "DATABASE_TYPE"];

/// Words that drivers are called by, and their kind.
const WORDS: [(&str, &[&str]); 6] = [
    ("sqlite", &["sqlite", "sqlite3", "better-sqlite", "better-sqlite3", "django.db.backends.sqlite3"]),
    ("postgresql", &["pgsql", "postgres", "postgresql", "pg", "postgresdb", "django.db.backends.postgresql"]),
    ("mysql", &["mysql", "mysql2", "mysqldb", "django.db.backends.mysql"]),
    ("mariadb", &["mariadb"]),
    ("mssql", &["sqlsrv", "mssql"]),
    ("mongodb", &["mongodb", "mongo"]),
];

impl EnvValue {
    fn written(&self) -> &str {
        match self {
            Self::Set(text) => text.0.trim().trim_matches(['"', '\'']),
            _ => "",
        }
    }

    /// The kind of service that the value of this key names: by the scheme of a URL, or by the word of a driver.
    #[must_use]
    pub fn reaches(&self, key: &str) -> Option<&'static Kind> {
        let text = self.written();
        if DRIVERS.iter().any(|d| key == *d || key.strip_suffix(d).is_some_and(|before| before.ends_with('_'))) {
            let lower = text.to_ascii_lowercase();
            return WORDS.iter().find(|(_, words)| words.contains(&lower.as_str())).and_then(|(id, _)| kind(id));
        }
        let jdbc = ["jdbc:", "r2dbc:"].iter().find_map(|p| text.strip_prefix(p).map(|rest| (p.len(), rest)));
        let (skip, rest) = jdbc.unwrap_or((0, text));
        let scheme = text.get(..skip + rest.find(':')?)?;
        let found = kind_of_scheme(scheme).filter(|_| scheme != "file")?;
        // `es:` and `s3:` may start any text; a file's own schemes do not.
        (rest.contains("://") || jdbc.is_some() || found.family == "embedded").then_some(found)
    }

    /// Is one of these names the host of its URL?
    #[must_use]
    pub fn reaches_host(&self, mut is: impl FnMut(&str) -> bool) -> bool {
        let Some((_, rest)) = self.written().split_once("://") else { return false };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        hosts.split(',').any(|host| {
            let host = host.split(':').next().unwrap_or(host);
            is(host) || host.split('.').next().is_some_and(&mut is)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let id = |key: &str, text: &str| EnvValue::set(text).reaches(key).map(|k| k.id.as_str());
        for (key, text, wanted) in [
            ("DATABASE_URL", "sqlite:///app.db", Some("sqlite")),
            ("DATABASE_URL", "sqlite::memory:", Some("sqlite")),
            ("DATABASE_URL", "postgresql+asyncpg://u:p@db/x", Some("postgresql")),
            ("SPRING_DATASOURCE_URL", "jdbc:h2:mem:x", Some("h2")),
            ("SPRING_DATASOURCE_URL", "jdbc:postgresql://db/x", Some("postgresql")),
            ("DB_CONNECTION", "sqlite", Some("sqlite")),
            ("SHOP_DB_CONNECTION", "PGSQL", Some("postgresql")),
            ("XDB_CONNECTION", "sqlite", None),
            ("NOTE", "sqlite", None),
            ("NOTE", "es: see below", None),
            ("PATH_OF", "file:///etc/x.db", None),
            ("DATABASE_URL", "", None),
            ("DATABASE_URL", "://", None),
            ("URL", "https://shop.test", None),
        ] {
            assert_eq!(id(key, text), wanted, "{key}={text}");
        }
    }

    #[test]
    fn hosts() {
        let value = EnvValue::set("redis://u:p@cache.shop.svc:6379,other/0");
        assert!(value.reaches_host(|h| h == "cache"));
        assert!(value.reaches_host(|h| h == "other"));
        assert!(!value.reaches_host(|h| h == "u"));
    }
}
