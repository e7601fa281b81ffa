//! What is known of an environment by files that only fill gaps → whether they are read, and what is not compared.

use crate::config::option;
use crate::formats::{self, Manifest, Reading};
use crate::inventory::{Inventory, Process, Role};
use crate::report::Problem;
use crate::rules::Severity;

/// Takes out what fills a gap where another manifest runs the app. What the user named is meant.
pub(super) fn leave(readings: &mut Vec<(Manifest, Reading)>) {
    let runs = |r: &Reading| r.services.iter().any(|s| s.role == Role::Workload && s.process == Process::Service);
    if readings.iter().any(|(m, r)| !fills(m) && runs(r)) {
        readings.retain(|(m, _)| !fills(m) || m.because.is_named());
    }
}

fn fills(manifest: &Manifest) -> bool {
    formats::by_id(&manifest.format).is_some_and(formats::Format::fills_in)
}

/// The file that is all that is known, where no manifest declares services.
pub(super) fn undeclared(readings: &[(Manifest, Reading)]) -> Option<String> {
    let declares = |m: &Manifest| formats::by_id(&m.format).is_some_and(|f| !f.fills_in() && !f.beside());
    let named = readings.iter().any(|(m, _)| m.because.is_named());
    let first = readings.iter().min_by_key(|(m, _)| !fills(m)).and_then(|(m, _)| m.paths.first());
    first.filter(|_| !named && !readings.iter().any(|(m, _)| declares(m))).cloned()
}

/// That a side is known in part, what is not compared, and what to pass.
pub(super) fn problem(from: &Inventory, to: &Inventory) -> Vec<Problem> {
    let one = |(side, severity): (&Inventory, Severity)| {
        let path = side.undeclared.as_ref()?;
        let name = &side.environment;
        let message = format!("`{path}` is all that is known of {name}: no manifest that was found says which services it runs");
        Some(Problem { severity, ..Problem::of_run(message) }.help(format!("name what runs it: `{}`", option(name, "PATH"))))
    };
    // Where the app is known, its keys are compared; a Dockerfile lists none.
    let app = from.services.iter().any(|s| s.role == Role::Workload);
    let development = if app { Severity::Warning } else { Severity::Error };
    [(from, development), (to, Severity::Error)].into_iter().filter_map(one).collect()
}
