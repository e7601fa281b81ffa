//! What one environment runs. The same types whether it came from compose, a StatefulSet, RDS or an add-on: rules
//! never know formats.

use std::collections::BTreeMap;

use crate::source::Location;

pub mod env;
pub mod image;
pub mod software;
pub mod version;

pub use env::{EnvSource, EnvValue, EnvVar, Environ, Host, UnlistedKeys, Vars};
pub use image::{ImageRef, short_digests};
pub use software::{Confidence, Flag, Software};
pub use version::Version;

/// A value that may not be known, and then says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<T> {
    /// It was written, and could be resolved.
    Known(T),
    /// It was written, and could not be resolved: the reason, naming the variable or the template.
    Unknown(String),
}

impl<T> Value<T> {
    /// The value where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The reason where it is not known.
    pub fn why_unknown(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(why) => Some(why),
        }
    }

    /// Changes the value, keeps a reason.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Self::Known(value) => Value::Known(f(value)),
            Self::Unknown(why) => Value::Unknown(why),
        }
    }
}

/// A value and where it was written. Absence is `Option<Fact<_>>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// What.
    pub value: Value<T>,
    /// Where. The text at this place is what was written, before any resolution.
    pub at: Location,
}

impl<T> Fact<T> {
    /// A known fact.
    pub fn known(value: T, at: Location) -> Self {
        Self { value: Value::Known(value), at }
    }

    /// Something is written here, but what it means could not be found out.
    pub fn unknown(why: impl Into<String>, at: Location) -> Self {
        Self { value: Value::Unknown(why.into()), at }
    }
}

/// What runs, or provides, a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// A container of a compose file, a pod, a task.
    Container,
    /// A custom resource that an operator turns into containers.
    Operator,
    /// A managed service of a cloud.
    Managed,
    /// An add-on of a platform.
    Addon,
    /// A file beside the app (sqlite), or a driver in the app's own process.
    File,
    /// Outside of what the manifests declare; known by a URL alone.
    External,
}

impl Provider {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Operator => "operator",
            Self::Managed => "managed",
            Self::Addon => "add-on",
            Self::File => "file",
            Self::External => "external",
        }
    }
}

/// Is a service the app's own, or something that the app uses?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A database, cache, queue, proxy, tool: software of a catalogue kind.
    Backing,
    /// The app itself, or a process of it.
    Workload,
}

/// What a workload does in the life of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Process {
    /// Runs and serves: a Deployment, a compose service.
    #[default]
    Service,
    /// Runs once or on a schedule beside the app: an init container, a Job, a migration.
    Admin,
    /// Runs on a schedule: a CronJob.
    Scheduled,
}

/// One service of an environment, as a format found it.
#[derive(Clone)]
pub struct Service {
    /// Its name in the manifest.
    pub name: String,
    /// Other names by which it may be known or reached: container name, host name, Kubernetes Service, module.
    pub aliases: Vec<String>,
    /// Where it is declared (its name or heading).
    pub at: Location,
    /// Who provides it.
    pub provider: Provider,
    /// Backing or workload; [`crate::catalogue::classify`] sets it.
    pub role: Role,
    /// What software it is, where that can be said, at the place that states it (the image, `engine_version`).
    /// Unknown: something is written there that could not be resolved. `None`: nothing is written.
    pub software: Option<Fact<Software>>,
    /// How its image is built from this repository, if it is.
    pub build: Option<Build>,
    /// Its environment variables.
    pub environ: Environ,
    /// What part it plays.
    pub process: Process,
    /// The ports that it listens on inside the container.
    pub ports: Vec<Fact<u16>>,
    /// The platform that is named (`linux/amd64`).
    pub platform: Option<Fact<String>>,
    /// Its health check or probe.
    pub probe: Option<Location>,
    /// Grace period before it is killed, in seconds.
    pub stop_grace: Option<Fact<u32>>,
    /// The command it runs, joined by spaces, where one is written.
    pub command: Option<Fact<String>>,
    /// Labels, for pairing (`app.kubernetes.io/name`) and overrides (`parity.kind`).
    pub labels: BTreeMap<String, String>,
    /// Compose profiles: started only when one of them is asked for.
    pub profiles: Vec<String>,
    /// Names of other services that it says it needs (`depends_on`, links).
    pub needs: Vec<String>,
    /// A comment beside the version that claims something (`same version as prod`).
    pub comment: Option<(String, Location)>,
    /// Set where the service is declared but switched off, or may be (`count = var.x ? 1 : 0`): the reason.
    pub conditional: Option<String>,
    /// The deployable unit it belongs to, where a repository has several: its folder.
    pub unit: String,
    /// Which manifest it came from: an index into the environment's manifests.
    pub manifest: usize,
    /// What other manifests of the same environment declare for this need.
    pub also: Vec<Self>,
    /// What falls back to another value (`${VAR:-this}`) than the one that a file sets: `image` or a key, and its place.
    pub fallbacks: Vec<(String, Location)>,
    /// The run that it is a part of, where an environment is many runs that never meet: the jobs of CI.
    pub scope: Option<Scope>,
}

