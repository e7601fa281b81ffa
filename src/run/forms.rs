//! Manifests of several formats that each deploy the same app → those of one format, what was left and why, and what the others
//! state of the services that the app uses.

use std::collections::BTreeMap;

use super::alternatives::{left_of, one_was_taken};
use crate::catalogue::{self, Kind};
use crate::formats::{self, Manifest, Reading};
use crate::inventory::{Inventory, Process, Role, Service};
use crate::pair;
use crate::report::{InventoryReport, Left, Problem};

/// What was left of the manifests of an environment.
#[derive(Default)]
pub(super) struct Others {
    /// What the manifests that were left declare beside the app, each from a manifest after those that were taken.
    pub(super) services: Vec<Service>,
    pub(super) left: Vec<Left>,
    pub(super) problems: Vec<Problem>,
}

/// The manifests of one format that run the app: the numbers of their readings.
struct Form {
    members: Vec<usize>,
    workloads: Vec<Service>,
    /// Was it taken by what its path or a deployer says, and not by its format alone?
    sure: bool,
}

/// Takes out the manifests that deploy the app of another format's once more. What the user named is meant, and jobs of CI are
/// runs of their own.
pub(super) fn leave(environment: &str, readings: &mut Vec<(Manifest, Reading)>) -> Others {
    let mut out = Others::default();
    if environment == "ci" {
        return out;
    }
    let forms = forms(readings);
    let mut gone: Vec<usize> = Vec::new();
    let mut open: Vec<&Form> = forms.iter().collect();
    while let Some(first) = open.first() {
        let same = alike(first, &open);
        open.retain(|f| !same.iter().any(|s| std::ptr::eq(*s, *f)));
        let Some(taken) = main(&same).filter(|_| same.len() > 1) else { continue };
        let path = |i: &usize| readings.get(*i).and_then(|(m, _)| m.paths.first()).cloned().unwrap_or_default();
        let shown = taken.members.first().map(path).unwrap_or_default();
        let others: Vec<&Form> = same.into_iter().filter(|f| !std::ptr::eq(*f, taken)).collect();
        for i in others.iter().flat_map(|f| &f.members) {
            out.left.extend(readings.get(*i).map(|(manifest, _)| left_of(&path(i), manifest, "app", &shown)));
            gone.push(*i);
        }
        let firsts: Vec<String> = others.iter().filter_map(|f| f.members.first()).map(path).collect();
        out.problems.push(one_was_taken(environment, "app", &shown, &firsts));
    }
    let mut all: Vec<Option<(Manifest, Reading)>> = std::mem::take(readings).into_iter().map(Some).collect();
    let apart: Vec<Reading> = gone.iter().filter_map(|i| all.get_mut(*i)?.take()).map(|(_, reading)| reading).collect();
    readings.extend(all.into_iter().flatten());
    let backing = |s: &Service| s.role == Role::Backing && s.process == Process::Service;
    for (i, reading) in apart.into_iter().enumerate() {
        let manifest = readings.len() + i;
        out.services.extend(reading.services.into_iter().filter(backing).map(|s| Service { manifest, ..s }));
    }
    out
}

/// Folds what manifests say of one need; what those say that were left, and no other does, stays apart.
pub(super) fn fold(side: &mut InventoryReport) {
    let taken = side.manifests.len();
    let mut all = std::mem::take(&mut side.inventory.services);
    all.append(&mut side.others);
    let alone = |m: &Manifest| formats::by_id(&m.format).is_some_and(formats::Format::alone);
    let layers = |a: usize, b: usize| {
        let both = side.manifests.get(a).zip(side.manifests.get(b));
        both.is_some_and(|(a, b)| a.format == b.format && alone(a))
    };
    let mut all = pair::fold(all, layers);
    pair::prefer(&mut all);
    let of_taken = |s: &Service| s.manifest < taken || s.also.iter().any(|a| a.manifest < taken);
    (side.inventory.services, side.others) = all.into_iter().partition(of_taken);
}

/// The services of manifests that were left which the app needs all the same: the other side runs such a one, and here no
/// manifest that was taken declares any that meets the need.
pub(super) fn needed(here: &InventoryReport, there: &Inventory) -> Vec<Service> {
    let kinds = |all: &[Service]| -> Vec<&'static Kind> {
        let by_id: BTreeMap<&str, &Kind> = all.iter().filter_map(Service::kind).map(|k| (k.id.as_str(), k)).collect();
        by_id.into_values().collect()
    };
    let (theirs, ours) = (kinds(&there.services), kinds(&here.inventory.services));
    let is = |k: &Kind| theirs.iter().any(|t| catalogue::meets(t, k)) && !ours.iter().any(|h| h.category == k.category);
    here.others.iter().filter(|s| s.kind().is_some_and(is)).cloned().collect()
}

