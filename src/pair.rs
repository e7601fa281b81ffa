//! Which service of one environment is which of the other, and why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Category;
use crate::catalogue::compare::{Outcome, Verdict, compare};
use crate::config::Paired;
use crate::discover;
use crate::finding::Which;
use crate::inventory::{Inventory, Process, Role, Service, Software, Value};
use crate::report::{ComparisonReport, PairReport, Problem};
use crate::source::Location;

mod best;
mod fold;
mod likely;
mod names;
mod runs;
mod score;
mod wiring;

use best::{Candidates, Fit, Rest};
pub use fold::fold;
use likely::{Likely, Marks};
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
    let workloads = matcher.workloads();
    matcher.take(&workloads);
    matcher.last_workload();
    let (left, right) =
        (wiring::users(from, &matcher.made), wiring::users(to, &matcher.made.iter().map(|(a, b)| (*b, *a)).collect::<Vec<_>>()));
    matcher.namesakes(&left, &right);
    let rest = Rest::new(&matcher.left, &matcher.right);
    let others = matcher.others(&left, &right, &rest);
    matcher.take_with(&others, rest);
    matcher.last_of_category();
    matcher.last_unnamed();
    matcher.finish()
}

/// How many workloads of one manifest would be taken for one of another's, were they of two environments?
#[must_use]
pub fn known_among(some: &[Service], others: &[Service]) -> usize {
    let named = |services: &[Service]| services.iter().map(Names::of).collect::<Vec<_>>();
    let (mine, theirs) = (named(some), named(others));
    let likely = Likely::of(others.iter().zip(&theirs).map(|(b, y)| Marks::of_workload(b, y)).enumerate());
    let is_one =
        |a: &Service, x: &Names, j: usize| others.get(j).zip(theirs.get(j)).is_some_and(|(b, y)| score::workloads(a, b, x, y).is_some());
    let known = |(a, x): &(&Service, &Names)| likely.like(&Marks::of_workload(a, x)).into_iter().any(|j| is_one(a, x, j));
    some.iter().zip(&mine).filter(known).count()
}

/// A workload whose name says nothing (`service`, `app`, of a module) is also known by the folder of its manifest that says more:
/// that of `infra/api/service` is `api`.
pub fn name_by_folder(service: &mut Service, folder: &str) {
    let telling = |name: &&str| !names::is_generic(name) && discover::is_called_after_a_part(name);
    if service.role == Role::Workload && names::is_generic(&service.name) {
        service.aliases.extend(folder.rsplit('/').find(telling).map(str::to_owned));
    }
}

/// What is wrong with a pair of the configuration: a service that no comparison has on that side, or one that another pair took.
#[must_use]
pub fn wrong(pair: &Paired, comparisons: &[ComparisonReport]) -> Vec<Problem> {
    let sides = [
        (&pair.from, Side { environment: |c| &c.from, service: |p| p.from.as_ref() }),
        (&pair.to, Side { environment: |c| &c.to, service: |p| p.to.as_ref() }),
    ];
    let mut out: Vec<Problem> = sides.into_iter().filter_map(|(name, side)| side.lacks(name.as_ref()?, comparisons, &pair.at)).collect();
    if let (true, Some(from), Some(to)) = (out.is_empty(), &pair.from, &pair.to) {
        let is = |s: &Option<Service>, name: &str| s.as_ref().is_some_and(|s| s.name == *name);
        let apart = |c: &&ComparisonReport| {
            let both = |p: &PairReport| is(&p.from, from) && is(&p.to, to);
            c.services.iter().any(|p| is(&p.from, from)) && c.services.iter().any(|p| is(&p.to, to)) && !c.services.iter().any(both)
        };
        let message = format!("`{from}` and `{to}` are not paired: a pair before this one names one of them");
        out.extend(comparisons.iter().find(apart).map(|_| Problem::at(pair.at.clone(), message).warning()));
    }
    out
}

/// One side of comparisons.
struct Side {
    environment: fn(&ComparisonReport) -> &String,
    service: fn(&PairReport) -> Option<&Service>,
}

