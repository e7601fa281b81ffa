//! The report before and after edits → do they do what they say, and nothing else?

use std::collections::BTreeMap;

use super::Group;
use crate::catalogue::compare::{Verdict, compare};
use crate::finding::{Finding, Fix, Which};
use crate::inventory::{Service, Software};
use crate::report::Report;
use crate::source::Location;

/// Does development say what production says, as far as it says anything?
pub(super) fn alike(is: &Software, to: &Software) -> bool {
    matches!(compare(is, to).verdict, Verdict::Same | Verdict::Covers | Verdict::Flavour)
}

/// The first file of the manifest that states something at a place.
pub(super) fn manifest_of<'r>(report: &'r Report, finding: &Finding, at: &Location) -> Option<&'r str> {
    let comparison = report.comparisons.iter().find(|c| c.unit == finding.unit && c.from == finding.from)?;
    let services = comparison.services.iter().filter_map(|p| p.from.as_ref());
    let service = services.flat_map(|s| std::iter::once(s).chain(&s.also)).find(|s| s.stated_at() == at)?;
    comparison.from_manifests.get(service.manifest)?.paths.first().map(String::as_str)
}

/// # Errors
/// Why the edits are not made: one lower-case phrase.
pub(super) fn holds(groups: &[&Group], before: &Report, after: &Report) -> Result<(), String> {
    let key = |f: &Finding| (f.fingerprint(), f.places.iter().find(|p| p.side == Which::From).map(|p| p.at.path().to_owned()));
    let gone: Vec<&Finding> = groups.iter().flat_map(|g| &g.findings).collect();
    for group in groups {
        // Where some statements of a finding stay, it stays as well.
        if group.left.is_empty()
            && let Some(stays) = group.findings.iter().find(|f| after.findings.iter().any(|a| key(a) == key(f)))
        {
            return Err(format!("`{}` of `{}` would stay", stays.rule, stays.service));
        }
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
    if old.len() != new.len() {
        return Err("it would change which services there are".into());
    }
    for ((name, a), (other, b)) in old.iter().zip(&new) {
        let text = a.text == b.text || texts.iter().any(|(x, y)| (x, y) == (&a.text, &b.text) && name.1 != b.second);
        let set = a.keys.iter().all(|k| b.keys.contains(k)) && b.keys.iter().all(|k| a.keys.contains(k) || wanted(a, k));
        if name != other || !text || !set {
            return Err(format!("it would change what `{}` of {} says", name.2, name.1));
        }
    }
    Ok(())
}

/// What a service says: its software, its keys, and the environment that is compared with.
struct Said {
    text: String,
    keys: Vec<String>,
    at: Location,
    second: String,
}

/// What every service says: by part, environment, name and file, counted.
fn said(report: &Report) -> BTreeMap<(String, String, String, String, usize), Said> {
    let mut out = BTreeMap::new();
    for comparison in &report.comparisons {
        let mut seen: BTreeMap<(String, String, String, String), usize> = BTreeMap::new();
        for pair in &comparison.services {
            for (service, environment) in [(&pair.from, &comparison.from), (&pair.to, &comparison.to)] {
                let all = service.iter().flat_map(|s| std::iter::once(s).chain(&s.also));
                for service in all {
                    let key = (comparison.unit.clone(), environment.clone(), service.name.clone(), service.at.path().to_owned());
                    let n = seen.entry(key.clone()).or_default();
                    *n += 1;
                    out.insert((key.0, key.1, key.2, key.3, *n), of(service, &comparison.to));
                }
            }
        }
    }
    out
}

fn of(service: &Service, second: &str) -> Said {
    let text = service.known_software().map_or_else(String::new, |s| s.text.clone());
    let mut keys: Vec<String> = service.environ.vars.iter().map(|v| v.key.clone()).collect();
    keys.sort();
    Said { text, keys, at: service.at.clone(), second: second.to_owned() }
}