/// A run of its own: a job of continuous integration. What two runs declare for one need are two statements of it, never
/// two services.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The job and its file.
    pub job: String,
    /// Which of the job's variants: the values of its matrix.
    pub variant: String,
}

impl std::fmt::Debug for Service {
    /// Name, software and place alone: commands and labels may hold what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Service({:?}, {:?} at {})", self.name, self.software.as_ref().map(|s| &s.value), self.at)
    }
}

impl Service {
    /// A service with a name and a place, and nothing else said.
    pub fn new(name: impl Into<String>, at: Location, provider: Provider) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            at,
            provider,
            role: Role::Workload,
            software: None,
            build: None,
            environ: Environ::default(),
            process: Process::Service,
            ports: Vec::new(),
            platform: None,
            probe: None,
            stop_grace: None,
            command: None,
            labels: BTreeMap::new(),
            profiles: Vec::new(),
            needs: Vec::new(),
            comment: None,
            conditional: None,
            unit: String::new(),
            manifest: 0,
            also: Vec::new(),
            fallbacks: Vec::new(),
            scope: None,
        }
    }

    /// The software, where it is known.
    #[must_use]
    pub fn known_software(&self) -> Option<&Software> {
        self.software.as_ref().and_then(|s| s.value.known())
    }

    /// The image reference, where one is known.
    #[must_use]
    pub fn image(&self) -> Option<&ImageRef> {
        self.known_software().and_then(|s| s.image.as_ref())
    }

    /// The catalogue kind, where it is known.
    #[must_use]
    pub fn kind(&self) -> Option<&'static crate::catalogue::Kind> {
        self.known_software().and_then(|s| s.kind)
    }

    /// The place that states what it is: its software's, else its declaration.
    #[must_use]
    pub fn stated_at(&self) -> &Location {
        self.software.as_ref().map_or(&self.at, |s| &s.at)
    }
}

/// How an image is built from this repository.
#[derive(Debug, Clone)]
pub struct Build {
    /// The folder of the build context, relative to the root; `None` when it is not in this repository.
    pub context: Option<String>,
    /// The Dockerfile, relative to the root.
    pub dockerfile: Option<String>,
    /// The stage that is built.
    pub target: Option<String>,
    /// The image that the built stage starts `FROM`, after `ARG`s, at its place in the Dockerfile.
    pub base: Option<Fact<Software>>,
    /// Keys that the Dockerfile sets by `ENV` in the built stage.
    pub env: Vars,
    /// Where `build` is written.
    pub at: Location,
}

/// A runtime that a side names: `python 3.12` from `.python-version`, a Lambda runtime, a Dockerfile.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// The runtime as software of kind `python`, `node`, ...
    pub software: Fact<Software>,
    /// The service it belongs to, where the manifest says so.
    pub service: Option<String>,
    /// The deployable unit: its folder.
    pub unit: String,
}

/// A key that a repository documents (`.env.example`).
#[derive(Debug, Clone)]
pub struct DocumentedKey {
    /// The key.
    pub key: String,
    /// Where.
    pub at: Location,
    /// Commented out, so optional.
    pub optional: bool,
    /// Has a value that is neither empty nor a placeholder.
    pub example: bool,
}

/// What one environment runs.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Its name: `dev`, `ci`, `prod`, ...
    pub environment: String,
    /// Its services, sorted by name and place.
    pub services: Vec<Service>,
    /// Runtimes that files beside the services name.
    pub runtimes: Vec<Runtime>,
    /// Keys that the repository documents.
    pub documented: Vec<DocumentedKey>,
    /// Keys that the platform sets in every service (`PORT` on Heroku): patterns with `*`.
    pub injected: Vec<String>,
    /// A file, or a part of one, that could not be read: what is not here may be there.
    pub unread: Option<String>,
    /// A package that was read with its default values: what it is given in this environment is not in the repository.
    pub defaults: Option<String>,
    /// No manifest says which services run here: the file that is all that is known. What is not here may be there.
    pub undeclared: Option<String>,
}
