//! Keys of two environments → those that are the same key in another spelling, or the same service in another form.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::secrets::words;
use crate::inventory::{EnvVar, Service};

/// Words that mean the same in a key.
const SYNONYMS: [&[&str]; 9] = [
    &["PASSWORD", "PASS", "PASSWD", "PWD"],
    &["USER", "USERNAME"],
    &["HOST", "HOSTNAME", "ADDR", "ADDRESS"],
    &["URL", "URI", "DSN"],
    &["DATABASE", "DB"],
    &["ENVIRONMENT", "ENV"],
    &["POSTGRES", "PG", "POSTGRESQL"],
    &["MONGO", "MONGODB"],
    &["ID", "IDENTIFIER"],
];

/// Words that are not each other's misspelling, whatever their distance.
const OPPOSITES: [&[&str]; 14] = [
    &["READ", "WRITE", "READER", "WRITER"],
    &["PRIMARY", "REPLICA", "SECONDARY"],
    &["PUBLIC", "PRIVATE"],
    &["ACCESS", "REFRESH"],
    &["MIN", "MAX"],
    &["SRC", "DST"],
    &["IN", "OUT"],
    &["DEV", "PROD", "STAGING"],
    &["TEST", "LIVE"],
    &["USER", "ADMIN"],
    &["S3", "SQS", "SNS", "SES"],
    &["HTTP", "HTTPS"],
    &["START", "STOP", "END"],
    &["CLIENT", "SERVER"],
];

/// Words that say which part of one thing a key holds: never each other's misspelling.
const ROLES: [&str; 22] = [
    "HOST", "PORT", "USER", "PASSWORD", "NAME", "URL", "KEY", "ID", "SECRET", "TOKEN", "DATABASE", "PATH", "TYPE", "TTL", "SIZE", "LEVEL",
    "MODE", "FILE", "TLS", "SSL", "FROM", "TO",
];

/// Prefixes that a framework or a build asks for before a key.
const PREFIXES: [&str; 11] =
    ["APP", "REACT_APP", "VITE", "NEXT_PUBLIC", "DJANGO", "RAILS", "SPRING", "VUE_APP", "NUXT", "NUXT_PUBLIC", "FLASK"];

/// The most pairs of keys that are scored.
const MOST: usize = 20_000;

/// Two keys that are nearly the same name.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct Rename<'s> {
    /// The key of the first environment.
    pub(in crate::rules) from: &'s EnvVar,
    /// The key of the second.
    pub(in crate::rules) to: &'s EnvVar,
}

/// Keys by which each side reaches the same service: a URL here, its parts there.
#[derive(Debug)]
pub(in crate::rules) struct OtherForm<'s> {
    /// What is reached: `database`, `redis`.
    pub(in crate::rules) family: String,
    /// The keys of the first environment.
    pub(in crate::rules) from: Vec<&'s EnvVar>,
    /// The keys of the second.
    pub(in crate::rules) to: Vec<&'s EnvVar>,
}

/// The words of a key, each by the first of its synonyms.
fn canonical(key: &str) -> Vec<String> {
    let same = |word: &str| SYNONYMS.iter().find(|set| set.contains(&word)).and_then(|set| set.first()).map(|w| (*w).to_owned());
    words(key).into_iter().map(|w| same(&w).unwrap_or(w)).collect()
}

/// Two keys that are nearly the same name are no longer than this: what a key is called in real files is far shorter.
const LONGEST: usize = 256;

/// A key as it is compared with others.
struct Name<'k> {
    key: &'k str,
    /// Its letters and digits, in capitals.
    bare: String,
    digits: String,
    /// Its words, each by the first of its synonyms.
    words: Vec<String>,
}

impl<'k> Name<'k> {
    fn of(key: &'k str) -> Self {
        let bare: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        let digits = bare.chars().filter(char::is_ascii_digit).collect();
        Self { key, bare, digits, words: canonical(key) }
    }
}

