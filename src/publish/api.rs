//! Requests to GitHub's API → small structs: octocrab's raw calls over a client of ours, with retries of reads alone.
//!
//! The typed calls are not used: one comment of a deleted user fails their whole list, and they edit with the wrong method.

use std::time::Duration;

use octocrab::Octocrab;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Settings, Token};
use crate::report::escape::printable;

/// How many of a list are asked for at once, the most that GitHub gives.
const PAGE: usize = 100;
/// How many pages are read of one list.
const PAGES: usize = 100;
/// How often a read is tried.
const TRIES: u32 = 4;
/// How many seconds are waited for one retry at most. A limit that lasts longer is not waited for.
const PATIENCE: u64 = 60;

/// `owner/name`, of characters that need no escape in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository(String);

impl Repository {
    /// Reads `owner/name`.
    ///
    /// # Errors
    /// It is no such name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fine = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && !part.starts_with('.')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        match text.split_once('/') {
            Some((owner, name)) if fine(owner) && (fine(name) || name == ".github") => Ok(Self(text.to_owned())),
            _ => Err("a repository is written OWNER/NAME".into()),
        }
    }

    /// A path below it: `/repos/OWNER/NAME/...`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.0)
    }
}

/// Why a call failed. No message holds the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Answered with a status that is no success.
    #[error("{what}: GitHub answers {status}: {message}")]
    Status {
        /// Method and path.
        what: String,
        /// The status.
        status: u16,
        /// What GitHub says of it.
        message: String,
    },
    /// Not answered.
    #[error("{what}: {message}")]
    Network {
        /// Method and path.
        what: String,
        /// Why.
        message: String,
    },
    /// The settings do not make a call.
    #[error("{0}")]
    Settings(String),
}

impl Failure {
    /// The status, where there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Is it a matter of permission: the token may not, or may not even see it?
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.status(), Some(403 | 404))
    }
}

/// Who wrote something. Null for a deleted account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

/// Methods that write.
#[derive(Debug, Clone, Copy)]
pub(super) enum Write {
    Post,
    Patch,
    Delete,
}

/// The connection.
pub(super) struct Api {
    client: Option<Octocrab>,
    token: Option<Token>,
    second: Duration,
    log: Vec<String>,
}

impl Api {
    /// A connection; of a dry run none at all. Must be called inside the runtime.
    pub(super) fn new(settings: &Settings) -> Result<Self, Failure> {
        let mut api = Self { client: None, token: settings.token.clone(), second: settings.second, log: Vec::new() };
        if !settings.dry_run {
            api.client = Some(api.connect(settings)?);
        }
        Ok(api)
    }

