//! Two environments of one part → its findings, its problems and its comparison, and how far its services lag.

use std::collections::BTreeMap;

use super::{add, alone, forms, gaps, read};
use crate::ask::registry::Labels;
use crate::ask::time::{self, Asked, Measured, Placed, teams};
use crate::catalogue::{self, eol};
use crate::config::Options;
use crate::discover::Unit;
use crate::finding::Finding;
use crate::inventory::{Inventory, Role, Service};
use crate::pair::{self, Pair};
use crate::report::{ComparisonReport, InventoryReport, PairReport, Problem, Report, images};
use crate::rules::config::keys;
use crate::rules::personnel::disjoint_teams::DisjointTeams;
use crate::rules::{self, Answered, Comparison, Context, Rule};
use crate::workspace::{Workspace, in_order};

/// One comparison of one part; how far its services lag. `asked` is the history, or why it is not asked here.
pub(super) fn compare(
    workspace: &dyn Workspace,
    options: &Options,
    sides: &mut Sides<'_>,
    (from, to): (&str, &str),
    asked: Result<Asked<'_>, Answered>,
    report: &mut Report,
) -> Vec<Placed> {
    options.progress.phase("reading manifests");
    let unit = sides.unit;
    let [mut left, mut right] = sides.read(workspace, options, [from, to]);
    report.problems.extend(left.problems.iter().chain(&right.problems).cloned());
    let answers = ask(options, &mut left.inventory, &mut right.inventory, &mut report.problems);
    complete(&mut left, &mut right);
    let (a, b) = (&left.inventory, &right.inventory);
    report.problems.extend(gaps::problem(a, b));
    let runs = runs(options, &left);
    let pairs = if runs { pair::pair(a, b, &options.config.pairs) } else { Vec::new() };
    options.progress.phase("measuring how far production lags");
    let measure = |asked: &Asked<'_>| time::measure(asked, &pairs, a, b, &right.manifests, (&options.read_of(to), &answers.images));
    let measured = asked.as_ref().map_or_else(|_| Measured::default(), measure);
    report.problems.extend(measured.problems);
    let history = asked.as_ref().map_or_else(|not| *not, |_| if measured.refused { Answered::InPart } else { Answered::InFull });
    let teams = asked.ok().filter(|_| options.config.opts_into(DisjointTeams.meta().id)).map(|a| teams::teams(&a, &right.manifests));
    let context = context(options, answers, (history, measured.entries), teams);
    let comparison = Comparison::new(a, b, &pairs, &context);
    let findings = rules::compare(&comparison);
    report.unsure.extend(rules::unsure(&comparison));
    if !runs && findings.iter().all(alone) && unit.environments.contains_key("dev") {
        return Vec::new();
    }
    report.findings.extend(findings.into_iter().map(|f| Finding { unit: unit.path.clone(), ..f }));
    report.comparisons.push(ComparisonReport {
        from: from.to_owned(),
        to: to.to_owned(),
        unit: unit.path.clone(),
        services: pairs.iter().map(owned).collect(),
        notes: [left.notes, right.notes].concat(),
        left: [left.left, right.left].concat(),
        from_manifests: left.manifests,
        to_manifests: right.manifests,
        time: context.time.iter().map(|e| e.report.clone()).collect(),
        not_measured: measured.not_measured,
        images: images::images(&context.images),
        deployment: measured.deployment,
    });
    let placed = |entry| Placed { unit: unit.path.clone(), environment: to.to_owned(), entry };
    context.time.into_iter().map(placed).collect()
}

/// The environments of a part: one that several are compared with is read once.
pub(super) struct Sides<'u> {
    unit: &'u Unit,
    /// Those that are compared more than once.
    again: Vec<&'u str>,
    known: BTreeMap<&'u str, InventoryReport>,
}

impl<'u> Sides<'u> {
    pub(super) fn new(unit: &'u Unit, comparisons: &'u [(String, String)]) -> Self {
        let mut all: Vec<&str> = comparisons.iter().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();
        all.sort_unstable();
        let again = all.chunk_by(|a, b| a == b).filter(|of| of.len() > 1).filter_map(|of| of.first().copied()).collect();
        Self { unit, again, known: BTreeMap::new() }
    }

