//! What development states and what production states → the text that development should hold, where it surely exists.

use std::ops::Range;

use crate::catalogue::compare::{Verdict, compare};
use crate::inventory::version::State;
use crate::inventory::{Flag, ImageRef, Software};

/// A part of a statement's text, and what is to stand there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct New {
    /// The part, in bytes of [`Software::text`].
    pub(super) range: Range<usize>,
    /// The new text.
    pub(super) with: String,
    /// The whole statement with it.
    pub(super) text: String,
}

/// Projects whose own images have a tag for each series, beside Docker's official ones.
const SERIES: [&str; 4] = ["valkey/valkey", "pgvector/pgvector", "timescale/timescaledb", "clickhouse/clickhouse-server"];
/// Images that have a tag for every whole version, and none for a series.
const WHOLE: [&str; 10] = [
    "elasticsearch",
    "kibana",
    "logstash",
    "docker.elastic.co/elasticsearch/elasticsearch",
    "docker.elastic.co/kibana/kibana",
    "opensearchproject/opensearch",
    "opensearchproject/opensearch-dashboards",
    "apache/kafka",
    "apache/activemq-artemis",
    "grafana/grafana",
];
/// Official images that get no new versions (docker-library/docs: deprecated).
const ENDED: [&str; 6] = ["openjdk", "consul", "vault", "adoptopenjdk", "centos", "java"];
/// Code names of base systems: each goes with some versions alone.
const DATED: [&str; 10] = ["trixie", "bookworm", "bullseye", "buster", "stretch", "jessie", "noble", "jammy", "focal", "bionic"];
/// Tags that move and say nothing of a base system.
const CHANNELS: [&str; 5] = ["latest", "stable", "mainline", "lts", "current"];

/// The text that brings a statement to another's version, as precise as it was; or why there is none.
pub(super) fn toward(is: &Software, to: &Software) -> Result<New, String> {
    let beneath = to.built_from.is_some().then(|| to.underlying()).flatten();
    let to = beneath.as_ref().unwrap_or(to);
    if let Some(base) = &is.built_from {
        return Err(format!("its image is built in this repository, from `{base}`"));
    }
    let new = match &is.image {
        Some(image) => of_image(is, image, to)?,
        None => of_runtime(is, to)?,
    };
    let after = match &is.image {
        Some(_) => ImageRef::parse(&new.text).map(|i| Software::of_image(&i)).map_err(|e| e.to_string())?,
        None => return Ok(new),
    };
    let after = Software { kind: after.kind.or(is.kind), ..after };
    let verdict = compare(&after, to).verdict;
    let near = matches!(verdict, Verdict::Same | Verdict::Covers | Verdict::Flavour);
    if near { Ok(new) } else { Err(format!("`{}` would not be what production runs either", new.text)) }
}

fn of_image(is: &Software, image: &ImageRef, to: &Software) -> Result<New, String> {
    if image.digest.is_some() {
        return Err("it is pinned by a digest, which would have to be looked up".into());
    }
    let same = to.image.as_ref().filter(|i| (&i.registry, &i.repository) == (&image.registry, &image.repository));
    let name_end = is.text.len() - image.tag.as_ref().map_or(0, |t| t.len() + 1);
    let whole = |tag: &str| New {
        range: name_end..is.text.len(),
        with: format!(":{tag}"),
        text: format!("{}:{tag}", is.text.get(..name_end).unwrap_or_default()),
    };
    let (a, b) = (&is.version, &to.version);
    // The very tag that production runs is there, where it says as much as the one that is replaced.
    if let Some(tag) = same.and_then(|i| i.tag.as_deref()).filter(|_| a.state == b.state && b.state != State::Floating)
        && (a.components.len(), &a.flavours, a.extension.is_some()) == (b.components.len(), &b.flavours, b.extension.is_some())
        && (b.state != State::Opaque)
    {
        return Ok(within(is, name_end, tag).unwrap_or_else(|| whole(tag)));
    }
    let Some(kind) = is.kind else { return Err("its software is not known, so neither are its tags".into()) };
    if to.kind != Some(kind) {
        return Err("production runs other software there".into());
    }
    match (a.state, b.state) {
        (_, State::Floating) => return Err("production names no version".into()),
        (_, State::Opaque | State::Date) => return Err("what production names is no version number".into()),
        (State::Opaque | State::Date, _) => return Err("its tag is no version number".into()),
        (State::Version | State::Floating, State::Version) => {}
    }
    if is.flags.contains(&Flag::Mapped) {
        return Err("its tags count something else than the software in it".into());
    }
    if !b.prerelease.is_empty() || !a.prerelease.is_empty() {
        return Err("one of the two is a pre-release".into());
    }
    if !a.revision.is_empty() {
        return Err(format!(
            "its tag names a build (`{}`), and which builds there are of another version is not known",
            a.revision.join("-")
        ));
    }
    if let Some(extension) = &a.extension {
        return Err(format!(
            "its tag names {extension} of its extension as well, and whether that is there for another version is not known"
        ));
    }
    let dated = |f: &&String| f.bytes().any(|b| b.is_ascii_digit()) || DATED.contains(&f.as_str());
    if let Some(flavour) = a.flavours.iter().find(dated).filter(|f| same.is_none() || !b.flavours.contains(f)) {
        return Err(format!("whether production's version is there on `{flavour}` is not known"));
    }
    let components = components(is, to, &image.name(), same.is_some())?;
    let number = numbers(&components);
    let Some(tag) = &image.tag else { return Ok(whole(&number)) };
    let tag = match a.state {
        State::Floating => {
            let rest: Vec<&str> = tag.split('-').filter(|t| !CHANNELS.contains(t)).collect();
            let channel = rest.len() < tag.split('-').count();
            if !channel && rest.iter().any(|t| !a.flavours.iter().any(|f| f == t)) {
                return Err(format!("what `{tag}` stands for is not known"));
            }
            [vec![number.as_str()], rest].concat().join("-")
        }
        _ => {
            let old = numbers(&a.components);
            let token = |t: &&str| t.strip_prefix('v').or_else(|| t.strip_prefix("pg")).unwrap_or(t) == old;
            let found = tag.split('-').find(token).ok_or_else(|| format!("its tag `{tag}` is not written as a plain number"))?;
            tag.split('-').map(|t| if t == found { t.replace(&old, &number) } else { t.to_owned() }).collect::<Vec<_>>().join("-")
        }
    };
    Ok(within(is, name_end, &tag).unwrap_or_else(|| whole(&tag)))
}

