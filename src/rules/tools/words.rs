//! What the tools rules say alike: both statements, both places, which side is newer.

use std::cmp::Ordering;

use crate::ask::online::is_open;
use crate::catalogue::Category;
use crate::catalogue::compare::Verdict;
use crate::finding::{Finding, Fix, Place, Which};
use crate::inventory::version::State;
use crate::inventory::{Flag, Inventory, Process, Provider, Role, Service, Software};
use crate::pair::Pair;
use crate::rules::{Answered, Comparison, Meta, Severity};

/// The places of a pair, `from`'s first.
pub(super) fn places(pair: &Pair<'_>) -> Vec<Place> {
    let of = |side, service: &Service| Place::new(side, service.stated_at().clone(), stated(service));
    pair.from.map(|s| of(Which::From, s)).into_iter().chain(pair.to.map(|s| of(Which::To, s))).collect()
}

/// What a service states, in a few words.
pub(super) fn stated(service: &Service) -> String {
    let written = || service.software.as_ref().map(|s| s.at.text().trim().trim_matches(['"', '\''])).filter(|t| short(t));
    match service.known_software() {
        Some(software) if service.provider == Provider::External => {
            format!("{} (by {} alone)", name(software), service.at.text().trim_matches(['"', '\'']))
        }
        // Its version is written as what only a run tells: `var.postgres_version`.
        Some(software) if software.image.is_none() && software.version.state == State::Opaque => {
            written().map_or_else(|| name(software), |text| format!("{} {text} (unknown)", name(software)))
        }
        Some(software) => self::software(software),
        None => written().map_or_else(|| service.name.clone(), str::to_owned),
    }
}

fn short(text: &str) -> bool {
    !text.is_empty() && text.len() <= 60 && !text.contains('\n')
}

fn name(software: &Software) -> String {
    software.kind.map_or_else(|| software.text.clone(), |k| k.name.clone())
}

/// What is stated of software: the image, else its name and version.
pub(super) fn software(software: &Software) -> String {
    match &software.image {
        None if software.kind.is_some_and(|k| !k.has_versions()) => name(software),
        None => format!("{} {}", name(software), software.version.number().unwrap_or_else(|| "without a version".into())),
        Some(_) => software.text.clone(),
    }
}

/// Is every version known that a registry could tell?
pub(super) fn are_versions_known(comparison: &Comparison<'_>) -> bool {
    let open = |pair: &Pair<'_>| [pair.from, pair.to].into_iter().flatten().any(is_open);
    comparison.context.registries == Answered::InFull || !comparison.pairs.iter().any(open)
}

/// Are both sides known by keys of workloads alone? Then the keys' own rules speak of them.
pub(super) fn both_by_key(pair: &Pair<'_>) -> bool {
    let by_key = |s: &Service| matches!(s.provider, Provider::File | Provider::External);
    pair.from.zip(pair.to).is_some_and(|(a, b)| by_key(a) && by_key(b))
}

/// "; it may be switched off: count = var.x", where that is so.
pub(super) fn conditional(service: &Service) -> Option<String> {
    service.conditional.as_ref().map(|why| format!("; it may be switched off: {why}"))
}

/// "; `main.tf` could not be read in full, and may declare it", where that is so.
pub(super) fn unread(inventory: &Inventory) -> Option<String> {
    inventory.unread.as_ref().map(|path| format!("; `{path}` could not be read in full, and may declare it"))
}

/// "; `chart` declares no backing service at all with its default values", where that is so: what it is given may name them.
pub(super) fn defaults(inventory: &Inventory) -> Option<String> {
    let path = inventory.defaults.as_ref()?;
    let keeps = |s: &Service| s.kind().is_some_and(|k| !k.dev_only && !matches!(k.category, Category::Proxy | Category::Observability));
    let serves = |s: &Service| s.role == Role::Backing && s.process == Process::Service && keeps(s);
    let none = !inventory.services.iter().any(serves);
    none.then(|| format!("; `{path}` is read with its default values, and what {} gives it may say where one runs", inventory.environment))
}

