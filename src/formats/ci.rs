//! What the CI formats share: a service of a job, the runtime of a job's own container, keys beside a service.

use crate::catalogue::Category;
use crate::document::Node;
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, ImageRef, Provider, Runtime, Scope, Service, Software, Value, Version};
use crate::report::Problem;
use crate::source::Location;

use super::Reading;

/// The software of an image as it is written, and as its expressions are resolved, or not. Where the version alone is an
/// expression, the rest says what it is.
pub(super) fn software(written: &str, image: Value<String>, at: &Location) -> Fact<Software> {
    let name = written.split_once(['$', '<']).and_then(|(before, _)| before.strip_suffix(':')).filter(|_| image.known().is_none());
    if let Some(image) = name.and_then(|name| ImageRef::parse(name).ok()) {
        let named = Software::of_image(&image);
        return Fact::known(Software { text: written.to_owned(), version: Version::opaque(written), ..named }, at.clone());
    }
    match image {
        Value::Known(text) => match ImageRef::parse(&text) {
            Ok(image) => Fact::known(Software::of_image(&image), at.clone()),
            Err(why) => Fact::unknown(why.to_string(), at.clone()),
        },
        Value::Unknown(why) => Fact::unknown(why, at.clone()),
    }
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
    for entry in node.map(Node::entries).unwrap_or_default() {
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