/// The part of a tag that changes, at the borders of its words.
fn within(is: &Software, name_end: usize, tag: &str) -> Option<New> {
    let old = is.text.get(name_end + 1..)?;
    let (mut start, mut end) = (0, 0);
    for word in tag.split_inclusive('-') {
        if !old.get(start..)?.starts_with(word) {
            break;
        }
        start += word.len();
    }
    let rest = (old.get(start..)?, tag.get(start..)?);
    while let (Some(x), Some(y)) = (rest.0.get(..rest.0.len() - end), rest.1.get(..rest.1.len() - end)) {
        let (i, j) = (x.rfind('-'), y.rfind('-'));
        let (Some(i), Some(j)) = (i, j) else { break };
        if x.get(i..) != y.get(j..) {
            break;
        }
        end += x.len() - i;
    }
    let range = name_end + 1 + start..is.text.len() - end;
    let with = rest.1.get(..rest.1.len() - end)?.to_owned();
    let text = format!("{}:{tag}", is.text.get(..name_end)?);
    (!with.is_empty()).then_some(New { range, with, text })
}

/// How much of production's number the tag should say: as much as it says now, and at least the kind's series.
fn components(is: &Software, to: &Software, name: &str, same: bool) -> Result<Vec<u64>, String> {
    let Some(kind) = is.kind else { return Err("its software is not known".into()) };
    let first = to.version.components.first().copied().unwrap_or(0);
    let (series, levels) = (kind.series(first), kind.levels(first).len());
    let mut known = to.version.components.clone();
    if kind.id != "minio" {
        known.truncate(levels);
    }
    let now = if is.version.state == State::Floating { 0 } else { is.version.components.len() };
    let bare = name.strip_prefix("public.ecr.aws/docker/library/").or_else(|| name.strip_prefix("mirror.gcr.io/library/")).unwrap_or(name);
    let official = !bare.contains('/') && is.image.as_ref().is_some_and(|i| i.repository.contains("library/"));
    let wanted = now.max(series);
    if WHOLE.contains(&bare) {
        let have = numbers(&known);
        return if known.len() == levels {
            Ok(known)
        } else {
            Err(format!("production says {have}, and this image has tags for whole versions alone"))
        };
    }
    if ENDED.contains(&bare) && !same {
        return Err("this image gets no new versions; the software moved to another".into());
    }
    if official || SERIES.contains(&bare) {
        if known.len() < series {
            return Err(format!("production says {}, which is no one series", numbers(&known)));
        }
        known.truncate(wanted);
        return Ok(known);
    }
    if !same {
        return Err(format!("which tags `{name}` has is not known"));
    }
    // The publisher's own tags of another length may not be there.
    if known.len() == now && to.version.flavours == is.version.flavours {
        return Ok(known);
    }
    Err(format!("whether `{name}` has a tag for production's version that says as much is not known"))
}

