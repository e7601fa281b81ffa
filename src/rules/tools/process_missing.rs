//! `tools/process-missing`: does one side define a process of the app (web, worker, scheduler) that the other has not?

use std::collections::BTreeSet;

use super::words;
use crate::finding::{Finding, Place, Which};
use crate::inventory::{ImageRef, Process, Provider, Role, Service};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/process-missing`.
#[derive(Debug)]
pub struct ProcessMissing;

static META: Meta = Meta {
    id: "tools/process-missing",
    severity: Severity::Warning,
    question: "Does one side define a process of the app (web, worker, scheduler) that the other has not?",
    why: "What the process does is never tried while developing, or never done in production.",
    drift: "`worker` in docker-compose.yml and no worker in prod",
    parity: "`storybook` or `webpack` in dev alone: a helper of developers",
    opt_in: false,
};

impl Rule for ProcessMissing {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        // A workflow starts what its tests need, and no more.
        if comparison.from.environment == "ci" {
            return Vec::new();
        }
        [Which::From, Which::To].into_iter().flat_map(|side| of_side(side, comparison)).collect()
    }
}

/// The processes that one side has alone.
fn of_side(side: Which, comparison: &Comparison<'_>) -> Vec<Finding> {
    let there = if side == Which::From { comparison.to } else { comparison.from };
    let of = |p: &Pair<'_>| p.role == Role::Workload && on(side, p).is_some();
    let (paired, alone): (Vec<&Pair<'_>>, Vec<&Pair<'_>>) =
        comparison.pairs.iter().filter(|p| of(p)).partition(|p| p.from.is_some() && p.to.is_some());
    // Where no process is known on both sides, nothing can be said of others; where no manifest declares services, none is missing.
    if paired.is_empty() || there.undeclared.is_some() {
        return Vec::new();
    }
    let app = App::of(side, &paired);
    // Where most processes have no other side, it is the manifests that do not answer each other.
    let apart = alone.len() > paired.len();
    let processes = alone.into_iter().filter(|p| !p.beside).filter_map(|p| on(side, p));
    processes.filter(|s| is_missed(s, &app)).map(|s| finding(side, s, &app, apart, comparison)).collect()
}

/// The service of a pair on a side.
fn on<'a>(side: Which, pair: &Pair<'a>) -> Option<&'a Service> {
    if side == Which::From { pair.from } else { pair.to }
}

/// What is known of the processes that both sides have.
struct App<'a> {
    names: BTreeSet<&'a str>,
    owners: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> App<'a> {
    fn of(side: Which, paired: &[&'a Pair<'a>]) -> Self {
        let processes = || paired.iter().filter_map(|p| on(side, p));
        let names = paired.iter().map(|p| p.name.as_str()).chain(processes().map(|s| s.name.as_str())).collect();
        Self { names, owners: processes().filter_map(owner).collect() }
    }

    /// Is a service a process of it: built here, or an image of the same owner?
    fn holds(&self, service: &Service) -> bool {
        service.build.is_some()
            || service.software.is_none()
            || owner(service).is_some_and(|o| o.1 != "library" && self.owners.contains(&o))
    }
}

/// Whose an image is: its registry, and the first part of its repository.
fn owner(service: &Service) -> Option<(&str, &str)> {
    let image = service.image()?;
    image.repository.split_once('/').map(|(owner, _)| (image.registry.as_str(), owner))
}

/// Would the app miss a process? A second declaration of one that both sides have says nothing new.
fn is_missed(service: &Service, app: &App<'_>) -> bool {
    let runs = service.process != Process::Admin && service.provider == Provider::Container;
    runs && !helper(service) && !app.names.contains(service.name.as_str())
}

fn finding(side: Which, service: &Service, app: &App<'_>, apart: bool, comparison: &Comparison<'_>) -> Finding {
    let (from, to) = (&comparison.from.environment, &comparison.to.environment);
    let (a, b) = if side == Which::From { (from, to) } else { (to, from) };
    let what = if service.process == Process::Scheduled { "scheduled job" } else { "process" };
    let message = format!("`{}` is a {what} of {a} alone: {b} declares no such process", service.name);
    let place = Place::new(side, service.at.clone(), words::stated(service));
    let mut finding = comparison.finding(&META, &service.name, service.name.clone(), message, vec![place]);
    let perhaps = !service.profiles.is_empty() || service.conditional.is_some() || service.process == Process::Scheduled;
    // What is started by hand while developing is a tool as often as a process of the app.
    let by_hand = side == Which::From && service.software.is_none() && service.build.is_none();
    if !app.holds(service) || perhaps || by_hand || service.name.contains('/') || apart {
        finding.severity = Severity::Info;
    }
    finding.help = Some(format!("declare it in {b} as well, if the app needs it there"));
    finding
}

/// Words in the names of services that serve developers and nobody else.
const HELPERS: [&str; 47] = [
    "test",
    "tests",
    "testing",
    "e2e",
    "lint",
    "docs",
    "doc",
    "webpack",
    "vite",
    "assets",
    "tailwind",
    "css",
    "js",
    "cypress",
    "playwright",
    "storybook",
    "builder",
    "build",
    "chrome",
    "chromium",
    "selenium",
    "shell",
    "console",
    "cli",
    "debug",
    "dev",
    "livereload",
    "browser",
    "watch",
    "watcher",
    "mock",
    "mocks",
    "fake",
    "seed",
    "seeds",
    "setup",
    "init",
    "migrate",
    "migration",
    "wait",
    "migrations",
    "bundle",
    "npm",
    "yarn",
    "codegen",
    "ngrok",
    "tunnel",
];

fn helper(service: &Service) -> bool {
    let words = |name: &str, are: &[&str]| name.to_lowercase().split(['-', '_', '.', '/']).any(|word| are.contains(&word));
    // What reads another service's state for whoever watches it does nothing for the app.
    let watches = |image: &ImageRef| words(image.repository.rsplit('/').next().unwrap_or_default(), &["exporter"]);
    words(&service.name, &HELPERS) || service.image().is_some_and(watches)
}
