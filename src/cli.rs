//! clap types → options; no other file knows clap.

use std::io;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::ask::process::Programs;
use crate::config::Options;
use crate::formats::{self, ReadOptions};
use crate::report::FailOn;

/// Finds the drift between what a team develops on and what it ships.
#[derive(Debug, Parser)]
#[command(name = "parity", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare two environments of a repository
    Diff(Diff),
    /// Show what an environment runs, every fact with its place
    Inventory {
        /// The environment
        #[arg(default_value = "dev")]
        environment: String,
        /// How it is read and shown
        #[command(flatten)]
        common: Common,
    },
    /// Would these two be drift? An image, 'ENGINE VERSION' or 'kind ID' each
    Compare {
        /// What development runs: `postgres:15-alpine`
        from: String,
        /// What production runs: `rds:postgres 15.7`
        to: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Edit development (and CI) so that it runs production's versions and names its keys
    Fix {
        /// The environment that is edited [default: dev and ci]
        from: Option<String>,
        /// The environment that it is brought to [default: prod]
        to: Option<String>,
        /// Change nothing, print the changes as a unified diff
        #[arg(long)]
        dry_run: bool,
        /// How it is read
        #[command(flatten)]
        common: Common,
    },
    /// Print rules for another program
    Export {
        /// Which program
        #[command(subcommand)]
        command: Export,
    },
    /// Recompute the report at past commits of the shipped branch: how many findings there were
    History {
        /// How many weeks back, one commit each
        #[arg(long, default_value_t = 13, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=520))]
        weekly: u32,
        /// How it is read and shown
        #[command(flatten)]
        common: Common,
    },
    /// Keep what is there now in a file, so that only what comes after is shown
    Baseline {
        /// What to do with it
        #[command(subcommand)]
        command: Baseline,
    },
    /// Write a commented parity.yml from what is found
    Init {
        /// Overwrite the file
        #[arg(long)]
        force: bool,
        /// The repository
        #[arg(long, default_value = ".", value_name = "DIR")]
        root: PathBuf,
    },
    /// Print the JSON Schema of parity.yml
    Schema,
    /// Write a report to GitHub: a pull request's comment, the nightly issue
    Publish {
        /// Where to
        #[command(subcommand)]
        command: Publish,
    },
    /// Join JSON reports of many repositories into one overview, worst first
    Merge {
        /// JSON reports
        #[arg(required = true, value_name = "REPORT")]
        reports: Vec<PathBuf>,
        /// A form, to standard output or to a file (repeatable)
        #[arg(long = "report", value_name = "markdown|html[=FILE]", default_value = "markdown")]
        forms: Vec<String>,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// List the rules
    Rules,
    /// Explain a rule
    Explain {
        /// Its id: `tools/version-major`
        rule: String,
    },
}

/// Commands of the baseline.
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// Write every finding of `diff` to a file, by name alone: no lines, no values
    Write {
        /// The file
        #[arg(default_value = "parity-baseline.json")]
        file: PathBuf,
        /// What is compared, and how it is read
        #[command(flatten)]
        diff: Diff,
    },
}

/// Where a report is published.
#[derive(Debug, Subcommand)]
pub enum Publish {
    /// One comment on a pull request: edited when it changes, silent when there is nothing to say
    Comment {
        /// The report, and GitHub
        #[command(flatten)]
        to: PublishTo,
        /// The pull request [default: that of the event]
        #[arg(long, value_name = "NUMBER")]
        pull_request: Option<u64>,
        /// Edit one comment, or write a new one when something changes
        #[arg(long, value_enum, default_value_t = KeepComment::Update)]
        keep: KeepComment,
        /// Publish in a `pull_request_target` run, which holds secrets beside what a stranger wrote
        #[arg(long)]
        allow_pull_request_target: bool,
    },
    /// One issue: rewritten each night, a comment when something is new or worse, closed by a complete clean run
    Issue {
        /// The report, and GitHub
        #[command(flatten)]
        to: PublishTo,
        /// Its label
        #[arg(long, default_value = "parity")]
        label: String,
        /// What `parity history --report json` wrote: the issue shows the trend
        #[arg(long, value_name = "FILE")]
        history: Option<PathBuf>,
    },
    /// Print the counts of a report as NAME=NUMBER lines, for scripts; publishes nothing
    Counts {
        /// The JSON report
        #[arg(long, value_name = "FILE")]
        report: PathBuf,
    },
}

/// `--keep`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeepComment {
    /// One comment, edited
    Update,
    /// A new one
    New,
}

/// What publishing commands share. The token is read from the variable GITHUB_TOKEN, never from an argument.
#[derive(Debug, Args)]
pub struct PublishTo {
    /// The JSON report
    #[arg(long, value_name = "FILE")]
    pub report: PathBuf,
    /// Its Markdown; without it a list of the findings is made (do so where the report comes from a stranger's run)
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// The repository [default: GITHUB_REPOSITORY]
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<String>,
    /// Whose comments and issues are ours [default: the token's owner, that of GitHub Actions for a workflow's token]
    #[arg(long, value_name = "LOGIN")]
    pub author: Option<String>,
    /// Tells several reports on one page apart
    #[arg(long, default_value = "parity", value_name = "NAME")]
    pub id: String,
    /// Print the requests and send none
    #[arg(long)]
    pub dry_run: bool,
}

