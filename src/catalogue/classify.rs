//! A service as a format found it → backing or workload, and of which kind.

use super::{Category, Kind, kind, kinds, matches};
use crate::inventory::{Confidence, EnvValue, Fact, Process, Role, Service, Software, Value};

/// Container variables that only one server uses.
const TELLING: [(&str, &str); 9] = [
    ("POSTGRES_PASSWORD", "postgresql"),
    ("MYSQL_ROOT_PASSWORD", "mysql"),
    ("MARIADB_ROOT_PASSWORD", "mariadb"),
    ("MONGO_INITDB_ROOT_PASSWORD", "mongodb"),
    ("RABBITMQ_DEFAULT_PASS", "rabbitmq"),
    ("MINIO_ROOT_PASSWORD", "minio"),
    ("CLICKHOUSE_PASSWORD", "clickhouse"),
    ("KC_DB", "keycloak"),
    ("MEILI_MASTER_KEY", "meilisearch"),
];

/// Words in the name of an image that is a server's helper, not the server: it reads the server's own variables.
const HELPERS: [&str; 16] = [
    "admin",
    "backup",
    "backups",
    "bouncer",
    "cli",
    "client",
    "cron",
    "dump",
    "exporter",
    "init",
    "migrate",
    "migrations",
    "proxy",
    "restore",
    "ui",
    "web",
];

/// Commands in a server's image that are not the server: clients of it, and what ends at once.
const ENDS: [&str; 19] = [
    "true",
    ":",
    "exit",
    "echo",
    "psql",
    "createdb",
    "createuser",
    "pg_dump",
    "pg_restore",
    "pg_isready",
    "mysql",
    "mysqladmin",
    "mysqldump",
    "mariadb-dump",
    "redis-cli",
    "mongo",
    "mongosh",
    "mongodump",
    "rabbitmqadmin",
];

/// Labels that say the kind: ours, and Spring Boot's for service connections (docs.spring.io: dev services).
const LABELS: [&str; 2] = ["parity.kind", "org.springframework.boot.service-connection"];

