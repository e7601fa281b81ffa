//! Pairs of an environment of many runs that never meet (jobs of CI) → what every run states, of variants the nearest.

use std::collections::BTreeMap;

use super::names::Names;
use super::score::same_kind;
use super::{Pair, made};
use crate::catalogue::compare::Verdict;
use crate::inventory::Service;

/// What another run states of a need that is paired already is compared with the same service; takes it from what is open.
pub(super) fn others<'a>(
    pairs: &mut Vec<Pair<'a>>,
    left: &mut Vec<usize>,
    from: &[(&'a Service, Names)],
    right: &mut Vec<usize>,
    to: &[(&'a Service, Names)],
) {
    let because = "what another run states of the same need";
    left.retain(|i| {
        let Some((service, _)) = from.get(*i).filter(|(s, _)| s.scope.is_some()) else { return true };
        let first = pairs.iter().find(|p| p.from.is_some_and(|f| restates(f, service))).and_then(|p| p.to);
        pairs.extend(first.map(|to| made(Some(*service), Some(to), because)));
        first.is_none()
    });
    right.retain(|j| {
        let Some((service, _)) = to.get(*j).filter(|(s, _)| s.scope.is_some()) else { return true };
        let first = pairs.iter().find(|p| p.to.is_some_and(|t| restates(t, service))).and_then(|p| p.from);
        pairs.extend(first.map(|from| made(Some(from), Some(*service), because)));
        first.is_none()
    });
}

/// Do two runs state one need: the same kind, or under the same name?
fn restates(a: &Service, b: &Service) -> bool {
    let kinds = same_kind(a, b) || (a.role == b.role && Names::of(a).equal(&Names::of(b)));
    a.scope.is_some() && b.scope.is_some() && a.scope != b.scope && kinds
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
