//! Which service of one environment is which of the other, and why.

use crate::catalogue::compare::{Outcome, Verdict, compare};
use crate::catalogue::{Relation, relation};
use crate::inventory::{Inventory, Process, Role, Service, Value};

mod fold;

pub use fold::fold;

/// Two services that are the same need, or one whose other side is missing.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The name under which it is reported: `from`'s, else `to`'s.
    pub name: String,
    /// Backing or workload.
    pub role: Role,
    /// In the first environment.
    pub from: Option<&'a Service>,
    /// In the second.
    pub to: Option<&'a Service>,
    /// Why these two: "only PostgreSQL on each side".
    pub because: String,
    /// What comparing their software says; for workloads of their images.
    pub outcome: Outcome,
    /// One of several variants of a run (a matrix of CI), of which another is nearer to the other side: no drift.
    pub beside: bool,
}

/// Pairs the services of two inventories. Every service is in exactly one pair; the order is that of names.
#[must_use]
pub fn pair<'a>(from: &'a Inventory, to: &'a Inventory) -> Vec<Pair<'a>> {
    let mut matcher =
        Matcher { left: from.services.iter().map(Some).collect(), right: to.services.iter().map(Some).collect(), pairs: Vec::new() };
    matcher.by(image_kinds, "the same image repository");
    matcher.by(|a, b| both(a, b, Role::Backing) && same_kind(a, b) && alike(a, b) == Alike::Equal, "same kind, both are called alike");
    matcher.by(
        |a, b| both(a, b, Role::Backing) && same_kind(a, b) && alike(a, b) == Alike::Part,
        "same kind, and a part of the name is the same",
    );
    matcher.by(|a, b| both(a, b, Role::Backing) && same_kind(a, b), "what is left of this kind on each side");
    matcher.by(|a, b| both(a, b, Role::Backing) && related(a, b), "kinds that meet the same need");
    matcher.by(|a, b| both(a, b, Role::Workload) && process(a, b) && alike(a, b) == Alike::Equal, "both are called alike");
    matcher.by(|a, b| both(a, b, Role::Workload) && process(a, b) && same_repository(a, b), "same image repository");
    matcher.by(|a, b| both(a, b, Role::Workload) && process(a, b) && same_image_name(a, b), "the image is called like the service");
    matcher.by(|a, b| both(a, b, Role::Workload) && process(a, b) && alike(a, b) == Alike::Part, "a part of the name is the same");
    matcher.last_workload();
    matcher.other_runs();
    matcher.rest();
    let mut pairs = matcher.pairs;
    variants(&mut pairs);
    pairs.sort_by(|a, b| (a.role, &a.name, place(a)).cmp(&(b.role, &b.name, place(b))));
    pairs
}

/// The place by which pairs of one name are ordered.
fn place<'p>(pair: &'p Pair<'_>) -> Option<&'p crate::source::Location> {
    pair.from.or(pair.to).map(|s| &s.at)
}

struct Matcher<'a> {
    left: Vec<Option<&'a Service>>,
    right: Vec<Option<&'a Service>>,
    pairs: Vec<Pair<'a>>,
}

impl<'a> Matcher<'a> {
    /// Pairs what fits, one to one, in the order of the inventories (sorted by name and place).
    fn by(&mut self, fits: impl Fn(&Service, &Service) -> bool, because: &str) {
        for left in &mut self.left {
            let Some(a) = *left else { continue };
            let found = self.right.iter_mut().find(|r| r.is_some_and(|b| fits(a, b)));
            if let Some(right) = found {
                *left = None;
                let b = right.take();
                self.pairs.push(made(Some(a), b, because));
            }
        }
    }

