//! Which services of the first environment say that they use which.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::Service;
use crate::pair::Pair;

/// By the name that they call: the pairs of those who call it, in order. Asked of each service in turn, so no service is asked of
/// every other.
#[derive(Debug)]
pub(super) struct Users<'a>(BTreeMap<&'a str, Vec<usize>>);

impl<'a> Users<'a> {
    pub(super) fn new(pairs: &'a [Pair<'a>]) -> Self {
        let called = |p: &'a Pair<'a>| p.from.into_iter().flat_map(names);
        let mut users: BTreeMap<&str, Vec<usize>> = pairs.iter().flat_map(called).map(|name| (name, Vec::new())).collect();
        for (number, service) in pairs.iter().enumerate().filter_map(|(i, p)| p.from.map(|from| (i, from))) {
            let mut uses = |name: &str| {
                if let Some(found) = users.get_mut(name).filter(|found| found.last() != Some(&number)) {
                    found.push(number);
                }
                false
            };
            for need in &service.needs {
                uses(need);
            }
            for var in &service.environ.vars {
                // "No" to each, so that every host is asked for.
                let _ = var.value.host_is(&mut uses);
            }
        }
        Self(users)
    }

    /// The numbers of the pairs whose service in the first environment names this one: as a need, or as a URL's host.
    pub(super) fn of(&self, service: &Service) -> BTreeSet<usize> {
        names(service).filter_map(|name| self.0.get(name)).flatten().copied().collect()
    }
}

/// What a service is called by.
fn names(service: &Service) -> impl Iterator<Item = &str> {
    std::iter::once(&service.name).chain(&service.aliases).map(String::as_str)
}
