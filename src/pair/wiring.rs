//! The environment of workloads → which backing services they use, and by which key; of two statements of one need, which of them.

use std::collections::{BTreeMap, BTreeSet};

use super::names::normal;
use crate::inventory::{EnvVar, Host, Inventory, Provider, Role, Service};

/// Who uses a service: the number of the pair of the workload, and the key where there is one.
pub(super) type Users = BTreeSet<(usize, String)>;

/// For each service of an inventory, the paired workloads that use it. `made` holds this side's index first.
pub(super) fn users(inventory: &Inventory, made: &[(usize, usize)]) -> Vec<Users> {
    let mut out = vec![Users::new(); inventory.services.len()];
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (i, service) in inventory.services.iter().enumerate().filter(|(_, s)| s.role == Role::Backing) {
        for name in std::iter::once(&service.name).chain(&service.aliases) {
            names.entry(name.clone()).or_insert(i);
            names.entry(normal(name)).or_insert(i);
        }
    }
    if names.is_empty() {
        return out;
    }
    for (number, (index, _)) in made.iter().enumerate() {
        let Some(workload) = inventory.services.get(*index).filter(|s| s.role == Role::Workload) else { continue };
        let mut uses = |i: usize, key: &str| {
            if let Some(users) = out.get_mut(i) {
                users.insert((number, key.to_owned()));
            }
        };
        for need in &workload.needs {
            if let Some(i) = names.get(need) {
                uses(*i, "");
            }
        }
        for var in &workload.environ.vars {
            let mut found = None;
            let known = |host: &str| {
                found = names.get(host).copied();
                found.is_some()
            };
            if var.value.host_is(known)
                && let Some(i) = found
            {
                uses(i, &var.key);
            }
        }
    }
    out
}

/// How alike the users of two services are: the same key of the same workload says most.
pub(super) fn likeness(a: &Users, b: &Users) -> u32 {
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let keys = a.intersection(b).filter(|(_, key)| !key.is_empty()).count();
    let who = |users: &Users| users.iter().map(|(number, _)| *number).collect::<BTreeSet<_>>();
    let shared = who(a).intersection(&who(b)).count();
    let some = |n: usize, most: u32| u32::try_from(n).unwrap_or(most).min(most);
    some(keys, 4) * 4 + some(shared, 4)
}

/// Puts first what workloads use, where several manifests declare one need: the managed database whose address they are given,
/// the container that they call by its name. Where they do not say, the order of the manifests stays.
pub fn prefer(services: &mut [Service]) {
    let preferred = |s: &Service| {
        if s.role != Role::Backing || s.also.is_empty() || used_by(s, services).is_some() {
            return None;
        }
        // What is known by its address alone is what a manifest declares.
        let declared = || s.also.iter().position(|a| s.provider == Provider::External && a.provider != Provider::External);
        s.also.iter().position(|a| used_by(a, services).is_some()).or_else(declared)
    };
    let found: Vec<Option<usize>> = services.iter().map(preferred).collect();
    for (service, i) in services.iter_mut().zip(found) {
        let Some(i) = i else { continue };
        let mut first = service.also.remove(i);
        std::mem::swap(service, &mut first);
        service.also.push(Service { also: Vec::new(), ..first.clone() });
        service.also.append(&mut first.also);
    }
}

/// The key by which a workload says that it uses this very statement of a need: a container by its name, what is managed by an
/// address outside of what the environment declares.
#[must_use]
pub fn used_by<'s>(service: &Service, services: &'s [Service]) -> Option<&'s str> {
    let outside = matches!(service.provider, Provider::Managed | Provider::Addon);
    let called = |host: &str| host == service.name || service.aliases.iter().any(|a| a == host);
    let uses = |var: &&EnvVar| if outside { is_outside(var, service) } else { var.value.host_is(called) };
    let workloads = services.iter().filter(|s| s.role == Role::Workload);
    workloads.flat_map(|w| &w.environ.vars).find(uses).map(|var| var.key.as_str())
}

/// Does a variable hold an address of this kind of service which is no name inside a cluster or a compose file?
fn is_outside(var: &EnvVar, service: &Service) -> bool {
    let inside = |host: &str| host.contains(".svc") || host.ends_with(".local") || host.ends_with(".internal");
    let kind = |k| var.value.kind_of_url() == Some(k) || var.may_reach(k);
    service.kind().is_some_and(kind) && var.value.host() == Some(Host::Other) && !var.value.host_is(inside)
}
