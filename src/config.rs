//! What the user said, on the command line and in `parity.yml`, turned into what is meant.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::ask::World;
use crate::ask::process::Programs;
use crate::catalogue::Kind;
use crate::formats::ReadOptions;
use crate::limits::Limits;
use crate::progress::Progress;
use crate::report::FailOn;
use crate::rules::Severity;
use crate::source::{Location, Source};

mod check;
mod de;
mod file;
mod init;
mod load;

pub use init::init;
pub use load::{NAMES, load, schema};

/// The options of a comparison.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The first environment; by default development, CI and each that was named, one after the other.
    pub from: Option<String>,
    /// The second environment; by default `prod`.
    pub to: Option<String>,
    /// `environment → path`, in the order given.
    pub manifests: Vec<(String, String)>,
    /// Threshold of the exit; the configuration's where none is given.
    pub fail_on: Option<FailOn>,
    /// How manifests are read.
    pub read: ReadOptions,
    /// The day at which time is judged.
    pub today: Date,
    /// The day that was given for that, instead of the machine's.
    pub given_day: Option<Date>,
    /// The network, where it may be asked.
    pub online: Option<Arc<World>>,
    /// Who watches the phases of the run.
    pub progress: Progress,
    /// The programs of the machine: git, and those that render manifests.
    pub programs: Programs,
    /// What `parity.yml` says.
    pub config: Config,
    /// The revision that findings are compared with.
    pub base: Option<String>,
    /// The baseline.
    pub baseline: Option<String>,
}

impl Options {
    /// How the manifests of an environment are read: as the configuration says for it, then as the command line says for all.
    #[must_use]
    pub fn read_of(&self, environment: &str) -> ReadOptions {
        let Some(own) = self.config.environments.get(environment) else { return self.read.clone() };
        let joined = |first: &[String], then: &[String]| [first, then].concat();
        ReadOptions {
            env_files: joined(&own.env_files, &self.read.env_files),
            var_files: joined(&own.var_files, &self.read.var_files),
            set: joined(&own.set, &self.read.set),
            profiles: joined(&own.profiles, &self.read.profiles),
            ..self.read.clone()
        }
    }
}

/// The option of the command line that names a manifest of an environment: `--prod PATH`, `--env staging=PATH`.
pub(crate) fn option(environment: &str, path: &str) -> String {
    match environment {
        "dev" | "ci" | "prod" => format!("--{environment} {path}"),
        other => format!("--env {other}={path}"),
    }
}

/// What `parity.yml` means. The default is that of an empty file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file, where there is one.
    pub source: Option<Arc<Source>>,
    /// Its environments.
    pub environments: BTreeMap<String, Environment>,
    /// What is compared with what; empty: every environment with `prod`.
    pub compare: Vec<Compare>,
    /// Threshold of the exit.
    pub fail_on: Option<FailOn>,
    /// Settings by rule id.
    pub rules: BTreeMap<&'static str, RuleSetting>,
    /// Kinds of images: repository, `*` at the end for all that begins with it.
    pub images: Vec<(String, &'static Kind)>,
    /// Services that are one need.
    pub pairs: Vec<Paired>,
    /// Version differences that are meant.
    pub allow: Vec<Allow>,
    /// Findings that are not shown.
    pub ignore: Vec<Ignore>,
    /// How the time gap is measured.
    pub time: Time,
    /// What a run may cost.
    pub limits: Limits,
    /// The baseline.
    pub baseline: Option<String>,
}

impl Config {
    /// Is a rule asked for that is off by default?
    #[must_use]
    pub fn opts_into(&self, rule: &str) -> bool {
        self.rules.get(rule).is_some_and(|setting| setting.on == Some(true))
    }
}

/// One environment of the configuration.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Where its name stands.
    pub at: Location,
    /// Paths or globs, with their places.
    pub manifests: Vec<(String, Location)>,
    /// Values and variable files.
    pub var_files: Vec<String>,
    /// Dotenv files.
    pub env_files: Vec<String>,
    /// `key=value` of charts.
    pub set: Vec<String>,
    /// Profiles.
    pub profiles: Vec<String>,
}

/// Two environments that are compared, with the places of their names.
#[derive(Debug, Clone)]
pub struct Compare {
    /// The first.
    pub from: (String, Location),
    /// The second.
    pub to: (String, Location),
}

/// What is set for a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleSetting {
    /// Is it asked at all? `None`: as the rule decides.
    pub on: Option<bool>,
    /// The severity of all its findings.
    pub severity: Option<Severity>,
    /// Days after which `time/deploy-lag` is a warning, and `time/stale-manifest` speaks.
    pub days: Option<u32>,
    /// Commits after which `time/deploy-lag` is a warning.
    pub commits: Option<u32>,
}

/// Two services that are one need, by the names that they have in their manifests.
#[derive(Debug, Clone)]
pub struct Paired {
    /// In the first environment.
    pub from: Option<String>,
    /// In the second.
    pub to: Option<String>,
    /// Where it is said.
    pub at: Location,
}

/// How far one side may be ahead of the other: at most so many steps (any number where none is written) of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// The level: `Patch` allows patches alone, `Minor` patches and minors, `Major` all.
    pub level: crate::catalogue::Level,
    /// Steps of that level.
    pub steps: Option<u64>,
}

/// A version difference that is meant.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The service, with `*`.
    pub service: Option<String>,
    /// The kind's id.
    pub kind: Option<String>,
    /// How far `to` may be ahead.
    pub to_ahead: Option<Ahead>,
    /// How far `from` may be ahead.
    pub from_ahead: Option<Ahead>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Option<Date>,
    /// Where it is said.
    pub at: Location,
}

/// Findings that are not shown.
#[derive(Debug, Clone)]
pub struct Ignore {
    /// The rule's id, or `group/*`.
    pub rule: String,
    /// The service, with `*`.
    pub service: Option<String>,
    /// The subject, with `*`.
    pub subject: Option<String>,
    /// A glob of paths.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Option<Date>,
    /// Where it is said.
    pub at: Location,
}

/// How the time gap is measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Time {
    /// Paths of the code by service.
    pub paths: BTreeMap<String, Vec<String>>,
    /// Patterns of tags.
    pub tags: Vec<String>,
    /// The branch that is shipped.
    pub branch: Option<String>,
    /// Days over which deployments are counted.
    pub window_days: Option<u32>,
}