/// The service for which alone the first environment has this one, where the second has neither: the database of its Keycloak.
pub(super) fn serves_what_is_missing<'p>(service: &Service, comparison: &'p Comparison<'_>) -> Option<&'p str> {
    // What only passes requests on, or looks into it, has no need of its own.
    let looks = |c: Category| matches!(c, Category::Proxy | Category::Observability | Category::DevTool);
    let needs = |s: &Service| s.kind().is_none_or(|k| !k.dev_only && !looks(k.category));
    let others = comparison.users(service).filter(|p| p.from.is_some_and(|f| needs(f) && f.at != service.at));
    let others: Vec<&Pair<'_>> = others.collect();
    let missing = |p: &&Pair<'_>| p.role == Role::Backing && p.to.is_none();
    others.iter().all(missing).then(|| others.first().map(|p| p.name.as_str())).flatten()
}

/// "`db` runs `postgres:15` in dev and `postgres:16` in prod".
pub(super) fn runs(pair: &Pair<'_>, comparison: &Comparison<'_>) -> String {
    let today = |s: &Service| s.known_software().and_then(|s| s.today.as_ref()).map_or_else(String::new, |v| format!(" (today {v})"));
    let one = |s: Option<&Service>| s.map_or_else(|| "``".to_owned(), |s| format!("`{}`{}", stated(s), today(s)));
    format!(
        "`{}` runs {} in {} and {} in {}",
        pair.name,
        one(pair.from),
        comparison.from.environment,
        one(pair.to),
        comparison.to.environment
    )
}

/// A finding about a version difference, where the pair has this verdict.
pub(super) fn version(meta: &'static Meta, pair: &Pair<'_>, comparison: &Comparison<'_>, verdict: Verdict, why: &str) -> Vec<Finding> {
    if pair.role != Role::Backing || pair.outcome.verdict != verdict {
        return Vec::new();
    }
    let mut message = format!("{}: {}", runs(pair, comparison), pair.outcome.because);
    if pair.outcome.direction == Some(Ordering::Greater) {
        message.push_str(&format!("; what works in {} may not be there in {}", comparison.from.environment, comparison.to.environment));
    } else {
        message.push_str(why);
    }
    let claims = [pair.from, pair.to].into_iter().flatten().find_map(|s| s.comment.as_ref());
    if let Some((comment, _)) = claims.filter(|(c, _)| c.to_lowercase().contains("same") || c.to_lowercase().contains("prod")) {
        message.push_str(&format!(" (the comment beside it says \"{comment}\")"));
    }
    let guessed = pair.outcome.flags.contains(&Flag::GuessedKind);
    if guessed {
        message.push_str("; the kind is a guess from the image's name");
    }
    let mut finding = comparison.finding(meta, &pair.name, subject(pair), message, places(pair));
    // A job, or an init container, of a database's image is a client of it.
    let client = [pair.from, pair.to].into_iter().flatten().any(|s| s.process != Process::Service);
    let off = [pair.from, pair.to].into_iter().flatten().find_map(conditional);
    finding.message.push_str(off.as_deref().unwrap_or_default());
    for _ in [guessed, off.is_some()].iter().filter(|lowers| **lowers) {
        finding.severity = finding.severity.lower();
    }
    if client {
        finding.severity = Severity::Info;
        finding.message.push_str("; one of the two is a client");
    }
    if let Some(number) = pair.to.and_then(Service::known_software).and_then(release) {
        finding.help = Some(format!("run {number} in {} as well", comparison.from.environment));
    }
    finding.fix = fix(pair);
    vec![finding]
}

/// The version as the project counts: `16.2.0` is Bitnami's way to write PostgreSQL 16.2.
fn release(software: &Software) -> Option<String> {
    let mut version = software.version.clone();
    let first = version.components.first().copied().unwrap_or(0);
    let levels = software.kind.map_or(usize::MAX, |k| k.levels(first).len());
    while version.components.len() > levels && version.components.last() == Some(&0) {
        version.components.pop();
    }
    version.number()
}

/// Every statement of the first side is to say what the second side says.
pub(super) fn fix(pair: &Pair<'_>) -> Option<Fix> {
    let (from, to) = (pair.from?, pair.to?.software.as_ref()?);
    let stated = std::iter::once(from).chain(&from.also).filter_map(|s| s.software.clone()).collect();
    Some(Fix::Version { stated, to: Box::new(to.clone()) })
}

/// What of the service a finding is about: the kind, else the image.
pub(super) fn subject(pair: &Pair<'_>) -> String {
    let kind = [pair.to, pair.from].into_iter().flatten().find_map(Service::kind);
    kind.map_or_else(|| pair.name.clone(), |k| k.id.clone())
}
