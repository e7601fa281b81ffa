//! Candidates of the whole repository → its parts, and what each takes.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::Candidate;
use super::words::{Named, home, is_main, named};
use super::{Found, Unit, left, rank, shown};
use crate::formats::{self, Because, Manifest, Side};
use crate::report::{Problem, summary::some_names};
use crate::workspace::{Workspace, file_name, parent};

/// More manifests of one format beside each other than this are taken for a catalogue of examples.
const MOST_BESIDE: usize = 24;

/// The candidates of one part.
#[derive(Default)]
struct Part {
    dev: Vec<Candidate>,
    ci: Vec<Candidate>,
    prod: Vec<Candidate>,
    doubtful: Vec<Candidate>,
    named: BTreeMap<String, Vec<Candidate>>,
    /// Read beside the others of their side: runtimes, a Procfile.
    beside: Vec<Candidate>,
    /// Read where no manifest says more: a Dockerfile, `.env`.
    fills: Vec<Candidate>,
}

impl Part {
    fn develops(&self) -> bool {
        !self.dev.is_empty()
    }

    fn ships(&self) -> bool {
        !self.prod.is_empty() || !self.doubtful.is_empty()
    }

    fn join(&mut self, mut other: Self) {
        for (mine, others) in [
            (&mut self.dev, &mut other.dev),
            (&mut self.ci, &mut other.ci),
            (&mut self.prod, &mut other.prod),
            (&mut self.doubtful, &mut other.doubtful),
            (&mut self.beside, &mut other.beside),
            (&mut self.fills, &mut other.fills),
        ] {
            mine.append(others);
        }
        for (name, mut candidates) in other.named {
            self.named.entry(name).or_default().append(&mut candidates);
        }
    }
}

/// Candidates by the part of the repository that they belong to.
#[derive(Default)]
pub(super) struct Sorted {
    parts: BTreeMap<String, Part>,
}

impl Sorted {
    fn part(&mut self, candidate: &Candidate) -> &mut Part {
        self.parts.entry(home(&candidate.path, candidate.folder)).or_default()
    }

    pub(super) fn add(&mut self, side: Side, candidate: Candidate) {
        let part = self.part(&candidate);
        match side {
            _ if candidate.format.beside() => part.beside.push(candidate),
            Side::Dev => part.dev.push(candidate),
            Side::Ci => part.ci.push(candidate),
            Side::Prod => part.prod.push(candidate),
        }
    }

    /// What is named after another environment fills no gap of development or production.
    pub(super) fn fills_in(&mut self, candidate: Candidate) {
        let fits = match candidate.side {
            Side::Dev => matches!(named(&candidate.path), Named::Plain | Named::Development),
            Side::Ci => false,
            Side::Prod => matches!(named(&candidate.path), Named::Plain | Named::Production),
        };
        if fits {
            self.part(&candidate).fills.push(candidate);
        }
    }

    pub(super) fn doubtful(&mut self, candidate: Candidate) {
        self.part(&candidate).doubtful.push(candidate);
    }

    pub(super) fn named(&mut self, name: String, candidate: Candidate) {
        self.part(&candidate).named.entry(name).or_default().push(candidate);
    }

