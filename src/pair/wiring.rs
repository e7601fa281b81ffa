//! The environment of workloads → which backing services they use, and by which key.

use std::collections::{BTreeMap, BTreeSet};

use super::names::normal;
use crate::inventory::{Inventory, Role};

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