/// Decides whether a service is backing or workload, and of which kind: label, image, what its build starts from,
/// container variables. Formats call nothing of this; the line does.
///
/// `images` are the kinds that the configuration gives to images; they win over all else.
pub fn classify(service: &mut Service, images: &[(String, &'static Kind)]) {
    by_configuration(service, images);
    by_label(service);
    by_base(service);
    by_variables(service);
    by_command(service);
    let built = service.build.is_some();
    let labelled = service.known_software().is_some_and(|s| s.confidence == Confidence::Override);
    let backing = |k: &Kind| if built && !labelled { lends_its_kind(k) } else { k.category != Category::Runtime };
    let unnamed = service.known_software().is_some_and(Software::is_unnamed);
    service.role = if unnamed || service.kind().is_some_and(backing) { Role::Backing } else { Role::Workload };
}

/// Is an image that is built from one of this kind still that? A database with a script more is; an app on nginx, node or
/// a tool box is not.
fn lends_its_kind(kind: &Kind) -> bool {
    !matches!(kind.category, Category::Runtime | Category::Proxy | Category::DevTool)
}

fn by_configuration(service: &mut Service, images: &[(String, &'static Kind)]) {
    let Some(software) = known(service) else { return };
    let Some(name) = software.image.as_ref().map(crate::inventory::ImageRef::name) else { return };
    if let Some((_, kind)) = images.iter().find(|(pattern, _)| matches(pattern, &name)) {
        software.kind = Some(kind);
        software.confidence = Confidence::Override;
    }
}

fn by_label(service: &mut Service) {
    if service.known_software().is_some_and(|s| s.confidence == Confidence::Override) {
        return;
    }
    let Some(label) = LABELS.iter().find_map(|l| service.labels.get(*l)) else { return };
    let Some(kind) = kinds().iter().find(|k| k.id == *label || k.labels.iter().any(|x| x == label)) else { return };
    if service.software.is_none() {
        // Built here, with no name of its own: what it is built from, else the kind alone.
        service.software = service.build.as_ref().and_then(|build| match &build.base {
            Some(base) if base.value.known().is_some() => Some(base.clone()),
            _ => Software::of_kind(&kind.id, None).map(|s| Fact::known(Software { engine: None, ..s }, build.at.clone())),
        });
    }
    if let Some(software) = known(service) {
        software.kind = Some(kind);
        software.confidence = Confidence::Override;
    }
}

fn by_base(service: &mut Service) {
    let Some(fact) = service.build.as_ref().and_then(|b| b.base.clone()) else { return };
    let Some(base) = fact.value.known().cloned() else { return };
    let Some(kind) = base.kind else { return };
    if !lends_its_kind(kind) {
        // `registry.local/acme/redis`, built from python: its name is a guess, what it is built from is not.
        if let Some(software) = known(service).filter(|s| s.confidence == Confidence::Guess) {
            software.kind = None;
        }
        return;
    }
    if service.software.is_none() {
        service.software = Some(fact);
    } else if let Some(software) = known(service).filter(|s| s.kind.is_none()) {
        software.kind = Some(kind);
        software.confidence = base.confidence;
        software.built_from = Some(base.text);
    }
}

/// A server's own password key, in an image whose name speaks of the server: the app itself may read the key too.
fn by_variables(service: &mut Service) {
    if service.build.is_some() {
        return;
    }
    let set = |key: &str| service.environ.get(key).is_some_and(|v| v.value != EnvValue::Unset);
    let Some(kind) = TELLING.iter().find(|(key, _)| set(key)).and_then(|(_, id)| kind(id)) else { return };
    let Some(software) = known(service).filter(|s| s.kind.is_none()) else { return };
    let Some(name) = software.image.as_ref().and_then(|i| i.repository.rsplit('/').next()) else { return };
    let words: Vec<&str> = name.split(['-', '_', '.']).collect();
    let speaks = name.contains("db") || name.contains(&kind.id) || kind.labels.iter().any(|l| name.contains(l.as_str()));
    if speaks && !words.iter().any(|w| HELPERS.contains(w)) {
        software.kind = Some(kind);
        software.confidence = Confidence::Variables;
    }
}

/// What a server's image runs in place of the server does its work and ends: a client, or nothing (a container of volumes).
fn by_command(service: &mut Service) {
    let Some(command) = service.command.as_ref().and_then(|c| c.value.known()) else { return };
    let first = command.split_whitespace().next().and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    if service.process == Process::Service && service.kind().is_some_and(lends_its_kind) && ENDS.contains(&first) {
        service.process = Process::Admin;
    }
}

fn known(service: &mut Service) -> Option<&mut Software> {
    match &mut service.software.as_mut()?.value {
        Value::Known(software) => Some(software),
        Value::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::compare::{Verdict, compare};
    use crate::catalogue::statement;
    use crate::inventory::{Build, EnvSource, EnvVar, Provider};
    use crate::source::{Location, Source};

    fn place() -> Location {
        Source::new("compose.yml", "services:\n").whole()
    }

    fn fact(text: &str) -> Fact<Software> {
        Fact::known(statement::parse(text).expect("a statement"), place())
    }

    /// A service with an image, a base of its build, keys and labels, classified.
    fn classified(image: &str, base: &str, keys: &[&str], labels: &[(&str, &str)]) -> Service {
        let mut service = Service::new("it", place(), Provider::Container);
        service.software = (!image.is_empty()).then(|| fact(image));
        let base = (!base.is_empty()).then(|| fact(base));
        service.build = base.map(|base| Build {
            context: None,
            dockerfile: None,
            target: None,
            base: Some(base),
            env: Default::default(),
            at: place(),
        });
        let var = |key: &&str| EnvVar::new(*key, place(), EnvValue::set("x"), EnvSource::Environment);
        keys.iter().map(var).for_each(|var| service.environ.set(var));
        service.labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        classify(&mut service, &[]);
        service
    }

    fn is(service: &Service) -> String {
        let role = if service.role == Role::Backing { "backing" } else { "workload" };
        format!("{role} {}", service.kind().map_or("-", |k| &k.id))
    }

    #[test]
    fn images() {
        for (image, wanted) in [
            ("postgres:15", "backing postgresql"),
            ("nginx:alpine", "backing nginx"),
            ("adminer", "backing dev-tool"),
            ("node:20", "workload node"),
            ("alpine:3.20", "workload -"),
            ("acme/api:1.0", "workload -"),
        ] {
            assert_eq!(is(&classified(image, "", &[], &[])), wanted, "{image}");
        }
    }

    #[test]
    fn an_app_is_not_what_it_is_built_on() {
        for base in ["alpine:3.20", "busybox", "nginx:1.27", "node:20", "debian:12", "caddy:2", "curlimages/curl:8.1.0"] {
            let service = classified("", base, &["POSTGRES_PASSWORD"], &[]);
            assert_eq!(service.role, Role::Workload, "{base}");
        }
        assert_eq!(is(&classified("registry.local/acme/redis:1", "python:3.12", &[], &[])), "workload -");
    }

    #[test]
    fn a_database_with_a_script_more_is_the_database() {
        let service = classified("", "postgres:15-alpine", &[], &[]);
        assert_eq!(is(&service), "backing postgresql");
        let own = classified("robotshop/rs-mongodb:2.1.0", "mongo:5", &[], &[]);
        assert_eq!(is(&own), "backing mongodb");
        let verdict = |other: &str| compare(own.known_software().expect("known"), &statement::parse(other).expect("a statement")).verdict;
        assert_eq!(verdict("robotshop/rs-mongodb:latest"), Verdict::Unpinned, "the same repository: its tags are compared");
        assert_eq!(verdict("robotshop/rs-mongodb:2.1.0"), Verdict::Same);
        assert_eq!(verdict("atlas:mongodb 7.0"), Verdict::Major, "another image: what it is built from is compared");
        assert_eq!(verdict("atlas:mongodb 5.0"), Verdict::Covers);
    }

    #[test]
    fn variables_tell_where_the_name_does_too() {
        let told = |image, key| is(&classified(image, "", &[key], &[]));
        assert_eq!(told("acme/postgres-custom:3", "POSTGRES_PASSWORD"), "backing postgresql");
        assert_eq!(told("acme/orders-db:3", "MYSQL_ROOT_PASSWORD"), "backing mysql");
        assert_eq!(told("acme/api:3", "POSTGRES_PASSWORD"), "workload -");
        assert_eq!(told("acme/mysql-backup:3", "MYSQL_ROOT_PASSWORD"), "workload -");
        assert_eq!(told("acme/postgres-exporter:3", "POSTGRES_PASSWORD"), "workload -");
    }

    #[test]
    fn what_ends_is_no_server() {
        let process = |image: &str, command: &str| {
            let mut service = classified(image, "", &[], &[]);
            service.command = Some(Fact::known(command.to_owned(), place()));
            classify(&mut service, &[]);
            service.process
        };
        for command in ["/bin/true", "psql -h db -c 'select 1'", "true"] {
            assert_eq!(process("postgres:16", command), Process::Admin, "{command}");
        }
        for (image, command) in [("postgres:16", "postgres -c fsync=off"), ("mysql:8.4", "mysqld --skip-ssl"), ("acme/api:1", "true")] {
            assert_eq!(process(image, command), Process::Service, "{command}");
        }
    }

    #[test]
    fn a_label_says_it() {
        let spring = [("org.springframework.boot.service-connection", "postgres")];
        assert_eq!(is(&classified("acme/store:3", "", &[], &spring)), "backing postgresql");
        assert_eq!(is(&classified("", "debian:12", &[], &[("parity.kind", "redis")])), "backing redis");
        assert_eq!(is(&classified("acme/store:3", "", &[], &[("parity.kind", "no-such-kind")])), "workload -");
    }
}