/// How alike two keys are, from 1 to 100; `None` when they are two keys.
fn alike(a: &Name<'_>, b: &Name<'_>) -> Option<u32> {
    let (x, y) = (&a.bare, &b.bare);
    if a.digits != b.digits || x.is_empty() || y.is_empty() || x.len().max(y.len()) > LONGEST {
        return None;
    }
    if x == y {
        return Some(100);
    }
    let (v, w) = (&a.words, &b.words);
    if v == w {
        return Some(90);
    }
    let prefixed = |long: &str, short: &str| PREFIXES.iter().any(|p| long.strip_prefix(p).and_then(|r| r.strip_prefix('_')) == Some(short));
    if prefixed(a.key, b.key) || prefixed(b.key, a.key) {
        return (v.len().min(w.len()) > 1).then_some(70);
    }
    let only = |p: &'_ [String], q: &[String]| p.iter().filter(|t| !q.contains(t)).cloned().collect::<Vec<_>>();
    let (left, right) = (only(v, w), only(w, v));
    if left.is_empty() && right.is_empty() {
        let sorted = |words: &[String]| {
            let mut words = words.to_vec();
            words.sort();
            words
        };
        return (sorted(v) == sorted(w)).then_some(85);
    }
    let allowed = match x.len().max(y.len()) {
        0..=6 => 1,
        7..=14 => 2,
        _ => 3,
    };
    // One that is longer by more is further away than that.
    if x.len().abs_diff(y.len()) > allowed {
        return None;
    }
    let pair = left.first().zip(right.first());
    let differ = |set: &[&str]| pair.is_some_and(|(l, r)| set.contains(&l.as_str()) && set.contains(&r.as_str()));
    if OPPOSITES.iter().any(|s| differ(s)) || differ(&ROLES) {
        return None;
    }
    let distance = strsim::osa_distance(x, y);
    let one_word = v.len() == w.len() && left.len() == 1 && right.len() == 1;
    if distance > allowed || !(strsim::jaro_winkler(x, y) >= 0.92 || one_word) || (one_word && pair.is_some_and(another_word)) {
        return None;
    }
    Some(80_u32.saturating_sub(u32::try_from(distance).unwrap_or(80) * 5))
}

/// One short word for another (`CACHE_LOG` and `CACHE_LAG`) is no misspelling; `DATABSE` for `DATABASE` is.
fn another_word((l, r): (&String, &String)) -> bool {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    letters(l) != letters(r) && (l.len().min(r.len()) < 4 || strsim::osa_distance(l, r) * 3 > l.len().max(r.len()))
}