impl Side {
    /// That no comparison has a service of a name on this side.
    fn lacks(&self, name: &str, comparisons: &[ComparisonReport], at: &Location) -> Option<Problem> {
        let names: BTreeSet<&str> =
            comparisons.iter().flat_map(|c| &c.services).filter_map(self.service).map(|s| s.name.as_str()).collect();
        let environments: BTreeSet<&str> = comparisons.iter().map(|c| (self.environment)(c).as_str()).collect();
        if names.contains(name) || environments.is_empty() {
            return None;
        }
        let environments: Vec<&str> = environments.into_iter().collect();
        let has = if environments.len() > 1 { "have" } else { "has" };
        let problem = Problem::at(at.clone(), format!("{} {has} no service `{name}`", environments.join(" and "))).warning();
        let near = names.into_iter().map(|n| (strsim::jaro_winkler(n, name), n)).max_by(|a, b| a.0.total_cmp(&b.0));
        Some(match near.filter(|(likeness, _)| *likeness > 0.8) {
            Some((_, near)) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        })
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

    /// What is left of a side, with its names.
    fn left_of(&self, which: Which) -> impl Iterator<Item = (usize, &Service, &Names)> {
        let (side, taken) = match which {
            Which::From => (&self.left, &self.taken.0),
            Which::To => (&self.right, &self.taken.1),
        };
        side.iter().enumerate().filter(|(i, _)| !taken.contains(i)).map(|(i, (service, names))| (i, *service, names))
    }

    /// How well workloads fit.
    fn workloads(&self) -> Candidates {
        let of = |which| self.left_of(which).filter(|(_, s, _)| s.role == Role::Workload);
        let likely = Likely::of(of(Which::To).map(|(j, b, y)| (j, Marks::of_workload(b, y))));
        let mut out = Candidates::default();
        for (i, a, x) in of(Which::From) {
            for j in likely.like(&Marks::of_workload(a, x)) {
                let fits = self.right.get(j).and_then(|(b, y)| score::workloads(a, b, x, y));
                fits.into_iter().for_each(|score| out.add(i, j, score));
            }
        }
        out
    }

    /// How well all others fit, where they have more in common than what they are.
    fn others(&self, left: &[wiring::Users], right: &[wiring::Users], rest: &Rest) -> Candidates {
        let likely = Likely::of(self.left_of(Which::To).map(|(j, b, y)| (j, Marks::of_backing(b, y, right.get(j)))));
        let mut out = Candidates::default();
        for (i, a, x) in self.left_of(Which::From) {
            for j in likely.like(&Marks::of_backing(a, x, left.get(i))) {
                let Some((b, y)) = self.right.get(j).filter(|(b, _)| !rest.is_client(a, b)) else { continue };
                let wired = left.get(i).zip(right.get(j)).map_or(0, |(l, r)| wiring::likeness(l, r));
                score::backing(a, b, x, y, wired).into_iter().for_each(|score| out.add(i, j, score));
            }
        }
        out
    }

    /// Pairs one to one, best first; of equals the first in the order of the inventories (sorted by name and place).
    fn take(&mut self, candidates: &Candidates) {
        for score in candidates.scores() {
            self.take_each(candidates.of(score));
        }
    }

    /// The same, with those that have nothing in common but what they are.
    fn take_with(&mut self, candidates: &Candidates, mut rest: Rest) {
        let mut scores = candidates.scores();
        scores.extend(Rest::SCORES.map(|(score, _)| Reverse(score)));
        for score in scores {
            let mut fits = candidates.of(score).peekable();
            if Rest::SCORES.iter().all(|(s, _)| *s != score.0) {
                self.take_each(fits);
                continue;
            }
            for i in self.open(|_| true).0 {
                let mut of_both: Vec<Fit> = Vec::new();
                while let Some(fit) = fits.next_if(|(n, ..)| *n <= i) {
                    of_both.extend(Some(fit).filter(|(n, j, _)| *n == i && !self.taken.1.contains(j)));
                }
                of_both.extend(rest.first(score, i, &self.taken.1));
                self.take_each(of_both.into_iter().min().into_iter());
            }
        }
    }

    fn take_each(&mut self, fits: impl Iterator<Item = Fit>) {
        for (i, j, because) in fits {
            if !self.taken.0.contains(&i) && !self.taken.1.contains(&j) {
                self.join(i, j, because);
            }
        }
    }

    /// Backing services of one kind and one name that nobody's wiring speaks of: nothing else could score higher, so they need
    /// not be scored with all others.
    fn namesakes(&mut self, left: &[wiring::Users], right: &[wiring::Users]) {
        let plain = |side: &[(&'a Service, Names)], users: &[wiring::Users], taken: &BTreeSet<usize>| {
            let mut found: BTreeMap<(String, &'a str, bool), Vec<usize>> = BTreeMap::new();
            for (i, (service, names)) in side.iter().enumerate() {
                let alone = !taken.contains(&i) && users.get(i).is_none_or(BTreeSet::is_empty) && service.role == Role::Backing;
                if let Some(kind) = service.kind().filter(|_| alone) {
                    found.entry((names.own.clone(), kind.id.as_str(), serves(service))).or_default().push(i);
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
