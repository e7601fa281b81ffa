//! Services of several manifests of one environment → each need once, with what the other manifests say of it.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::score::{process, same_kind};
use crate::inventory::{Role, Service, Value};

/// Folds what several manifests declare of one need into the first that does; the others stand in [`Service::also`].
/// Services keep their order. Workloads of two manifests that are layers of one environment are two, whatever they are called: a name
/// that their modules give them (`service`) is the module's.
#[must_use]
pub fn fold(services: Vec<Service>, layers: impl Fn(usize, usize) -> bool) -> Vec<Service> {
    let services = runs(services);
    let last = services.iter().map(|s| s.manifest).max().unwrap_or(0);
    if last == 0 {
        return services;
    }
    let mut slots = Slots::new(services);
    for manifest in 1..=last {
        slots
            .take(manifest, Slots::called_alike, |a, b| called_alike(a, b) && (a.role == Role::Backing || !layers(a.manifest, b.manifest)));
        slots.take(manifest, Slots::of_repository, workloads);
        slots.only_ones(manifest);
    }
    slots.services.into_iter().flatten().collect()
}

/// Folds what several runs (jobs of CI) state alike. What they state otherwise stays: every statement is compared.
fn runs(services: Vec<Service>) -> Vec<Service> {
    let mut out: Vec<Service> = Vec::new();
    // What runs state, and where in `out` that is: a service is asked of its like alone.
    let mut stated: BTreeMap<(Role, Stated), Vec<usize>> = BTreeMap::new();
    for service in services {
        if service.scope.is_none() {
            out.push(service);
            continue;
        }
        let alike = stated.entry((service.role, statement(&service))).or_default();
        let same = |p: &Service| {
            let apart = p.scope != service.scope && p.also.iter().all(|a| a.scope != service.scope);
            apart && (service.kind().is_some() || Names::of(p).equal(&Names::of(&service)))
        };
        let first = alike.iter().copied().find(|i| out.get(*i).is_some_and(same));
        if let Some(first) = first.and_then(|i| out.get_mut(i)) {
            first.also.push(service);
        } else {
            alike.push(out.len());
            out.push(service);
        }
    }
    out
}

/// What is stated of software: its text, or why that is not known.
type Stated = Option<Result<String, String>>;

fn statement(service: &Service) -> Stated {
    service.software.as_ref().map(|fact| match &fact.value {
        Value::Known(software) => Ok(software.text.clone()),
        Value::Unknown(why) => Err(why.clone()),
    })
}

/// The services of all manifests, each in its slot until an earlier one takes it in.
struct Slots {
    services: Vec<Option<Service>>,
    names: Vec<Names>,
    /// The slots of each name, of each repository, and of each kind of backing services, in order.
    by_name: BTreeMap<String, Vec<usize>>,
    by_repository: BTreeMap<String, Vec<usize>>,
    by_kind: BTreeMap<&'static str, Vec<usize>>,
    /// Those of each manifest.
    of: BTreeMap<usize, Vec<usize>>,
}

impl Slots {
    fn new(services: Vec<Service>) -> Self {
        let mut out = Self {
            names: services.iter().map(Names::of).collect(),
            services: Vec::new(),
            by_name: BTreeMap::new(),
            by_repository: BTreeMap::new(),
            by_kind: BTreeMap::new(),
            of: BTreeMap::new(),
        };
        for (i, (service, names)) in services.iter().zip(&out.names).enumerate() {
            for name in &names.all {
                out.by_name.entry(name.clone()).or_default().push(i);
            }
            if let Some(image) = service.image() {
                out.by_repository.entry(image.repository.clone()).or_default().push(i);
            }
            if let Some(kind) = backing(service) {
                out.by_kind.entry(kind).or_default().push(i);
            }
            out.of.entry(service.manifest).or_default().push(i);
        }
        out.services = services.into_iter().map(Some).collect();
        out
    }

    fn get(&self, i: usize) -> Option<&Service> {
        self.services.get(i)?.as_ref()
    }

