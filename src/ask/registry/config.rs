//! The configuration of an image → what the image states of itself: when and from what it was built, and its version.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::catalogue::Kind;
use crate::inventory::version::State;
use crate::inventory::{ImageRef, Software, Version};

/// What an image states of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// The digest that the tag names today: of the index, where there is one.
    pub digest: String,
    /// The day on which it was built; absent where the build wrote no real one.
    pub created: Option<Date>,
    /// `org.opencontainers.image.revision`: the commit that it was built from.
    pub revision: Option<String>,
    /// `org.opencontainers.image.source`: the repository of that commit.
    pub source: Option<String>,
    /// `org.opencontainers.image.version`, where it is the image's own and not that of what it is built from.
    pub version: Option<String>,
    /// `NAME_VERSION` and `NAME_MAJOR` of its environment, the values that look like versions.
    pub numbers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    created: Option<String>,
    config: Option<Inner>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inner {
    #[serde(rename = "Env")]
    env: Option<Vec<String>>,
    #[serde(rename = "Labels")]
    labels: Option<BTreeMap<String, String>>,
}

/// Builds write 1970, 1980 or another constant where they are to be reproducible; docker itself is of 2013.
const FIRST: Date = Date::constant(2013, 3, 20);

/// Reads the configuration; annotations of the manifest say what labels do not.
pub(super) fn read(bytes: &[u8], annotations: &BTreeMap<String, String>, digest: String) -> Result<Labels, String> {
    let file: File = serde_json::from_slice(bytes).map_err(|_| "its configuration cannot be read".to_owned())?;
    let Inner { env, labels } = file.config.unwrap_or_default();
    let labels = labels.unwrap_or_default();
    let label = |name: &str| {
        let name = format!("org.opencontainers.image.{name}");
        labels
            .get(&name)
            .or_else(|| annotations.get(&name))
            .map(|t| t.trim())
            .filter(|t| !t.is_empty() && t.len() <= 300)
            .map(str::to_owned)
    };
    let day = |text: String| text.get(..10).and_then(|d| d.parse::<Date>().ok()).filter(|d| *d >= FIRST);
    // Ubuntu's own labels stay in what is built from it
    let inherited = labels.get("org.opencontainers.image.ref.name").is_some_and(|n| matches!(n.as_str(), "ubuntu" | "debian" | "alpine"));
    let own = label("title").is_some() || label("source").is_some() || !inherited;
    let other = || labels.get("org.label-schema.version").filter(|t| t.len() <= 300).cloned();
    let numbers = env.unwrap_or_default().into_iter().filter_map(|e| {
        let (key, value) = e.split_once('=')?;
        let named = key.ends_with("_VERSION") || key.ends_with("_MAJOR");
        (named && number(value).is_some()).then(|| (key.to_owned(), value.to_owned()))
    });
    Ok(Labels {
        digest,
        created: file.created.or_else(|| label("created")).and_then(day),
        revision: label("revision"),
        source: label("source"),
        version: label("version").filter(|_| own).or_else(other),
        numbers: numbers.collect(),
    })
}

/// The number at the beginning: `1:11.8.2+maria~ubu2404` → `11.8.2`, `18~beta1-1.pgdg13+2` → `18beta1`, `v1.2` → `1.2`.
fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.split_once(':') {
        Some((epoch, rest)) if !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => text.trim_start_matches('v'),
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = number.trim_end_matches('.');
    if number.is_empty() || number.len() > 40 || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim_start_matches(['~', '-']);
    let pre = ["alpha", "beta", "rc"].into_iter().find(|p| rest.starts_with(p));
    let digits = |p: &str| rest.get(p.len()..).unwrap_or("").chars().take_while(char::is_ascii_digit).collect::<String>();
    Some(pre.map_or_else(|| number.to_owned(), |p| format!("{number}{p}{}", digits(p))))
}

/// Keys under which official images keep the version of a kind, the most precise first.
fn keys(kind: &Kind) -> Vec<String> {
    let prefix = match kind.id.as_str() {
        "postgresql" => "PG",
        "mongodb" => "MONGO",
        "go" => "GOLANG",
        "elasticsearch" => "ELASTIC",
        id => id,
    };
    let prefix = prefix.to_ascii_uppercase().replace('-', "_");
    vec![format!("{prefix}_VERSION"), format!("{prefix}_MAJOR")]
}

