//! What the keys of workloads say of services that no manifest declares → those services: a database in a file beside the
//! app, or a server that is known by its URL alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Category, Kind};
use crate::inventory::{Fact, Provider, Role, Service, Software};

/// The services that are reached and not declared, one a kind, in the order of the kinds' ids.
#[must_use]
pub fn reached(services: &[Service]) -> Vec<Service> {
    let declared: Vec<&Kind> = services.iter().filter(|s| s.role == Role::Backing).filter_map(Service::kind).collect();
    let names: BTreeSet<&str> = services.iter().flat_map(|s| s.aliases.iter().map(String::as_str).chain([s.name.as_str()])).collect();
    let mut found: BTreeMap<&str, Service> = BTreeMap::new();
    for workload in services.iter().filter(|s| s.role == Role::Workload) {
        for var in &workload.environ.vars {
            let Some(kind) = var.value.reaches(&var.key).filter(|k| !found.contains_key(k.id.as_str())) else { continue };
            let file = kind.family == "embedded";
            let known =
                declared.iter().any(|d| d.family == kind.family && d.category == kind.category || d.stands_in_for.contains(&kind.id));
            // A service of this environment whose kind is not known may be the one; then nothing new is there.
            if known || (!file && (!server(kind) || var.value.reaches_host(|h| names.contains(h)))) {
                continue;
            }
            let Some(software) = Software::of_kind(&kind.id, None) else { continue };
            let provider = if file { Provider::File } else { Provider::External };
            let mut service = Service::new(kind.id.clone(), var.at.clone(), provider);
            service.software = Some(Fact::known(Software { text: kind.name.clone(), ..software }, var.at.clone()));
            service.role = Role::Backing;
            service.manifest = workload.manifest;
            service.unit.clone_from(&workload.unit);
            service.scope.clone_from(&workload.scope);
            found.insert(&kind.id, service);
        }
    }
    // Where a database server is declared, or reached, a file is beside it: a cache, a test, a default that is not used.
    let served = declared
        .iter()
        .copied()
        .chain(found.values().filter_map(Service::kind))
        .any(|k| k.category == Category::Database && k.family != "embedded");
    found.into_values().filter(|s| s.provider != Provider::File || !served).collect()
}

/// Kinds that an app cannot run without, and whose URL names no other thing.
fn server(kind: &Kind) -> bool {
    matches!(kind.category, Category::Database | Category::Cache | Category::Queue | Category::Search)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{EnvSource, EnvValue, EnvVar};
    use crate::source::Source;

    fn found(services: &[(&str, &str)], env: &[(&str, &str)]) -> Vec<String> {
        let at = Source::new("a.yml", "x").whole();
        let mut app = Service::new("app", at.clone(), Provider::Container);
        for (key, value) in env {
            app.environ.set(EnvVar::new(*key, at.clone(), EnvValue::set(value), EnvSource::Environment));
        }
        let mut all = vec![app];
        for (name, image) in services {
            let mut service = Service::new(*name, at.clone(), Provider::Container);
            service.software = super::super::statement::parse(image).ok().map(|s| Fact::known(s, at.clone()));
            super::super::classify(&mut service, &[]);
            all.push(service);
        }
        reached(&all).iter().map(|s| format!("{} {}", s.name, s.provider.as_str())).collect()
    }

    #[test]
    fn files_and_servers_that_nothing_declares() {
        let sqlite = ("DATABASE_URL", "sqlite:///x.db");
        let none: [&str; 0] = [];
        assert_eq!(found(&[], &[sqlite]), ["sqlite file"]);
        assert_eq!(found(&[], &[("DB_CONNECTION", "sqlite")]), ["sqlite file"]);
        assert_eq!(found(&[("db", "postgres:16")], &[sqlite]), none);
        assert_eq!(found(&[], &[sqlite, ("MAIN_URL", "postgres://u:p@db.example.com/x")]), ["postgresql external"]);
        assert_eq!(found(&[("cache", "valkey/valkey:8")], &[("REDIS_URL", "redis://somewhere:6379")]), none);
        assert_eq!(found(&[("db", "acme/own:1")], &[("DATABASE_URL", "postgres://u:p@db:5432/x")]), none);
        assert_eq!(found(&[], &[("BUCKET", "s3://acme"), ("MAIL", "smtp://mail.example.com")]), none);
    }
}