fn forms(readings: &[(Manifest, Reading)]) -> Vec<Form> {
    let mut out: Vec<(&str, Form)> = Vec::new();
    for (i, (manifest, reading)) in readings.iter().enumerate() {
        let beside = formats::by_id(&manifest.format).is_none_or(|f| f.beside() || f.fills_in());
        let runs = |s: &&Service| s.role == Role::Workload && s.process == Process::Service && !s.name.contains('/');
        let workloads: Vec<Service> = reading.services.iter().filter(runs).cloned().collect();
        if beside || manifest.because.is_named() || workloads.is_empty() {
            continue;
        }
        match out.iter_mut().find(|(format, _)| *format == manifest.format) {
            Some((_, form)) => {
                form.members.push(i);
                form.workloads.extend(workloads);
            }
            None => out.push((&manifest.format, Form { members: vec![i], workloads, sure: !manifest.because.is_by_format() })),
        }
    }
    out.into_iter().map(|(_, form)| form).collect()
}

/// The forms that deploy what the first one does, or what one of those does.
fn alike<'f>(first: &'f Form, all: &[&'f Form]) -> Vec<&'f Form> {
    let mut same = vec![first];
    let mut next = 0;
    while let Some(form) = same.get(next).copied() {
        let new = |f: &&&Form| !same.iter().any(|s| std::ptr::eq(*s, **f)) && deploy_the_same(form, f);
        let found: Vec<&Form> = all.iter().filter(new).copied().collect();
        same.extend(found);
        next += 1;
    }
    all.iter().filter(|f| same.iter().any(|s| std::ptr::eq(*s, **f))).copied().collect()
}

/// Are at least half of the workloads of the smaller one those of the other?
fn deploy_the_same(a: &Form, b: &Form) -> bool {
    let (small, large) = if a.workloads.len() <= b.workloads.len() { (a, b) } else { (b, a) };
    let known = pair::known_among(&small.workloads, &large.workloads);
    known > 0 && known * 2 >= small.workloads.len()
}

/// The one that is compared: what says production before what does not, and no part of the app where another one has more than
/// twice as much of it.
fn main<'f>(forms: &[&'f Form]) -> Option<&'f Form> {
    let sure = forms.iter().any(|f| f.sure);
    let may = || forms.iter().copied().filter(|f| f.sure == sure);
    let most = may().map(|f| f.workloads.len()).max()?;
    may().find(|f| f.workloads.len() * 2 >= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::statement;
    use crate::formats::Because;
    use crate::inventory::{Fact, Provider};
    use crate::source::Source;

    fn manifest(format: &str, because: Because, images: &[&str]) -> (Manifest, Reading) {
        let at = Source::new(format!("{format}.yml"), "x").whole();
        let service = |image: &&str| {
            let name = image.split(['/', ':']).nth(1).unwrap_or_default();
            let mut service = Service::new(name, at.clone(), Provider::Container);
            service.software = Some(Fact::known(statement::parse(image).expect("a statement"), at.clone()));
            service
        };
        let reading = Reading { services: images.iter().map(service).collect(), ..Reading::default() };
        let manifest = Manifest { format: format.to_owned(), paths: vec![format.to_owned()], because, unit: String::new() };
        (manifest, reading)
    }

    fn taken(environment: &str, mut all: Vec<(Manifest, Reading)>) -> Vec<String> {
        leave(environment, &mut all);
        all.into_iter().map(|(m, _)| m.format).collect()
    }

    #[test]
    fn one_form_is_taken() {
        let by = || Because::Format;
        let shop = ["acme/web:1", "acme/api:1", "acme/mail:1"];
        let both = |because: Because, others: &[&str]| vec![manifest("kubernetes", by(), &shop), manifest("helm", because, others)];
        assert_eq!(taken("prod", both(by(), &shop)), ["kubernetes"]);
        assert_eq!(taken("prod", both("its path says production".into(), &shop)), ["helm"]);
        assert_eq!(taken("prod", both(Because::Given, &shop)), ["kubernetes", "helm"]);
        assert_eq!(taken("ci", both(by(), &shop)), ["kubernetes", "helm"]);
        assert_eq!(taken("prod", both(by(), &["acme/docs:1"])), ["kubernetes", "helm"]);
        assert_eq!(taken("prod", both(by(), &["acme/api:1", "acme/docs:1", "acme/blog:1"])), ["kubernetes", "helm"]);
        let part = vec![manifest("kubernetes", by(), &shop[..1]), manifest("helm", by(), &shop), manifest("render", by(), &shop[..2])];
        assert_eq!(taken("prod", part), ["helm"]);
    }
}
