//! A tag, by the rule of its image → the version of the software in it.

use crate::catalogue::kind;
use crate::inventory::version::State;
use crate::inventory::{Flag, Software, Version};

/// Names of Node's lines (nodejs.org/en/about/previous-releases), and their major versions.
const NODE: [(&str, u64); 11] = [
    ("argon", 4),
    ("boron", 6),
    ("carbon", 8),
    ("dubnium", 10),
    ("erbium", 12),
    ("fermium", 14),
    ("gallium", 16),
    ("hydrogen", 18),
    ("iron", 20),
    ("jod", 22),
    ("krypton", 24),
];

/// Reads a tag by the rule of its image, else by the image's name, else as any tag is read.
pub(super) fn read(rule: &str, tag: &str, name: &str, out: &mut Software) {
    let generic = || Version::parse(tag);
    out.version = match rule {
        "pg-suffix" => with_postgres(tag, after_extension(tag)),
        "pg-prefix" => with_postgres(tag, before_extension(tag)),
        "postgis" => postgis(tag),
        "percona" => percona(tag, out),
        "mssql" => mssql(tag),
        "minio-date" => minio(tag),
        "confluent" => confluent(tag, &mut out.flags),
        "strimzi" => tag.split_once("-kafka-").map_or_else(|| Version::opaque(tag), |(_, v)| stated(tag, v)),
        "scala-kafka" => tag.split_once('-').map_or_else(generic, |(_, v)| stated(tag, v)),
        "opaque" => Version::opaque(tag),
        _ if name.ends_with("supabase/postgres") => supabase(tag),
        _ if name.ends_with("crunchy-postgres") => stated(tag, tag.split('-').nth(1).unwrap_or(tag)),
        // `ubi9-18.1-3.6-2547`: base, PostgreSQL, PostGIS, build
        _ if name.ends_with("crunchy-postgres-gis") => {
            out.extension = Some("postgis".to_owned());
            let extension = tag.split('-').nth(2).map(str::to_owned);
            Version { extension, ..stated(tag, tag.split('-').nth(1).unwrap_or(tag)) }
        }
        _ if name.ends_with("eqalpha/keydb") => {
            let bare = tag.trim_start_matches("x86_64_").trim_start_matches("arm64_");
            Version { text: tag.to_owned(), ..Version::parse(bare) }
        }
        _ => generic(),
    };
    if out.kind.is_some_and(|k| k.id == "node") {
        let first = tag.split('-').next().unwrap_or("");
        if let Some((_, major)) = NODE.iter().find(|(n, _)| *n == first) {
            out.version.state = State::Version;
            out.version.components = vec![*major];
        }
    }
}

