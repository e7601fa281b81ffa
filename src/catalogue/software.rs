//! An image, a managed engine or a kind with its version text → what it states of software.

use super::managed::{engine_kind, managed_version};
use super::{Kind, Listed, kind, listed};
use crate::inventory::{Confidence, Flag, ImageRef, Software, Version};

mod tags;

impl Software {
    /// What an image reference states. Anything that parses gives software; its kind may be unknown.
    #[must_use]
    pub fn of_image(image: &ImageRef) -> Self {
        let name = image.name();
        let mut out = Self {
            text: image.text.clone(),
            image: Some(image.clone()),
            engine: None,
            kind: None,
            confidence: Confidence::Exact,
            version: Version::default(),
            extension: None,
            built_from: None,
            today: None,
            flags: Vec::new(),
        };
        let tag = image.tag.as_deref();
        if let Some((id, version)) = versioned_name(&name) {
            out.kind = kind(id);
            out.version = Version::parse(&version);
            return out;
        }
        let found = find(&name);
        let rule = found.as_ref().map_or("generic", |(l, _)| l.rule);
        if let Some((listed, confidence)) = found {
            out.kind = Some(listed.kind);
            out.confidence = confidence;
            out.extension = listed.extension.map(str::to_owned);
        }
        match tag {
            Some(tag) => tags::read(rule, tag, &name, &mut out),
            None if image.digest.is_some() => out.version = Version::opaque(""),
            None => {}
        }
        out
    }

    /// A managed engine with its version text: `("rds:postgres", Some("15.7"))`. `None` for an engine that the
    /// catalogue does not know.
    #[must_use]
    pub fn managed(engine: &str, version: Option<&str>) -> Option<Self> {
        let (service, name) = engine.split_once(':').unwrap_or((engine, ""));
        let id = engine_kind(service, name, version.unwrap_or(""))?;
        let mut out = Self::of_kind(id, None)?;
        engine.clone_into(out.engine.insert(String::new()));
        out.text = version.unwrap_or(engine).to_owned();
        if let Some(text) = version {
            out.version = managed_version(service, name, text, &mut out.flags);
        }
        if matches!(service, "docdb" | "cosmos-mongo" | "keyspaces") {
            out.flags.push(Flag::EmulatedApi);
        }
        Some(out)
    }

    /// A managed service whose engine and version are not said: `("cloudsql", "Cloud SQL")`.
    #[must_use]
    pub fn unnamed(service: &str, name: &str) -> Self {
        Self {
            text: name.to_owned(),
            image: None,
            engine: Some(service.to_owned()),
            kind: None,
            confidence: Confidence::Guess,
            version: Version::opaque(name),
            extension: None,
            built_from: None,
            today: None,
            flags: Vec::new(),
        }
    }

    /// Is it a managed service whose engine is not said?
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.kind.is_none() && self.engine.is_some()
    }

    /// A kind by id with a version text as written (operators, platforms): `("postgresql", Some("16"))`.
    #[must_use]
    pub fn of_kind(id: &str, version: Option<&str>) -> Option<Self> {
        let kind = kind(id)?;
        Some(Self {
            text: version.unwrap_or(id).to_owned(),
            image: None,
            engine: Some(id.to_owned()),
            kind: Some(kind),
            confidence: Confidence::Exact,
            version: version.map_or_else(Version::default, |v| Version::parse(v.trim_start_matches('v'))),
            extension: None,
            built_from: None,
            today: None,
            flags: Vec::new(),
        })
    }

    /// What the version is to be judged by: of an image of this repository's own, the image that it is built from, for
    /// its own tag counts something else.
    #[must_use]
    pub fn underlying(&self) -> Option<Self> {
        let image = ImageRef::parse(self.built_from.as_deref()?).ok()?;
        Some(Self::of_image(&image))
    }

    /// Is it stated by a managed service or an operator, not by an image?
    #[must_use]
    pub fn is_managed(&self) -> bool {
        self.engine.is_some()
    }
}

/// Names that a private registry's last component may be (never more: exporters and backups are other software).
const SERVICE_NAMES: [(&str, &str); 32] = [
    ("postgres", "postgres"),
    ("postgresql", "postgres"),
    ("postgis", "postgis/postgis"),
    ("pgvector", "pgvector/pgvector"),
    ("timescaledb", "timescale/timescaledb"),
    ("mysql", "mysql"),
    ("mariadb", "mariadb"),
    ("redis", "redis"),
    ("valkey", "valkey"),
    ("mongo", "mongo"),
    ("mongodb", "mongo"),
    ("rabbitmq", "rabbitmq"),
    ("memcached", "memcached"),
    ("kafka", "kafka"),
    ("elasticsearch", "elasticsearch"),
    ("opensearch", "opensearch"),
    ("minio", "minio"),
    ("nginx", "nginx"),
    ("traefik", "traefik"),
    ("cassandra", "cassandra"),
    ("couchdb", "couchdb"),
    ("neo4j", "neo4j"),
    ("influxdb", "influxdb"),
    ("clickhouse", "clickhouse"),
    ("etcd", "etcd"),
    ("solr", "solr"),
    ("zookeeper", "zookeeper"),
    ("mailhog", "mailhog/mailhog"),
    ("mailpit", "axllent/mailpit"),
    ("adminer", "adminer"),
    ("phpmyadmin", "phpmyadmin"),
    ("mongo-express", "mongo-express"),
];