/// Pairs keys that are nearly the same name, best first, one to one.
pub(super) fn renames<'s>(from: &[&'s EnvVar], to: &[&'s EnvVar]) -> Vec<Rename<'s>> {
    if from.len() * to.len() > MOST {
        return Vec::new();
    }
    let named = |vars: &[&'s EnvVar]| vars.iter().map(|v| (*v, Name::of(&v.key))).collect::<Vec<_>>();
    let (ours, theirs) = (named(from), named(to));
    let all = ours.iter().flat_map(|a| theirs.iter().map(move |b| (a, b)));
    let mut scored: Vec<_> = all.filter_map(|((a, x), (b, y))| Some((Reverse(alike(x, y)?), *a, *b))).collect();
    scored.sort_by(|a, b| (a.0, &a.1.key, &a.2.key).cmp(&(b.0, &b.1.key, &b.2.key)));
    let mut taken: (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
    let mut out: Vec<Rename<'s>> = Vec::new();
    for (_, from, to) in scored {
        if !taken.0.contains(from.key.as_str()) && !taken.1.contains(to.key.as_str()) {
            taken.0.insert(&from.key);
            taken.1.insert(&to.key);
            out.push(Rename { from, to });
        }
    }
    out
}

/// What a key reaches, and whether it holds the whole address or a part of it.
fn form(key: &str) -> Option<(String, bool)> {
    let mut words = canonical(key);
    // libpq's own names, and those of clients that follow it (postgresql.org: environment variables).
    for (glued, part) in [
        ("PGHOST", "HOST"),
        ("PGPORT", "PORT"),
        ("PGUSER", "USER"),
        ("PGPASSWORD", "PASSWORD"),
        ("PGDATABASE", "DATABASE"),
        ("PGSSLMODE", "SSLMODE"),
    ] {
        if words.first().is_some_and(|w| w == glued) {
            words = vec!["POSTGRES".into(), part.into()];
        }
    }
    let last = words.pop()?;
    let whole = last == "URL";
    if words.is_empty()
        || !(whole || ["HOST", "PORT", "USER", "PASSWORD", "NAME", "DATABASE", "SCHEME", "SSLMODE"].contains(&last.as_str()))
    {
        return None;
    }
    words.retain(|w| w != "CONNECTION" && w != "SERVER");
    let database = ["DATABASE", "POSTGRES", "MYSQL", "MARIADB", "MONGO", "SQL", "JDBC", "DATASOURCE", "SPRING"];
    let broker = ["RABBITMQ", "AMQP", "BROKER", "CLOUDAMQP"];
    let mail = ["SMTP", "MAIL", "EMAIL", "MAILER"];
    let family = |set: &[&str], name: &str| words.iter().all(|w| set.contains(&w.as_str())).then(|| name.to_owned());
    let known = family(&database, "database").or_else(|| family(&broker, "broker")).or_else(|| family(&mail, "mail server"));
    Some((known.unwrap_or_else(|| words.join("_").to_lowercase()), whole))
}

/// What both sides reach by a whole address each.
pub(super) fn wholes_of_both(a: &Service, b: &Service) -> BTreeSet<String> {
    let wholes = |service: &Service| -> BTreeSet<String> {
        let set = service.environ.vars.iter().filter(|v| !v.value.is_empty());
        set.filter_map(|v| form(&v.key)).filter(|(_, whole)| *whole).map(|(family, _)| family).collect()
    };
    wholes(a).intersection(&wholes(b)).cloned().collect()
}

/// Does a key hold a part of an address that both sides have as a whole: `PGHOST` beside `DATABASE_URL`? Then the other side
/// has it in another form.
pub(super) fn is_part_of(var: &EnvVar, wholes: &BTreeSet<String>) -> bool {
    !wholes.is_empty() && form(&var.key).is_some_and(|(family, whole)| !whole && wholes.contains(&family))
}

/// Services that one side reaches by a URL and the other by its parts.
pub(super) fn other_forms<'s>(from: &[&'s EnvVar], to: &[&'s EnvVar]) -> Vec<OtherForm<'s>> {
    let (mut ours, mut theirs) = (by_form(from), by_form(to));
    let families: BTreeSet<String> = ours.keys().map(|(family, _)| family.clone()).collect();
    let parts = |vars: &[&EnvVar]| vars.iter().any(|v| canonical(&v.key).last().is_some_and(|w| w == "HOST") || v.key == "PGHOST");
    let both = |family: String| {
        let (whole, part) = ((family.clone(), true), (family.clone(), false));
        let (a, c) = (ours.remove(&whole).unwrap_or_default(), ours.remove(&part).unwrap_or_default());
        let (d, b) = (theirs.remove(&whole).unwrap_or_default(), theirs.remove(&part).unwrap_or_default());
        if !a.is_empty() && c.is_empty() && parts(&b) {
            Some(OtherForm { family, from: a, to: b })
        } else if !d.is_empty() && a.is_empty() && parts(&c) {
            Some(OtherForm { family, from: c, to: d })
        } else {
            None
        }
    };
    families.into_iter().filter_map(both).collect()
}

/// Keys by what they reach, and whether they hold the whole address.
fn by_form<'s>(vars: &[&'s EnvVar]) -> BTreeMap<(String, bool), Vec<&'s EnvVar>> {
    let mut out: BTreeMap<_, Vec<&EnvVar>> = BTreeMap::new();
    for (var, form) in vars.iter().filter_map(|v| Some((*v, form(&v.key)?))) {
        out.entry(form).or_default().push(var);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{EnvSource, EnvValue};
    use crate::source::Source;

    fn likeness(a: &str, b: &str) -> Option<u32> {
        alike(&Name::of(a), &Name::of(b))
    }

    #[test]
    fn nearly_the_same_name() {
        for (a, b) in [
            ("DATABSE_URL", "DATABASE_URL"),
            ("REDISURL", "REDIS_URL"),
            ("URL_DATABASE", "DATABASE_URL"),
            ("DB_PASS", "DB_PASSWORD"),
            ("MONGO_URI", "MONGODB_URL"),
            ("VITE_API_URL", "API_URL"),
            ("PAYMENTS_ULR_TIMEOUT", "PAYMENTS_URL_TIMEOUT"),
            ("SENTRY_ENVIROMENT", "SENTRY_ENVIRONMENT"),
        ] {
            assert!(likeness(a, b).is_some() && likeness(b, a).is_some(), "{a} {b}");
        }
        for (a, b) in [
            ("DB_HOST", "DB_PORT"),
            ("SHARD_1", "SHARD_2"),
            ("READ_URL", "WRITE_URL"),
            ("ACCESS_TOKEN_TTL", "REFRESH_TOKEN_TTL"),
            ("DEV_URL", "PROD_URL"),
            ("S3_BUCKET", "SQS_BUCKET"),
            ("CACHE_LOG", "CACHE_LAG"),
            ("MAIL_FROM", "MAIL_PORT"),
            ("SMTP_USER", "SMTP_HOST"),
            ("ORDERS_URL", "USERS_URL"),
            ("A", "B"),
        ] {
            assert!(likeness(a, b).is_none(), "{a} {b}");
        }
    }

    #[test]
    fn a_url_and_its_parts_are_one_service() {
        let var = |key: &&str| EnvVar::new(*key, Source::new("x", "").whole(), EnvValue::set("x"), EnvSource::Env);
        let vars = |keys: &[&str]| keys.iter().map(var).collect::<Vec<_>>();
        let found = |a: &[&str], b: &[&str]| {
            let (a, b) = (vars(a), vars(b));
            let (a, b): (Vec<&EnvVar>, Vec<&EnvVar>) = (a.iter().collect(), b.iter().collect());
            other_forms(&a, &b).iter().map(|f| format!("{} {}:{}", f.family, f.from.len(), f.to.len())).collect::<Vec<_>>()
        };
        assert_eq!(found(&["DATABASE_URL"], &["PGHOST", "PGPORT", "PGPASSWORD"]), ["database 1:3"]);
        assert_eq!(found(&["REDIS_HOST", "REDIS_PORT"], &["REDIS_URL"]), ["redis 2:1"]);
        assert!(found(&["API_HOST"], &["REDIS_URL"]).is_empty() && found(&["DATABASE_URL"], &["DB_NAME"]).is_empty());
    }
}