impl Labels {
    /// The version of what is in the image of a statement, and the text that says it: of its kind's own variable, else of
    /// the label. `None` where neither is there.
    #[must_use]
    pub fn version_of(&self, software: &Software) -> Option<Version> {
        let known = software.kind.into_iter().flat_map(keys).find_map(|k| self.numbers.get(&k).and_then(|v| number(v)));
        if let Some(text) = known {
            return Some(Version::parse(&text)).filter(|v| v.state == State::Version);
        }
        // Bitnami's variable says what the label says.
        let bitnami = software.image.as_ref().is_some_and(|i| i.repository.starts_with("bitnami"));
        let text = self.version.clone().or_else(|| self.numbers.get("APP_VERSION").filter(|_| bitnami).cloned())?;
        // The label is written as a tag is, so it is read as one is: by the rules of its image.
        let image = software.image.as_ref()?;
        let tagged = |tag: &str| Software::of_image(&ImageRef { tag: Some(tag.to_owned()), digest: None, ..image.clone() }).version;
        let version = tagged(&text);
        let version = if version.state == State::Version { version } else { tagged(&number(&text)?) };
        (version.state == State::Version && !version.components.is_empty()).then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(json: &str) -> Labels {
        read(json.as_bytes(), &BTreeMap::new(), "sha256:0".into()).expect("a configuration")
    }

    fn version(image: &str, json: &str) -> Option<String> {
        let image = ImageRef::parse(image).expect("an image");
        let version = labels(json).version_of(&Software::of_image(&image))?;
        Some(format!("{}{}", version.number()?, version.prerelease))
    }

    #[test]
    fn the_variable_of_the_kind_counts() {
        let pg = r#"{"config": {"Env": ["PATH=/bin", "PG_MAJOR=18", "PG_VERSION=18.1-1.pgdg13+2", "GOSU_VERSION=1.19"]}}"#;
        assert_eq!(version("postgres:latest", pg).as_deref(), Some("18.1"));
        assert_eq!(version("postgres", r#"{"config": {"Env": ["PG_MAJOR=18"]}}"#).as_deref(), Some("18"));
        assert_eq!(version("postgres:alpine", r#"{"config": {"Env": ["PG_VERSION=18~beta1-1.pgdg"]}}"#).as_deref(), Some("18beta1"));
        assert_eq!(version("redis", r#"{"config": {"Env": ["REDIS_VERSION=8.4.0", "GOSU_VERSION=1.17"]}}"#).as_deref(), Some("8.4.0"));
        assert_eq!(version("mariadb", r#"{"config": {"Env": ["MARIADB_VERSION=1:11.8.2+maria~ubu2404"]}}"#).as_deref(), Some("11.8.2"));
    }

    #[test]
    fn the_label_of_what_it_is_built_from_does_not() {
        let own = r#"{"config": {"Labels": {"org.opencontainers.image.version": "v3.6.1"}}}"#;
        assert_eq!(version("traefik:latest", own).as_deref(), Some("3.6.1"));
        let ubuntu =
            r#"{"config": {"Labels": {"org.opencontainers.image.ref.name": "ubuntu", "org.opencontainers.image.version": "24.04"}}}"#;
        assert_eq!(version("traefik:latest", ubuntu), None);
        assert_eq!(version("mongo", r#"{"config": {"Env": ["GOSU_VERSION=1.19", "PG_VERSION=18"]}}"#), None);
        assert_eq!(version("traefik", r#"{"config": {"Labels": {"org.opencontainers.image.version": "main"}}}"#), None);
    }

    #[test]
    fn days_and_revisions() {
        let full = r#"{"created": "2026-05-01T10:00:00Z", "config": {"Labels": {
            "org.opencontainers.image.revision": "0123abc", "org.opencontainers.image.source": "https://example.com/acme/shop"}}}"#;
        let labels_ = labels(full);
        assert_eq!(labels_.created, Some(Date::constant(2026, 5, 1)));
        assert_eq!((labels_.revision.as_deref(), labels_.source.as_deref()), (Some("0123abc"), Some("https://example.com/acme/shop")));
        for created in ["1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "0001-01-01T00:00:00Z", "soon", ""] {
            assert_eq!(labels(&format!(r#"{{"created": "{created}"}}"#)).created, None, "{created}");
        }
    }

    #[test]
    fn odd_configurations() {
        for json in
            ["{}", r#"{"config": null}"#, r#"{"config": {"Env": null, "Labels": null}}"#, r#"{"config": {"Env": ["", "=", "A_VERSION"]}}"#]
        {
            let mut found = labels(json);
            found.digest.clear();
            assert_eq!(found, Labels::default(), "{json}");
        }
        assert!(read(b"[", &BTreeMap::new(), String::new()).is_err());
        assert_eq!(labels(r#"{"config": {"Env": ["APP_VERSION=hunter2", "A_VERSION=v", "B_MAJOR=..."]}}"#).numbers, BTreeMap::new());
    }
}
