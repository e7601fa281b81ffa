//! Which service of one environment is which of the other, and why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Category;
use crate::catalogue::compare::{Outcome, Verdict, compare};
use crate::config::Paired;
use crate::discover;
use crate::inventory::{Inventory, Process, Role, Service, Software, Value};
use crate::report::Problem;

mod fold;
mod names;
mod runs;
mod score;
mod wiring;

pub use fold::fold;
use names::Names;
pub use wiring::{prefer, used_by};

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
///
/// All that fits is scored; the best goes first, so that no weak likeness takes what a strong one wants.
#[must_use]
pub fn pair<'a>(from: &'a Inventory, to: &'a Inventory, given: &[Paired]) -> Vec<Pair<'a>> {
    let mut matcher = Matcher::new(from, to);
    given.iter().for_each(|pair| matcher.given(pair));
    let workloads = matcher.candidates(Role::Workload, score::workloads);
    matcher.take(workloads);
    matcher.last_workload();
    let (left, right) =
        (wiring::users(from, &matcher.made), wiring::users(to, &matcher.made.iter().map(|(a, b)| (*b, *a)).collect::<Vec<_>>()));
    matcher.namesakes(&left, &right);
    let kind = |s: &'_ Service| s.kind().map(|k| k.id.as_str());
    let servers = |side: &'a Inventory| side.services.iter().filter(|s| serves(s)).map(kind).collect::<BTreeSet<_>>();
    let (mine, others) = (servers(from), servers(to));
    let backing = matcher.scored(|i, j, a, b, x, y| {
        let wired = left.get(i).zip(right.get(j)).map_or(0, |(l, r)| wiring::likeness(l, r));
        // A client stands for its server only where its side declares none.
        let client = (!serves(a) && serves(b) && mine.contains(&kind(a))) || (serves(a) && !serves(b) && others.contains(&kind(b)));
        if client { None } else { score::backing(a, b, x, y, wired) }
    });
    matcher.take(backing);
    matcher.last_of_category();
    matcher.last_unnamed();
    matcher.finish()
}

/// Would two workloads of one environment be taken for the same one, were they of two?
#[must_use]
pub fn is_one_workload(a: &Service, b: &Service) -> bool {
    score::workloads(a, b, &Names::of(a), &Names::of(b)).is_some()
}

/// A workload whose name says nothing (`service`, `app`, of a module) is also known by the folder of its manifest that says more:
/// that of `infra/api/service` is `api`.
pub fn name_by_folder(service: &mut Service, folder: &str) {
    let telling = |name: &&str| !names::is_generic(name) && discover::is_called_after_a_part(name);
    if service.role == Role::Workload && names::is_generic(&service.name) {
        service.aliases.extend(folder.rsplit('/').find(telling).map(str::to_owned));
    }
}

/// A pair of the configuration that names a service which a side has not.
#[must_use]
pub fn unknown(pair: &Paired, from: &Inventory, to: &Inventory) -> Option<Problem> {
    let lacks = |name: &Option<String>, side: &Inventory| {
        let name = name.clone().filter(|name| side.services.iter().all(|s| s.name != *name))?;
        let near = side.services.iter().map(|s| (strsim::jaro_winkler(&s.name, &name), &s.name)).max_by(|a, b| a.0.total_cmp(&b.0));
        let problem = Problem::at(pair.at.clone(), format!("{} has no service `{name}`", side.environment)).warning();
        Some(match near.filter(|(likeness, _)| *likeness > 0.8) {
            Some((_, near)) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        })
    };
    lacks(&pair.from, from).or_else(|| lacks(&pair.to, to))
}

/// Pairs that would fit; of many services there are as many as their product, so each is kept small.
#[derive(Default)]
struct Candidates {
    /// How well, which two, and the number of the reason.
    all: Vec<(Reverse<u32>, u32, u32, u8)>,
    because: Vec<&'static str>,
}

impl Candidates {
    fn add(&mut self, score: u32, i: usize, j: usize, because: &'static str) {
        let known = self.because.iter().position(|b| std::ptr::eq(*b, because));
        let reason = known.unwrap_or_else(|| {
            self.because.push(because);
            self.because.len() - 1
        });
        if let (Ok(i), Ok(j), Ok(reason)) = (u32::try_from(i), u32::try_from(j), u8::try_from(reason)) {
            self.all.push((Reverse(score), i, j, reason));
        }
    }
}

