//! What a backing service is: kinds, images, managed engines, relations, levels. Data in `catalogue/kinds.toml`, from which
//! `kinds.jsonl` is written: reading JSON takes a tenth of the time, and that was half of a small run.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

mod charts;
mod classify;
pub mod compare;
pub mod eol;
mod injected;
mod managed;
mod ports;
mod reached;
mod runtimes;
pub mod secrets;
mod software;
pub mod statement;

pub use charts::{chart_version, kind_of_chart};
pub use classify::classify;
pub use injected::{injected, of_addon};
pub use ports::kind_of_port;
pub use reached::{meets, reached, told};
pub use runtimes::runtime;
pub(crate) use runtimes::runtime_version;

/// What a kind is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Keeps data.
    Database,
    /// Cache.
    Cache,
    /// Queue or broker.
    Queue,
    /// Search engine.
    Search,
    /// Vector store.
    Vector,
    /// Object store.
    ObjectStore,
    /// Coordination (etcd, zookeeper).
    Coordination,
    /// Secret store.
    Secrets,
    /// Identity provider.
    Identity,
    /// Mail.
    Mail,
    /// Proxy or web server.
    Proxy,
    /// Workflow engine.
    Workflow,
    /// Metrics, logs, traces.
    Observability,
    /// Stands in for a service of a cloud while developing.
    Emulator,
    /// Only for developers: adminer, pgadmin.
    DevTool,
    /// A language runtime.
    Runtime,
}

/// What a differing component of a version means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Another supported series: behaviour differs.
    Major,
    /// New features.
    Minor,
    /// Fixes.
    Patch,
}

/// One kind of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its id: `postgresql`.
    pub id: String,
    /// Its name for people: `PostgreSQL`.
    pub name: String,
    /// Is the name that of a class of software (`Mail catcher`), not of a product?
    #[serde(default)]
    pub class: bool,
    /// What it is used for.
    pub category: Category,
    /// Protocol family: `pgwire`.
    #[serde(default)]
    pub family: String,
    /// Used while developing alone (mailpit, adminer, localstack).
    #[serde(default)]
    pub dev_only: bool,
    /// Kinds for which it stands in while developing.
    #[serde(default)]
    pub stands_in_for: Vec<String>,
    /// Values of a kind label.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Default ports.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// URL schemes.
    #[serde(default)]
    pub schemes: Vec<String>,
    /// Keys by which apps usually reach it.
    #[serde(default)]
    pub env: Vec<String>,
    /// Keys that configure its own container; `*` at either end is a wildcard.
    #[serde(default)]
    pub container_env: Vec<String>,
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    tagged: Vec<(String, String, String)>,
    #[serde(default)]
    levels: Vec<Vec<String>>,
    #[serde(default)]
    series: Vec<(u64, usize)>,
    /// Charts that install it.
    #[serde(default)]
    pub charts: Vec<String>,
    /// Custom resources that declare it: `group/Kind`.
    #[serde(default)]
    pub crds: Vec<String>,
    /// Product at endoflife.date.
    #[serde(default)]
    pub eol: Option<String>,
}

/// The id says all: ids are unique.
impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Kind {}

impl Kind {
    /// Is it software that is released in versions? A service of a cloud (S3, SQS) has none.
    #[must_use]
    pub fn has_versions(&self) -> bool {
        self.family != "embedded" && !(self.levels.is_empty() && self.images.is_empty())
    }

    /// Its name within a sentence: that of a product as it is written, that of a class as any word.
    #[must_use]
    pub fn noun(&self) -> String {
        let word = self.name.split(' ').next().unwrap_or_default();
        let plain = word.chars().skip(1).all(char::is_lowercase);
        let mut letters = self.name.chars();
        match letters.next() {
            // `Redis-compatible`, `AWS mock` and `PostgreSQL connection pooler` begin with a name.
            Some(first) if self.class && plain => first.to_lowercase().chain(letters).collect(),
            _ => self.name.clone(),
        }
    }

    /// The levels of the components, chosen by the first number of the lower version.
    #[must_use]
    pub fn levels(&self, first: u64) -> Vec<Level> {
        let row = self.levels.iter().find(|row| row.first().and_then(|n| n.parse::<u64>().ok()).is_some_and(|min| first >= min));
        let level = |word: &String| match word.as_str() {
            "major" => Level::Major,
            "minor" => Level::Minor,
            _ => Level::Patch,
        };
        row.map_or_else(|| vec![Level::Major, Level::Minor, Level::Patch], |row| row.iter().skip(1).map(level).collect())
    }

    /// How many components name one supported series.
    #[must_use]
    pub fn series(&self, first: u64) -> usize {
        self.series.iter().find(|(min, _)| first >= *min).map_or(1, |(_, n)| *n)
    }
}

/// An image of the catalogue: its kind, tag rule and extension.
pub(crate) struct Listed {
    pub(crate) kind: &'static Kind,
    pub(crate) rule: &'static str,
    pub(crate) extension: Option<&'static str>,
}

struct Catalogue {
    by_id: BTreeMap<&'static str, &'static Kind>,
    by_image: BTreeMap<&'static str, Listed>,
    by_scheme: BTreeMap<&'static str, &'static Kind>,
    by_crd: BTreeMap<&'static str, &'static Kind>,
}

