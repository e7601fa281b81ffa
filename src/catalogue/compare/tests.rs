//! The tables of `fixtures/compare`, row by row.

use super::*;
use crate::catalogue::statement::parse;
use crate::inventory::ImageRef;

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|l| !l.starts_with('#')).map(|l| l.split(" |").map(|c| c.strip_prefix(' ').unwrap_or(c)).collect())
}

#[test]
fn pairs() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("../../../fixtures/compare/pairs.txt")) {
        let [from, to, verdict, flags, relation] = row.as_slice() else { panic!("{row:?}") };
        let out = compare(&parse(from).expect("from"), &parse(to).expect("to"));
        let have: Vec<&str> = out.flags.iter().map(|f| f.as_str()).collect();
        let ok = out.verdict.as_str() == *verdict
            && flags.split_whitespace().all(|f| have.contains(&f))
            && (relation.is_empty() || out.relation.map(Relation::as_str) == Some(*relation));
        if !ok {
            wrong.push(format!(
                "{from} / {to}: wanted {verdict} {flags} {relation}, got {} {have:?} ({})",
                out.verdict.as_str(),
                out.because
            ));
        }
        let back = compare(&parse(to).expect("to"), &parse(from).expect("from"));
        if out.verdict != Verdict::KindMismatch {
            assert_eq!((back.verdict, back.direction), (out.verdict, out.direction.map(Ordering::reverse)), "{from} / {to}");
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn references() {
    for row in rows(include_str!("../../../fixtures/compare/references.txt")) {
        match row.as_slice() {
            [text, registry, repository, tag, digest] => {
                let image = ImageRef::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
                let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
                let have = (image.registry.as_str(), image.repository.as_str(), image.tag, image.digest);
                assert_eq!(have, (*registry, *repository, some(tag), some(digest)), "{text}");
            }
            [text] => assert!(ImageRef::parse(text).is_err(), "{text}"),
            _ => panic!("{row:?}"),
        }
    }
}

#[test]
fn tags() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("../../../fixtures/compare/tags.txt")) {
        let [tag, state, version, prerelease, revision, flavours] = row.as_slice() else { panic!("{row:?}") };
        let v = Version::parse(tag);
        let have = [v.state.as_str().to_owned(), v.number().unwrap_or_default(), v.prerelease, v.revision.join(" "), v.flavours.join(" ")];
        if have != [*state, *version, *prerelease, *revision, *flavours] {
            wrong.push(format!("{tag}: wanted {:?}, got {have:?}", &row[1..]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_read() {
    assert!(crate::catalogue::kinds().len() > 100);
}

#[test]
fn pre_releases_have_an_order() {
    let direction = |a: &str, b: &str| compare(&parse(a).expect("a"), &parse(b).expect("b")).direction;
    assert_eq!(direction("acme/api:2.0.0-rc.2", "acme/api:2.0.0-rc.11"), Some(Ordering::Less));
    assert_eq!(direction("acme/api:2.0.0", "acme/api:2.0.0-rc.11"), Some(Ordering::Greater));
    assert_eq!(direction("postgres:19beta3", "postgres:19"), Some(Ordering::Less));
}

#[test]
fn an_engine_and_an_image_of_the_same_words_mirror_each_other() {
    let (image, engine) = (parse("15.7").expect("an image"), parse("kinrds:postgres 15.7").expect("an engine"));
    assert_eq!(compare(&image, &engine).verdict, compare(&engine, &image).verdict);
}
