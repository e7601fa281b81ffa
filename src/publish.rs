//! A stored report → GitHub: the comment of a pull request, the nightly issue.
//!
//! Publishing comes last and reads the JSON report back, so that a failed call cannot lose it. The asynchronous runtime that
//! octocrab needs is started here and nowhere else; no socket is opened by a dry run.

use std::time::Duration;

use crate::report::stored::Stored;
use crate::report::trend::Trend;

pub mod api;
pub mod body;
pub mod event;
pub mod token;

mod comment;
mod issue;

pub use api::{Failure, Repository};
pub use event::Event;
pub use token::Token;

/// Where it is published, and as whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address of the API: `https://api.github.com`, `https://ghes.example.com/api/v3`.
    pub api_url: String,
    /// What proves who we are; sent to the host of the API alone.
    pub token: Option<Token>,
    /// The repository.
    pub repository: Repository,
    /// The login whose comments and issues are ours; asked of the API where it is not given.
    pub author: Option<String>,
    /// Which of several reports on one page this is.
    pub id: String,
    /// Say what would be sent, and send nothing.
    pub dry_run: bool,
    /// How long a second lasts: tests make it short.
    pub second: Duration,
}

/// What is published.
#[derive(Debug, Clone)]
pub struct Content {
    /// The report.
    pub report: Stored,
    /// Its Markdown; a list of the findings is made where there is none.
    pub markdown: Option<String>,
    /// How the counts came and went, for an issue.
    pub trend: Option<Trend>,
}

/// How a comment is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// One comment, edited.
    Update,
    /// A comment each time that there is something else to say.
    New,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// One word: `created`, `updated`, `unchanged`, `silent`, `resolved`, `reopened`, `closed`, `denied`.
    pub done: &'static str,
    /// The page.
    pub url: Option<String>,
    /// What a person should know: nothing of it fails the run.
    pub notices: Vec<String>,
    /// The requests of a dry run, without the token.
    pub requests: Vec<String>,
}

/// Writes, edits or resolves the comment of a pull request.
///
/// # Errors
/// What is neither a matter of permission (a notice) nor over after the retries.
pub fn comment(settings: &Settings, event: &Event, content: &Content, keep: Keep) -> Result<Outcome, Failure> {
    block_on(settings, async |api| comment::publish(api, settings, event, content, keep).await)
}

/// Writes, edits, reopens or closes the nightly issue.
///
/// # Errors
/// As of [`comment`].
pub fn issue(settings: &Settings, label: &str, content: &Content) -> Result<Outcome, Failure> {
    block_on(settings, async |api| issue::publish(api, settings, label, content).await)
}

fn block_on(settings: &Settings, work: impl AsyncFnOnce(&mut api::Api) -> Result<Outcome, Failure>) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::Settings(format!("the runtime does not start: {}", e.kind())))?;
    runtime.block_on(async {
        let mut api = api::Api::new(settings)?;
        let mut outcome = work(&mut api).await?;
        outcome.requests = api.requests();
        Ok(outcome)
    })
}

impl Outcome {
    fn new(done: &'static str, url: Option<String>) -> Self {
        Self { done, url, ..Self::default() }
    }

    fn notice(done: &'static str, text: impl Into<String>) -> Self {
        Self { done, notices: vec![text.into()], ..Self::default() }
    }
}