/// Finds a name in the catalogue: as it is, behind a mirror, as a suffix, by its last component.
fn find(name: &str) -> Option<(&'static Listed, Confidence)> {
    if let Some(found) = listed(name) {
        return Some((found, Confidence::Exact));
    }
    for mirror in ["public.ecr.aws/docker/library/", "mirror.gcr.io/library/", "dhi.io/"] {
        if let Some(found) = name.strip_prefix(mirror).and_then(listed) {
            return Some((found, Confidence::Mirror));
        }
    }
    for mirror in ["public.ecr.aws/", "mirror.gcr.io/"] {
        if let Some(found) = name.strip_prefix(mirror).filter(|n| n.contains('/')).and_then(listed) {
            return Some((found, Confidence::Mirror));
        }
    }
    if let Some((_, rest)) = name.split_once("/dependency_proxy/containers/") {
        return listed(rest).map(|l| (l, Confidence::Mirror));
    }
    if let Some(found) = unmistakable(name) {
        return Some((found, Confidence::Suffix));
    }
    let hosted = name.split('/').next().is_some_and(|h| h.contains(['.', ':']) || h == "localhost");
    let mut rest = name;
    while let Some((_, tail)) = rest.split_once('/') {
        let official = tail.strip_prefix("library/");
        if let Some(found) = official.and_then(listed) {
            return Some((found, Confidence::Suffix));
        }
        if hosted
            && tail.contains('/')
            && let Some(found) = listed(tail)
        {
            return Some((found, Confidence::Suffix));
        }
        rest = tail;
    }
    let (_, image) = SERVICE_NAMES.iter().find(|(last, _)| rest != name && *last == rest)?;
    listed(image).map(|l| (l, Confidence::Guess))
}

/// Names that one publisher alone gives, under whatever prefix they are mirrored.
fn unmistakable(name: &str) -> Option<&'static Listed> {
    let last = name.rsplit('/').next()?;
    let crunchy = matches!(last, "crunchy-postgres" | "crunchy-postgres-gis");
    crunchy.then(|| listed("registry.developers.crunchydata.com/crunchydata/crunchy-postgres")).flatten()
}

/// Repositories whose name carries the version: `spilo-16`, `sclorg/postgresql-15-c9s`, `distroless/nodejs20-debian12`.
fn versioned_name(name: &str) -> Option<(&'static str, String)> {
    let last = name.rsplit('/').next()?;
    let digits = |t: &str| -> String { t.chars().take_while(char::is_ascii_digit).collect() };
    let after = |prefix: &str| last.strip_prefix(prefix).map(digits).filter(|d| !d.is_empty());
    if let Some(v) = after("spilo-") {
        return Some(("postgresql", v));
    }
    if name.contains("distroless/") {
        return after("nodejs").map(|v| ("node", v)).or_else(|| after("java").map(|v| ("java", v)));
    }
    let vendor = name.split('/').any(|p| p == "sclorg" || p == "rhscl" || p == "fedora" || p.starts_with("rhel") || p.starts_with("ubi"));
    if !vendor {
        return None;
    }
    // `postgresql-96` is 9.6, and `postgresql-13` is 13: a first digit of 9 is of the time when two numbers made a series.
    let numbered = |(prefix, id, split): &(&str, &'static str, usize)| {
        let v = after(prefix)?;
        let at = if *id == "postgresql" && v.len() == 2 && v.starts_with('9') { 1 } else { *split };
        Some((*id, if at > 0 && v.len() > at { format!("{}.{}", &v[..at], &v[at..]) } else { v }))
    };
    VENDORED.iter().find_map(numbered)
}

/// Names of Red Hat's images: what stands before the version, the kind, and after how many digits the first number ends
/// (catalog.redhat.com, github.com/sclorg).
const VENDORED: [(&str, &str, usize); 13] = [
    ("postgresql-", "postgresql", 0),
    ("mysql-", "mysql", 1),
    ("mariadb-", "mariadb", 2),
    ("mongodb-", "mongodb", 1),
    ("redis-", "redis", 1),
    ("nginx-", "nginx", 1),
    ("httpd-", "httpd", 1),
    ("varnish-", "varnish", 0),
    ("nodejs-", "node", 0),
    ("python-", "python", 1),
    ("ruby-", "ruby", 1),
    ("php-", "php", 1),
    ("openjdk-", "java", 0),
];

impl Kind {
    /// Is the service of this kind run by apps, or by developers alone?
    #[must_use]
    pub fn is_tool(&self) -> bool {
        self.dev_only && self.stands_in_for.is_empty()
    }
}
