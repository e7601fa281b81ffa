//! `tools/process-missing`: does one side define a process of the app (web, worker, scheduler) that the other has not?

use super::words;
use crate::finding::{Finding, Place, Which};
use crate::inventory::{Process, Provider, Role, Service};
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

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        if pair.role != Role::Workload {
            return Vec::new();
        }
        let (side, service, here, there) = match (pair.from, pair.to) {
            (Some(s), None) => (Which::From, s, comparison.from, comparison.to),
            (None, Some(s)) => (Which::To, s, comparison.to, comparison.from),
            _ => return Vec::new(),
        };
        // A workflow starts what its tests need, and no more; where no manifest declares services, none is missing.
        if there.undeclared.is_some()
            || service.process == Process::Admin
            || service.provider != Provider::Container
            || helper(service)
            || comparison.from.environment == "ci"
        {
            return Vec::new();
        }
        let of_side = |p: &Pair<'_>| if side == Which::From { p.from.is_some() } else { p.to.is_some() };
        let (paired, alone): (Vec<&Pair<'_>>, Vec<&Pair<'_>>) =
            comparison.pairs.iter().filter(|p| p.role == Role::Workload && of_side(p)).partition(|p| p.from.is_some() && p.to.is_some());
        let app: Vec<&Service> = paired.iter().filter_map(|p| if side == Which::From { p.from } else { p.to }).collect();
        // Where no process is known on both sides, nothing can be said of this one; a second declaration of one that is says nothing new.
        if app.is_empty() || paired.iter().any(|p| p.name == service.name || app.iter().any(|s| s.name == service.name)) {
            return Vec::new();
        }
        let (a, b) = (&here.environment, &there.environment);
        let what = if service.process == Process::Scheduled { "scheduled job" } else { "process" };
        let message = format!("`{}` is a {what} of {a} alone: {b} declares no such process", service.name);
        let place = Place::new(side, service.at.clone(), words::stated(service));
        let mut finding = comparison.finding(&META, &service.name, service.name.clone(), message, vec![place]);
        let own = app.iter().any(|other| same_app(service, other));
        let perhaps = !service.profiles.is_empty() || service.conditional.is_some() || service.process == Process::Scheduled;
        // What is started by hand while developing is a tool as often as a process of the app.
        let by_hand = side == Which::From && service.software.is_none() && service.build.is_none();
        // Where most processes have no other side, it is the manifests that do not answer each other.
        if !own || perhaps || by_hand || service.name.contains('/') || alone.len() > paired.len() {
            finding.severity = Severity::Info;
        }
        finding.help = Some(format!("declare it in {b} as well, if the app needs it there"));
        vec![finding]
    }
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
    service.name.to_lowercase().split(['-', '_', '.', '/']).any(|word| HELPERS.contains(&word))
}

/// Is a service a process of the app that another is: built here, or an image of the same owner?
fn same_app(service: &Service, other: &Service) -> bool {
    let owner = |s: &Service| {
        s.image()
            .filter(|i| i.repository.contains('/'))
            .map(|i| (i.registry.clone(), i.repository.split('/').next().unwrap_or("").to_owned()))
    };
    let library = |o: &(String, String)| o.1 == "library";
    service.build.is_some() || service.software.is_none() || owner(service).filter(|o| !library(o)).is_some_and(|o| owner(other) == Some(o))
}
