//! A variable of production → is it a secret that is written, and is it a placeholder?

use crate::catalogue::matches;
use crate::catalogue::secrets::names_a_secret;
use crate::inventory::{EnvSource, EnvVar, Environ, Inventory, Role, Service};

/// Is a secret's value written in the manifests?
pub(super) fn written(var: &EnvVar) -> bool {
    let plain = var.source != EnvSource::Injected && var.value.is_known() && !var.value.is_reference();
    // Words of a switch, or of a number, are no secrets: `PASSWORD_LOGIN: true`.
    let switch = var.value.is_truthy() || var.value.one_of(&["0", "false", "no", "off", "disabled"]);
    let credentials = || var.value.looks_secret() || var.value.has_default_credentials();
    plain && ((names_a_secret(&var.key) && !var.value.is_url() && !switch) || credentials())
}

/// Does a backing service have a key only by a file that workloads read too, and is it none of its container's own? Then it
/// is theirs.
pub(super) fn of_workloads(var: &EnvVar, service: &Service, environment: &Inventory) -> bool {
    let own = |s: &Service| s.kind().is_some_and(|k| k.container_env.iter().any(|p| matches(p, &var.key)));
    let reads = |s: &Service| s.role == Role::Workload && s.environ.get(&var.key).is_some_and(|v| v.at == var.at);
    var.source == EnvSource::EnvFile && service.role == Role::Backing && !own(service) && environment.services.iter().any(reads)
}

/// Is a written secret one that stands for another: a placeholder, or what development has?
pub(super) fn placeholder(var: &EnvVar, development: Option<&Environ>) -> bool {
    let same = development.and_then(|e| e.get(&var.key)).is_some_and(|v| v.value.equals(&var.value));
    same || var.value.has_default_credentials() || (var.value.is_placeholder() && !var.value.is_url())
}
