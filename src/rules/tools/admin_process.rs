//! `tools/admin-process`: does the migration or admin job run another image, or with other keys, than the app it serves?

use super::words;
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvSource, Inventory, Process, Role, Service};
use crate::report::summary;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/admin-process`.
#[derive(Debug)]
pub struct AdminProcess;

static META: Meta = Meta {
    id: "tools/admin-process",
    severity: Severity::Info,
    question: "Does the migration or admin job run another image, or with other keys, than the app it serves?",
    why: "Admin processes run against a release with the same code and config as the app (factor XII), or they change what another version expects.",
    drift: "a Job that migrates runs `acme/shop:1.4` beside a Deployment with `acme/shop:1.5`",
    parity: "both run one image and read one ConfigMap",
    opt_in: false,
};

impl Rule for AdminProcess {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        if comparison.is_of_one_side() {
            return Vec::new();
        }
        [(Which::From, comparison.from), (Which::To, comparison.to)]
            .into_iter()
            .flat_map(|(side, inventory)| of_side(side, inventory, comparison))
            .collect()
    }
}

fn of_side(side: Which, inventory: &Inventory, comparison: &Comparison<'_>) -> Vec<Finding> {
    let apps = || inventory.services.iter().filter(|s| s.role == Role::Workload && s.process == Process::Service);
    let jobs = inventory.services.iter().filter(|s| s.role == Role::Workload && s.process == Process::Admin);
    let mut out = Vec::new();
    for job in jobs {
        let same = |app: &&Service| job.image().zip(app.image()).is_some_and(|(j, a)| j.repository == a.repository);
        let pod = |app: &&Service| job.name.split_once('/').is_some_and(|(pod, _)| pod == app.name);
        let Some(app) = apps().filter(same).find(pod).or_else(|| apps().find(same)) else { continue };
        let name = &inventory.environment;
        let (Some(j), Some(a)) = (job.image(), app.image()) else { continue };
        let place = |s: &Service| Place::new(side, s.stated_at().clone(), words::stated(s));
        if (&j.tag, &j.digest) != (&a.tag, &a.digest) {
            let message =
                format!("`{}` runs `{}` in {name}, and the app `{}` that it serves runs `{}`", job.name, j.text, app.name, a.text);
            let mut finding = comparison.finding(&META, &job.name, format!("{name} image"), message, vec![place(job), place(app)]);
            finding.help = Some("run both from one release".to_owned());
            out.push(finding);
        }
        let keys = |s: &Service| s.environ.vars.iter().filter(|v| v.source != EnvSource::Injected && !v.optional).count();
        let lacks =
            app.environ.vars.iter().filter(|v| v.source != EnvSource::Injected && !v.optional && job.environ.get(&v.key).is_none()).count();
        let open = !job.environ.unlisted.is_empty() || !app.environ.unlisted.is_empty();
        if lacks > 0 && !open && keys(job) > 0 {
            let message =
                format!("`{}` lacks {} of {} that the app `{}` has in {name}", job.name, lacks, summary::count(keys(app), "key"), app.name);
            let places = vec![Place::new(side, job.at.clone(), "the job"), Place::new(side, app.at.clone(), "the app")];
            let mut finding = comparison.finding(&META, &job.name, format!("{name} keys"), message, places);
            finding.help = Some("give the job the sources of keys that the app has".to_owned());
            out.push(finding);
        }
    }
    out
}