/// Commands of `export`.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Renovate's `packageRules`: updates of development stay within production's series
    Renovate {
        /// What is compared, and how it is read
        #[command(flatten)]
        diff: Diff,
    },
}

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The first environment [default: all but the second]
    pub from: Option<String>,
    /// The second environment [default: prod]
    pub to: Option<String>,
    /// When to exit with 1 [default: error]
    #[arg(long, value_enum)]
    pub fail_on: Option<Threshold>,
    /// Say what is new, worse, better or fixed since this revision; only what is new or worse fails the run
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// Do not show what is in this file (see `parity baseline write`)
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// How it is read and shown
    #[command(flatten)]
    pub common: Common,
}

/// What all reading commands share.
#[derive(Debug, Args)]
pub struct Common {
    /// The repository
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub root: PathBuf,
    /// The configuration [default: parity.yml, .parity.yml or .github/parity.yml below the root]
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
    /// A manifest of development (repeatable)
    #[arg(long, value_name = "PATH")]
    pub dev: Vec<String>,
    /// A manifest of continuous integration (repeatable)
    #[arg(long, value_name = "PATH")]
    pub ci: Vec<String>,
    /// A manifest of production, also in another repository beside this one, `-` for standard input (repeatable)
    #[arg(long, value_name = "PATH")]
    pub prod: Vec<String>,
    /// A manifest of any environment (repeatable)
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    pub env: Vec<(String, String)>,
    /// A dotenv file for interpolation (repeatable)
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// A file of variables or values for charts and infrastructure code (repeatable)
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<String>,
    /// A value of a chart, as `helm --set` takes it (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Use of `helm` and `kustomize`
    #[arg(long, value_enum, default_value_t = Render::Auto)]
    pub render: Render,
    /// A compose profile; `*` for all (repeatable)
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Resolve variables of manifests from the machine's own environment as well
    #[arg(long)]
    pub interpolate_from_environment: bool,
    /// A report form, to standard output or to a file (repeatable)
    #[arg(long, value_name = "FORM[=FILE]", default_value = "table")]
    pub report: Vec<String>,
    /// Show everything in full, also what is only worth knowing
    #[arg(long)]
    pub all: bool,
    /// Ask what is so today: registries of images, GitHub of deployments, endoflife.date; nothing else opens a connection
    #[arg(long)]
    pub online: bool,
    /// The day at which time is judged [default: today; for ends of life, the day of their data]
    #[arg(long, value_name = "DATE")]
    pub today: Option<jiff::civil::Date>,
    /// Use colour
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

fn named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.to_owned())),
        _ => Err("write NAME=PATH".into()),
    }
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Threshold {
    /// At errors
    Error,
    /// At warnings and errors
    Warning,
    /// At anything
    Info,
    /// Never
    Never,
}

/// `--render`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Render {
    /// Where the program is on PATH
    Auto,
    /// Never: built-in reading alone
    Never,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The completions of a shell.
pub fn completions(shell: clap_complete::Shell, out: &mut dyn io::Write) {
    clap_complete::generate(shell, &mut Cli::command(), "parity", &mut { out });
}

/// The manual page.
///
/// # Errors
/// Those of the writer.
pub fn man(out: &mut dyn io::Write) -> io::Result<()> {
    clap_mangen::Man::new(Cli::command()).render(&mut { out })
}

impl Common {
    /// The options that are meant, with the machine's facts.
    #[must_use]
    pub fn options(&self, today: jiff::civil::Date, process_env: Vec<(String, String)>, programs: Programs) -> Options {
        let of = |name: &str, paths: &[String]| paths.iter().map(|p| (name.to_owned(), p.clone())).collect::<Vec<_>>();
        let process_env: std::collections::BTreeMap<String, String> = process_env.into_iter().collect();
        // The machine's own `COMPOSE_FILE` is what Compose would read: as if it was given.
        let machine =
            if self.interpolate_from_environment && self.dev.is_empty() { formats::compose::of_machine(&process_env) } else { Vec::new() };
        let manifests = [of("dev", &self.dev), of("dev", &machine), of("ci", &self.ci), of("prod", &self.prod), self.env.clone()].concat();
        Options {
            manifests,
            today: self.today.unwrap_or(today),
            given_day: self.today,
            read: ReadOptions {
                env_files: self.env_file.clone(),
                var_files: self.var_file.clone(),
                profiles: self.profile.clone(),
                process_env: self.interpolate_from_environment.then_some(process_env),
                set: self.set.clone(),
                render: match self.render {
                    Render::Auto => formats::Render::Auto,
                    Render::Never => formats::Render::Never,
                },
            },
            programs,
            ..Options::default()
        }
    }
}

impl From<Threshold> for FailOn {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Error => Self::Error,
            Threshold::Warning => Self::Warning,
            Threshold::Info => Self::Info,
            Threshold::Never => Self::Never,
        }
    }
}