    /// One workload left on each side is the same one.
    fn last_workload(&mut self) {
        let open = |side: &[Option<&'a Service>]| -> Vec<usize> {
            (0..side.len())
                .filter(|i| {
                    side.get(*i)
                        .copied()
                        .flatten()
                        .is_some_and(|s| s.role == Role::Workload && s.process == Process::Service && s.scope.is_none())
                })
                .collect()
        };
        let whole = |pairs: &[Pair<'_>]| pairs.iter().any(|p| p.role == Role::Workload);
        if let ([a], [b]) = (open(&self.left).as_slice(), open(&self.right).as_slice()) {
            if whole(&self.pairs) {
                return;
            }
            let (a, b) = (self.left.get_mut(*a).and_then(Option::take), self.right.get_mut(*b).and_then(Option::take));
            self.pairs.push(made(a, b, "the only workload on each side"));
        }
    }

    /// What another run states of a need that is paired already is compared with the same service.
    fn other_runs(&mut self) {
        let because = "what another run states of the same need";
        for a in &mut self.left {
            let Some(service) = *a else { continue };
            let first = self.pairs.iter().find(|p| p.from.is_some_and(|f| restates(f, service))).and_then(|p| p.to);
            if let Some(to) = first {
                self.pairs.push(made(Some(service), Some(to), because));
                *a = None;
            }
        }
        for b in &mut self.right {
            let Some(service) = *b else { continue };
            let first = self.pairs.iter().find(|p| p.to.is_some_and(|t| restates(t, service))).and_then(|p| p.from);
            if let Some(from) = first {
                self.pairs.push(made(Some(from), Some(service), because));
                *b = None;
            }
        }
    }

    /// What has no other side.
    fn rest(&mut self) {
        for a in self.left.iter_mut().filter_map(Option::take) {
            self.pairs.push(made(Some(a), None, "nothing on the other side meets this need"));
        }
        for b in self.right.iter_mut().filter_map(Option::take) {
            self.pairs.push(made(None, Some(b), "nothing on the other side meets this need"));
        }
    }
}

fn made<'a>(from: Option<&'a Service>, to: Option<&'a Service>, because: &str) -> Pair<'a> {
    let role = if [from, to].into_iter().flatten().any(|s| s.role == Role::Backing) { Role::Backing } else { Role::Workload };
    let name = from.or(to).map_or(String::new(), |s| s.name.clone());
    Pair { name, role, from, to, because: because.to_owned(), outcome: outcome(from, to), beside: false }
}

/// Do two runs state one need: the same kind, or under the same name?
fn restates(a: &Service, b: &Service) -> bool {
    let kinds = same_kind(a, b) || (a.role == b.role && alike(a, b) == Alike::Equal);
    a.scope.is_some() && b.scope.is_some() && a.scope != b.scope && kinds
}

/// Of the variants of one job, the nearest to the other side counts: a matrix that holds production's version tests it.
fn variants(pairs: &mut [Pair<'_>]) {
    let key = |p: &Pair<'_>| {
        let (from, to) = (p.from?, p.to?);
        let job = |s: &Service| s.scope.as_ref().filter(|s| !s.variant.is_empty()).map(|s| s.job.clone());
        match (job(from), job(to)) {
            (Some(job), _) => Some((job, from.name.clone(), to.at.clone())),
            (None, Some(job)) => Some((job, to.name.clone(), from.at.clone())),
            (None, None) => None,
        }
    };
    let all: Vec<_> = pairs.iter().map(|p| (key(p), p.outcome.verdict)).collect();
    for (pair, (own, verdict)) in pairs.iter_mut().zip(&all) {
        let nearest = all.iter().filter(|(k, _)| k == own).map(|(_, v)| *v).min();
        pair.beside = own.is_some() && nearest.is_some_and(|n| n < *verdict && n <= Verdict::Patch);
        if pair.beside {
            "a variant beside the one that is nearer to the other side".clone_into(&mut pair.because);
        }
    }
}

/// What comparing the software of two sides says.
fn outcome(from: Option<&Service>, to: Option<&Service>) -> Outcome {
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (Some(_), None) => return Outcome::of(Verdict::MissingTo, "only the first environment has it"),
        (None, _) => return Outcome::of(Verdict::MissingFrom, "only the second environment has it"),
    };
    let stated = |s: &'_ Service| s.software.as_ref().map(|f| f.value.clone());
    match (stated(from), stated(to)) {
        (Some(Value::Known(a)), Some(Value::Known(b))) => compare(&a, &b),
        (Some(Value::Unknown(why)), _) | (_, Some(Value::Unknown(why))) => Outcome::of(Verdict::Incomparable, why),
        _ => Outcome::of(Verdict::Unpinned, "a side is built here and names no image"),
    }
}

fn both(a: &Service, b: &Service, role: Role) -> bool {
    a.role == role && b.role == role
}

fn process(a: &Service, b: &Service) -> bool {
    (a.process == Process::Service) == (b.process == Process::Service)
}

fn same_kind(a: &Service, b: &Service) -> bool {
    a.kind().is_some() && a.kind() == b.kind()
}

fn related(a: &Service, b: &Service) -> bool {
    let (Some(x), Some(y)) = (a.kind(), b.kind()) else { return false };
    relation(x, y).is_some_and(|r| r != Relation::Unrelated) || (x.family == "embedded" && y.category == x.category)
}

/// The same own image on both sides, of which one side knows what it is built from.
fn image_kinds(a: &Service, b: &Service) -> bool {
    a.role != b.role && same_repository(a, b)
}

fn same_repository(a: &Service, b: &Service) -> bool {
    match (a.image(), b.image()) {
        (Some(x), Some(y)) => x.repository == y.repository,
        _ => false,
    }
}

/// A locally built service `web` and a production image `registry/shop/web`.
fn same_image_name(a: &Service, b: &Service) -> bool {
    let last = |s: &Service| s.image().map(|i| normal(i.repository.rsplit('/').next().unwrap_or("")));
    let named = |image: Option<String>, other: &Service| image.is_some_and(|i| names(other).any(|n| n == i));
    named(last(b), a) || named(last(a), b)
}

#[derive(PartialEq, Eq)]
enum Alike {
    Equal,
    Part,
    No,
}

/// Are two services called alike?
fn alike(a: &Service, b: &Service) -> Alike {
    if names(a).any(|x| names(b).any(|y| x == y)) {
        return Alike::Equal;
    }
    let part = |x: &str, y: &str| x.len() > 2 && (y.starts_with(&format!("{x}-")) || y.ends_with(&format!("-{x}")));
    if names(a).any(|x| names(b).any(|y| part(&x, &y) || part(&y, &x))) { Alike::Part } else { Alike::No }
}

fn names(service: &Service) -> impl Iterator<Item = String> {
    let label = service.labels.get("app.kubernetes.io/name").cloned();
    std::iter::once(service.name.clone()).chain(service.aliases.clone()).chain(label).map(|n| normal(&n))
}

/// `web_api` and `Web-API` are one name.
fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.', '/'], "-")
}