struct Matcher<'a> {
    left: Vec<(&'a Service, Names)>,
    right: Vec<(&'a Service, Names)>,
    taken: (BTreeSet<usize>, BTreeSet<usize>),
    /// The pairs of indices, in the order in which they were made.
    made: Vec<(usize, usize)>,
    because: Vec<&'static str>,
    /// What the configuration pairs with nothing.
    alone: (Vec<usize>, Vec<usize>),
}

impl<'a> Matcher<'a> {
    fn new(from: &'a Inventory, to: &'a Inventory) -> Self {
        let named = |inventory: &'a Inventory| inventory.services.iter().map(|s| (s, Names::of(s))).collect();
        Self {
            left: named(from),
            right: named(to),
            taken: Default::default(),
            made: Vec::new(),
            because: Vec::new(),
            alone: Default::default(),
        }
    }

    /// A pair that the configuration names; a service that is named alone is paired with nothing.
    fn given(&mut self, pair: &Paired) {
        let index = |side: &[(&Service, Names)], name: &Option<String>| {
            name.as_ref().and_then(|name| side.iter().position(|(s, _)| s.name == *name))
        };
        let (left, right) = (index(&self.left, &pair.from), index(&self.right, &pair.to));
        match (left, right) {
            (Some(i), Some(j)) if !self.taken.0.contains(&i) && !self.taken.1.contains(&j) => self.join(i, j, "named in the configuration"),
            (Some(i), None) if pair.to.is_none() && self.taken.0.insert(i) => self.alone.0.push(i),
            (None, Some(j)) if pair.from.is_none() && self.taken.1.insert(j) => self.alone.1.push(j),
            _ => {}
        }
    }

    fn candidates(&self, role: Role, fits: impl Fn(&Service, &Service, &Names, &Names) -> Option<(u32, &'static str)>) -> Candidates {
        self.scored(|_, _, a, b, x, y| if a.role == role && b.role == role { fits(a, b, x, y) } else { None })
    }

    /// Scores what is left on both sides.
    fn scored(&self, fits: impl Fn(usize, usize, &Service, &Service, &Names, &Names) -> Option<(u32, &'static str)>) -> Candidates {
        let mut out = Candidates::default();
        for (i, (a, x)) in self.left.iter().enumerate().filter(|(i, _)| !self.taken.0.contains(i)) {
            for (j, (b, y)) in self.right.iter().enumerate().filter(|(j, _)| !self.taken.1.contains(j)) {
                if let Some((score, because)) = fits(i, j, a, b, x, y) {
                    out.add(score, i, j, because);
                }
            }
        }
        out
    }

    /// Pairs one to one, best first; of equals the first in the order of the inventories (sorted by name and place).
    fn take(&mut self, mut candidates: Candidates) {
        candidates.all.sort_unstable();
        for (_, i, j, reason) in candidates.all {
            let (i, j) = (i as usize, j as usize);
            if !self.taken.0.contains(&i) && !self.taken.1.contains(&j) {
                self.join(i, j, candidates.because.get(usize::from(reason)).copied().unwrap_or_default());
            }
        }
    }

    /// Backing services of one kind and one name that nobody's wiring speaks of: nothing else could score higher, so they need
    /// not be scored with all others.
    fn namesakes(&mut self, left: &[wiring::Users], right: &[wiring::Users]) {
        let plain = |side: &[(&'a Service, Names)], users: &[wiring::Users], taken: &BTreeSet<usize>| {
            let mut found: BTreeMap<(String, &'a str), Vec<usize>> = BTreeMap::new();
            for (i, (service, names)) in side.iter().enumerate() {
                let alone = !taken.contains(&i) && users.get(i).is_none_or(BTreeSet::is_empty) && service.role == Role::Backing;
                if let Some(kind) = service.kind().filter(|_| alone) {
                    found.entry((names.own.clone(), kind.id.as_str())).or_default().push(i);
                }
            }
            found
        };
        let others = plain(&self.right, right, &self.taken.1);
        for (key, mine) in plain(&self.left, left, &self.taken.0) {
            if let ([i], Some([j])) = (mine.as_slice(), others.get(&key).map(Vec::as_slice)) {
                self.join(*i, *j, score::CALLED_ALIKE);
            }
        }
    }

    fn join(&mut self, i: usize, j: usize, because: &'static str) {
        self.taken.0.insert(i);
        self.taken.1.insert(j);
        self.made.push((i, j));
        self.because.push(because);
    }

    /// What is left of a side, where it is so.
    fn open(&self, is: impl Fn(&Service) -> bool) -> (Vec<usize>, Vec<usize>) {
        let open = |side: &[(&Service, Names)], taken: &BTreeSet<usize>| -> Vec<usize> {
            side.iter().enumerate().filter(|(i, (s, _))| !taken.contains(i) && is(s)).map(|(i, _)| i).collect()
        };
        (open(&self.left, &self.taken.0), open(&self.right, &self.taken.1))
    }

    /// One workload on each side is the same one.
    fn last_workload(&mut self) {
        if self.made.iter().any(|(i, _)| self.left.get(*i).is_some_and(|(s, _)| s.role == Role::Workload)) {
            return;
        }
        let (left, right) = self.open(|s| s.role == Role::Workload && s.process == Process::Service && s.scope.is_none());
        // A container in which everything is developed is, on the other side, the one of several processes of an image that
        // serves the app.
        let serving = |side: &[(&Service, Names)], open: &[usize]| match open {
            [one] => Some(*one),
            many => {
                let web = |i: &&usize| side.get(**i).is_some_and(|(_, n)| n.part_played() == Some("web"));
                let mut all = many.iter().filter(web);
                let image = |s: &Service| s.software.as_ref().map(|f| s.image().map_or(f.at.text().to_owned(), |i| i.repository.clone()));
                let images: BTreeSet<_> = many.iter().map(|i| side.get(*i).and_then(|(s, _)| image(s))).collect();
                let builds = || many.iter().any(|i| side.get(*i).is_some_and(|(s, _)| s.build.is_some()));
                all.next().copied().filter(|_| all.next().is_none() && images.len() == 1 && (!images.contains(&None) || !builds()))
            }
        };
        let (i, j) = (serving(&self.left, &left), serving(&self.right, &right));
        // An image of others beside the app is not the app.
        let stranger = |i: usize, j: usize| {
            let image = |side: &[(&Service, Names)], at: usize| {
                side.get(at).is_some_and(|(s, _)| s.build.is_none() && s.software.is_some() && s.kind().is_none())
            };
            image(&self.left, i) && image(&self.right, j)
        };
        let named_apart = |i: usize, j: usize| {
            let (a, b) = (self.left.get(i), self.right.get(j));
            a.zip(b).is_some_and(|((a, x), (b, y))| score::is_part_by_its_file(a, x, y) || score::is_part_by_its_file(b, y, x))
        };
        match (left.len(), right.len(), i, j) {
            (1, 1, Some(i), Some(j)) if !named_apart(i, j) => self.join(i, j, "the only workload on each side"),
            (1, _, Some(i), Some(j)) | (_, 1, Some(i), Some(j)) if !stranger(i, j) && !named_apart(i, j) => {
                self.join(i, j, "the only workload, and the one that serves the app")
            }
            _ => {}
        }
    }

    /// One cache left on each side is the same need, whatever the two are.
    fn last_of_category(&mut self) {
        for category in score::NEEDS {
            let of = |s: &Service| s.role == Role::Backing && serves(s) && s.kind().is_some_and(|k| k.category == category && !k.dev_only);
            let (left, right) = self.open(of);
            if let ([i], [j]) = (left.as_slice(), right.as_slice()) {
                self.join(*i, *j, "what is left for this need on each side");
            }
        }
    }

    /// The one database that is left, and the one managed database of the other side whose engine is not said.
    fn last_unnamed(&mut self) {
        let database = |s: &Service| s.kind().is_some_and(|k| k.category == Category::Database && k.family != "embedded");
        let unnamed = |s: &Service| s.known_software().is_some_and(Software::is_unnamed);
        let because = "the only database left, and a managed one whose engine is not said";
        let (databases, others) = (self.open(database), self.open(unnamed));
        if let ([i], [j]) = (databases.0.as_slice(), others.1.as_slice()) {
            self.join(*i, *j, because);
        } else if let ([i], [j]) = (others.0.as_slice(), databases.1.as_slice()) {
            self.join(*i, *j, because);
        }
    }

    fn finish(self) -> Vec<Pair<'a>> {
        let service = |side: &[(&'a Service, Names)], i: usize| side.get(i).map(|(s, _)| *s);
        let mut pairs: Vec<Pair<'a>> =
            self.made.iter().zip(&self.because).map(|((i, j), why)| made(service(&self.left, *i), service(&self.right, *j), why)).collect();
        let (mut left, mut right) = self.open(|_| true);
        runs::others(&mut pairs, &mut left, &self.left, &mut right, &self.right);
        let named = "named in the configuration as being on this side alone";
        pairs.extend(self.alone.0.iter().map(|i| made(service(&self.left, *i), None, named)));
        pairs.extend(self.alone.1.iter().map(|j| made(None, service(&self.right, *j), named)));
        let alone = "nothing on the other side meets this need";
        pairs.extend(left.into_iter().map(|i| made(service(&self.left, i), None, alone)));
        pairs.extend(right.into_iter().map(|j| made(None, service(&self.right, j), alone)));
        runs::variants(&mut pairs);
        pairs.sort_by(|a, b| (a.role, &a.name, place(a)).cmp(&(b.role, &b.name, place(b))));
        pairs
    }
}

/// Does it run and serve?
fn serves(service: &Service) -> bool {
    service.process == Process::Service
}

/// The place by which pairs of one name are ordered.
fn place<'p>(pair: &'p Pair<'_>) -> Option<&'p crate::source::Location> {
    pair.from.or(pair.to).map(|s| &s.at)
}

fn made<'a>(from: Option<&'a Service>, to: Option<&'a Service>, because: &str) -> Pair<'a> {
    let role = if [from, to].into_iter().flatten().any(|s| s.role == Role::Backing) { Role::Backing } else { Role::Workload };
    let name = from.or(to).map_or(String::new(), |s| s.name.clone());
    Pair { name, role, from, to, because: because.to_owned(), outcome: outcome(from, to), beside: false }
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

#[cfg(test)]
mod tests;
