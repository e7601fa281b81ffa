//! Pairs of an environment of many runs that never meet (jobs of CI) → what every run states, of variants the nearest.

use std::collections::BTreeMap;

use super::names::Names;
use super::{Pair, made};
use crate::catalogue::compare::Verdict;
use crate::inventory::{Role, Service};

/// What another run states of a need that is paired already is compared with the same service; takes it from what is open.
pub(super) fn others<'a>(
    pairs: &mut Vec<Pair<'a>>,
    left: &mut Vec<usize>,
    from: &[(&'a Service, Names)],
    right: &mut Vec<usize>,
    to: &[(&'a Service, Names)],
) {
    let mut stated = Stated::of(pairs.iter().map(|p| (p.from, p.to)));
    left.retain(|i| {
        let Some((service, names)) = from.get(*i).filter(|(s, _)| s.scope.is_some()) else { return true };
        let Some(to) = stated.first(service, names) else { return true };
        stated.add(service, names, Some(to));
        pairs.push(made(Some(*service), Some(to), BECAUSE));
        false
    });
    let mut stated = Stated::of(pairs.iter().map(|p| (p.to, p.from)));
    right.retain(|j| {
        let Some((service, names)) = to.get(*j).filter(|(s, _)| s.scope.is_some()) else { return true };
        let Some(from) = stated.first(service, names) else { return true };
        stated.add(service, names, Some(from));
        pairs.push(made(Some(from), Some(*service), BECAUSE));
        false
    });
}

const BECAUSE: &str = "what another run states of the same need";

/// What the runs of one side state in pairs, by what makes it one need: the same kind, or the same role and a name.
struct Stated<'a> {
    /// A statement of a run, and its other side.
    all: Vec<(&'a Service, Option<&'a Service>)>,
    by_kind: BTreeMap<&'static str, Vec<usize>>,
    by_name: BTreeMap<(Role, String), Vec<usize>>,
}

impl<'a> Stated<'a> {
    fn of(pairs: impl Iterator<Item = (Option<&'a Service>, Option<&'a Service>)>) -> Self {
        let mut out = Self { all: Vec::new(), by_kind: BTreeMap::new(), by_name: BTreeMap::new() };
        for (service, other) in pairs {
            if let Some(service) = service.filter(|s| s.scope.is_some()) {
                out.add(service, &Names::of(service), other);
            }
        }
        out
    }

    fn add(&mut self, service: &'a Service, names: &Names, other: Option<&'a Service>) {
        let number = self.all.len();
        self.all.push((service, other));
        if let Some(kind) = service.kind() {
            self.by_kind.entry(kind.id.as_str()).or_default().push(number);
        }
        for name in &names.all {
            self.by_name.entry((service.role, name.clone())).or_default().push(number);
        }
    }

    /// The other side of the first statement of the same need by another run.
    fn first(&self, service: &Service, names: &Names) -> Option<&'a Service> {
        let kind = service.kind().and_then(|k| self.by_kind.get(k.id.as_str()));
        let named = names.all.iter().filter_map(|n| self.by_name.get(&(service.role, n.clone())));
        let of_another = |i: &&usize| self.all.get(**i).is_some_and(|(s, _)| s.scope != service.scope);
        let first = kind.into_iter().chain(named).filter_map(|of| of.iter().find(of_another)).min()?;
        self.all.get(*first)?.1
    }
}

/// Of the variants of one job, the nearest to the other side counts: a matrix that holds production's version tests it.
pub(super) fn variants(pairs: &mut [Pair<'_>]) {
    let key = |p: &Pair<'_>| {
        let (from, to) = (p.from?, p.to?);
        let job = |s: &Service| s.scope.as_ref().filter(|s| !s.variant.is_empty()).map(|s| s.job.clone());
        let place = |s: &Service| (s.at.path().to_owned(), s.at.span().start);
        match (job(from), job(to)) {
            (Some(job), _) => Some((job, from.name.clone(), place(to))),
            (None, Some(job)) => Some((job, to.name.clone(), place(from))),
            (None, None) => None,
        }
    };
    let keys: Vec<_> = pairs.iter().map(key).collect();
    let mut nearest = BTreeMap::new();
    for (pair, key) in pairs.iter().zip(&keys) {
        let verdict = pair.outcome.verdict;
        nearest.entry(key.as_ref()).and_modify(|n| *n = verdict.min(*n)).or_insert(verdict);
    }
    for (pair, key) in pairs.iter_mut().zip(&keys) {
        let nearest = key.as_ref().and_then(|k| nearest.get(&Some(k)));
        pair.beside = nearest.is_some_and(|n| *n < pair.outcome.verdict && *n <= Verdict::Patch);
        if pair.beside {
            "a variant beside the one that is nearer to the other side".clone_into(&mut pair.because);
        }
    }
}
