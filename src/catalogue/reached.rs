//! What the keys of workloads say of services that no manifest declares → those services: a database in a file beside the
//! app, or a server that is known by its URL, or by its key, alone.

use std::collections::BTreeMap;

use super::{Category, Kind, Relation, relation};
use crate::inventory::{Confidence, EnvValue, EnvVar, Fact, Provider, Role, Service, Software, Value};

/// The services of one side that are reached and not declared, one a kind, in the order of the kinds' ids.
///
/// A key alone names a service only where the `other` side declares one that it may be, and no second.
#[must_use]
pub fn reached(services: &[Service], other: &[Service]) -> Vec<Service> {
    let side = Side { services, declared: kinds(services), other: kinds(other) };
    let mut found: BTreeMap<&str, Service> = BTreeMap::new();
    for workload in services.iter().filter(|s| s.role == Role::Workload) {
        for var in &workload.environ.vars {
            let by_value = var.names_kind().filter(|k| side.adds(k, var)).map(|k| (side.as_other_has_it(k), Confidence::Exact));
            let by_key = || side.by_key(var, other).map(|k| (k, Confidence::Guess));
            let Some((kind, confidence)) = by_value.or_else(by_key).filter(|(k, _)| !found.contains_key(k.id.as_str())) else { continue };
            if let Some(service) = service(kind, confidence, var, workload) {
                found.insert(&kind.id, service);
            }
        }
    }
    // Where a database server is declared, or reached, a file is beside it: a cache, a test, a default that is not used.
    let reached = found.values().filter_map(Service::kind);
    let served = side.declared.iter().copied().chain(reached).any(|k| k.category == Category::Database && !embedded(k));
    found.into_values().filter(|s| s.provider != Provider::File || !served).collect()
}

/// Of what is reached, what is not there already: the one database that is reached is the one managed database whose engine
/// is not said, and says its kind.
#[must_use]
pub fn told(services: &mut [Service], mut reached: Vec<Service>) -> Vec<Service> {
    let database = |s: &Service| s.kind().is_some_and(|k| k.category == Category::Database && server(k));
    let mut unnamed = services.iter_mut().filter(|s| s.known_software().is_some_and(Software::is_unnamed));
    let (Some(one), None) = (unnamed.next(), unnamed.next()) else { return reached };
    let mut found = reached.iter().enumerate().filter(|(_, s)| database(s));
    let (Some((i, _)), None) = (found.next(), found.next()) else { return reached };
    let told = reached.remove(i);
    if let (Some(Fact { value: Value::Known(software), .. }), Some(said)) = (&mut one.software, told.known_software()) {
        software.kind = said.kind;
        software.confidence = said.confidence;
    }
    reached
}

/// One environment, and what the other one declares.
struct Side<'s> {
    services: &'s [Service],
    declared: Vec<&'static Kind>,
    other: Vec<&'static Kind>,
}

impl Side<'_> {
    /// Is a service of this kind, at the address of this variable, one that is not declared here?
    fn adds(&self, kind: &Kind, var: &EnvVar) -> bool {
        let known = self.declared.iter().any(|d| meets(d, kind));
        // A service of this environment whose kind is not known may be the one; then nothing new is there.
        let named = |host: &str| self.services.iter().any(|s| s.name == host || s.aliases.iter().any(|a| a == host));
        !known && (embedded(kind) || (server(kind) && !var.value.host_is(named)))
    }

    /// `redis://` may be Valkey, and `mysql://` MariaDB: what the other side runs, where it runs one of the family alone.
    fn as_other_has_it(&self, kind: &'static Kind) -> &'static Kind {
        match self.other.iter().filter(|o| meets(o, kind)).collect::<Vec<_>>().as_slice() {
            [one] => one,
            _ => kind,
        }
    }

    /// The one kind of the other side that a key may mean, though its value is not known.
    fn by_key(&self, var: &EnvVar, other: &[Service]) -> Option<&'static Kind> {
        if matches!(var.value, EnvValue::Empty) || var.names_kind().is_some() {
            return None;
        }
        let may: Vec<&Kind> = self.other.iter().copied().filter(|k| server(k) && var.may_reach(k)).collect();
        let [kind] = may.as_slice() else { return None };
        let database = kind.category == Category::Database && self.declared.iter().any(|d| d.category == kind.category && !embedded(d));
        // An image that could not be resolved may be the very service.
        let alike = |s: &Service| other.iter().any(|o| o.kind() == Some(kind) && o.name == s.name);
        let unknown = self.services.iter().any(|s| s.software.as_ref().is_some_and(|f| f.value.known().is_none()) && alike(s));
        (!database && !unknown && self.adds(kind, var)).then_some(*kind)
    }
}

fn service(kind: &Kind, confidence: Confidence, var: &EnvVar, workload: &Service) -> Option<Service> {
    let provider = if embedded(kind) { Provider::File } else { Provider::External };
    let software = Software { text: kind.name.clone(), confidence, ..Software::of_kind(&kind.id, None)? };
    let mut service = Service::new(kind.id.clone(), var.at.clone(), provider);
    service.software = Some(Fact::known(software, var.at.clone()));
    service.role = Role::Backing;
    service.manifest = workload.manifest;
    service.unit.clone_from(&workload.unit);
    service.scope.clone_from(&workload.scope);
    Some(service)
}

