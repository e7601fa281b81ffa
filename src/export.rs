//! Pairs whose production version is known → rules for other programs: Renovate's `packageRules`, which keep its updates of
//! development within production's series.
//!
//! `allowedVersions` is a regular expression, the one form that Renovate takes for every versioning (docs.renovatebot.com:
//! configuration options, `allowedVersions`); Docker tags have no ranges.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::inventory::version::State;
use crate::inventory::{Role, Service, Software};
use crate::report::Report;

/// What one rule is made of: the series of production and where they are stated.
#[derive(Default)]
struct Series {
    numbers: BTreeSet<Vec<u64>>,
    prefix: &'static str,
    because: BTreeSet<String>,
}

/// Renovate's configuration, as JSON with a line break at its end.
#[must_use]
pub fn renovate(report: &Report) -> String {
    let mut rules: BTreeMap<(String, String), Series> = BTreeMap::new();
    for comparison in &report.comparisons {
        for pair in comparison.services.iter().filter(|p| p.role == Role::Backing) {
            let (Some(from), Some(to)) = (&pair.from, &pair.to) else { continue };
            let Some((runs, number, series)) = known(to) else { continue };
            for service in std::iter::once(from).chain(&from.also) {
                let Some((name, file, prefix)) = package(service, runs) else { continue };
                let rule = rules.entry((name, file)).or_default();
                rule.prefix = prefix;
                rule.numbers.insert(series.clone());
                let kind = runs.kind.map_or("", |k| &k.name);
                rule.because.insert(format!("{} runs {kind} {number} for {}: {}", comparison.to, pair.name, to.stated_at()));
            }
        }
    }
    let rules: Vec<Value> = rules.into_iter().map(|((name, file), series)| rule(&name, &file, &series)).collect();
    let all = json!({ "$schema": "https://docs.renovatebot.com/renovate-schema.json", "packageRules": rules });
    serde_json::to_string_pretty(&all).map(|text| text + "\n").unwrap_or_default()
}

/// What production runs: the software, its number, and the number of its series.
fn known(service: &Service) -> Option<(&Software, String, Vec<u64>)> {
    let software = service.known_software().filter(|s| s.version.state == State::Version && s.built_from.is_none())?;
    let first = *software.version.components.first()?;
    let series = software.version.components.iter().take(software.kind?.series(first)).copied().collect();
    Some((software, software.version.number()?, series))
}

/// The image of development by the name that Renovate gives it, its file, and what stands before the number in its tags.
fn package(service: &Service, to: &Software) -> Option<(String, String, &'static str)> {
    let software = service.known_software().filter(|s| s.kind == to.kind && s.built_from.is_none())?;
    let image = software.image.as_ref()?;
    let name = image.text.split('@').next()?;
    let name = image.tag.as_ref().and_then(|t| name.strip_suffix(t.as_str())?.strip_suffix(':')).unwrap_or(name);
    let own = software.version.state == State::Version && software.flags.is_empty();
    let prefix = if image
        .tag
        .as_deref()
        .is_some_and(|t| t.split('-').any(|w| w.strip_prefix("pg").is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))))
    {
        "(?:^|-)pg"
    } else {
        "^v?"
    };
    (own && !service.stated_at().text().contains('$')).then(|| (name.to_owned(), service.stated_at().path().to_owned(), prefix))
}

fn rule(name: &str, file: &str, series: &Series) -> Value {
    let numbers: Vec<String> = series.numbers.iter().map(|n| n.iter().map(u64::to_string).collect::<Vec<_>>().join("\\.")).collect();
    let one_of = match numbers.as_slice() {
        [one] => one.clone(),
        many => format!("(?:{})", many.join("|")),
    };
    json!({
        "description": series.because,
        "matchDatasources": ["docker"],
        "matchPackageNames": [name],
        "matchFileNames": [file],
        "allowedVersions": format!("/{}{one_of}(?:[.-]|$)/", series.prefix),
    })
}
