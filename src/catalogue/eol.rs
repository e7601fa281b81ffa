//! A statement of software → when its release line ends, from the table of endoflife.date in `eol.tsv`.
//!
//! The table is a snapshot: [`SNAPSHOT`] is its day, `scripts/refresh-eol` makes a new one. A version that it does not
//! know has no answer, and no answer is never the end of life.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::Kind;
use crate::inventory::version::State;
use crate::inventory::{Flag, Software, Version};

/// The day of the table.
pub const SNAPSHOT: Date = Date::constant(2026, 8, 22);

/// When a release line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its last day of community, security or the cloud's standard support.
    On(Date),
    /// Over; the day is not known.
    Past,
    /// No end is announced.
    Open,
}

/// A release line and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eol {
    /// The product at endoflife.date: `postgresql`, `amazon-rds-postgresql`.
    pub product: &'static str,
    /// The line: `16`, `8.4`.
    pub cycle: &'static str,
    /// Its end.
    pub end: End,
}

type Cycle = (Vec<u64>, Eol);

static TABLE: LazyLock<BTreeMap<&'static str, Vec<Cycle>>> = LazyLock::new(|| {
    let mut out: BTreeMap<&'static str, Vec<Cycle>> = BTreeMap::new();
    for (product, cycle) in include_str!("eol.tsv").lines().filter(|l| !l.starts_with('#')).filter_map(row) {
        out.entry(product).or_default().push(cycle);
    }
    out
});

fn row(line: &'static str) -> Option<(&'static str, Cycle)> {
    let mut cells = line.split('\t');
    let (product, cycle, end) = (cells.next()?, cells.next()?, cells.next()?);
    let end = match end {
        "true" => End::Past,
        "false" => End::Open,
        day => End::On(day.parse().ok()?),
    };
    let numbers = cycle.split('.').map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>()?;
    Some((product, (numbers, Eol { product, cycle, end })))
}

/// The line of a product in which a version lies: the longest that is a prefix of it, component by component. `None`
/// where the version is shorter than every line (`mysql:8`), or lies in none that the table knows.
fn line(product: &str, version: &[u64]) -> Option<Eol> {
    let lines = TABLE.get(product)?.iter().filter(|(numbers, _)| version.starts_with(numbers));
    lines.max_by_key(|(numbers, _)| numbers.len()).map(|(_, eol)| *eol)
}

/// The line of a kind's own project in which a version lies.
#[must_use]
pub fn of(kind: &Kind, version: &Version) -> Option<Eol> {
    (version.state == State::Version).then(|| line(kind.eol.as_deref()?, &version.components)).flatten()
}

/// The line in which what one side runs lies: by the dates of the cloud that runs it where it has its own, else by the
/// project's. Engines that a cloud maintains beyond the project, with dates that the table has not, have no answer.
#[must_use]
pub fn of_software(software: &Software) -> Option<Eol> {
    if software.built_from.is_some() {
        return of_software(&software.underlying()?);
    }
    let kind = software.kind?;
    let engine = software.engine.as_deref().unwrap_or("").to_ascii_lowercase();
    let (service, name) = engine.split_once(':').unwrap_or(("", ""));
    let product = match (service, name) {
        ("rds", "postgres") => "amazon-rds-postgresql",
        ("rds", "mysql") => "amazon-rds-mysql",
        ("rds", "mariadb") => "amazon-rds-mariadb",
        ("rds", "aurora-postgresql") => "amazon-aurora-postgresql",
        // AWS counts in its own numbers; the statement's are translated to Redis's.
        ("elasticache", "redis") => return line("amazon-elasticache-redis", &Version::parse(&software.text).components),
        ("docdb", _) => "amazon-documentdb",
        ("neptune", _) => "amazon-neptune",
        ("opensearch", _) if kind.id == "opensearch" => "amazon-opensearch",
        ("msk", _) => "amazon-msk",
        ("mq", "rabbitmq") => "amazon-mq-rabbitmq",
        ("mq", "activemq") => "amazon-mq-activemq",
        ("azure", _) if kind.id == "postgresql" => "azure-database-for-postgresql",
        ("azure", _) if kind.id == "mysql" => "azure-database-for-mysql",
        ("opensearch" | "memorydb", _) => return None,
        ("rds", aurora) if aurora.starts_with("aurora") => return None,
        _ if software.flags.contains(&Flag::EmulatedApi) => return None,
        // Confluent Platform has dates of its own.
        _ if software.image.is_some() && software.flags.contains(&Flag::Mapped) => return None,
        // The table has Temurin's dates; the other publishers of Java have others.
        _ if kind.id == "java" && !software.image.as_ref().is_some_and(|i| i.repository.ends_with("eclipse-temurin")) => return None,
        _ => return of(kind, &software.version),
    };
    (software.version.state == State::Version).then(|| line(product, &software.version.components)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{kinds, statement};

    /// `cycle end` of a statement, or `-`.
    fn end(text: &str) -> String {
        let software = statement::parse(text).expect("a statement");
        of_software(&software).map_or_else(
            || "-".into(),
            |e| match e.end {
                End::On(day) => format!("{} {day}", e.cycle),
                End::Past => format!("{} past", e.cycle),
                End::Open => format!("{} open", e.cycle),
            },
        )
    }

    /// Dates as at <https://endoflife.date> on the day of the snapshot.
    #[test]
    fn the_longest_line_that_the_version_lies_in() {
        assert_eq!(end("postgres:13-alpine"), "13 2025-11-13");
        assert_eq!(end("postgres:9.6.24"), "9.6 2021-11-11");
        assert_eq!(end("mysql:8.4.3"), "8.4 2032-04-30");
        assert_eq!(end("elasticsearch:7.17.9"), "7 2026-01-15");
        assert_eq!(end("elasticsearch:8.19.2"), "8.19 2027-07-15");
        assert_eq!(end("redis:8.6"), "8.6 open");
        assert_eq!(end("mcr.microsoft.com/mssql/server:2019-CU14-ubuntu-20.04"), "2019 2030-01-08");
    }

    #[test]
    fn no_answer_is_not_the_end() {
        for text in ["mysql:8", "postgres:latest", "postgres:99", "mysql:26.7.0", "acme/api:1.4", "postgres:sha-abc1234", "redis:7"] {
            assert_eq!(end(text), "-", "{text}");
        }
    }

    #[test]
    fn a_cloud_has_its_own_dates() {
        assert_eq!(end("rds:postgres 13.15"), "13 2026-02-28");
        assert_eq!(end("elasticache:redis 7.1"), "7 open");
        assert_eq!(end("docdb:docdb 5.0.0"), "5.0 open");
        assert_eq!(end("rds:aurora-mysql 5.7.mysql_aurora.2.11.4"), "-");
        assert_eq!(end("cloudsql:postgres POSTGRES_13"), "13 2025-11-13");
        assert_eq!(end("confluentinc/cp-kafka:7.5.0"), "-");
        assert_eq!(end("amazoncorretto:20"), "-");
    }

    #[test]
    fn every_row_is_read_and_every_product_is_there() {
        let rows = include_str!("eol.tsv").lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(TABLE.values().map(Vec::len).sum::<usize>(), rows);
        assert!(include_str!("eol.tsv").contains(&format!("# Snapshot: {SNAPSHOT}\n")), "SNAPSHOT is the day of the table");
        for product in kinds().iter().filter_map(|k| k.eol.as_deref()) {
            assert!(TABLE.contains_key(product), "{product} is not in eol.tsv; run scripts/refresh-eol");
        }
    }
}