/// The kinds that services declare.
fn kinds(services: &[Service]) -> Vec<&'static Kind> {
    let mut out: Vec<&Kind> = services.iter().filter(|s| s.role == Role::Backing).filter_map(Service::kind).collect();
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out.dedup_by(|a, b| a.id == b.id);
    out
}

/// May what is declared be what is reached?
#[must_use]
pub fn meets(declared: &Kind, reached: &Kind) -> bool {
    declared.id == reached.id
        || (declared.family == reached.family && declared.category == reached.category)
        || matches!(relation(declared, reached), Some(r) if r != Relation::Unrelated)
}

fn embedded(kind: &Kind) -> bool {
    kind.family == "embedded"
}

/// Kinds that an app cannot run without, and whose URL names no other thing.
fn server(kind: &Kind) -> bool {
    matches!(kind.category, Category::Database | Category::Cache | Category::Queue | Category::Search) && !embedded(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::EnvSource;
    use crate::source::Source;

    #[test]
    fn a_managed_database_is_told_its_kind() {
        let at = Source::new("a.yml", "x").whole();
        let mut managed = Service::new("shop-db", at.clone(), Provider::Managed);
        managed.software = Some(Fact::known(Software::unnamed("cloudsql", "Cloud SQL"), at));
        let of = |kind: &str| declared(&[(kind, kind)]).remove(0);
        let mut one = vec![managed.clone()];
        assert_eq!(told(&mut one, vec![of("postgres:16"), of("redis:7")]).len(), 1);
        assert_eq!(one[0].kind().map(|k| k.id.as_str()), Some("postgresql"));
        let mut two = vec![managed.clone(), managed];
        assert_eq!(told(&mut two, vec![of("postgres:16")]).len(), 1);
        assert!(two.iter().all(|s| s.kind().is_none()));
    }

    fn declared(services: &[(&str, &str)]) -> Vec<Service> {
        let at = Source::new("a.yml", "x").whole();
        let one = |(name, image): &(&str, &str)| {
            let mut service = Service::new(*name, at.clone(), Provider::Container);
            service.software = super::super::statement::parse(image).ok().map(|s| Fact::known(s, at.clone()));
            super::super::classify(&mut service, &[]);
            service
        };
        services.iter().map(one).collect()
    }

    fn between(services: &[(&str, &str)], env: &[(&str, EnvValue)], other: &[(&str, &str)]) -> Vec<String> {
        let at = Source::new("a.yml", "x").whole();
        let mut app = Service::new("app", at.clone(), Provider::Container);
        for (key, value) in env {
            app.environ.set(EnvVar::new(*key, at.clone(), value.clone(), EnvSource::Environment));
        }
        let mut all = declared(services);
        all.push(app);
        reached(&all, &declared(other)).iter().map(|s| format!("{} {}", s.name, s.provider.as_str())).collect()
    }

    fn found(services: &[(&str, &str)], env: &[(&str, &str)]) -> Vec<String> {
        let env: Vec<_> = env.iter().map(|(k, v)| (*k, EnvValue::set(v))).collect();
        between(services, &env, &[])
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn a_key_alone_is_what_the_other_side_runs() {
        let held = |key| [(key, EnvValue::Elsewhere("the secret `app`".into()))];
        let dev = [("db", "postgres:16"), ("search", "opensearchproject/opensearch:2"), ("cache", "valkey/valkey:8")];
        assert_eq!(between(&[], &held("DATABASE_URL"), &dev), ["postgresql external"]);
        assert_eq!(between(&[], &held("OPENSEARCH_URL"), &dev), ["opensearch external"]);
        assert_eq!(between(&[], &held("DATABASE_URL"), &[]), NONE);
        assert_eq!(between(&[], &held("DATABASE_URL"), &[("a", "postgres:16"), ("b", "mysql:8")]), NONE);
        assert_eq!(between(&[("main", "mysql:8")], &held("DATABASE_URL"), &dev), NONE);
        assert_eq!(between(&[], &held("DATABASE_PASSWORD"), &dev), NONE);
        assert_eq!(between(&[], &[("REDIS_URL", EnvValue::set("redis://x.example.com"))], &dev), ["valkey external"]);
    }

    #[test]
    fn files_and_servers_that_nothing_declares() {
        let sqlite = ("DATABASE_URL", "sqlite:///x.db");
        assert_eq!(found(&[], &[sqlite]), ["sqlite file"]);
        assert_eq!(found(&[], &[("DB_CONNECTION", "sqlite")]), ["sqlite file"]);
        assert_eq!(found(&[("db", "postgres:16")], &[sqlite]), NONE);
        assert_eq!(found(&[], &[sqlite, ("MAIN_URL", "postgres://u:p@db.example.com/x")]), ["postgresql external"]);
        assert_eq!(found(&[("cache", "valkey/valkey:8")], &[("REDIS_URL", "redis://somewhere:6379")]), NONE);
        assert_eq!(found(&[("db", "acme/own:1")], &[("DATABASE_URL", "postgres://u:p@db:5432/x")]), NONE);
        assert_eq!(found(&[], &[("BUCKET", "s3://acme"), ("MAIL", "smtp://mail.example.com")]), NONE);
    }
}
