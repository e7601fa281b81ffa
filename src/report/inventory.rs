//! What one environment runs → `parity inventory`: the JSON object `parity-inventory/1`, and a view for people.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{self, ProblemEntry};
use super::{Exit, ImageReport, Look, Problem, table};
use crate::formats::Manifest;
use crate::inventory::{EnvValue, EnvVar, Inventory, Service, Value};
use crate::rules::Severity;

/// One environment, as it was read.
#[derive(Debug, Clone, Default)]
pub struct InventoryReport {
    /// What it runs.
    pub inventory: Inventory,
    /// Manifests that were found and left, and why.
    pub left: Vec<crate::report::Left>,
    /// What was read.
    pub manifests: Vec<Manifest>,
    /// What manifests declare that were left because they deploy the same app in another way.
    pub others: Vec<Service>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// How manifests were read, where there is a choice.
    pub notes: Vec<String>,
    /// What registries say of images, where they were asked.
    pub images: Vec<ImageReport>,
}

impl InventoryReport {
    /// How the run ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.problems.iter().any(|p| p.severity == Severity::Error) { Exit::Unknown } else { Exit::Clean }
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(&Document::of(self), out)
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn table(&self, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
        table::inventory(self, look, out)
    }
}

/// The JSON Schema of the inventory, with a line break at its end.
#[must_use]
pub fn schema() -> String {
    json::schema_of::<Document>()
}

/// The object of `parity inventory --report json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "parity-inventory/1")]
pub struct Document {
    /// `parity-inventory/1`.
    pub schema: &'static str,
    /// The environment.
    pub environment: String,
    /// What was read.
    pub manifests: Vec<json::ManifestEntry>,
    /// Found and left: it deploys the same app, or the same services, in another way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<json::ManifestEntry>,
    /// How manifests were read, where there is a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Its services, sorted by name and place.
    pub services: Vec<ServiceEntry>,
    /// Runtimes that files beside the services name.
    pub runtimes: Vec<RuntimeEntry>,
    /// What registries say of images; only where they were asked (`--online`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageReport>,
    /// What could not be read or understood.
    pub problems: Vec<ProblemEntry>,
}

/// A service.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ServiceEntry {
    /// Its name in the manifest.
    pub name: String,
    /// `backing` or `workload`.
    pub role: &'static str,
    /// Its catalogue kind.
    pub kind: Option<String>,
    /// Who provides it.
    pub provider: &'static str,
    /// The image after interpolation.
    pub image: Option<String>,
    /// Is it built from this repository?
    pub build: bool,
    /// The image that its build starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Its version as far as it is stated.
    pub version: Option<String>,
    /// Why its software is not known, where something is written that could not be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Why it may not run at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditional: Option<String>,
    /// The file that declares it.
    pub path: String,
    /// The line, from one.
    pub line: u32,
    /// The column, from one.
    pub column: u32,
    /// Its environment variables, sorted by key.
    pub env: Vec<EnvEntry>,
    /// Sources of keys that could not be listed, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlisted: Vec<UnlistedEntry>,
}

/// A key of a service.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EnvEntry {
    /// The key.
    pub key: String,
    /// `set`, `empty`, `unset` (a pass-through that nothing resolves) or `unknown`.
    pub state: &'static str,
    /// Why the value is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where the key came from: `environment`, `env_file`, `configmap`, ...
    pub source: &'static str,
    /// The file.
    pub path: String,
    /// The line, from one.
    pub line: u32,
    /// The column, from one.
    pub column: u32,
}

/// A source of keys that could not be listed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnlistedEntry {
    /// Why.
    pub why: String,
    /// The file that names it.
    pub path: String,
    /// The line, from one.
    pub line: u32,
    /// The column, from one.
    pub column: u32,
}

/// A runtime.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuntimeEntry {
    /// Its kind: `python`.
    pub kind: Option<String>,
    /// Its version as far as it is stated.
    pub version: Option<String>,
    /// The deployable unit: a folder.
    pub unit: String,
    /// The file.
    pub path: String,
    /// The line, from one.
    pub line: u32,
    /// The column, from one.
    pub column: u32,
}

impl Document {
    /// The document of an inventory.
    #[must_use]
    pub fn of(report: &InventoryReport) -> Self {
        let runtimes = report.inventory.runtimes.iter().map(|r| {
            let software = r.software.value.known();
            let at = r.software.at.position();
            RuntimeEntry {
                kind: software.and_then(|s| s.kind).map(|k| k.id.clone()),
                version: software.and_then(|s| s.version.number()),
                unit: r.unit.clone(),
                path: r.software.at.path().to_owned(),
                line: at.line.get(),
                column: at.column.get(),
            }
        });
        Self {
            schema: "parity-inventory/1",
            environment: report.inventory.environment.clone(),
            manifests: report.manifests.iter().map(json::ManifestEntry::of).collect(),
            left: report.left.iter().map(json::ManifestEntry::left).collect(),
            notes: report.notes.clone(),
            services: report.inventory.services.iter().map(ServiceEntry::of).collect(),
            runtimes: runtimes.collect(),
            images: report.images.clone(),
            problems: report.problems.iter().map(ProblemEntry::of).collect(),
        }
    }
}

impl ServiceEntry {
    fn of(service: &Service) -> Self {
        let at = service.at.position();
        let unlisted = service.environ.unlisted.iter().map(|u| {
            let at = u.at.position();
            UnlistedEntry { why: u.why.clone(), path: u.at.path().to_owned(), line: at.line.get(), column: at.column.get() }
        });
        Self {
            name: service.name.clone(),
            role: json::role(service.role),
            kind: service.kind().map(|k| k.id.clone()),
            provider: service.provider.as_str(),
            image: service.image().map(|i| i.text.clone()),
            build: service.build.is_some(),
            base: base(service),
            version: service.known_software().and_then(|s| s.version.number()),
            why: match service.software.as_ref().map(|s| &s.value) {
                Some(Value::Unknown(why)) => Some(why.clone()),
                _ => None,
            },
            conditional: service.conditional.clone(),
            path: service.at.path().to_owned(),
            line: at.line.get(),
            column: at.column.get(),
            env: service.environ.vars.iter().map(EnvEntry::of).collect(),
            unlisted: unlisted.collect(),
        }
    }
}

/// The image that the build of a service starts from.
pub(super) fn base(service: &Service) -> Option<String> {
    service.build.as_ref()?.base.as_ref()?.value.known().map(|s| s.text.clone())
}

impl EnvEntry {
    fn of(var: &EnvVar) -> Self {
        let at = var.at.position();
        Self {
            key: var.key.clone(),
            state: var.value.state(),
            why: match &var.value {
                EnvValue::Unknown(why) => Some(why.clone()),
                _ => None,
            },
            source: var.source.as_str(),
            path: var.at.path().to_owned(),
            line: at.line.get(),
            column: at.column.get(),
        }
    }
}