    fn connect(&self, settings: &Settings) -> Result<Octocrab, Failure> {
        let cannot = |e: &dyn std::error::Error| Failure::Settings(self.clean(&format!("no connection can be made: {}", chain(e))));
        let address = settings.api_url.trim_end_matches('/');
        let base = reqwest::Url::parse(address).map_err(|_| Failure::Settings("the address of the API is no URL".into()))?;
        if !matches!(base.scheme(), "https" | "http") || base.host_str().is_none() || !base.username().is_empty() || base.query().is_some()
        {
            return Err(Failure::Settings("the address of the API is no plain https URL".into()));
        }
        // The token goes to the host of the API alone: a redirect elsewhere is not followed.
        let same = reqwest::redirect::Policy::custom(move |attempt| {
            if attempt.url().origin() == base.origin() && attempt.previous().len() < 4 { attempt.follow() } else { attempt.stop() }
        });
        let http = crate::ask::http::builder()
            .redirect(same)
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|e| cannot(&e))?;
        let mut builder = Octocrab::builder().base_uri(address).map_err(|e| cannot(&e))?;
        if let Some(token) = &settings.token {
            builder = builder.personal_token(token.reveal().to_owned());
        }
        builder.build_with_reqwest(http).map_err(|e| cannot(&e))
    }

    /// The requests of a dry run.
    pub(super) fn requests(&self) -> Vec<String> {
        self.log.clone()
    }

    /// A text without the token, and without characters that act.
    fn clean(&self, text: &str) -> String {
        let text = self.token.as_ref().map_or_else(|| text.to_owned(), |t| t.redact(text));
        printable(&text.chars().take(500).collect::<String>()).into_owned()
    }

    /// Every item of a list.
    pub(super) async fn list<T: DeserializeOwned>(&mut self, path: &str) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let and = if path.contains('?') { '&' } else { '?' };
            let route = format!("{path}{and}per_page={PAGE}&page={page}");
            let Some(items) = self.get::<Vec<T>>(&route).await? else { return Ok(all) };
            let full = items.len() >= PAGE;
            all.extend(items);
            if !full {
                return Ok(all);
            }
        }
        Err(Failure::Settings(format!("GET {path}: the list has more than {} items", PAGES * PAGE)))
    }

    /// One thing; nothing in a dry run. Tried again where the server or a limit stands in the way.
    pub(super) async fn get<T: DeserializeOwned>(&mut self, route: &str) -> Result<Option<T>, Failure> {
        let what = format!("GET {route}");
        let Some(client) = self.client.clone() else {
            self.log.push(what);
            return Ok(None);
        };
        let mut tried = 0;
        loop {
            tried += 1;
            let again = tried < TRIES;
            let (failure, wait) = match client._get(route).await {
                Ok(answer) => {
                    let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
                    let limited = header("x-ratelimit-remaining").as_deref() == Some("0");
                    let after = header("retry-after").and_then(|s| s.trim().parse().ok());
                    let status = answer.status().as_u16();
                    let wait = wait(status, after, limited, tried);
                    match self.read(&what, status, client.body_to_string(answer).await) {
                        Ok(value) => return Ok(Some(value)),
                        Err(failure) => (failure, wait),
                    }
                }
                Err(e) => (Failure::Network { what: what.clone(), message: self.clean(&chain(&e)) }, Some(backoff(tried))),
            };
            match wait.filter(|seconds| again && *seconds <= PATIENCE) {
                Some(seconds) => tokio::time::sleep(self.second.saturating_mul(u32::try_from(seconds).unwrap_or(0))).await,
                None => return Err(failure),
            }
        }
    }

    /// Writes once: a request that was lost may have been carried out, so it is never repeated. Nothing in a dry run.
    pub(super) async fn write<T: DeserializeOwned>(&mut self, how: Write, route: &str, body: &Value) -> Result<Option<T>, Failure> {
        let (method, body) = match how {
            Write::Post => ("POST", Some(body)),
            Write::Patch => ("PATCH", Some(body)),
            Write::Delete => ("DELETE", None),
        };
        let what = format!("{method} {route}");
        let Some(client) = self.client.clone() else {
            let text = body.map(|b| format!("\n{}", serde_json::to_string_pretty(b).unwrap_or_default())).unwrap_or_default();
            let text = self.token.as_ref().map_or_else(|| text.clone(), |t| t.redact(&text));
            self.log.push(format!("{what}{text}"));
            return Ok(None);
        };
        let sent = match how {
            Write::Post => client._post(route, body).await,
            Write::Patch => client._patch(route, body).await,
            Write::Delete => client._delete(route, None::<&Value>).await,
        };
        let answer = sent.map_err(|e| Failure::Network { what: what.clone(), message: self.clean(&chain(&e)) })?;
        let status = answer.status().as_u16();
        if status == 204 {
            return Ok(None);
        }
        self.read(&what, status, client.body_to_string(answer).await).map(Some)
    }

    fn read<T: DeserializeOwned>(&self, what: &str, status: u16, text: octocrab::Result<String>) -> Result<T, Failure> {
        let network = |message: String| Failure::Network { what: what.to_owned(), message: self.clean(&message) };
        let text = text.map_err(|e| network(format!("the answer cannot be read: {}", chain(&e))))?;
        if (200..300).contains(&status) {
            return serde_json::from_str(&text).map_err(|e| network(format!("the answer is not what GitHub documents: {e}")));
        }
        #[derive(Deserialize)]
        struct Refusal {
            message: String,
        }
        let message = serde_json::from_str::<Refusal>(&text).map_or_else(|_| "no reason".to_owned(), |r| r.message);
        Err(Failure::Status { what: what.to_owned(), status, message: self.clean(&message) })
    }
}

/// How many seconds to wait before the next try; `None` where trying again is of no use.
fn wait(status: u16, retry_after: Option<u64>, limited: bool, tried: u32) -> Option<u64> {
    match status {
        // https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api: obey retry-after; else the
        // reset, which is an hour away at most and not waited for; else a minute
        429 => retry_after.or(Some(PATIENCE)).filter(|_| !limited || retry_after.is_some()),
        403 => retry_after,
        500..=599 => retry_after.or(Some(backoff(tried))),
        _ => None,
    }
}

fn backoff(tried: u32) -> u64 {
    1 << tried.saturating_sub(1).min(4)
}

/// An error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
