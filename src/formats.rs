//! Manifest → services. One file (or folder) a format; this list is the table of contents.

use std::collections::BTreeMap;
use std::fmt;

use crate::ask::process::Programs;
use crate::inventory::{DocumentedKey, Runtime, Service};
use crate::report::Problem;
use crate::workspace::Workspace;

pub(crate) use gitops::SOURCE_FILE;

mod ci;
mod declared;
pub(crate) mod gitops;
pub mod appengine;
pub mod apprunner;
pub mod azure_pipelines;
pub mod bitbucket;
pub mod circleci;
pub mod cloudformation;
pub mod compose;
pub mod containerapps;
pub mod copilot;
pub mod devcontainer;
pub mod digitalocean;
pub mod dockerfile;
pub mod dotenv;
pub mod ecs;
pub mod fly;
pub mod frontends;
pub mod github_actions;
pub mod gitlab_ci;
mod gotemplate;
mod re2;
pub mod helm;
pub mod heroku;
pub mod kamal;
pub mod kubernetes;
pub mod kustomize;
pub mod local;
pub mod nomad;
pub mod openshift;
pub mod platformsh;
pub mod railway;
pub mod render;
pub mod runtimes;
pub mod serverless;
pub mod terraform;
pub mod woodpecker;

/// Every format, in the order in which a file is offered to them.
pub static ALL: &[&dyn Format] = &[
    &compose::Compose,
    &heroku::Heroku,
    &render::Render,
    &fly::Fly,
    &kamal::Kamal,
    &github_actions::GithubActions,
    &gitlab_ci::GitlabCi,
    &circleci::CircleCi,
    &azure_pipelines::AzurePipelines,
    &bitbucket::Bitbucket,
    &woodpecker::Woodpecker,
    &devcontainer::Devcontainer,
    &runtimes::Runtimes,
    &dotenv::Dotenv,
    &local::Local,
    &dockerfile::Dockerfile,
    &ecs::Ecs,
    &cloudformation::CloudFormation,
    &kustomize::Kustomize,
    &copilot::Copilot,
    &serverless::Serverless,
    &digitalocean::DigitalOcean,
    &appengine::AppEngine,
    &apprunner::AppRunner,
    &containerapps::ContainerApps,
    &platformsh::PlatformSh,
    &railway::Railway,
    &frontends::Frontends,
    &nomad::Nomad,
    &openshift::OpenShift,
    &kubernetes::Kubernetes,
    &terraform::Terraform,
    &helm::Helm,
];

/// One declaration of an environment: files or folders that are read together by one format.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Manifest {
    /// The format's id.
    pub format: String,
    /// Paths relative to the root: files in the order of `-f`, or one folder. The first one is shown.
    pub paths: Vec<String>,
    /// Why it was taken.
    pub because: Because,
    /// The deployable unit it describes: a folder, `""` for the whole repository.
    pub unit: String,
}

/// Why a manifest was taken: one lower-case phrase, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// The command line names it.
    Given,
    /// The configuration names it.
    Configured,
    /// Its format is one of production; nothing else says anything of its environment.
    Format,
    /// It lies beside another one of its format.
    Beside(String),
    /// Another reason.
    Other(String),
}

impl Because {
    /// Did the user name it? Then it is meant, whatever stands beside it.
    pub(crate) fn is_named(&self) -> bool {
        matches!(self, Self::Given | Self::Configured)
    }

    /// Was it taken by its format alone?
    pub(crate) fn is_by_format(&self) -> bool {
        matches!(self, Self::Format | Self::Beside(_))
    }
}

impl Default for Because {
    /// No reason.
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl<T: Into<String>> From<T> for Because {
    fn from(words: T) -> Self {
        Self::Other(words.into())
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("given on the command line"),
            Self::Configured => f.write_str("named in the configuration"),
            Self::Format => f.write_str("a format of production"),
            Self::Beside(path) => write!(f, "beside `{path}`"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// Which environment a file seems to speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Development.
    Dev,
    /// Continuous integration.
    Ci,
    /// Production.
    Prod,
}

/// What a format says of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Not of this format.
    No,
    /// Of this format.
    Yes {
        /// The path that is the manifest: the file itself, or the folder that it stands for (a chart, a module, an
        /// overlay). Files that claim the same path are one manifest.
        manifest: String,
        /// The environment that this format is used for by nature; names of files and folders refine it.
        side: Side,
    },
}

/// How external renderers are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Render {
    /// Where the program is on `PATH`.
    #[default]
    Auto,
    /// Never: built-in reading alone.
    Never,
}

/// What the user said about reading, for every format.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Dotenv files for interpolation, in order (`--env-file`).
    pub env_files: Vec<String>,
    /// Variable files (`--var-file`), values files of charts.
    pub var_files: Vec<String>,
    /// `key=value` settings of charts (`--set`).
    pub set: Vec<String>,
    /// Profiles asked for; empty: all.
    pub profiles: Vec<String>,
    /// The machine's own environment, only with `--interpolate-from-environment`.
    pub process_env: Option<BTreeMap<String, String>>,
    /// Use of `helm`, `kustomize`.
    pub render: Render,
}

