//! A variable of production → what of development it holds, in words that tell nothing of its value.

use std::fmt;

use crate::catalogue::matches;
use crate::inventory::{EnvVar, Host, Process, Role, Service};
use crate::rules::Comparison;

/// Keys that choose the mode of a framework.
const SELECTORS: [&str; 17] = [
    "NODE_ENV",
    "APP_ENV",
    "ENV",
    "ENVIRONMENT",
    "RAILS_ENV",
    "RACK_ENV",
    "FLASK_ENV",
    "DJANGO_ENV",
    "ASPNETCORE_ENVIRONMENT",
    "DOTNET_ENVIRONMENT",
    "SPRING_PROFILES_ACTIVE",
    "MIX_ENV",
    "GO_ENV",
    "PHOENIX_ENV",
    "SENTRY_ENVIRONMENT",
    "APP_ENVIRONMENT",
    "DEPLOY_ENV",
];

/// Modes that belong to development.
const MODES: [&str; 7] = ["dev", "development", "local", "test", "testing", "debug", "localhost"];

/// Keys that switch debugging on.
const SWITCHES: [&str; 11] = [
    "DEBUG",
    "APP_DEBUG",
    "FLASK_DEBUG",
    "DJANGO_DEBUG",
    "WP_DEBUG",
    "SQL_ECHO",
    "HIBERNATE_SHOW_SQL",
    "TEMPLATE_DEBUG",
    "SPRING_JPA_SHOW_SQL",
    "CELERY_TASK_ALWAYS_EAGER",
    "RAILS_LOG_TO_STDERR_DEBUG",
];

/// Keys that send an SDK to an emulator.
const EMULATORS: [&str; 3] = ["*_EMULATOR_HOST", "LOCALSTACK_*", "AWS_ENDPOINT_URL*"];

/// Drivers that work in the process alone, or throw away (Laravel, Django).
const DRIVERS: [(&str, &[&str]); 9] = [
    ("DB_CONNECTION", &["sqlite"]),
    ("QUEUE_CONNECTION", &["sync", "null"]),
    ("CACHE_STORE", &["array", "null"]),
    ("CACHE_DRIVER", &["array", "null"]),
    ("SESSION_DRIVER", &["array"]),
    ("MAIL_MAILER", &["log", "array"]),
    ("BROADCAST_CONNECTION", &["log"]),
    ("SPRING_JPA_HIBERNATE_DDL_AUTO", &["create", "create-drop"]),
    (
        "EMAIL_BACKEND",
        &[
            "django.core.mail.backends.console.EmailBackend",
            "django.core.mail.backends.locmem.EmailBackend",
            "django.core.mail.backends.filebased.EmailBackend",
        ],
    ),
];

/// Words in a key that say that it is an address to listen on, or one that the browser or the service itself uses.
const OWN: [&str; 20] = [
    "BIND",
    "LISTEN",
    "LISTENER",
    "LISTENERS",
    "ADVERTISE",
    "ADVERTISED",
    "INTERFACE",
    "CORS",
    "ORIGIN",
    "ORIGINS",
    "ALLOWED",
    "PROXY",
    "HEALTHCHECK",
    "HEALTH",
    "PROBE",
    "URLS",
    "TRUSTED",
    "SELF",
    "VIRTUAL",
    "INTERNAL",
];

/// What of development a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Smell {
    Mode,
    Debugging,
    DebugLog,
    FileDatabase,
    Driver,
    Emulator,
    Loopback,
    DevelopmentHost,
    NoTls,
}

impl Smell {
    /// Is it no more than worth knowing?
    pub(super) fn is_note(self) -> bool {
        matches!(self, Self::DebugLog)
    }
}

impl fmt::Display for Smell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mode => "chooses a mode of development",
            Self::Debugging => "switches debugging on",
            Self::DebugLog => "asks for a log as detailed as while developing",
            Self::FileDatabase => "names a database in a file or in memory",
            Self::Driver => "chooses a driver that works in the process alone",
            Self::Emulator => "names an emulator",
            Self::Loopback => "names the machine itself (`localhost`)",
            Self::DevelopmentHost => "names a host that only development uses",
            Self::NoTls => "switches the check of certificates off",
        })
    }
}

