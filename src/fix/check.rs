//! The report before and after edits → do they do what they say, and nothing else?

use super::Group;
use crate::catalogue::compare::{Verdict, compare};
use crate::finding::{Finding, Fix, Which};
use crate::formats::Manifest;
use crate::inventory::{Service, Software};
use crate::report::{ComparisonReport, Report};
use crate::source::Location;

/// Does development say what production says, as far as it says anything?
pub(super) fn alike(is: &Software, to: &Software) -> bool {
    matches!(compare(is, to).verdict, Verdict::Same | Verdict::Covers | Verdict::Flavour)
}

/// The manifest that states something at a place.
pub(super) fn manifest_of<'r>(report: &'r Report, finding: &Finding, at: &Location) -> Option<&'r Manifest> {
    let comparison = report.comparisons.iter().find(|c| c.unit == finding.unit && c.from == finding.from)?;
    let services = comparison.services.iter().filter_map(|p| p.from.as_ref());
    let base = |s: &Service| s.build.as_ref().and_then(|b| b.base.as_ref()).is_some_and(|b| b.at == *at);
    let service = services.flat_map(|s| std::iter::once(s).chain(&s.also)).find(|s| s.stated_at() == at || base(s))?;
    comparison.from_manifests.get(service.manifest)
}

/// Do the edits of all groups do what they say, and nothing else?
///
/// # Errors
/// Why the edits are not made: one lower-case phrase.
pub(super) fn holds(groups: &[&Group], before: &Report, after: &Report) -> Result<(), String> {
    let key = |f: &Finding| (f.fingerprint(), f.places.iter().find(|p| p.side == Which::From).map(|p| p.at.path().to_owned()));
    let gone: Vec<&Finding> = groups.iter().flat_map(|g| &g.findings).collect();
    // Several findings may have one name: each that is mended takes one away. Where some statements stay, it stays as well.
    let mended: Vec<&Finding> = groups.iter().filter(|g| g.left.is_empty()).flat_map(|g| &g.findings).collect();
    let count = |all: &mut dyn Iterator<Item = &Finding>, f: &Finding| all.filter(|a| key(a) == key(f)).count();
    let stays = |f: &&&Finding| {
        let (was, is) = (count(&mut before.findings.iter(), f), count(&mut after.findings.iter(), f));
        is + count(&mut mended.iter().copied(), f) > was
    };
    if let Some(stays) = mended.iter().find(stays) {
        return Err(format!("`{}` of `{}` would stay", stays.rule, stays.service));
    }
    let was = |f: &Finding| before.findings.iter().any(|b| b.fingerprint() == f.fingerprint());
    for new in after.findings.iter().filter(|f| !was(f)) {
        // Once the version is the same, what else differs is seen, and what production's version has of its own.
        let less = |g: &&Finding| g.service == new.service && matches!(g.fix, Some(Fix::Version { .. })) && g.severity >= new.severity;
        let other = !new.rule.starts_with("tools/version-") && new.rule.starts_with("tools/");
        let of_new = |(_, text): &(String, String)| {
            let pairs = after.comparisons.iter().flat_map(|c| &c.services).filter(|p| p.name == new.service);
            pairs.filter_map(|p| p.from.as_ref()?.known_software()).any(|s| s.text == *text)
        };
        let old = new.rule == "tools/end-of-life" && groups.iter().flat_map(|g| &g.texts).any(of_new);
        if !(old || other && gone.iter().any(less)) {
            return Err(format!("it would bring `{}` of `{}`", new.rule, new.service));
        }
    }
    if after.problems.iter().any(|p| !before.problems.iter().any(|b| b.message == p.message)) {
        return Err("the file could not be read as before".into());
    }
    let (old, new) = (said(before), said(after));
    let texts: Vec<&(String, String)> = groups.iter().flat_map(|g| &g.texts).collect();
    let wanted = |said: &Said, wanted: &str| {
        gone.iter().any(|f| matches!(&f.fix, Some(Fix::Key { key, service }) if key == wanted && *service == said.at))
    };
    let text =
        |a: &Said, b: &Said| a.text == b.text || a.environment != a.second && texts.iter().any(|(x, y)| (x, y) == (&a.text, &b.text));
    let keys = |a: &Said, b: &Said| a.keys.iter().all(|k| b.keys.contains(k)) && b.keys.iter().all(|k| a.keys.contains(k) || wanted(a, k));
    // Jobs that say the same are one service: each said something that fits, before and after.
    let lost = |a: &&Said| !new.iter().any(|b| a.is_of(b) && text(a, b) && keys(a, b));
    let come = |b: &&Said| !old.iter().any(|a| a.is_of(b) && text(a, b) && keys(a, b));
    if let Some(said) = old.iter().find(lost).or_else(|| new.iter().find(come)) {
        return Err(format!("it would change what `{}` of {} says", said.name, said.environment));
    }
    Ok(())
}

/// What a service says: its software and its keys, in which environment, and the one that is compared with.
struct Said {
    unit: String,
    environment: String,
    second: String,
    name: String,
    text: String,
    keys: Vec<String>,
    at: Location,
}

impl Said {
    /// Is it said in the same file, of a service of the same name?
    fn is_of(&self, other: &Self) -> bool {
        let (a, b) = (self, other);
        (&a.name, &a.environment, &a.unit, &a.second, a.at.path()) == (&b.name, &b.environment, &b.unit, &b.second, b.at.path())
    }
}

/// What every service says.
fn said(report: &Report) -> Vec<Said> {
    let mut out = Vec::new();
    for comparison in &report.comparisons {
        for pair in &comparison.services {
            for (service, environment) in [(&pair.from, &comparison.from), (&pair.to, &comparison.to)] {
                let all = service.iter().flat_map(|s| std::iter::once(s).chain(&s.also));
                out.extend(all.map(|s| of(s, comparison, environment)));
            }
        }
    }
    out
}

fn of(service: &Service, comparison: &ComparisonReport, environment: &str) -> Said {
    let text = service.known_software().map_or_else(String::new, |s| s.text.clone());
    let mut keys: Vec<String> = service.environ.vars.iter().map(|v| v.key.clone()).collect();
    keys.sort();
    let (unit, second) = (comparison.unit.clone(), comparison.to.clone());
    Said { unit, environment: environment.to_owned(), second, name: service.name.clone(), text, keys, at: service.at.clone() }
}
