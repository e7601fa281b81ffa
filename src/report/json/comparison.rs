//! A comparison → its entry: manifests, pairs with both sides, time.

use schemars::JsonSchema;
use serde::Serialize;

use super::finding::At;
use crate::ask::deployments::Deployment;
use crate::formats::Manifest;
use crate::inventory::{Role, Service, Value};
use crate::report::{ComparisonReport, ImageReport, Left, PairReport, TimeReport};

/// A comparison of two environments.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// The first environment.
    pub from: String,
    /// The second environment.
    pub to: String,
    /// The deployable unit, a folder; left out for the whole repository.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What was read, and what was left.
    pub manifests: Manifests,
    /// The services, paired.
    pub services: Vec<Pair>,
    /// How far production lags.
    pub time: Vec<TimeReport>,
    /// Why that was not measured though images of this repository are pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_measured: Option<String>,
    /// What registries say of images; only where they were asked (`--online`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageReport>,
    /// The newest deployment of the second environment that succeeded; only where GitHub was asked (`--online`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Deployment>,
    /// How manifests were read, where there is a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The manifests of both sides.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Manifests {
    /// Of the first environment.
    pub from: Vec<ManifestEntry>,
    /// Of the second.
    pub to: Vec<ManifestEntry>,
    /// Found and left.
    pub left: Vec<ManifestEntry>,
}

/// One manifest.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ManifestEntry {
    /// Its path, relative to the root, with `/`.
    pub path: String,
    /// Every file, where several are read together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Its format.
    pub format: String,
    /// Why it was taken, or left.
    pub because: String,
}

/// Two services that are the same need, or one whose other side is missing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pair {
    /// `backing` or `workload`.
    pub role: &'static str,
    /// The name it is reported under.
    pub name: String,
    /// The catalogue kind of a backing service: `from`'s, else `to`'s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// In the first environment.
    pub from: Option<Side>,
    /// In the second.
    pub to: Option<Side>,
    /// What comparing says.
    pub verdict: &'static str,
    /// How the kinds relate, for `kind-mismatch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    /// Words beside the verdict, sorted.
    pub flags: Vec<&'static str>,
    /// The keys of a workload, by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<Env>,
    /// Why the verdict is what it is.
    pub reason: String,
    /// Why these two are a pair.
    pub because: String,
}

/// Keys by side, sorted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Env {
    /// On both sides.
    pub both: Vec<String>,
    /// In `from` alone.
    pub from_only: Vec<String>,
    /// In `to` alone.
    pub to_only: Vec<String>,
    /// One reason per source that could not be listed.
    pub unknown: Vec<String>,
}

/// One side of a pair.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Side {
    /// Its name in the manifest.
    pub name: String,
    /// Who provides it.
    pub provider: &'static str,
    /// Its catalogue kind.
    pub kind: Option<String>,
    /// Its version as far as it is stated.
    pub version: Option<String>,
    /// The statement: an image, a version.
    pub text: Option<String>,
    /// Why the statement could not be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Where it is stated.
    #[serde(flatten)]
    pub at: At,
}

impl Comparison {
    pub(super) fn of(comparison: &ComparisonReport) -> Self {
        Self {
            from: comparison.from.clone(),
            to: comparison.to.clone(),
            unit: comparison.unit.clone(),
            manifests: Manifests {
                from: comparison.from_manifests.iter().map(ManifestEntry::of).collect(),
                to: comparison.to_manifests.iter().map(ManifestEntry::of).collect(),
                left: comparison.left.iter().map(ManifestEntry::left).collect(),
            },
            services: comparison.services.iter().map(Pair::of).collect(),
            time: comparison.time.clone(),
            not_measured: comparison.not_measured.clone(),
            images: comparison.images.clone(),
            deployment: comparison.deployment.clone(),
            notes: comparison.notes.clone(),
        }
    }
}

impl ManifestEntry {
    /// The entry of a manifest.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            path: manifest.paths.first().cloned().unwrap_or_default(),
            paths: if manifest.paths.len() > 1 { manifest.paths.clone() } else { Vec::new() },
            format: manifest.format.clone(),
            because: manifest.because.to_string(),
        }
    }

    /// The entry of a manifest that was left.
    #[must_use]
    pub fn left(left: &Left) -> Self {
        Self { path: left.path.clone(), paths: Vec::new(), format: left.format.clone(), because: left.because.clone() }
    }
}

/// The word of a role.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Backing => "backing",
        Role::Workload => "workload",
    }
}

impl Pair {
    pub(super) fn of(pair: &PairReport) -> Self {
        let kind = |s: &Option<Service>| s.as_ref().and_then(|s| s.kind()).map(|k| k.id.clone());
        let mut flags: Vec<&str> = pair.outcome.flags.iter().map(|f| f.as_str()).collect();
        flags.sort_unstable();
        flags.dedup();
        Self {
            role: role(pair.role),
            name: pair.name.clone(),
            kind: (pair.role == Role::Backing).then(|| kind(&pair.from).or_else(|| kind(&pair.to))).flatten(),
            from: pair.from.as_ref().map(Side::of),
            to: pair.to.as_ref().map(Side::of),
            verdict: pair.outcome.verdict.as_str(),
            relation: pair.outcome.relation.map(|r| r.as_str()),
            flags,
            env: pair.env.as_ref().map(|env| Env {
                both: sorted(&env.both),
                from_only: sorted(&env.from_only),
                to_only: sorted(&env.to_only),
                unknown: sorted(&env.unknown),
            }),
            reason: pair.outcome.because.clone(),
            because: pair.because.clone(),
        }
    }
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}

impl Side {
    pub(super) fn of(service: &Service) -> Self {
        let software = service.known_software();
        Self {
            name: service.name.clone(),
            provider: service.provider.as_str(),
            kind: service.kind().map(|k| k.id.clone()),
            version: software.and_then(|s| s.version.number()),
            text: statement(service),
            unknown: match service.software.as_ref().map(|s| &s.value) {
                Some(Value::Unknown(why)) => Some(why.clone()),
                _ => None,
            },
            at: At::of(service.stated_at()),
        }
    }
}

/// What a service says it runs, as it may be shown: an image or a version; of a URL the scheme alone.
#[must_use]
pub fn statement(service: &Service) -> Option<String> {
    let text = service.known_software()?.text.as_str();
    Some(match text.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://…"),
        None => text.to_owned(),
    })
}