/// The version of a number in a tag.
fn stated(tag: &str, number: &str) -> Version {
    Version { text: tag.to_owned(), ..Version::parse(number.trim_end_matches('.')) }
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The digits and points that a text begins with.
fn leading(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect()
}

/// The version of PostgreSQL in a tag, and that of the extension; where there is none, `2.14.2` is the extension's number, and `latest`
/// is nothing's.
fn with_postgres(tag: &str, found: Option<(String, Option<String>)>) -> Version {
    match found {
        Some((number, extension)) => Version { extension, ..stated(tag, &number) },
        None => Some(Version::parse(tag)).filter(|v| v.state == State::Floating).unwrap_or_else(|| Version::opaque(tag)),
    }
}

/// `0.8.0-pg16`: PostgreSQL stands behind the extension.
fn after_extension(tag: &str) -> Option<(String, Option<String>)> {
    let number = tag.split('-').find_map(|t| t.strip_prefix("pg").filter(|n| begins_with_digit(n)))?;
    let first = tag.split('-').next().unwrap_or("");
    let own = !first.starts_with("pg") && (begins_with_digit(first) || first.starts_with('v'));
    Some((leading(number), own.then(|| first.to_owned())))
}

/// `pg16.4-ts2.17`: PostgreSQL stands before it.
fn before_extension(tag: &str) -> Option<(String, Option<String>)> {
    let number = tag.strip_prefix("pg").map(leading).filter(|n| !n.is_empty())?;
    let extension = tag.split('-').skip(1).find_map(|t| t.strip_prefix("ts").or_else(|| t.strip_prefix('v')));
    Some((number, extension.map(str::to_owned)))
}

/// `16-3.4-alpine`: PostgreSQL, PostGIS, the base. Other publishers count the extension first: `2.2-postgres9.5`.
fn postgis(tag: &str) -> Version {
    if let Some(number) = tag.split('-').skip(1).find_map(of_postgres) {
        return Version { extension: tag.split('-').next().map(str::to_owned), ..stated(tag, &leading(number)) };
    }
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or("");
    let extension = parts.clone().next().filter(|p| begins_with_digit(p)).map(str::to_owned);
    let rest: Vec<&str> = parts.skip(usize::from(extension.is_some())).collect();
    let mut version = Version { extension, ..stated(tag, first) };
    version.flavours.extend(rest.iter().map(|r| (*r).to_owned()));
    version
}

/// `postgres9.5` and `pg16` in a tag → the number.
fn of_postgres(part: &str) -> Option<&str> {
    let number = ["postgresql", "postgres", "pg"].iter().find_map(|word| part.strip_prefix(word))?;
    number.starts_with(|c: char| c.is_ascii_digit()).then_some(number)
}

/// `psmdb-6.0` is Percona's MongoDB, `ps-8.0` its MySQL.
fn percona(tag: &str, out: &mut Software) -> Version {
    let mongodb = tag.strip_prefix("psmdb-");
    if mongodb.is_some() {
        out.kind = kind("mongodb");
    }
    let bare = mongodb.or_else(|| tag.strip_prefix("ps-")).unwrap_or(tag);
    Version { text: tag.to_owned(), ..Version::parse(bare) }
}

/// `15.8.1.060`: PostgreSQL, and behind it the build.
fn supabase(tag: &str) -> Version {
    let mut version = Version::parse(tag);
    let build: Vec<String> = version.components.iter().skip(2).map(u64::to_string).collect();
    version.components.truncate(2);
    if !build.is_empty() {
        version.revision.insert(0, build.join("."));
    }
    version
}

/// `2022-CU14-ubuntu-22.04`: year and cumulative update.
fn mssql(tag: &str) -> Version {
    let mut parts = tag.split('-');
    let Some(year) = parts.next().and_then(|y| y.parse::<u64>().ok()).filter(|y| *y >= 2000) else { return Version::parse(tag) };
    let second = parts.next().unwrap_or("");
    let update = second.strip_prefix("CU").and_then(|n| n.parse().ok()).or_else(|| matches!(second, "GA" | "RTM").then_some(0));
    Version { text: tag.to_owned(), state: State::Version, components: std::iter::once(year).chain(update).collect(), ..Version::default() }
}

/// `RELEASE.2024-01-16T16-07-38Z`, or Bitnami's `2024.1.16-debian-12-r0`.
fn minio(tag: &str) -> Version {
    let Some(stamp) = tag.strip_prefix("RELEASE.") else { return Version::parse(tag) };
    let day: Vec<u64> = stamp.split('T').next().unwrap_or("").split('-').filter_map(|n| n.parse().ok()).collect();
    if day.len() == 3 {
        Version { text: tag.to_owned(), state: State::Version, components: day, ..Version::default() }
    } else {
        Version::opaque(tag)
    }
}

/// Confluent Platform x.y ships Apache Kafka (x-4).y since 5.0 (docs.confluent.io: supported versions and interoperability).
fn confluent(tag: &str, flags: &mut Vec<Flag>) -> Version {
    let mut version = Version::parse(tag);
    let mapped = match *version.components.as_slice() {
        [3, minor, ..] if minor <= 2 => vec![0, 10, minor],
        [3, 3, ..] => vec![0, 11, 0],
        [major @ 4, minor, ..] => vec![major - 3, minor],
        [5, minor @ 0..=5, ..] => vec![2, minor],
        [6, minor @ 0..=2, ..] => vec![2, minor + 6],
        [major @ 7..=8, minor, ..] => vec![major - 4, minor],
        [major] if (4..=8).contains(&major) => vec![major - if major == 4 { 3 } else { 4 }],
        _ if version.state == State::Version => return Version::opaque(tag),
        _ => return version,
    };
    version.components = mapped;
    flags.push(Flag::Mapped);
    version
}