    /// The parts as they are run: one for the whole repository, or one for each folder that develops and ships on its own.
    pub(super) fn into_units(mut self, workspace: &dyn Workspace, found: &mut Found) {
        let mut root = self.parts.remove("").unwrap_or_default();
        // Where the whole repository develops together, a part has its own only in a file that is not for one task.
        let proper = |p: &Part| !root.develops() || p.dev.iter().any(|c| is_main(file_name(&c.path)));
        let (own, rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.parts.into_iter().partition(|(_, p)| p.develops() && p.ships() && proper(p));
        let mut units: BTreeMap<String, Part> = own;
        let whole = root.develops() && root.ships();
        if units.len() == 1 && !whole && (root.develops() || root.ships()) {
            // One part, of which something lies at the root.
            for (_, part) in std::mem::take(&mut units) {
                root.join(part);
            }
        }
        let (develops, ships) = (root.develops(), root.ships());
        for (path, mut part) in rest {
            let mut leave = |candidates: Vec<Candidate>, what: &str| {
                found.left.extend(
                    candidates.iter().map(|c| left(c, format!("the whole repository has manifests of {what}; `{path}` is a part of it"))),
                );
            };
            if units.is_empty() && develops {
                leave(std::mem::take(&mut part.dev), "development");
            }
            if units.is_empty() && ships {
                leave(std::mem::take(&mut part.prod), "production");
                leave(std::mem::take(&mut part.doubtful), "production");
            }
            match units.iter_mut().filter(|(unit, _)| path.starts_with(&format!("{unit}/"))).max_by_key(|(unit, _)| unit.len()) {
                Some((_, unit)) => unit.join(part),
                None => root.join(part),
            }
        }
        if units.is_empty() || (root.develops() && root.ships()) {
            units.insert(String::new(), root);
        } else {
            // What else lies at the root speaks of no part.
            for c in root.dev.iter().chain(&root.prod).chain(&root.doubtful).chain(&root.ci) {
                found.left.push(left(c, "the parts of the repository have manifests of their own; name it with --dev, --ci or --prod"));
            }
            for part in units.values_mut() {
                part.beside.extend(root.beside.iter().cloned());
            }
        }
        for (path, part) in units {
            let unit = unit(path, part, workspace, found);
            if !unit.environments.is_empty() {
                found.units.push(unit);
            }
        }
    }
}

/// What a part takes of its candidates.
fn unit(path: String, part: Part, workspace: &dyn Workspace, found: &mut Found) -> Unit {
    let mut environments: BTreeMap<String, Vec<Manifest>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut take = |environment: &str, candidate: &Candidate, because: Because| {
        let manifest =
            Manifest { format: candidate.format.id().to_owned(), paths: candidate.paths(workspace), because, unit: path.clone() };
        if taken.insert((environment.to_owned(), manifest.format.clone(), manifest.paths.clone())) {
            environments.entry(environment.to_owned()).or_default().push(manifest);
        }
    };
    let (dev, plain_prod) = development(&path, part.dev, part.prod.is_empty() && part.doubtful.is_empty(), workspace);
    for (candidate, because) in &dev.taken {
        take("dev", candidate, because.clone());
    }
    found.left.extend(dev.left.iter().map(|(c, because)| left(c, because.clone())));
    found.problems.extend(one_of_many(&path, &dev));
    for candidate in &part.ci {
        take("ci", candidate, "what continuous integration runs".into());
    }
    let mut prod = part.prod;
    prod.extend(plain_prod);
    let prod = production(prod, part.doubtful);
    for (candidate, because) in &prod.taken {
        take("prod", candidate, because.clone());
    }
    found.left.extend(prod.left.iter().map(|(c, because)| left(c, because.clone())));
    let (filling, more) = fills(part.fills);
    found.left.extend(more.iter().map(|c| left(c, format!("{MOST_BESIDE} like it are read before it"))));
    let (local, images): (Vec<_>, Vec<_>) = filling.into_iter().partition(|c| c.side == Side::Dev);
    // Where nothing else says what a developer's machine gives the app, what is shown of it does.
    let shown = |c: &&Candidate| c.side == Side::Dev && c.format.documents() && matches!(named(&c.path), Named::NotMeant(_) | Named::Plain);
    let example = part.beside.iter().filter(shown).min_by_key(|c| (rank(c), c.path.clone()));
    let example = example.filter(|_| dev.taken.is_empty() && local.is_empty() && !prod.taken.is_empty());
    if let (Some(example), Some(format)) = (example, formats::by_id("local")) {
        take("dev", &Candidate { format, ..example.clone() }, "what is shown of the app's keys is all that is known of dev".into());
    }
    let runtimes = part.beside.iter().any(|c| c.side == Side::Dev && !c.format.documents());
    let develops = !dev.taken.is_empty() || !local.is_empty() || example.is_some() || (runtimes && part.ci.is_empty());
    let ships = !prod.taken.is_empty() || (!images.is_empty() && (develops || !part.ci.is_empty()));
    if ships {
        local.iter().for_each(|c| take("dev", c, "what the app is given on the developer's machine".into()));
    }
    if prod.taken.is_empty() && ships {
        images.iter().for_each(|c| take("prod", c, "all that is known of production".into()));
    }
    let dev_stands = !dev.taken.is_empty() || (develops && ships);
    let stands: Vec<&str> =
        [("dev", dev_stands), ("ci", !part.ci.is_empty()), ("prod", ships)].iter().filter(|(_, t)| *t).map(|(n, _)| *n).collect();
    for candidate in &part.beside {
        let environment = match candidate.side {
            Side::Ci => "ci",
            Side::Prod => "prod",
            Side::Dev => "dev",
        };
        // It makes no environment by itself: what it says is compared with what stands beside it.
        if stands.contains(&environment) {
            take(environment, candidate, "read beside the others".into());
        }
    }
    for (name, candidates) in &part.named {
        candidates.iter().for_each(|c| take(name, c, format!("its path says {name}").into()));
    }
    let read: BTreeSet<&String> = environments.values().flatten().flat_map(|m| &m.paths).collect();
    found.left.retain(|l| !read.contains(&l.path));
    for (name, candidates) in &part.named {
        found.left.extend(candidates.iter().map(|c| left(c, format!("its path says {name}: `parity diff {name}` compares it"))));
    }
    Unit { path: path.clone(), environments }
}

/// What is taken and what is left, with the reasons.
#[derive(Default)]
struct Choice {
    taken: Vec<(Candidate, Because)>,
    left: Vec<(Candidate, String)>,
}

/// The manifest that development starts with, in each folder that has one. Where one is named after development and
/// nothing else ships, the plain one beside it is production's.
fn development(unit: &str, mut candidates: Vec<Candidate>, nothing_ships: bool, workspace: &dyn Workspace) -> (Choice, Vec<Candidate>) {
    let mut choice = Choice::default();
    let mut ships = Vec::new();
    let in_name = |c: &Candidate| named(&c.path) == Named::Development;
    candidates.sort_by(|a, b| (rank(a), !in_name(a), &a.path).cmp(&(rank(b), !in_name(b), &b.path)));
    let alone = |c: &Candidate| c.format.layers(&c.path, workspace).first() == Some(&c.path);
    let says_dev = candidates.iter().position(|c| in_name(c) && alone(c));
    if let (true, Some(i)) = (nothing_ships, says_dev) {
        let dev = candidates.remove(i);
        ships = candidates.iter().filter(|c| !in_name(c) && c.format.id() == dev.format.id()).take(1).cloned().collect();
        candidates.retain(|c| !ships.iter().any(|s| s.path == c.path));
        choice.taken.push((dev, "its name says development".into()));
    }
    let mut firsts = Firsts::default();
    choice.taken.iter().for_each(|(c, _)| firsts.add(c, 0));
    for candidate in candidates {
        match firsts.of(&candidate, unit).and_then(|first| choice.taken.get(first)) {
            None => {
                let because = if in_name(&candidate) { "its name says development" } else { "the first by name and folder" };
                firsts.add(&candidate, choice.taken.len());
                choice.taken.push((candidate, because.into()));
            }
            Some((first, _)) => {
                let because = format!("`{}` was taken for dev", shown(&first.path));
                choice.left.push((candidate, because));
            }
        }
    }
    (choice, ships)
}

/// The first that was taken of each folder, and of each format.
#[derive(Default)]
struct Firsts {
    by_home: BTreeMap<String, usize>,
    by_format: BTreeMap<&'static str, usize>,
}

impl Firsts {
    fn add(&mut self, candidate: &Candidate, number: usize) {
        self.by_home.entry(home(&candidate.path, candidate.folder)).or_insert(number);
        self.by_format.entry(candidate.format.id()).or_insert(number);
    }

