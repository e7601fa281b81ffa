//! `tools/end-of-life`: does either side run a version that is past its end of life, or soon will be?

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalogue::Category;
use crate::catalogue::eol::{self, End, Eol, Table};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{Fact, Service, Software};
use crate::pair::Pair;
use crate::rules::{Comparison, Context, Meta, Rule, Severity};
use crate::source::Location;

/// The rule `tools/end-of-life`.
#[derive(Debug)]
pub struct EndOfLife;

/// How many days before the end it is said.
const NOTICE: i32 = 90;

static META: Meta = Meta {
    id: "tools/end-of-life",
    severity: Severity::Warning,
    question: "Is the version that either side runs past its end of life, or within 90 days of it?",
    why: "A version past its end of life gets no security fixes, and the upgrade that is due will be one side's first.",
    drift: "`postgres:13` in development in 2026: PostgreSQL 13 ended on 2025-11-13.",
    parity: "`postgres:17` on both sides; it is supported until 2029-11-08.",
    opt_in: false,
};

/// Software that one side runs, and the line that it lies in.
struct Ending<'a> {
    side: Which,
    software: &'a Software,
    at: &'a Location,
    eol: Eol,
}

impl Rule for EndOfLife {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        super::words::are_versions_known(comparison)
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let context = comparison.context;
        let sides = [(Which::From, pair.from), (Which::To, pair.to)];
        let endings = sides.into_iter().flat_map(|(side, service)| service.into_iter().flat_map(move |s| of_service(side, s, context)));
        findings(&pair.name, endings.collect(), comparison)
    }

    /// Runtimes that files beside the services name (`.python-version`), unless a service of the unit was found to run them.
    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        let context = comparison.context;
        let sides = [(Which::From, comparison.from), (Which::To, comparison.to)];
        let services = sides.iter().flat_map(|(side, inventory)| inventory.services.iter().map(|s| (*side, s)));
        let said: Vec<(&str, Eol)> =
            services.flat_map(|(side, s)| of_service(side, s, context).into_iter().map(|e| (s.unit.as_str(), e.eol))).collect();
        let mut units: BTreeMap<&str, Vec<Ending<'_>>> = BTreeMap::new();
        for (side, inventory) in sides {
            for runtime in &inventory.runtimes {
                let unit = runtime.unit.as_str();
                if let Some(ending) =
                    ending(side, &runtime.software, context).filter(|e| !said.iter().any(|(u, eol)| *u == unit && *eol == e.eol))
                {
                    units.entry(unit).or_default().push(ending);
                }
            }
        }
        units.into_iter().flat_map(|(unit, endings)| findings(unit, endings, comparison)).collect()
    }
}

/// What a service runs, and the language that its image is built from.
fn of_service<'s>(side: Which, service: &'s Service, context: &Context) -> Vec<Ending<'s>> {
    let base = service.build.as_ref().and_then(|b| b.base.as_ref());
    let base = base.filter(|b| b.value.known().and_then(|s| s.kind).is_some_and(|k| k.category == Category::Runtime));
    service.software.iter().chain(base).filter_map(|fact| ending(side, fact, context)).collect()
}

/// The table that counts.
fn table(context: &Context) -> &Table {
    context.ends.as_ref().unwrap_or_else(|| eol::snapshot())
}

fn ending<'s>(side: Which, fact: &'s Fact<Software>, context: &Context) -> Option<Ending<'s>> {
    let software = fact.value.known()?;
    let eol = table(context).of_software(software)?;
    let due = match eol.end {
        End::On(day) => days(context.eol_day, day) <= NOTICE,
        End::Past => true,
        End::Open => false,
    };
    due.then_some(Ending { side, software, at: &fact.at, eol })
}

/// Days from one day to the other; negative for a day that is over.
fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// One finding for each line, with the places of both sides where both are in it.
fn findings(service: &str, mut endings: Vec<Ending<'_>>, comparison: &Comparison<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    while !endings.is_empty() {
        let first = endings.remove(0);
        let (same, rest): (Vec<_>, Vec<_>) = endings.into_iter().partition(|e| e.eol == first.eol);
        endings = rest;
        // Of a class of software, the product has the dates.
        let name = first.software.kind.map_or("", |k| if k.class { first.eol.product } else { &k.name });
        let cycle = &first.eol.cycle;
        let today = comparison.context.eol_day;
        let message = match first.eol.end {
            End::On(day) if day < today => format!("{name} {cycle} reached its end of life on {day}"),
            End::On(day) if day == today => format!("{name} {cycle} reaches its end of life today, {day}"),
            End::On(day) if today == eol::SNAPSHOT => format!("{name} {cycle} reaches its end of life on {day}, by the data of {today}"),
            End::On(day) => format!("{name} {cycle} reaches its end of life on {day}, in {} days", days(today, day)),
            End::Past | End::Open => format!("{name} {cycle} is past its end of life"),
        };
        let mut places: Vec<Place> = Vec::new();
        for ending in std::iter::once(&first).chain(&same) {
            let place = Place::new(ending.side, ending.at.clone(), format!("{name} {cycle}"));
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let mut finding = comparison.finding(&META, service, format!("{} {cycle}", first.eol.product), message, places);
        let data = table(comparison.context).day_of(first.eol.product);
        if days(data, today) > 180 {
            finding.help = Some(format!("the dates are those of {data}; see https://endoflife.date/{}", first.eol.product));
        }
        out.push(finding);
    }
    out
}

#[cfg(test)]
mod tests;
