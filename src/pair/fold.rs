//! Services of several manifests of one environment → each need once, with what the other manifests say of it.

use super::names::Names;
use super::score::{process, same_kind, same_repository};
use crate::inventory::{Role, Service};

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
    let mut slots: Vec<Option<Service>> = services.into_iter().map(Some).collect();
    for manifest in 1..=last {
        take(&mut slots, manifest, |a, b| called_alike(a, b) && (a.role == Role::Backing || !layers(a.manifest, b.manifest)));
        take(&mut slots, manifest, same_repository_of_workloads);
        only_ones(&mut slots, manifest);
    }
    slots.into_iter().flatten().collect()
}

/// Folds what several runs (jobs of CI) state alike. What they state otherwise stays: every statement is compared.
fn runs(services: Vec<Service>) -> Vec<Service> {
    let mut out: Vec<Service> = Vec::new();
    for service in services {
        if service.scope.is_none() {
            out.push(service);
            continue;
        }
        let same = |p: &&mut Service| {
            let apart = p.scope != service.scope && p.also.iter().all(|a| a.scope != service.scope);
            let stated = |s: &Service| s.software.as_ref().map(|f| f.value.clone().map(|k| k.text));
            let alone = service.kind().is_some() || Names::of(p).equal(&Names::of(&service));
            p.scope.is_some() && service.scope.is_some() && apart && p.role == service.role && alone && stated(p) == stated(&service)
        };
        match out.iter_mut().find(same) {
            Some(first) => first.also.push(service),
            None => out.push(service),
        }
    }
    out
}

/// Moves the services of a manifest into those of earlier manifests that they fit.
fn take(slots: &mut [Option<Service>], manifest: usize, fits: impl Fn(&Service, &Service) -> bool) {
    for i in 0..slots.len() {
        let Some(service) = slots.get(i).and_then(Option::as_ref).filter(|s| s.manifest == manifest) else { continue };
        let runs = |p: &Service| p.scope.is_some() && service.scope.is_some();
        let free = |p: &Service| p.manifest < manifest && !runs(p) && p.also.iter().all(|a| a.manifest != manifest);
        let Some(of) = slots.iter().position(|p| p.as_ref().is_some_and(|p| free(p) && fits(p, service))) else { continue };
        let service = slots.get_mut(i).and_then(Option::take);
        if let (Some(Some(primary)), Some(service)) = (slots.get_mut(of), service) {
            primary.also.push(service);
        }
    }
}

/// One backing service of a kind in this manifest and one before it are the same, whatever they are called.
fn only_ones(slots: &mut [Option<Service>], manifest: usize) {
    let kinds: Vec<_> =
        slots.iter().flatten().filter(|s| s.manifest == manifest && s.role == Role::Backing).filter_map(Service::kind).collect();
    for kind in &kinds {
        let of = |p: &&Service| p.role == Role::Backing && p.kind() == Some(kind);
        let before = slots.iter().flatten().filter(of).filter(|p| p.manifest < manifest).count();
        let here = slots.iter().flatten().filter(of).filter(|p| p.manifest == manifest).count();
        if (before, here) == (1, 1) {
            take(slots, manifest, |p, s| p.role == Role::Backing && s.kind() == Some(kind) && same_kind(p, s));
        }
    }
}

fn called_alike(a: &Service, b: &Service) -> bool {
    let same = match a.role {
        Role::Backing => same_kind(a, b),
        Role::Workload => process(a, b),
    };
    a.role == b.role && same && Names::of(a).equal(&Names::of(b))
}

fn same_repository_of_workloads(a: &Service, b: &Service) -> bool {
    a.role == Role::Workload && b.role == Role::Workload && process(a, b) && same_repository(a, b)
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