/// What of development a variable of production holds.
pub(super) fn of(var: &EnvVar, service: &Service, comparison: &Comparison<'_>) -> Option<Smell> {
    by_key(var).or_else(|| by_host(var, service, comparison))
}

/// Does a variable hold something that only development needs, whatever its host?
pub(super) fn of_development(var: &EnvVar) -> bool {
    by_key(var).is_some() || matches!(var.value.host(), Some(Host::Loopback | Host::Development))
}

fn by_key(var: &EnvVar) -> Option<Smell> {
    let key = var.key.to_uppercase().replace(['.', '-'], "_");
    let value = &var.value;
    if !value.is_known() {
        return None;
    }
    if SELECTORS.contains(&key.as_str()) && value.one_of(&MODES) {
        return Some(Smell::Mode);
    }
    if SWITCHES.contains(&key.as_str()) && value.is_truthy() {
        return Some(Smell::Debugging);
    }
    if (key == "LOG_LEVEL" || key.ends_with("_LOG_LEVEL") || key == "LOGLEVEL") && value.one_of(&["debug", "trace"]) {
        return Some(Smell::DebugLog);
    }
    if value.names_a_file_database() {
        return Some(Smell::FileDatabase);
    }
    if DRIVERS.iter().any(|(k, words)| key == *k && value.one_of(words)) {
        return Some(Smell::Driver);
    }
    if EMULATORS.iter().any(|p| matches(p, &key)) && value.host().is_some_and(|h| h != Host::Other) {
        return Some(Smell::Emulator);
    }
    if (key == "NODE_TLS_REJECT_UNAUTHORIZED" || key == "PYTHONHTTPSVERIFY") && value.one_of(&["0"]) {
        return Some(Smell::NoTls);
    }
    None
}

fn by_host(var: &EnvVar, service: &Service, comparison: &Comparison<'_>) -> Option<Smell> {
    let words = crate::catalogue::secrets::words(&var.key);
    let names_host = var.value.is_url() || words.last().is_some_and(|w| matches!(w.as_str(), "HOST" | "HOSTNAME" | "SERVER" | "ADDR"));
    // `HOST=0.0.0.0` is where it listens; a URL of its own port is itself.
    let own = words.len() == 1 || words.iter().any(|w| OWN.contains(&w.as_str()));
    let ports: Vec<u16> = service.ports.iter().filter_map(|p| p.value.known().copied()).collect();
    if !names_host || own || var.value.names_port(&ports) {
        return None;
    }
    match var.value.host()? {
        // A container beside it in the pod answers on the loopback address.
        Host::Loopback if !answered_beside(var, service, comparison) => Some(Smell::Loopback),
        Host::Development => Some(Smell::DevelopmentHost),
        _ => None,
    }
}

/// May a container that shares its network (of its pod, of its task) answer on the loopback address?
fn answered_beside(var: &EnvVar, service: &Service, comparison: &Comparison<'_>) -> bool {
    let pod = |s: &Service| s.name.split_once('/').map(|(pod, _)| pod.to_owned());
    let own = pod(service).unwrap_or_else(|| service.name.clone());
    let in_pod = |s: &Service| s.process != Process::Admin && pod(s).as_ref() == Some(&own);
    let answers = |s: &Service| {
        let ports: Vec<u16> = s.ports.iter().filter_map(|p| p.value.known().copied()).collect();
        let kind = s.kind().filter(|_| s.role == Role::Backing);
        let of_kind = kind.is_some_and(|k| var.value.kind_of_url() == Some(k) || var.value.names_port(&k.ports));
        s.at.path() == service.at.path() && (of_kind || var.value.names_port(&ports))
    };
    comparison.to.services.iter().filter(|s| s.at != service.at).any(|s| in_pod(s) || answers(s)) || service.name.contains('/')
}