/// What a format is given beside the manifest.
pub struct ReadContext<'a> {
    /// The files.
    pub workspace: &'a dyn Workspace,
    /// What the user said.
    pub options: &'a ReadOptions,
    /// The environment that is read: `prod`.
    pub environment: &'a str,
    /// Programs that render manifests; which of them may be run is for [`ReadOptions::render`] to say.
    pub programs: &'a Programs,
}

/// What a manifest holds: services and problems.
#[derive(Debug, Default)]
pub struct Reading {
    /// Its services.
    pub services: Vec<Service>,
    /// Runtimes that it names.
    pub runtimes: Vec<Runtime>,
    /// Keys that it documents.
    pub documented: Vec<DocumentedKey>,
    /// Patterns of keys that the platform sets by itself.
    pub injected: Vec<String>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// How it was read, where there is a choice: "rendered by helm 3.16".
    pub notes: Vec<String>,
    /// A package that was read with its default values, for those of the environment are not here.
    pub defaults: Option<String>,
}

impl Reading {
    /// Has it more services than an environment may have? Then no more are made: the run says that there are too many.
    pub(crate) fn is_full(&self, workspace: &dyn Workspace) -> bool {
        self.services.len() > workspace.limits().services
    }
}

/// What a format gives, in words for people (`docs/formats.md`); `-` is nothing.
#[derive(Debug, Clone, Copy)]
pub struct Gives {
    /// Images and versions.
    pub versions: &'static str,
    /// Environment keys.
    pub env: &'static str,
    /// Processes.
    pub processes: &'static str,
    /// What is not in the files, and stays unknown.
    pub unknown: &'static str,
}

/// A format of manifests.
pub trait Format: Sync {
    /// Its id: `compose`.
    fn id(&self) -> &'static str;

    /// Its name for people: `Docker Compose`.
    fn name(&self) -> &'static str;

    /// Is the file of this format? `path` is relative to the root; `head` is the file's text, or its beginning.
    fn claims(&self, path: &str, head: &str) -> Claim;

    /// The environment that it is used for by nature, where nothing more is known.
    fn side(&self) -> Side {
        Side::Prod
    }

    /// What it gives.
    fn gives(&self) -> Gives;

    /// Could a path with this name be of this format at all? Keeps discovery from opening every file.
    fn may_claim(&self, path: &str) -> bool;

    /// Are several files given for one environment layers of one manifest (`-f a -f b`), and not manifests of their own?
    fn merges(&self) -> bool {
        false
    }

    /// What else belongs to the manifest at this path, in the order in which it is read, itself included: an override file
    /// and the file that it changes. Discovery reads them as one.
    fn layers(&self, path: &str, _workspace: &dyn Workspace) -> Vec<String> {
        vec![path.to_owned()]
    }

    /// The paths (files or folders) that the manifest at this path takes in: bases, includes, local modules. They are no
    /// manifests of their own.
    fn parts(&self, _path: &str, _workspace: &dyn Workspace) -> Vec<String> {
        Vec::new()
    }

    /// A format whose files its manifests take in: what lies in their folders is none of that format's own.
    fn in_place_of(&self) -> Option<&'static str> {
        None
    }

    /// Is a folder that was given one manifest of this format, however deep its files lie?
    fn gathers(&self) -> bool {
        false
    }

    /// Is a folder of this format read without the folders in it? Then one inside another is a manifest of its own.
    fn alone(&self) -> bool {
        false
    }

    /// Does one manifest of this format deploy a whole (a stack, a chart, an overlay)? Then two that declare the same services
    /// are two ways to deploy the same, of which one is run.
    fn deploys(&self) -> bool {
        false
    }

    /// Does the manifest at this path say which others of its format are installed, and how (a helmfile)? It goes first.
    fn decides(&self, _path: &str) -> bool {
        false
    }

    /// Is the manifest at this path run by itself? Else it is a library that others use, perhaps from elsewhere; it is
    /// taken only where nothing of its format is run.
    fn runs(&self, _path: &str, _workspace: &dyn Workspace) -> bool {
        true
    }

    /// Does it say something beside what other manifests of its environment say (a Procfile, a file of runtimes), so that it
    /// is read with them and never in place of one?
    fn beside(&self) -> bool {
        false
    }

    /// Does it say what an environment runs only where no manifest says more (a Dockerfile, the `.env` of an app that is started by
    /// hand)?
    fn fills_in(&self) -> bool {
        false
    }

    /// Does it document what others say, so that `example` in its name is no reason to leave it?
    fn documents(&self) -> bool {
        false
    }

    /// Reads a manifest.
    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading;
}

/// The format of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Format> {
    ALL.iter().copied().find(|f| f.id() == id)
}

/// `docs/formats.md`.
#[must_use]
pub fn documentation() -> String {
    let mut out = String::from(
        "# Formats\n\nWhat each format gives, and what stays unknown. Unknown is said, never guessed. This page is written from the code.\n",
    );
    for format in ALL {
        let gives = format.gives();
        out.push_str(&format!(
            "\n## {} (`{}`)\n\n- Images and versions: {}\n- Environment keys: {}\n- Processes: {}\n- Unknown: {}\n",
            format.name(),
            format.id(),
            gives.versions,
            gives.env,
            gives.processes,
            gives.unknown
        ));
    }
    out
}
