//! Laws and cases of pairing.

use super::*;
use crate::catalogue::{classify, statement};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Fact, Provider};
use crate::source::Source;

/// `name=image`, with `KEY:value` variables after it.
fn service(text: &str) -> Service {
    let mut words = text.split(' ');
    let (name, image) = words.next().and_then(|w| w.split_once('=')).expect("name=image");
    let at = Source::new(format!("{name}.yml"), "x").whole();
    let mut service = Service::new(name, at.clone(), Provider::Container);
    service.software = (!image.is_empty()).then(|| Fact::known(statement::parse(image).expect("a statement"), at.clone()));
    for (key, value) in words.filter_map(|w| w.split_once(':')) {
        service.environ.set(EnvVar::new(key, at.clone(), EnvValue::set(value), EnvSource::Env));
    }
    classify(&mut service, &[]);
    service
}

fn inventory(services: &[&str]) -> Inventory {
    let mut services: Vec<Service> = services.iter().map(|s| service(s)).collect();
    services.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
    Inventory { services, ..Inventory::default() }
}

fn pairs(from: &[&str], to: &[&str]) -> Vec<String> {
    let (from, to) = (inventory(from), inventory(to));
    let name = |s: Option<&Service>| s.map_or("-".to_owned(), |s| s.name.clone());
    let mut out: Vec<String> = pair(&from, &to, &[]).iter().map(|p| format!("{} {}", name(p.from), name(p.to))).collect();
    out.sort();
    out
}

const SHOP: [&str; 7] = [
    "web=acme/web:1",
    "worker=acme/web:1",
    "api=acme/api:1 ORDERS_URL:postgres://orders/x SESSIONS:redis://cache",
    "orders=postgres:15",
    "users=postgres:15",
    "cache=redis:7",
    "queue=rabbitmq:3.13",
];

#[test]
fn a_side_pairs_with_itself() {
    let all = pairs(&SHOP, &SHOP);
    assert_eq!(all.len(), SHOP.len());
    assert!(all.iter().all(|p| p.split_once(' ').is_some_and(|(a, b)| a == b)), "{all:?}");
}

#[test]
fn the_order_of_the_input_changes_nothing() {
    let mut turned = SHOP;
    turned.reverse();
    let other = ["orders-db=postgres:16", "accounts=postgres:16", "web=ghcr.io/acme/web:2", "jobs=ghcr.io/acme/web:2"];
    let mut shuffled = other;
    shuffled.swap(0, 3);
    shuffled.swap(1, 2);
    assert_eq!(pairs(&SHOP, &other), pairs(&turned, &shuffled));
}

#[test]
fn a_weak_likeness_takes_nothing_from_a_strong_one() {
    assert_eq!(pairs(&["a=postgres:15", "b=postgres:15"], &["b=postgres:16"]), ["a -", "b b"]);
    assert_eq!(pairs(&["api=acme/x:1", "shop-api=acme/y:1"], &["shop-api=acme/z:1"]), ["api -", "shop-api shop-api"]);
}

#[test]
fn who_uses_a_database_tells_which_it_is() {
    let from = ["api=acme/api:1 ORDERS_URL:postgres://one/x USERS_URL:postgres://two/x", "one=postgres:15", "two=postgres:15"];
    let to = ["api=acme/api:2 ORDERS_URL:postgres://zeta/x USERS_URL:postgres://alpha/x", "alpha=postgres:16", "zeta=postgres:16"];
    assert_eq!(pairs(&from, &to), ["api api", "one zeta", "two alpha"]);
}

#[test]
fn a_need_is_met_by_another_kind() {
    assert_eq!(pairs(&["cache=redis:7"], &["memory=memcached:1.6"]), ["cache memory"]);
    assert_eq!(pairs(&["db=mysql:8.4", "cache=redis:7"], &["db=postgres:16"]), ["cache -", "db db"]);
    assert_eq!(pairs(&["mail=axllent/mailpit:v1.20"], &["db=postgres:16"]), ["- db", "mail -"]);
}

#[test]
fn two_workloads_of_other_names_are_two() {
    assert_eq!(pairs(&["one=acme/one:1"], &["two=acme/two:1"]), ["one two"], "the only ones");
    assert_eq!(pairs(&["one=acme/one:1", "x=acme/x:1"], &["two=acme/two:1", "x=acme/x:1"]), ["- two", "one -", "x x"]);
}

/// Services of many likenesses: names that begin or end alike, images, folders, words, users, servers and clients.
fn many() -> Inventory {
    let names =
        ["api", "acme-api", "api-v2", "orders", "orders-db", "db-orders-x", "web", "worker", "jobs-worker", "ab", "db", "cache_one"];
    let images =
        ["", "acme/api:1", "acme/orders:1", "postgres:15", "postgis/postgis:15-3.4", "mysql:8", "mariadb:11", "redis:7", "valkey/valkey:8"];
    let mut all = Vec::new();
    for (i, name) in names.iter().enumerate() {
        for (j, image) in images.iter().enumerate() {
            let mut one = service(&format!("{name}={image} DB_URL:postgres://orders-db/x CACHE:redis://{}", names[(i + j) % names.len()]));
            if (i + j) % 5 == 0 {
                let context = Some(names[(i * j) % names.len()].to_owned());
                one.build = Some(crate::inventory::Build {
                    context,
                    dockerfile: None,
                    target: None,
                    base: None,
                    env: Default::default(),
                    at: one.at.clone(),
                });
            }
            if (i + 2 * j) % 4 == 0 {
                one.process = Process::Admin;
            }
            all.push(one);
        }
    }
    Inventory { services: all, ..Inventory::default() }
}

#[test]
fn who_is_not_asked_would_not_fit() {
    let side = many();
    let matcher = Matcher::new(&side, &side);
    let made: Vec<(usize, usize)> = (0..side.services.len()).map(|i| (i, i)).collect();
    let users = wiring::users(&side, &made);
    let workloads = Likely::of(matcher.left.iter().map(|(s, n)| Marks::of_workload(s, n)).enumerate());
    let others = Likely::of(matcher.left.iter().zip(&users).map(|((s, n), u)| Marks::of_backing(s, n, Some(u))).enumerate());
    let mut fits = 0;
    for (i, ((a, x), of_a)) in matcher.left.iter().zip(&users).enumerate() {
        let (like_workload, like) = (workloads.like(&Marks::of_workload(a, x)), others.like(&Marks::of_backing(a, x, Some(of_a))));
        for (j, ((b, y), of_b)) in matcher.left.iter().zip(&users).enumerate() {
            let workload = a.role == Role::Workload && b.role == Role::Workload;
            if workload && score::workloads(a, b, x, y).is_some() {
                assert!(like_workload.contains(&j), "{} {}", a.name, b.name);
                fits += 1;
            }
            let score = score::backing(a, b, x, y, wiring::likeness(of_a, of_b));
            if let Some(score) = score.filter(|_| !workload && !like.contains(&j)) {
                assert!(Rest::SCORES.contains(&score), "{i} {} {j} {}: {score:?}", a.name, b.name);
            }
        }
    }
    assert!(fits > 100);
}

#[test]
fn what_is_left_of_a_kind_is_paired_in_order() {
    let from = ["a=postgres:15", "b=mysql:8", "c=redis:7", "d=postgres:15"];
    let to = ["p=mariadb:11", "q=postgres:16", "r=valkey/valkey:8", "s=postgres:16", "t=mysql:8"];
    assert_eq!(pairs(&from, &to), ["- p", "a q", "b t", "c r", "d s"]);
}
