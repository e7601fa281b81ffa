//! A pair of workloads → its keys by side.

use crate::catalogue::matches;
use crate::inventory::{EnvSource, EnvVar, Environ, Process, Role, Service};
use crate::pair::Pair;
use crate::report::EnvReport;
use crate::rules::Comparison;

/// Keys that every shell or container has by itself.
const SHELL: [&str; 24] = [
    "HOSTNAME",
    "HOME",
    "PATH",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "TERM",
    "LANG",
    "LC_*",
    "TZ",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "_",
    "NO_PROXY",
    "no_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PORT",
];

/// Keys that belong to development alone: clients of the machine, emulators, credentials that production takes from its role.
const DEVELOPMENT: [&str; 8] = [
    "COMPOSE_*",
    "DOCKER_*",
    "*_EMULATOR_HOST",
    "AWS_ENDPOINT_URL*",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
];

/// The keys of a pair, as they are listed: what the JSON report shows.
#[must_use]
pub fn env_report(pair: &Pair<'_>) -> EnvReport {
    let keys = |s: Option<&Service>| -> Vec<String> {
        let vars = s.map(|s| s.environ.vars.as_slice()).unwrap_or_default();
        vars.iter().filter(|v| v.source != EnvSource::Injected).map(|v| v.key.clone()).collect()
    };
    let (from, to) = (keys(pair.from), keys(pair.to));
    let unknown = [pair.from, pair.to].into_iter().flatten().flat_map(|s| s.environ.unlisted.iter().map(|u| u.why.clone()));
    let mut unknown: Vec<String> = unknown.collect();
    unknown.sort();
    unknown.dedup();
    EnvReport {
        both: from.iter().filter(|k| to.contains(k)).cloned().collect(),
        from_only: from.iter().filter(|k| !to.contains(k)).cloned().collect(),
        to_only: to.iter().filter(|k| !from.contains(k)).cloned().collect(),
        unknown,
    }
}

/// Both sides of a pair whose keys can be compared: a workload that runs and serves.
pub(super) fn sides<'p>(pair: &Pair<'p>) -> Option<(&'p Service, &'p Service)> {
    let (from, to) = (pair.from?, pair.to?);
    let runs = |s: &Service| s.process == Process::Service;
    (pair.role == Role::Workload && runs(from) && runs(to)).then_some((from, to))
}

/// The variables of `here` that `there` has in no form, as findings count them.
pub(super) fn missing<'s>(here: &'s Service, there: &Environ, development: bool, comparison: &Comparison<'_>) -> Vec<&'s EnvVar> {
    let injected = comparison.from.injected.iter().chain(&comparison.to.injected);
    let patterns: Vec<&str> =
        SHELL.into_iter().chain(if development { DEVELOPMENT.to_vec() } else { Vec::new() }).chain(injected.map(String::as_str)).collect();
    let wanted =
        |v: &&EnvVar| v.source != EnvSource::Injected && !v.optional && !patterns.iter().any(|p| matches(p, &v.key)) && !has(there, &v.key);
    here.environ.vars.iter().filter(wanted).collect()
}

/// Is a key set, as it is, as a file of the same name, or written as Spring and .NET relax it?
fn has(environ: &Environ, key: &str) -> bool {
    let relaxed = |k: &str| k.trim_end_matches("_FILE").replace(['.', ':'], "_").replace('-', "").to_uppercase().replace("__", "_");
    let wanted = relaxed(key);
    environ.vars.iter().any(|v| v.key == key || relaxed(&v.key) == wanted)
}