    /// The slots that share a name with one, in order.
    fn called_alike(&self, i: usize) -> Vec<usize> {
        let names = self.names.get(i).into_iter().flat_map(|n| &n.all);
        let mut out: Vec<usize> = names.filter_map(|n| self.by_name.get(n)).flatten().copied().collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The slots with an image of the same repository, in order.
    fn of_repository(&self, i: usize) -> Vec<usize> {
        let image = self.get(i).and_then(Service::image);
        image.and_then(|image| self.by_repository.get(&image.repository)).cloned().unwrap_or_default()
    }

    /// Moves the services of a manifest into the first before it that they fit.
    fn take(&mut self, manifest: usize, alike: impl Fn(&Self, usize) -> Vec<usize>, fits: impl Fn(&Service, &Service) -> bool) {
        for i in self.of.get(&manifest).cloned().unwrap_or_default() {
            let Some(service) = self.get(i) else { continue };
            let first = alike(self, i).into_iter().find(|of| self.get(*of).is_some_and(|p| is_free(p, service) && fits(p, service)));
            if let Some(of) = first {
                self.join(of, i);
            }
        }
    }

    fn join(&mut self, of: usize, i: usize) {
        let service = self.services.get_mut(i).and_then(Option::take);
        if let (Some(Some(primary)), Some(service)) = (self.services.get_mut(of), service) {
            primary.also.push(service);
        }
    }

    /// One backing service of a kind in this manifest and one before it are the same, whatever they are called.
    fn only_ones(&mut self, manifest: usize) {
        let here = self.of.get(&manifest).into_iter().flatten().filter_map(|i| self.get(*i));
        let kinds: BTreeSet<&str> = here.filter_map(backing).collect();
        let only = |slots: &[usize], of: &dyn Fn(&Service) -> bool| {
            let mut found = slots.iter().copied().filter(|i| self.get(*i).is_some_and(of));
            found.next().filter(|_| found.next().is_none())
        };
        let both = |kind: &&str| {
            let slots = self.by_kind.get(kind)?;
            only(slots, &|s| s.manifest < manifest).zip(only(slots, &|s| s.manifest == manifest))
        };
        let pairs: Vec<(usize, usize)> = kinds.iter().filter_map(both).collect();
        for (of, i) in pairs {
            if self.get(of).zip(self.get(i)).is_some_and(|(p, s)| is_free(p, s)) {
                self.join(of, i);
            }
        }
    }
}

/// May a service of an earlier manifest take another in: none of that manifest is in it, and the two are no two runs?
fn is_free(earlier: &Service, other: &Service) -> bool {
    let runs = earlier.scope.is_some() && other.scope.is_some();
    earlier.manifest < other.manifest && !runs && earlier.also.iter().all(|a| a.manifest != other.manifest)
}

/// The kind of a backing service.
fn backing(service: &Service) -> Option<&'static str> {
    service.kind().filter(|_| service.role == Role::Backing).map(|k| k.id.as_str())
}

/// Are two services, of which a name is the same, of one role and of one kind, or one part in the life of the app?
fn called_alike(a: &Service, b: &Service) -> bool {
    let same = match a.role {
        Role::Backing => same_kind(a, b),
        Role::Workload => process(a, b),
    };
    a.role == b.role && same
}

/// Are two services, whose images are of one repository, workloads that play one part in the life of the app?
fn workloads(a: &Service, b: &Service) -> bool {
    a.role == Role::Workload && b.role == Role::Workload && process(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{classify, statement};
    use crate::inventory::{Fact, Provider};
    use crate::source::Source;

    fn service(name: &str, image: &str, manifest: usize) -> Service {
        let at = Source::new(format!("{manifest}.yml"), "x").whole();
        let mut service = Service::new(name, at.clone(), Provider::Container);
        service.software = Some(Fact::known(statement::parse(image).expect("a statement"), at));
        service.manifest = manifest;
        classify(&mut service, &[]);
        service
    }

    fn folded(services: Vec<Service>) -> Vec<String> {
        let name = |s: &Service| format!("{}{}", s.name, s.also.iter().map(|a| format!("+{}", a.name)).collect::<String>());
        fold(services, |_, _| false).iter().map(name).collect()
    }

    #[test]
    fn one_need_that_two_manifests_declare_is_one_service() {
        let all = vec![
            service("db", "postgres:15", 0),
            service("api", "acme/api:1", 0),
            service("main", "postgres:16", 1),
            service("api", "acme/api:2", 1),
        ];
        assert_eq!(folded(all), ["db+main", "api+api"]);
    }

    #[test]
    fn layers_have_workloads_of_their_own() {
        let all = || vec![service("service", "acme/api:1", 0), service("service", "acme/web:1", 1), service("db", "postgres:16", 1)];
        assert_eq!(fold(all(), |_, _| true).len(), 3);
        assert_eq!(fold(all(), |_, _| false).len(), 2);
    }

    #[test]
    fn what_only_one_manifest_declares_stays() {
        let all = vec![service("api", "acme/api:1", 0), service("cache", "redis:7", 1), service("sessions", "redis:7", 1)];
        assert_eq!(folded(all), ["api", "cache", "sessions"]);
    }

    #[test]
    fn several_of_a_kind_are_folded_by_name_alone() {
        let all = vec![service("a", "redis:7", 0), service("b", "redis:7", 0), service("b", "redis:6", 1), service("c", "redis:6", 1)];
        assert_eq!(folded(all), ["a", "b+b", "c"]);
    }
}
