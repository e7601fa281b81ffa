//! The argument of `parity compare` → what it states, and the answer as JSON.

use serde::Serialize;

use super::compare::{Outcome, compare};
use crate::error::Error;
use crate::inventory::{ImageRef, Software};

/// Reads an image reference, a managed engine with its version (`rds:postgres 15.7`) or a kind (`kind s3`).
///
/// # Errors
/// It is none of these; the error says what is wrong.
pub fn parse(text: &str) -> Result<Software, Error> {
    if let Some(id) = text.strip_prefix("kind ") {
        return Software::of_kind(id.trim(), None).ok_or_else(|| Error::usage(format!("`{}` is no kind of the catalogue", id.trim())));
    }
    if let Some((engine, version)) = text.split_once(' ')
        && engine.contains(':')
        && !version.trim().is_empty()
    {
        return Software::managed(engine, Some(version.trim()))
            .ok_or_else(|| Error::usage(format!("`{engine}` is no managed engine of the catalogue")));
    }
    let image = ImageRef::parse(text).map_err(|why| {
        Error::usage(format!("`{text}` is no image reference: {why}"))
            .help("write an image (`postgres:15`), an engine and its version ('rds:postgres 15.7') or 'kind s3'")
    })?;
    Ok(Software::of_image(&image))
}

/// The object of `parity compare --json`.
#[derive(Debug, Serialize)]
pub struct Answer {
    verdict: &'static str,
    relation: Option<&'static str>,
    flags: Vec<&'static str>,
    because: String,
    from: Statement,
    to: Statement,
}

/// One side of the answer.
#[derive(Debug, Serialize)]
struct Statement {
    kind: Option<&'static str>,
    registry: Option<String>,
    repository: Option<String>,
    tag: Option<String>,
    digest: Option<String>,
    state: &'static str,
    version: Vec<u64>,
    prerelease: String,
    revision: Vec<String>,
    flavours: Vec<String>,
}

impl Statement {
    fn of(software: &Software) -> Self {
        let image = software.image.clone();
        Self {
            kind: software.kind.map(|k| k.id.as_str()),
            registry: image.as_ref().map(|i| i.registry.clone()),
            repository: image.as_ref().map(|i| i.repository.clone()),
            tag: image.as_ref().and_then(|i| i.tag.clone()),
            digest: image.and_then(|i| i.digest),
            state: software.version.state.as_str(),
            version: software.version.components.clone(),
            prerelease: software.version.prerelease.clone(),
            revision: software.version.revision.clone(),
            flavours: software.version.flavours.clone(),
        }
    }
}

/// Compares two statements for the command line.
#[must_use]
pub fn answer(from: &Software, to: &Software) -> (Outcome, Answer) {
    let outcome = compare(from, to);
    let answer = Answer {
        verdict: outcome.verdict.as_str(),
        relation: outcome.relation.map(super::Relation::as_str),
        flags: outcome.flags.iter().map(|f| f.as_str()).collect(),
        because: outcome.because.clone(),
        from: Statement::of(from),
        to: Statement::of(to),
    };
    (outcome, answer)
}