    /// Two environments, as they were read.
    fn read(&mut self, workspace: &dyn Workspace, options: &Options, names: [&str; 2]) -> [InventoryReport; 2] {
        let known = names.map(|name| self.known.get(name).cloned());
        let [from, to] = names;
        let [first, second] = &known;
        let of = |name: &str, known: &Option<_>| known.is_none().then(|| read(workspace, options, name, self.unit));
        let (left, right) = in_order(workspace, || rayon::join(|| of(from, first), || of(to, second)));
        for (name, side) in names.into_iter().zip([&left, &right]) {
            if let (Some(side), Some(name)) = (side, self.again.iter().find(|again| **again == name)) {
                self.known.insert(name, side.clone());
            }
        }
        let [first, second] = known;
        [left.or(first), right.or(second)].map(Option::unwrap_or_default)
    }
}

/// What the world said of two sides.
#[derive(Default)]
struct Answers {
    /// What images state of themselves, by their references.
    images: BTreeMap<String, Labels>,
    /// Did registries say all that they were asked?
    registries: Answered,
    /// When release lines end; `None` where nobody was asked.
    ends: Option<eol::Table>,
}

/// Asks registries and endoflife.date, where that is allowed.
fn ask(options: &Options, left: &mut Inventory, right: &mut Inventory, problems: &mut Vec<Problem>) -> Answers {
    let Some(world) = &options.online else { return Answers::default() };
    options.progress.phase("asking registries");
    let (images, unanswered) = world.images(left, right);
    let registries = if unanswered.is_empty() { Answered::InFull } else { Answered::InPart };
    problems.extend(unanswered);
    options.progress.phase("asking endoflife.date");
    let (table, unanswered) = world.ends(left, right);
    problems.extend(unanswered);
    Answers { images, registries, ends: Some(table) }
}

/// Adds to each side what its workloads say of services that no manifest declares, and folds what several say of one need.
fn complete(left: &mut InventoryReport, right: &mut InventoryReport) {
    let reached = both_reached(&left.inventory.services, &right.inventory.services);
    for (side, reached) in [&mut *left, &mut *right].into_iter().zip(reached) {
        let more = catalogue::told(&mut side.inventory.services, reached);
        add(&mut side.inventory, more);
        forms::fold(side);
    }
    let needed = [forms::needed(left, &right.inventory), forms::needed(right, &left.inventory)];
    for (side, needed) in [left, right].into_iter().zip(needed) {
        add(&mut side.inventory, needed);
    }
}

/// The services that each of two environments reaches and does not declare. What one reaches by an address, the other may reach by
/// the same key, whose value is not known.
fn both_reached(from: &[Service], to: &[Service]) -> [Vec<Service>; 2] {
    let first = [catalogue::reached(from, to), catalogue::reached(to, from)];
    let [of_from, of_to] = [(from, &first[0]), (to, &first[1])].map(|(declared, more)| [declared, more].concat());
    [catalogue::reached(from, &of_to), catalogue::reached(to, &of_from)]
}

/// Does the first side run the app? A workflow of CI that only checks or publishes starts nothing: what production has beside it is
/// no drift of it.
fn runs(options: &Options, left: &InventoryReport) -> bool {
    left.inventory.environment != "ci"
        || options.from.is_some()
        || !left.problems.is_empty()
        || left.inventory.services.iter().any(|s| s.role == Role::Backing)
}

/// What rules may know beside the pairs.
fn context(options: &Options, answers: Answers, (history, time): (Answered, Vec<time::Entry>), teams: Option<teams::Teams>) -> Context {
    let Answers { images, registries, ends } = answers;
    Context {
        today: options.today,
        eol_day: options.given_day.unwrap_or_else(|| ends.as_ref().map_or(eol::SNAPSHOT, eol::Table::day)),
        ends,
        images,
        registries,
        history,
        time,
        window_days: options.config.time.window_days.unwrap_or(time::WINDOW_DAYS),
        teams,
        rules: options.config.rules.clone(),
    }
}

/// A pair, as the report holds it.
fn owned(pair: &Pair<'_>) -> PairReport {
    PairReport {
        name: pair.name.clone(),
        role: pair.role,
        from: pair.from.cloned(),
        to: pair.to.cloned(),
        outcome: pair.outcome.clone(),
        because: pair.because.clone(),
        // A workload that is on one side alone has nothing to compare its keys with; `inventory` lists them.
        env: (pair.role == Role::Workload && pair.from.is_some() && pair.to.is_some()).then(|| keys::env_report(pair)),
    }
}
