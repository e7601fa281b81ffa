//! A statement of software → when its release line ends, from the table of endoflife.date in `eol.tsv`.
//!
//! The table is a snapshot: [`SNAPSHOT`] is its day, `scripts/refresh-eol` makes a new one; with `--online` what
//! endoflife.date says today takes the place of its lines, product by product. A version that it does not know has no
//! answer, and no answer is never the end of life.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eol {
    /// The product at endoflife.date: `postgresql`, `amazon-rds-postgresql`.
    pub product: &'static str,
    /// The line: `16`, `8.4`.
    pub cycle: Cow<'static, str>,
    /// Its end.
    pub end: End,
}

type Line = (Vec<u64>, Cow<'static, str>, End);

/// The release lines of products.
#[derive(Debug, Clone, Default)]
pub struct Table {
    lines: BTreeMap<&'static str, Vec<Line>>,
    /// The days of those that are not of the snapshot.
    days: BTreeMap<&'static str, Date>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut out = Table::default();
    for (product, line) in include_str!("eol.tsv").lines().filter(|l| !l.starts_with('#')).filter_map(row) {
        out.lines.entry(product).or_default().push(line);
    }
    out
});

fn row(line: &'static str) -> Option<(&'static str, Line)> {
    let mut cells = line.split('\t');
    let (product, cycle, end) = (cells.next()?, cells.next()?, cells.next()?);
    let end = match end {
        "true" => End::Past,
        "false" => End::Open,
        day => End::On(day.parse().ok()?),
    };
    Some((product, (numbers(cycle)?, cycle.into(), end)))
}

/// `[8, 4]` of `8.4`; nothing of what is no version.
fn numbers(cycle: &str) -> Option<Vec<u64>> {
    cycle.split('.').map(|n| n.parse().ok()).collect()
}

/// The table of the snapshot.
#[must_use]
pub fn snapshot() -> &'static Table {
    &TABLE
}

impl Table {
    /// Puts what was said on a day in the place of a product's lines; cycles that are no version are left out.
    pub fn replace(&mut self, product: &'static str, day: Date, cycles: Vec<(String, End)>) {
        let lines = cycles.into_iter().filter_map(|(cycle, end)| Some((numbers(&cycle)?, cycle.into(), end)));
        self.lines.insert(product, lines.collect());
        self.days.insert(product, day);
    }

    /// The day of a product's lines.
    #[must_use]
    pub fn day_of(&self, product: &str) -> Date {
        self.days.get(product).copied().unwrap_or(SNAPSHOT)
    }

    /// The day at which ends are judged where no other is given: that of the latest answer, else of the snapshot.
    #[must_use]
    pub fn day(&self) -> Date {
        self.days.values().max().copied().unwrap_or(SNAPSHOT)
    }

    /// The line in which what one side runs lies: the longest that is a prefix of its version, component by component.
    /// `None` where the version is shorter than every line (`mysql:8`), or lies in none that the table knows.
    #[must_use]
    pub fn of_software(&self, software: &Software) -> Option<Eol> {
        let (product, version) = product(software)?;
        let lines = self.lines.get(product)?.iter().filter(|(numbers, ..)| version.starts_with(numbers));
        lines.max_by_key(|(numbers, ..)| numbers.len()).map(|(_, cycle, end)| Eol { product, cycle: cycle.clone(), end: *end })
    }
}

/// The product of what one side runs, and its version: of the cloud that runs it where that has dates of its own, else of
/// the project. Engines that a cloud maintains beyond the project, with dates that endoflife.date has not, have none.
#[must_use]
pub fn product(software: &Software) -> Option<(&'static str, Vec<u64>)> {
    if software.built_from.is_some() {
        return product(&software.underlying()?);
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
        ("elasticache", "redis") => return Some(("amazon-elasticache-redis", Version::parse(&software.text).components)),
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
        // Of a class of software, one product has the dates.
        _ if kind.class && !software.image.as_ref().is_some_and(|i| kind.eol.as_ref().is_some_and(|p| i.repository.contains(p))) => {
            return None;
        }
        _ => kind.eol.as_deref()?,
    };
    (software.version.state == State::Version).then(|| (product, software.version.components.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{kinds, statement};

    /// `cycle end` of a statement, or `-`.
    fn end(text: &str) -> String {
        let software = statement::parse(text).expect("a statement");
        snapshot().of_software(&software).map_or_else(
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
        assert_eq!(end("jaegertracing/all-in-one:1.52"), "1 2025-12-31");
        assert_eq!(end("openzipkin/zipkin:1.31"), "-", "a tracing backend, and not Jaeger");
    }

    #[test]
    fn every_row_is_read_and_every_product_is_there() {
        let rows = include_str!("eol.tsv").lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(TABLE.lines.values().map(Vec::len).sum::<usize>(), rows);
        assert!(include_str!("eol.tsv").contains(&format!("# Snapshot: {SNAPSHOT}\n")), "SNAPSHOT is the day of the table");
        for product in kinds().iter().filter_map(|k| k.eol.as_deref()) {
            assert!(TABLE.lines.contains_key(product), "{product} is not in eol.tsv; run scripts/refresh-eol");
        }
    }
}
