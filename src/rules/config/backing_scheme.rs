//! `config/backing-scheme`: does the URL under one key name another kind of service on each side?

use crate::catalogue::{Kind, Relation, relation};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvVar, Role};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/backing-scheme`.
#[derive(Debug)]
pub struct BackingScheme;

static META: Meta = Meta {
    id: "config/backing-scheme",
    severity: Severity::Error,
    question: "Does the URL under one key name another kind of service on each side?",
    why: "The app talks to other software in production than it was written against.",
    drift: "`DATABASE_URL` is `sqlite:///` in dev and `postgresql://` in prod",
    parity: "`postgres://` in dev and `postgresql+psycopg://` in prod",
    opt_in: false,
};

impl Rule for BackingScheme {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        if pair.role != Role::Workload {
            return Vec::new();
        }
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let mut out = Vec::new();
        for var in &from.environ.vars {
            let Some(other) = to.environ.get(&var.key) else { continue };
            let (Some(x), Some(y)) = (kind(var), kind(other)) else { continue };
            let Some(relation) = relation(x, y) else { continue };
            let message = format!("`{}` of `{}` names {} in {a} and {} in {b}", var.key, pair.name, x.name, y.name);
            let place = |side, v: &EnvVar, k: &Kind| Place::secret(side, v.at.clone(), k.name.clone());
            let places = vec![place(Which::From, var, x), place(Which::To, other, y)];
            let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, places);
            finding.severity = match relation {
                Relation::StandIn => Severity::Info,
                Relation::CompatibleFork | Relation::WireCompatible => Severity::Warning,
                Relation::DivergedFork | Relation::Unrelated => Severity::Error,
            };
            finding.help = Some(format!("run {} in {a} as well", y.name));
            out.push(finding);
        }
        out
    }
}

/// Keys whose word names a driver, as frameworks spell them (Laravel, Django, knex, Prisma, Strapi).
const DRIVERS: [&str; 8] =
    ["DB_CONNECTION", "DB_ENGINE", "DATABASE_ENGINE", "DB_CLIENT", "DATABASE_CLIENT", "DB_DIALECT", "DB_TYPE", "DATABASE_TYPE"];

/// Words for the kinds that drivers name.
const NAMES: [(&str, &[&str]); 7] = [
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

/// The kind that a variable's value names.
fn kind(var: &EnvVar) -> Option<&'static Kind> {
    let named = || NAMES.iter().find(|(_, words)| var.value.one_of(words)).and_then(|(id, _)| crate::catalogue::kind(id));
    var.value.kind_of_url().or_else(|| DRIVERS.iter().any(|d| var.key == *d || var.key.ends_with(&format!("_{d}"))).then(named)?)
}