/// A version of a runtime that a file or an input names.
fn of_runtime(is: &Software, to: &Software) -> Result<New, String> {
    let kind = is.kind.filter(|k| to.kind == Some(k)).ok_or("production runs other software there")?;
    let (a, b) = (&is.version, &to.version);
    if b.state != State::Version || !b.prerelease.is_empty() {
        return Err("production names no version".into());
    }
    if a.state != State::Version {
        return Err("it names no version number of its own".into());
    }
    let old = numbers(&a.components);
    let mut known = b.components.clone();
    known.truncate(kind.levels(b.components.first().copied().unwrap_or(0)).len());
    if known.len() < a.components.len() {
        return Err(format!("it says {old}, and production only {}", numbers(&known)));
    }
    known.truncate(a.components.len().max(kind.series(known.first().copied().unwrap_or(0))));
    let number = numbers(&known);
    let devcontainer = is.text.contains("devcontainers/");
    let start = match devcontainer {
        true => is.text.rfind(&format!("-{old}")).or_else(|| is.text.rfind(&format!(":{old}"))).map(|i| i + 1),
        false => is.text.find(&old),
    };
    let start = start.ok_or("it is not written as a plain number")?;
    let (before, after) = (is.text.get(..start).unwrap_or_default(), is.text.get(start + old.len()..).unwrap_or_default());
    let plain = matches!(before, "" | "v" | "python-" | "ruby-" | "node-" | "go" | "php-") && after.is_empty();
    if !(plain || devcontainer && after.is_empty()) {
        return Err(format!("`{}` is a range, or names more than a version", is.text));
    }
    Ok(New { range: start..start + old.len(), text: format!("{before}{number}{after}"), with: number })
}

fn numbers(components: &[u64]) -> String {
    components.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::statement;

    fn new(is: &str, to: &str) -> Result<String, String> {
        toward(&statement::parse(is).expect("a statement"), &statement::parse(to).expect("a statement")).map(|n| {
            assert_eq!(format!("{}{}{}", &is[..n.range.start], n.with, &is[n.range.end..]), n.text, "the part is of the text");
            n.text
        })
    }

    #[test]
    fn as_precise_as_before_and_on_the_same_base() {
        for (is, to, want) in [
            ("postgres:15-alpine", "rds:postgres 16.3", "postgres:16-alpine"),
            ("postgres:15.2", "rds:postgres 16.3", "postgres:16.3"),
            ("postgres:15.2-alpine", "postgres:16", "postgres:16-alpine"),
            ("postgres", "postgres:16.3-bookworm", "postgres:16"),
            ("postgres:latest", "postgres:16.3", "postgres:16"),
            ("postgres:alpine", "postgres:16.3", "postgres:16-alpine"),
            ("mysql:5", "rds:mysql 8.4.1", "mysql:8.4"),
            ("redis:7.2.4-alpine", "redis:7.2.5", "redis:7.2.5-alpine"),
            ("docker.io/library/redis:6", "redis:7.2.5", "docker.io/library/redis:7.2"),
            ("rabbitmq:3.12-management-alpine", "rabbitmq:3.13.1", "rabbitmq:3.13-management-alpine"),
            ("pgvector/pgvector:pg15", "rds:postgres 16.3", "pgvector/pgvector:pg16"),
            ("postgres:15.3", "bitnami/postgresql:16.3.0-debian-12-r4", "postgres:16.3"),
            ("bitnami/postgresql:15.3.0-debian-12-r1", "bitnami/postgresql:16.3.0-debian-12-r4", "bitnami/postgresql:16.3.0-debian-12-r4"),
            ("postgis/postgis:15-3.3", "postgis/postgis:16-3.4", "postgis/postgis:16-3.4"),
            ("elasticsearch:8.11.1", "elasticsearch:8.13.4", "elasticsearch:8.13.4"),
            ("node:18-bookworm", "node:20.11-bookworm", "node:20-bookworm"),
        ] {
            assert_eq!(new(is, to).as_deref(), Ok(want), "{is} → {to}");
        }
    }

    #[test]
    fn what_may_not_exist_is_not_written() {
        for (is, to, why) in [
            ("postgres:15", "postgres", "names no version"),
            ("postgis/postgis:15-3.3", "rds:postgres 16.3", "extension"),
            ("bitnami/postgresql:15", "rds:postgres 16.3", "tags"),
            ("postgres:15-bullseye", "rds:postgres 16.3", "bullseye"),
            ("postgres:15", "rds:mysql 8.0.35", "other software"),
            ("acme/db:15", "rds:postgres 16.3", "not known"),
            ("elasticsearch:8.11.1", "elasticsearch:8", "whole versions"),
            ("openjdk:11", "eclipse-temurin:17", "no new versions"),
            ("mysql:5.7", "mysql:8", "no one series"),
            (&format!("postgres:15@sha256:{}", "a".repeat(64)), "postgres:16", "digest"),
        ] {
            let got = new(is, to);
            assert!(got.as_ref().is_err_and(|e| e.contains(why)), "{is} → {to}: {got:?}");
        }
    }
}
