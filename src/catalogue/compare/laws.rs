//! What holds of every comparison, whatever was written.

use proptest::prelude::*;

use super::*;
use crate::catalogue::{kinds, statement};
use crate::inventory::ImageRef;

fn mirrored(flag: Flag) -> Flag {
    match flag {
        Flag::DevFloats => Flag::ProdFloats,
        Flag::ProdFloats => Flag::DevFloats,
        other => other,
    }
}

fn tag() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "v?[0-9]{1,2}(\\.[0-9]{1,2}){0,4}",
        "(alpine|debian-12|latest|lts|management|rc1|beta|r4|ubi9|pg16|CU14|x86_64|sha|kafka|GA|20240115|RELEASE.2024-01-16T16-07-38Z)",
        "[0-9a-f]{7}",
        "[a-z0-9_.]{1,6}",
    ];
    proptest::collection::vec(word, 1..4).prop_map(|words| words.join("-"))
}

fn statement_text() -> impl Strategy<Value = String> {
    let images = [
        "postgres",
        "mysql",
        "redis",
        "valkey/valkey",
        "mongo",
        "bitnami/postgresql",
        "timescale/timescaledb",
        "postgis/postgis",
        "timescale/timescaledb-ha",
        "confluentinc/cp-kafka",
        "mcr.microsoft.com/mssql/server",
        "minio/minio",
        "percona",
        "node",
        "quay.io/strimzi/kafka",
        "eqalpha/keydb",
        "supabase/postgres",
        "acme/api",
        "acme/postgres",
        "registry.local:5000/x/redis",
        "axllent/mailpit",
        "clickhouse",
        "neo4j",
    ];
    let engines = [
        "rds:postgres",
        "rds:aurora-mysql",
        "rds:sqlserver-ee",
        "elasticache:redis",
        "memorystore:redis",
        "azure:mysql",
        "opensearch:opensearch",
        "msk:kafka",
        "docdb:docdb",
        "heroku:heroku-postgresql",
        "rds:mariadb",
    ];
    let of_kind: Vec<String> = kinds().iter().map(|k| format!("kind {}", k.id)).collect();
    prop_oneof![
        (proptest::sample::select(images.to_vec()), tag()).prop_map(|(image, tag)| format!("{image}:{tag}")),
        proptest::sample::select(images.to_vec()).prop_map(str::to_owned),
        (proptest::sample::select(engines.to_vec()), tag()).prop_map(|(engine, tag)| format!("{engine} {tag}")),
        proptest::sample::select(of_kind),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        if let Ok(software) = statement::parse(&text) {
            let _ = compare(&software, &software);
        }
        prop_assert_eq!(&Version::parse(&text).text, &text);
    }

    #[test]
    fn a_reference_keeps_its_text(text in "[a-zA-Z0-9./:@_-]{0,60}") {
        if let Ok(image) = ImageRef::parse(&text) {
            prop_assert_eq!(&image.text, &text);
            let again = ImageRef::parse(&image.to_string()).expect("again");
            prop_assert_eq!(again, image);
        }
    }

    #[test]
    fn the_other_way_round_is_the_mirror(a in statement_text(), b in statement_text()) {
        let (Ok(a), Ok(b)) = (statement::parse(&a), statement::parse(&b)) else { return Ok(()) };
        let (there, back) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(there.verdict, back.verdict);
        prop_assert_eq!(there.direction, back.direction.map(Ordering::reverse));
        let mut flags: Vec<Flag> = back.flags.iter().map(|f| mirrored(*f)).collect();
        flags.sort_unstable();
        prop_assert_eq!(there.flags, flags);
        // Only development has stand-ins.
        let side = |r: Option<Relation>| r.filter(|r| *r != Relation::StandIn);
        if side(there.relation).is_some() && side(back.relation).is_some() {
            prop_assert_eq!(there.relation, back.relation);
        }
        prop_assert!(!there.because.is_empty() && !there.because.ends_with('.'));
    }

    #[test]
    fn nothing_drifts_from_itself(text in statement_text()) {
        let Ok(software) = statement::parse(&text) else { return Ok(()) };
        let verdict = compare(&software, &software).verdict;
        prop_assert!(matches!(verdict, Verdict::Same | Verdict::Unpinned), "{:?}", verdict);
    }

    #[test]
    fn same_is_transitive_at_equal_precision(numbers in proptest::collection::vec("[0-9]{1,2}\\.[0-9]", 3..4), image in proptest::sample::select(vec!["postgres", "mysql", "redis"])) {
        let all: Vec<Software> = numbers.iter().map(|n| statement::parse(&format!("{image}:{n}")).expect("a reference")).collect();
        let [a, b, c] = all.as_slice() else { return Ok(()) };
        if compare(a, b).verdict == Verdict::Same && compare(b, c).verdict == Verdict::Same {
            prop_assert_eq!(compare(a, c).verdict, Verdict::Same);
        }
    }
}

/// A hostile manifest may hold long ones; reading is linear and the limit of a reference is short.
#[test]
fn long_texts_are_read_in_time() {
    let start = std::time::Instant::now();
    for unit in ["a", "1", "-", "a-", "1.", "/a", "a/", ":", "a.", "deadbeef-", "v1-"] {
        let text = unit.repeat(10_000 / unit.len());
        let _ = ImageRef::parse(&text);
        let _ = Version::parse(&text);
        let _ = Software::managed("rds:postgres", Some(&text));
        let _ = Software::managed("rds:aurora-mysql", Some(&format!("8.0.mysql_aurora.{text}")));
    }
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
}
