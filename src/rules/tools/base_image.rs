//! `tools/base-image`: is the app built from another base image, or run by another version of its language, on each side?

use super::words;
use crate::catalogue::compare::{Outcome, Verdict, compare};
use crate::catalogue::{Category, Kind};
use crate::finding::{Finding, Fix, Place, Which};
use crate::inventory::{Fact, Inventory, Role, Runtime, Service, Software};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/base-image`.
#[derive(Debug)]
pub struct BaseImage;

static META: Meta = Meta {
    id: "tools/base-image",
    severity: Severity::Warning,
    question: "Is the app built from another base image, or run by another version of its language, on each side?",
    why: "Another version of the language has other syntax, libraries and bugs; another base has another libc.",
    drift: "`FROM node:18` in dev, `FROM node:20` in prod",
    parity: "`FROM node:20-slim` on both sides",
    opt_in: false,
};

impl Rule for BaseImage {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        if pair.role != Role::Workload {
            return Vec::new();
        }
        let (Some(x), Some(y)) = (base(from, comparison.from), base(to, comparison.to)) else { return Vec::new() };
        // A file of runtimes may speak of a tool beside the service: it is compared with its like alone.
        let both_say = built_on(from).is_some() && built_on(to).is_some();
        if !both_say && !same_kind(x, y) {
            return Vec::new();
        }
        finding(&pair.name, x, y, comparison).into_iter().collect()
    }

    /// Runtimes that files beside the services name, where no pair of services answered.
    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        let paired = |p: &Pair<'_>| {
            let sides = p.from.zip(p.to).filter(|_| p.role == Role::Workload);
            sides.is_some_and(|(a, b)| base(a, comparison.from).is_some() && base(b, comparison.to).is_some())
        };
        if comparison.pairs.iter().any(paired) {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut told: Vec<(&str, &str)> = Vec::new();
        for x in &comparison.from.runtimes {
            let Some(kind) = kind(&x.software).filter(|k| !told.contains(&(&x.unit, &k.id))) else { continue };
            told.push((&x.unit, &kind.id));
            // Several jobs, or a matrix, run several versions: the nearest to the other side is the one that stands for it.
            let of = |side: &'_ Inventory| -> Vec<usize> {
                let fits = |r: &Runtime| r.unit == x.unit && self::kind(&r.software) == Some(kind);
                side.runtimes.iter().enumerate().filter(|(_, r)| fits(r)).map(|(i, _)| i).collect()
            };
            let (left, right) = (of(comparison.from), of(comparison.to));
            let both = left.iter().flat_map(|i| right.iter().map(move |j| (*i, *j)));
            let sides = both.filter_map(|(i, j)| Some((comparison.from.runtimes.get(i)?, comparison.to.runtimes.get(j)?)));
            let nearest = sides.min_by_key(|(p, q)| known(&p.software, &q.software).map(|(p, q)| compare(p, q).verdict));
            out.extend(nearest.and_then(|(p, q)| {
                let place = if p.unit.is_empty() { "app" } else { &p.unit };
                let mut found = finding(p.service.as_deref().unwrap_or(place), &p.software, &q.software, comparison)?;
                // Other files that name it for all of the part are brought along.
                if let Some(Fix::Version { stated, .. }) = found.fix.as_mut().filter(|_| p.service.is_none()) {
                    let all = left.iter().filter_map(|i| comparison.from.runtimes.get(*i)).filter(|r| r.service.is_none());
                    stated.extend(all.map(|r| &r.software).filter(|s| s.at != p.software.at).cloned());
                }
                // The runtime of one function, and that of a job: they may have nothing to do with each other.
                if q.service.is_some() && q.service != p.service {
                    found.severity = found.severity.lower();
                }
                Some(found)
            }));
        }
        out.dedup();
        out
    }
}

/// What a service is built from or run by: its Dockerfile's base, its own image of a language, a runtime that is named for it.
fn base<'s>(service: &'s Service, inventory: &'s Inventory) -> Option<&'s Fact<Software>> {
    let named = inventory.runtimes.iter().find(|r| r.service.as_deref() == Some(service.name.as_str()));
    let beside = || {
        let mut of_unit = inventory.runtimes.iter().filter(|r| r.service.is_none() && r.unit == service.unit);
        of_unit.next().filter(|_| of_unit.next().is_none())
    };
    built_on(service).or_else(|| named.or_else(beside).map(|r| &r.software))
}

/// What the service's own manifest says of it.
fn built_on(service: &Service) -> Option<&Fact<Software>> {
    let runtime = |f: &&Fact<Software>| kind(f).is_some_and(|k| k.category == Category::Runtime);
    service.build.as_ref().and_then(|b| b.base.as_ref()).or(service.software.as_ref().filter(runtime))
}

fn kind(fact: &Fact<Software>) -> Option<&'static Kind> {
    fact.value.known().and_then(|s| s.kind)
}

fn known<'s>(a: &'s Fact<Software>, b: &'s Fact<Software>) -> Option<(&'s Software, &'s Software)> {
    a.value.known().zip(b.value.known())
}

fn same_kind(a: &Fact<Software>, b: &Fact<Software>) -> bool {
    kind(a).is_some() && kind(a) == kind(b)
}

fn finding(name: &str, from: &Fact<Software>, to: &Fact<Software>, comparison: &Comparison<'_>) -> Option<Finding> {
    let (x, y) = (from.value.known()?, to.value.known()?);
    // One Dockerfile builds both; and `scratch` is no image: nothing in it could differ (docs.docker.com/build/building/base-images).
    if x.text == y.text && (from.at == to.at || x.text == "scratch") {
        return None;
    }
    let outcome = compare(x, y);
    let (severity, because) = judged(x, y, &outcome)?;
    let (a, b) = (&comparison.from.environment, &comparison.to.environment);
    let (stated, other) = (words::software(x), words::software(y));
    let message = format!("`{name}` is built on `{stated}` in {a} and on `{other}` in {b}: {because}");
    let places = vec![Place::new(Which::From, from.at.clone(), stated), Place::new(Which::To, to.at.clone(), other)];
    let subject = y.kind.map_or_else(|| "base image".to_owned(), |k| k.id.clone());
    let mut finding = comparison.finding(&META, name, subject, message, places);
    finding.severity = severity;
    finding.fix = Some(Fix::Version { stated: vec![from.clone()], to: Box::new(to.clone()) });
    finding.help = Some(format!("build both from `{}`", words::software(y)));
    Some(finding)
}

/// How much another base matters, if it does.
fn judged(x: &Software, y: &Software, outcome: &Outcome) -> Option<(Severity, String)> {
    let musl = |s: &Software| s.version.flavours.iter().any(|f| f.starts_with("alpine"));
    let because = outcome.because.clone();
    match outcome.verdict {
        Verdict::Major | Verdict::Minor => Some((Severity::Warning, because)),
        Verdict::Patch | Verdict::Unpinned => Some((Severity::Info, because)),
        Verdict::Flavour | Verdict::Covers if musl(x) != musl(y) => Some((Severity::Warning, "Alpine has another libc".to_owned())),
        Verdict::Flavour => Some((Severity::Info, because)),
        // An app in one stage on node and in the last on nginx: two ways to serve the same, worth knowing.
        Verdict::KindMismatch => Some((Severity::Warning, because)),
        Verdict::Incomparable if x.image.is_some() && y.image.is_some() => {
            Some((Severity::Info, "other images, whose versions cannot be compared".to_owned()))
        }
        _ => None,
    }
}
