//! What a variable says of the service behind it: its kind, by its value or by its key alone; never its text.

use super::EnvVar;
use crate::catalogue::{Category, Kind, kind};

/// Keys whose word names a driver of a database, as frameworks spell them (Laravel, Django, knex, Prisma, Strapi, n8n).
const DRIVERS: [&str; 8] =
    ["DB_CONNECTION", "DB_ENGINE", "DATABASE_ENGINE", "DB_CLIENT", "DATABASE_CLIENT", "DB_DIALECT", "DB_TYPE", "DATABASE_TYPE"];

/// Words that drivers are called by, and their kind.
const WORDS: [(&str, &[&str]); 7] = [
    ("sqlite", &["sqlite", "sqlite3", "better-sqlite", "better-sqlite3", "django.db.backends.sqlite3"]),
    (
        "postgresql",
        &["pgsql", "postgres", "postgresql", "pg", "postgresdb", "django.db.backends.postgresql", "django.contrib.gis.db.backends.postgis"],
    ),
    ("mysql", &["mysql", "mysql2", "mysqldb", "django.db.backends.mysql"]),
    ("mariadb", &["mariadb"]),
    ("mssql", &["sqlsrv", "mssql"]),
    ("mongodb", &["mongodb", "mongo"]),
    ("oracle", &["oracle", "django.db.backends.oracle"]),
];

/// Ends of keys that hold an address, not a part of the credentials.
const ADDRESSES: [&str; 13] =
    ["URL", "URI", "DSN", "HOST", "HOSTS", "HOSTNAME", "ENDPOINT", "ENDPOINTS", "ADDR", "ADDRESS", "SERVERS", "BROKERS", "PGHOST"];

/// Words of keys that name no kind: every database of an app may be reached by `DATABASE_URL`, or `DB_HOST`.
const GENERIC: [&str; 12] =
    ["DATABASE", "DB", "SQLALCHEMY", "JDBC", "SPRING", "DATASOURCE", "DIRECT", "CACHE", "CELERY", "BROKER", "RESULT", "BACKEND"];

impl EnvVar {
    /// The kind of service that its value names: by the scheme of a URL, or by the word of a driver.
    #[must_use]
    pub fn names_kind(&self) -> Option<&'static Kind> {
        let driver = DRIVERS.iter().any(|d| self.key.strip_suffix(d).is_some_and(|before| before.is_empty() || before.ends_with('_')));
        let named = || WORDS.iter().find(|(_, words)| self.value.one_of(words)).and_then(|(id, _)| kind(id));
        self.value.kind_of_url().or_else(|| driver.then(named)?)
    }

    /// Is its key one by which apps are told where a service of this kind is? `DATABASE_URL` may be any database.
    #[must_use]
    pub fn may_reach(&self, kind: &Kind) -> bool {
        let key = self.key.strip_suffix("_FILE").unwrap_or(&self.key);
        let mut words: Vec<&str> = key.split('_').filter(|w| !w.is_empty()).collect();
        let Some(last) = words.pop().filter(|w| ADDRESSES.contains(&w.to_ascii_uppercase().as_str())) else {
            return false;
        };
        let generic = !words.is_empty() && words.iter().all(|w| GENERIC.contains(&w.to_ascii_uppercase().as_str()));
        if generic {
            let database = words.iter().any(|w| ["DATABASE", "DB", "DATASOURCE"].contains(w));
            return if database { kind.category == Category::Database } else { kind.env.iter().any(|k| k == key) };
        }
        let named = |word: &str| word.eq_ignore_ascii_case(&kind.id) || (kind.id == "postgresql" && word.eq_ignore_ascii_case("postgres"));
        kind.env.iter().any(|k| k == key) || words.iter().chain([&last]).any(|w| named(w))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{EnvSource, EnvValue};
    use crate::source::Source;

    fn var(key: &str, text: &str) -> EnvVar {
        EnvVar::new(key, Source::new("x", "").whole(), EnvValue::set(text), EnvSource::Environment)
    }

    #[test]
    fn kinds_by_value() {
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
            assert_eq!(var(key, text).names_kind().map(|k| k.id.as_str()), wanted, "{key}={text}");
        }
    }

    #[test]
    fn kinds_by_key() {
        let may = |key: &str, id: &str| kind(id).is_some_and(|k| var(key, "").may_reach(k));
        for (key, id) in [
            ("DATABASE_URL", "postgresql"),
            ("DATABASE_URL", "mysql"),
            ("MAIN_DB_HOST", "oracle"),
            ("OPENSEARCH_URL", "opensearch"),
            ("CLOUDAMQP_URL", "rabbitmq"),
            ("SHOP_REDIS_URL", "redis"),
            ("POSTGRES_HOST", "postgresql"),
            ("PGHOST", "postgresql"),
            ("CELERY_BROKER_URL", "redis"),
            ("CELERY_BROKER_URL", "rabbitmq"),
            ("DATABASE_URL_FILE", "mysql"),
        ] {
            assert_eq!(may(key, id), key != "MAIN_DB_HOST", "{key} {id}");
        }
        for (key, id) in [
            ("DATABASE_URL", "redis"),
            ("REDIS_PASSWORD", "redis"),
            ("POSTGRES_USER", "postgresql"),
            ("URL", "postgresql"),
            ("BASE_URL", "postgresql"),
            ("CACHE_URL", "postgresql"),
            ("", "redis"),
        ] {
            assert!(!may(key, id), "{key} {id}");
        }
    }
}
