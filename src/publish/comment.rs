//! A report → the comment of a pull request: one, ours, edited only when it says something else.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, User, Write};
use super::body::{self, Marker};
use super::issue;
use super::{Content, Event, Failure, Keep, Outcome, Settings};

/// A comment, as far as it matters.
#[derive(Debug, Clone, Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    html_url: Option<String>,
}

/// A pull request in a list.
#[derive(Debug, Deserialize)]
struct Pull {
    number: u64,
    state: String,
    head: Head,
}

#[derive(Debug, Deserialize)]
struct Head {
    sha: String,
}

pub(super) async fn publish(api: &mut Api, settings: &Settings, event: &Event, content: &Content, keep: Keep) -> Result<Outcome, Failure> {
    match number(api, settings, event).await {
        Ok(Some(number)) => match sticky(api, settings, number, content, keep).await {
            Err(failure) if failure.is_denied() => Ok(denied(&failure, event)),
            done => done,
        },
        Ok(None) => Ok(Outcome::notice("silent", format!("there is no pull request to comment on (event `{}`)", event.name))),
        Err(failure) if failure.is_denied() => Ok(denied(&failure, event)),
        Err(failure) => Err(failure),
    }
}

/// Without permission there is no comment, and the run goes on: the report is in the summary and the files.
fn denied(failure: &Failure, event: &Event) -> Outcome {
    let why = event.reads_only().unwrap_or("the job needs `pull-requests: write`");
    Outcome::notice("denied", format!("no comment was written: {failure} ({why}; see docs/github.md)"))
}

/// The pull request: the event's, or the open one whose head is the event's commit.
async fn number(api: &mut Api, settings: &Settings, event: &Event) -> Result<Option<u64>, Failure> {
    let (None, Some(commit)) = (event.pull_request, &event.commit) else { return Ok(event.pull_request) };
    let path = settings.repository.path(&format!("commits/{commit}/pulls"));
    let pulls: Vec<Pull> = api.list(&path, |p: &Pull| p.state == "open" && p.head.sha == *commit).await?;
    Ok(pulls.first().map(|p| p.number))
}

async fn sticky(api: &mut Api, settings: &Settings, number: u64, content: &Content, keep: Keep) -> Result<Outcome, Failure> {
    let marker = Marker::new("comment", &settings.id);
    let author = issue::author(api, settings).await?;
    let list = settings.repository.path(&format!("issues/{number}/comments"));
    let ours = ours(api, &list, &marker, &author).await?;
    let speaks = content.report.speaks();
    let text = if speaks { body::of(content, &marker, "") } else { body::resolved(&marker) };
    // Edited is the first, so that two runs agree which; a new one is written below the last.
    let before = if keep == Keep::New { ours.last() } else { ours.first() };
    match before {
        None if !speaks => Ok(Outcome::new("silent", None)),
        Some(before) if before.body.as_deref().is_some_and(|b| body::same(b, &text)) => {
            Ok(Outcome::new("unchanged", before.html_url.clone()))
        }
        Some(before) if keep == Keep::Update || !speaks => {
            let done = if speaks { "updated" } else { "resolved" };
            edit(api, settings, before, &text).await.map(|url| Outcome::new(done, url))
        }
        _ => {
            let made: Option<Comment> = api.write(Write::Post, &list, &json!({ "body": text })).await?;
            let Some(made) = made else { return Ok(Outcome::new("created", None)) };
            match keep {
                Keep::Update => first_of_two(api, settings, &list, &marker, &author, made, &text).await,
                Keep::New => Ok(Outcome::new("created", made.html_url)),
            }
        }
    }
}

/// Comments with our mark, written by us, the oldest first.
async fn ours(api: &mut Api, list: &str, marker: &Marker, author: &str) -> Result<Vec<Comment>, Failure> {
    let by_us = |c: &Comment| c.user.as_ref().is_some_and(|u| u.login == author);
    let marked = |c: &Comment| c.body.as_deref().and_then(|b| marker.find(b)).is_some();
    let mut all: Vec<Comment> = api.list(list, |c| by_us(c) && marked(c)).await?;
    all.sort_by_key(|c| c.id);
    Ok(all)
}

async fn edit(api: &mut Api, settings: &Settings, comment: &Comment, text: &str) -> Result<Option<String>, Failure> {
    let route = settings.repository.path(&format!("issues/comments/{}", comment.id));
    let edited: Option<Comment> = api.write(Write::Patch, &route, &json!({ "body": text })).await?;
    Ok(edited.and_then(|c| c.html_url).or_else(|| comment.html_url.clone()))
}

/// Another run may have written its comment between our look and our writing: the older of two stays, the younger goes.
async fn first_of_two(
    api: &mut Api,
    settings: &Settings,
    list: &str,
    marker: &Marker,
    author: &str,
    made: Comment,
    text: &str,
) -> Result<Outcome, Failure> {
    let Some(first) = ours(api, list, marker, author).await?.into_iter().find(|c| c.id < made.id) else {
        return Ok(Outcome::new("created", made.html_url));
    };
    let route = settings.repository.path(&format!("issues/comments/{}", made.id));
    let _gone: Option<Value> = api.write(Write::Delete, &route, &Value::Null).await?;
    let same = first.body.as_deref().is_some_and(|b| body::same(b, text));
    let url = if same { first.html_url.clone() } else { edit(api, settings, &first, text).await? };
    Ok(Outcome::new("updated", url))
}
