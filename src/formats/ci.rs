//! What the CI formats share: a service of a job, the runtime of a job's own container, keys beside a service.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::catalogue::Category;
use crate::document::Node;
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, Provider, Runtime, Scope, Service, Software, Value};
use crate::report::Problem;
use crate::source::Location;

use super::compose::keys::merge_keys;
use super::{ReadContext, Reading, declared};

/// What the variables of one pipeline may come to: they can name one another, many times over.
pub(super) struct Budget {
    left: Cell<usize>,
}

/// Most bytes of variables that are put into texts, each time counted; looking at one, or at one combination of them, counts as well.
const BYTES: usize = 4 * 1024 * 1024;

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: Cell::new(BYTES) }
    }

    /// Takes what a variable is long; `false` where there is no more.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes.saturating_add(1));
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Says that it was not enough.
    pub(super) fn finish(&self, at: &Location, reading: &mut Reading) {
        if self.left.get() == 0 {
            let message = format!("the variables of `{}` come to more than the limit of {BYTES} bytes; the rest is not known", at.path());
            reading.problems.push(Problem::at(at.clone(), message));
        }
    }
}

/// The software of an image as it is written, and as its expressions are resolved, or not.
pub(super) fn software(written: &str, image: Value<String>, at: &Location) -> Fact<Software> {
    let value = match image {
        Value::Known(text) => Ok(text),
        Value::Unknown(why) => Err(why),
    };
    declared::software_of(written, value, at)
}

/// A container that a job starts beside itself, in a run: the job, and its variant.
pub(super) fn service(name: &str, at: &Location, image: Fact<Software>, run: (&str, &str), reading: &mut Reading) -> Service {
    let (job, variant) = run;
    if let Some(why) = image.value.why_unknown() {
        let message = format!("the image of the service `{name}` of job `{job}` is not known: {why}");
        reading.problems.push(Problem::at(image.at.clone(), message).warning());
    }
    let mut service = Service::new(name, at.clone(), Provider::Container);
    service.software = Some(image);
    service.scope = Some(Scope { job: format!("{}#{job}", at.path()), variant: variant.to_owned() });
    service
}

/// What a job runs in says the runtime that the app is tested with, where it is one of the catalogue, or may be.
pub(super) fn job_image(job: &str, image: Fact<Software>, reading: &mut Reading) {
    let runtime = |s: &Software| s.kind.is_some_and(|k| k.category == Category::Runtime);
    if image.value.known().is_none_or(runtime) {
        runtime_of(job, image, reading);
    }
}

/// Adds a runtime of a job, once a file: jobs repeat it.
pub(super) fn runtime_of(job: &str, software: Fact<Software>, reading: &mut Reading) {
    if reading.runtimes.iter().any(|r| r.software.value == software.value) {
        return;
    }
    reading.runtimes.push(Runtime { software, service: Some(job.to_owned()), unit: String::new() });
}

/// Sets every entry of a mapping; `resolve` says what a text means, or that it cannot be known.
pub(super) fn environ(node: Option<&Node>, resolve: &dyn Fn(&str) -> EnvValue) -> Environ {
    let mut out = Environ::default();
    for entry in node.map(Node::entries).unwrap_or_default().iter().take_while(|_| !Environ::is_full()) {
        let Some(key) = entry.key.text() else { continue };
        let value = match entry.value.text() {
            _ if entry.value.is_null() => EnvValue::Empty,
            Some(text) => resolve(text),
            None => EnvValue::Unknown("the value is not a scalar".into()),
        };
        out.set(EnvVar::new(key, entry.key.at.clone(), value, EnvSource::Environment));
    }
    out
}

/// The root of a pipeline, with what its YAML merge keys (`<<`) bring.
pub(super) fn root(path: &str, cx: &ReadContext<'_>, reading: &mut Reading) -> Option<Node> {
    declared::root(path, cx, reading).map(|(root, _)| merged(root, reading))
}

/// A tree with what its YAML merge keys bring; one that brings no mapping is said.
pub(super) fn merged(root: Node, reading: &mut Reading) -> Node {
    let mut wrong = Vec::new();
    let root = merge_keys(root, &mut wrong);
    let said = |at: Location| Problem::at(at.clone(), format!("`{}` merges with `<<` what is no mapping", at.path())).warning();
    reading.problems.extend(wrong.into_iter().map(said));
    root
}

/// Most jobs of one file that are read, and most variables or calls of one job.
const JOBS: usize = 500;
/// See [`JOBS`].
pub(super) const VARIABLES: usize = 1000;

/// Takes as many jobs as are read; says where there are more.
pub(super) fn jobs<T>(all: impl Iterator<Item = T>, at: &Location, reading: &mut Reading) -> Vec<T> {
    let mut jobs: Vec<T> = all.take(JOBS + 1).collect();
    if jobs.len() > JOBS {
        jobs.truncate(JOBS);
        reading.problems.push(Problem::at(at.clone(), format!("only the first {JOBS} jobs are read")));
    }
    jobs
}

/// Most combinations of variables that are read of one job.
pub(super) const COMBINATIONS: usize = 256;

/// Every combination of the values of some names; a name without values takes no part.
///
/// # Errors
/// There are more than are read: one phrase.
pub(super) fn product(names: &[(String, Vec<String>)]) -> Result<Vec<BTreeMap<String, String>>, String> {
    let mut out = vec![BTreeMap::new()];
    for (name, values) in names.iter().filter(|(_, values)| !values.is_empty()) {
        if out.len().saturating_mul(values.len()) > COMBINATIONS {
            return Err(format!("there are more than the limit of {COMBINATIONS} combinations"));
        }
        let with = |c: &BTreeMap<String, String>, value: &String| {
            let mut more = c.clone();
            more.insert(name.clone(), value.clone());
            more
        };
        out = out.iter().flat_map(|c| values.iter().map(move |v| with(c, v))).collect();
    }
    Ok(out)
}

/// A combination in a few words; empty for none.
pub(super) fn label(combination: &BTreeMap<String, String>) -> String {
    combination.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
}

/// What a service is called after its image, where no name is given: the last part of the repository.
pub(super) fn name_of(software: &Fact<Software>, written: &str) -> String {
    let image = software.value.known().and_then(|s| s.image.as_ref());
    image.map_or(written, |i| i.repository.rsplit('/').next().unwrap_or(&i.repository)).to_owned()
}
