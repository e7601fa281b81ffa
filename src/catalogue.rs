//! What a backing service is: kinds, images, managed engines, relations, levels, end of life. Data in `catalogue/`.

use crate::inventory::{Flag, Service, Software};

pub mod compare;

/// What a kind is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Anything else.
    Other,
}

/// One kind of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its id: `postgresql`.
    pub id: String,
    /// Its name for people: `PostgreSQL`.
    pub name: String,
    /// What it is used for.
    pub category: Category,
    /// Protocol family: `pgwire`.
    pub family: String,
    /// Used while developing alone (mailpit, adminer, localstack).
    pub dev_only: bool,
    /// Default ports.
    pub ports: Vec<u16>,
    /// URL schemes.
    pub schemes: Vec<String>,
    /// Keys by which apps usually reach it.
    pub env: Vec<String>,
    /// Keys that configure its own container; `*` at either end is a wildcard.
    pub container_env: Vec<String>,
    /// Product at endoflife.date.
    pub eol: Option<String>,
}

/// The kind of an id.
#[must_use]
pub fn kind(id: &str) -> Option<&'static Kind> {
    let _ = id;
    None
}

/// The kind that a URL scheme names (`postgresql+asyncpg`).
#[must_use]
pub fn kind_of_scheme(scheme: &str) -> Option<&'static Kind> {
    let _ = scheme;
    None
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

/// How `from` (development) relates to `to` (production), or `None` when they are the same kind.
#[must_use]
pub fn relation(from: &Kind, to: &Kind) -> Option<Relation> {
    (from != to).then_some(Relation::Unrelated)
}

impl Software {
    /// What an image reference states. Anything that parses gives software; its kind may be unknown.
    #[must_use]
    pub fn of_image(image: &crate::inventory::ImageRef) -> Self {
        let _ = image;
        todo!()
    }

    /// A managed engine with its version text: `("rds:postgres", Some("15.7"))`. `None` for an engine that the
    /// catalogue does not know.
    #[must_use]
    pub fn managed(engine: &str, version: Option<&str>) -> Option<Self> {
        let _ = (engine, version);
        todo!()
    }

    /// A kind by id with a version text as written (operators, platforms): `("postgresql", Some("16"))`.
    #[must_use]
    pub fn of_kind(id: &str, version: Option<&str>) -> Option<Self> {
        let _ = (id, version);
        todo!()
    }

    /// Adds a flag.
    #[must_use]
    pub fn with_flag(mut self, flag: Flag) -> Self {
        self.flags.push(flag);
        self
    }
}

/// Decides whether a service is backing or workload, and of which kind, from its image, its build, its container
/// variables and its labels, in the order of the catalogue's rules. Formats call nothing of this; the line does.
pub fn classify(service: &mut Service) {
    let _ = service;
}
