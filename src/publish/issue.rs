//! A report → the nightly issue: one, found by label, mark and author; closed by a complete clean run alone.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, User, Write};
use super::body::{self, Marker, Memory};
use super::{Content, Failure, Outcome, Settings};

/// An issue, as far as it matters.
#[derive(Debug, Clone, Deserialize)]
struct Issue {
    number: u64,
    state: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    html_url: Option<String>,
    /// Pull requests are in the list of issues as well.
    #[serde(default)]
    pull_request: Option<Value>,
}

/// The login whose comments and issues are ours.
pub(super) async fn author(api: &mut Api, settings: &Settings) -> Result<String, Failure> {
    // The token of an installation may not ask who it is: a workflow's own token is this bot's.
    let bot = || "github-actions[bot]".to_owned();
    if let Some(author) = &settings.author {
        return Ok(author.clone());
    }
    if settings.token.as_ref().is_none_or(super::Token::is_installation) {
        return Ok(bot());
    }
    match api.get::<User>("/user").await {
        Ok(user) => Ok(user.map_or_else(bot, |u| u.login)),
        Err(failure) if failure.is_denied() => Ok(bot()),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn publish(api: &mut Api, settings: &Settings, label: &str, content: &Content) -> Result<Outcome, Failure> {
    match keep(api, settings, label, content).await {
        Err(failure) if failure.status() == Some(410) => {
            Ok(Outcome::notice("denied", "no issue was written: issues are disabled in this repository"))
        }
        Err(failure) if failure.is_denied() => {
            Ok(Outcome::notice("denied", format!("no issue was written: {failure} (the job needs `issues: write`; see docs/github.md)")))
        }
        done => done,
    }
}

async fn keep(api: &mut Api, settings: &Settings, label: &str, content: &Content) -> Result<Outcome, Failure> {
    let marker = Marker::new("issue", &settings.id);
    let author = author(api, settings).await?;
    let ours = ours(api, settings, label, &marker, &author).await?;
    // The open one, else the last: a person may have closed it.
    let current = ours.iter().find(|i| i.state == "open").or(ours.last()).cloned();
    let clean = content.report.is_clean();
    let outcome = match current {
        None if clean => return Ok(Outcome::new("silent", None)),
        None => return create(api, settings, label, content, &marker, &author).await,
        Some(issue) if clean => close(api, settings, content, &marker, &issue).await?,
        Some(issue) => renew(api, settings, content, &marker, &issue).await?,
    };
    Ok(outcome)
}

/// Issues with our mark, written by us, the oldest first; of several that are open all but the first are closed.
async fn ours(api: &mut Api, settings: &Settings, label: &str, marker: &Marker, author: &str) -> Result<Vec<Issue>, Failure> {
    let query = format!("issues?labels={}&state=all&sort=created&direction=asc", percent(label));
    let wanted = |i: &Issue| {
        let by_us = i.user.as_ref().is_some_and(|u| u.login == author);
        by_us && i.pull_request.is_none() && i.body.as_deref().and_then(|b| marker.find(b)).is_some()
    };
    let mut all: Vec<Issue> = api.list(&settings.repository.path(&query), wanted).await?;
    all.sort_by_key(|i| i.number);
    let first = all.iter().find(|i| i.state == "open").map(|i| i.number);
    for issue in all.iter_mut().filter(|i| i.state == "open" && Some(i.number) != first) {
        let body = json!({ "state": "closed", "state_reason": "not_planned" });
        let _done: Option<Issue> = api.write(Write::Patch, &route(settings, issue), &body).await?;
        issue.state = "closed".into();
    }
    Ok(all)
}

fn route(settings: &Settings, issue: &Issue) -> String {
    settings.repository.path(&format!("issues/{}", issue.number))
}

fn title(settings: &Settings) -> String {
    let id: String = settings.id.chars().filter(|c| c.is_ascii_alphanumeric() || " -_./".contains(*c)).take(80).collect();
    if matches!(id.as_str(), "" | "parity") {
        "parity: drift between development and production".into()
    } else {
        format!("parity: drift ({id})")
    }
}

fn text(content: &Content, marker: &Marker) -> String {
    body::of(content, marker, &Memory::of(&content.report).write())
}

async fn create(
    api: &mut Api,
    settings: &Settings,
    label: &str,
    content: &Content,
    marker: &Marker,
    author: &str,
) -> Result<Outcome, Failure> {
    let body = json!({ "title": title(settings), "body": text(content, marker), "labels": [label] });
    let made: Option<Issue> = api.write(Write::Post, &settings.repository.path("issues"), &body).await?;
    let Some(made) = made else { return Ok(Outcome::new("created", None)) };
    // Another run may have written its issue between our look and our writing: looking again closes the younger of two.
    let first = ours(api, settings, label, marker, author).await?.into_iter().find(|i| i.state == "open");
    match first {
        Some(first) if first.number != made.number => renew(api, settings, content, marker, &first).await,
        _ => Ok(Outcome::new("created", made.html_url)),
    }
}

async fn close(api: &mut Api, settings: &Settings, content: &Content, marker: &Marker, issue: &Issue) -> Result<Outcome, Failure> {
    if issue.state != "open" {
        return Ok(Outcome::new("silent", None));
    }
    let body = json!({ "state": "closed", "state_reason": "completed", "body": text(content, marker) });
    let done: Option<Issue> = api.write(Write::Patch, &route(settings, issue), &body).await?;
    Ok(Outcome::new("closed", done.and_then(|i| i.html_url).or_else(|| issue.html_url.clone())))
}

/// Rewrites the body, opens it again, and says below it what is new or worse since the last report.
async fn renew(api: &mut Api, settings: &Settings, content: &Content, marker: &Marker, issue: &Issue) -> Result<Outcome, Failure> {
    let text = text(content, marker);
    let before = issue.body.as_deref().unwrap_or("");
    let closed = issue.state != "open";
    if !closed && body::same(before, &text) {
        return Ok(Outcome::new("unchanged", issue.html_url.clone()));
    }
    let body = if closed { json!({ "body": text, "state": "open" }) } else { json!({ "body": text }) };
    let done: Option<Issue> = api.write(Write::Patch, &route(settings, issue), &body).await?;
    let memory = Memory::read(marker.find(before).unwrap_or(""));
    let news = memory.news(&content.report);
    if !news.is_empty() {
        let comments = format!("{}/comments", route(settings, issue));
        let _said: Option<Value> = api.write(Write::Post, &comments, &json!({ "body": body::news_comment(&news) })).await?;
    }
    let url = done.and_then(|i| i.html_url).or_else(|| issue.html_url.clone());
    Ok(Outcome::new(if closed { "reopened" } else { "updated" }, url))
}

/// A word in a query.
fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