/// One kind a line. The table is part of the program, and a test reads every kind of it.
static TABLE: LazyLock<Vec<Kind>> = LazyLock::new(|| TEXT.lines().filter_map(|kind| serde_json::from_str(kind).ok()).collect());

const TEXT: &str = include_str!("catalogue/kinds.jsonl");

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut out = Catalogue { by_id: BTreeMap::new(), by_image: BTreeMap::new(), by_scheme: BTreeMap::new(), by_crd: BTreeMap::new() };
    for kind in TABLE.iter() {
        out.by_id.insert(&kind.id, kind);
        for image in &kind.images {
            out.by_image.insert(image, Listed { kind, rule: "generic", extension: None });
        }
        for (image, rule, extension) in &kind.tagged {
            let extension = (!extension.is_empty()).then_some(extension.as_str());
            out.by_image.insert(image, Listed { kind, rule, extension });
        }
        for scheme in &kind.schemes {
            out.by_scheme.entry(scheme).or_insert(kind);
        }
        for crd in &kind.crds {
            out.by_crd.entry(crd).or_insert(kind);
        }
    }
    out
});

/// Every kind, in the order of the table.
#[must_use]
pub fn kinds() -> &'static [Kind] {
    &TABLE
}

/// The kind of an id.
#[must_use]
pub fn kind(id: &str) -> Option<&'static Kind> {
    CATALOGUE.by_id.get(id).copied()
}

/// The kind that a URL scheme names (`postgresql+asyncpg`).
#[must_use]
pub fn kind_of_scheme(scheme: &str) -> Option<&'static Kind> {
    let lower = scheme.to_ascii_lowercase();
    let found = |s: &str| CATALOGUE.by_scheme.get(s).copied();
    found(&lower).or_else(|| found(lower.split('+').next().unwrap_or(&lower)))
}

/// The kind that a custom resource declares (`postgresql.cnpg.io`, `Cluster`).
#[must_use]
pub fn kind_of_crd(group: &str, resource: &str) -> Option<&'static Kind> {
    CATALOGUE.by_crd.get(format!("{group}/{resource}").as_str()).copied()
}

/// The listed image of a name in the catalogue's form.
pub(crate) fn listed(name: &str) -> Option<&'static Listed> {
    CATALOGUE.by_image.get(name)
}

/// How two kinds relate; the words of the JSON report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// A fork that still behaves alike (redis, valkey).
    CompatibleFork,
    /// Same protocol, other engine (postgresql, cockroachdb).
    WireCompatible,
    /// Made to stand in while developing (minio for s3).
    StandIn,
    /// A fork that went its own way (elasticsearch, opensearch; mysql, mariadb).
    DivergedFork,
    /// No relation.
    Unrelated,
}

impl Relation {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CompatibleFork => "compatible-fork",
            Self::WireCompatible => "wire-compatible",
            Self::StandIn => "stand-in",
            Self::DivergedFork => "diverged-fork",
            Self::Unrelated => "unrelated",
        }
    }
}

/// Forks that still behave alike.
const COMPATIBLE: [&[&str]; 2] = [&["redis", "valkey", "keydb"], &["vault", "openbao"]];
/// Forks that went their own way.
const DIVERGED: [&[&str]; 3] = [&["elasticsearch", "opensearch"], &["mysql", "mariadb"], &["activemq", "artemis"]];
/// Families in which another engine speaks the same protocol.
const WIRE: [&str; 9] = ["pgwire", "mysql", "resp", "kafka", "cql", "mongo", "amqp091", "bolt", "s3"];
/// Object stores that are run in a container: stand-ins in development for the cloud's.
const STORES: [&str; 2] = ["minio", "s3-other"];

/// How `from` (development) relates to `to` (production), or `None` when they are the same kind.
#[must_use]
pub fn relation(from: &Kind, to: &Kind) -> Option<Relation> {
    if from.id == to.id {
        return None;
    }
    let both = |set: &&[&str]| set.contains(&from.id.as_str()) && set.contains(&to.id.as_str());
    let stands_in = from.stands_in_for.iter().any(|k| *k == to.id || (k == "smtp" && to.family == "smtp"))
        || (STORES.contains(&from.id.as_str()) && matches!(to.id.as_str(), "s3" | "gcs"));
    Some(if COMPATIBLE.iter().any(both) {
        Relation::CompatibleFork
    } else if DIVERGED.iter().any(both) {
        Relation::DivergedFork
    } else if stands_in {
        Relation::StandIn
    } else if from.family == to.family && WIRE.contains(&from.family.as_str()) {
        Relation::WireCompatible
    } else {
        Relation::Unrelated
    })
}

/// Does a key match a pattern with `*` at either end?
#[must_use]
pub fn matches(pattern: &str, key: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => key.contains(pattern.trim_matches('*')),
        (Some(end), None) => key.ends_with(end),
        (None, Some(start)) => key.starts_with(start),
        (None, None) => match pattern.split_once('*') {
            Some((start, end)) => key.len() >= start.len() + end.len() && key.starts_with(start) && key.ends_with(end),
            None => pattern == key,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_table_is_read() {
        let document: toml_edit::DocumentMut = include_str!("catalogue/kinds.toml").parse().expect("TOML");
        let ids = document["kind"].as_array_of_tables().expect("kinds").iter().map(|k| k["id"].as_str().expect("an id"));
        assert!(kinds().len() > 100);
        assert!(ids.eq(kinds().iter().map(|k| k.id.as_str())));
    }
}