    /// The first that goes before a candidate: the part's own, one of its folder, or one of another format.
    fn of(&self, candidate: &Candidate, unit: &str) -> Option<usize> {
        let here = [unit, &home(&candidate.path, candidate.folder)].map(|home| self.by_home.get(home));
        let others = self.by_format.iter().filter(|(format, _)| **format != candidate.format.id()).map(|(_, number)| number);
        here.into_iter().flatten().chain(others).min().copied()
    }
}

/// What fills the gaps of development and of production (the files of each folder's app, the Dockerfile of each), and what is left
/// where there are too many folders.
fn fills(mut candidates: Vec<Candidate>) -> (Vec<Candidate>, Vec<Candidate>) {
    candidates.sort_by(|a, b| {
        let key = |c: &Candidate| (named(&c.path) != Named::Production, rank(c));
        (key(a), &a.path).cmp(&(key(b), &b.path))
    });
    let mut homes: BTreeSet<(Side, String)> = BTreeSet::new();
    // One of each folder.
    candidates.retain(|c| {
        let of = (c.side, home(&c.path, c.folder));
        let new = !homes.contains(&of);
        homes.extend(new.then_some(of));
        new
    });
    let more = candidates.split_off(candidates.len().min(MOST_BESIDE));
    (candidates, more)
}

/// Where folders each hold a whole way to develop, and none is the part's own: that one of them was taken, and what to pass.
fn one_of_many(unit: &str, choice: &Choice) -> Option<Problem> {
    let main = |c: &Candidate| is_main(file_name(&c.path));
    let (taken, others) = choice.taken.iter().find_map(|(taken, _)| {
        if !main(taken) || parent(&taken.path) == unit {
            return None;
        }
        let beside = |c: &&Candidate| c.format.id() == taken.format.id() && main(c) && parent(&c.path) != parent(&taken.path);
        let others: Vec<&str> = choice.left.iter().map(|(c, _)| c).filter(beside).map(|c| c.path.as_str()).collect();
        (!others.is_empty()).then_some((taken, others))
    })?;
    let example = others.first().copied().unwrap_or_default();
    let names = some_names(others.iter().copied(), 3);
    let message = format!("`{}` was taken for dev; {names} may be what is developed on as well", taken.path);
    let help = format!("where another one is, pass `--dev {example}`, or name it in parity.yml");
    Some(Problem::of_run(message).info().help(help))
}

/// The folder that a candidate is, or lies in.
fn folder(candidate: &Candidate) -> &str {
    if candidate.folder { &candidate.path } else { parent(&candidate.path) }
}

/// What production takes: what is named after it; else of every format what is nearest, and what lies beside that.
fn production(mut candidates: Vec<Candidate>, mut doubtful: Vec<Candidate>) -> Choice {
    let mut choice = Choice::default();
    let first = |c: &Candidate| !c.format.decides(&c.path);
    candidates.sort_by(|a, b| (first(a), rank(a), &a.path).cmp(&(first(b), rank(b), &b.path)));
    let (says, plain): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|c| named(&c.path) == Named::Production || c.live.is_some());
    let sure: Vec<String> = says.iter().map(|c| c.path.clone()).collect();
    for candidate in says {
        let because = candidate.live.as_ref().map_or_else(|| "its path says production".into(), |l| l.because.clone().into());
        choice.taken.push((candidate, because));
    }
    for candidate in plain {
        let first = choice.taken.iter().find(|(c, _)| c.format.id() == candidate.format.id()).map(|(c, _)| c.clone());
        match first {
            None => choice.taken.push((candidate, Because::Format)),
            Some(first) if !sure.contains(&first.path) => {
                let elsewhere = home(&first.path, first.folder) != home(&candidate.path, candidate.folder);
                // Roots that are read alone are layers of one environment: network, database, service.
                let beside = elsewhere
                    || candidate.format.alone()
                    || (parent(&first.path) == parent(&candidate.path) && first.folder == candidate.folder)
                    || (first.folder != candidate.folder && parent(folder(&first)) == parent(folder(&candidate)));
                let many = choice.taken.iter().filter(|(c, _)| c.format.id() == candidate.format.id()).count() >= MOST_BESIDE;
                if beside && !many {
                    choice.taken.push((candidate, Because::Beside(shown(&first.path))));
                } else {
                    choice.left.push((candidate, format!("`{}` goes before it", shown(&first.path))));
                }
            }
            Some(first) => {
                let because = if first.live.is_some() { "is what is deployed" } else { "says production" };
                choice.left.push((candidate, format!("`{}` {because}", shown(&first.path))));
            }
        }
    }
    doubtful.sort_by(|a, b| (rank(a), &a.path).cmp(&(rank(b), &b.path)));
    for candidate in doubtful {
        if choice.taken.is_empty() {
            choice.taken.push((candidate, "its path says development, and nothing else is of a format of production".into()));
        } else {
            choice.left.push((candidate, "its path says development".into()));
        }
    }
    choice
}
