//! A repository on GitHub → the newest deployment of an environment that succeeded, and how far two commits are apart.

use jiff::Timestamp;
use serde::Deserialize;

use super::github::Api;
use super::http::HttpError;
use crate::discover::is_called;

/// How many deployments are looked at for one that succeeded.
const LOOKED_AT: usize = 10;
/// How many are asked for.
const PAGE: usize = 100;

/// A deployment that succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Deployment {
    /// The environment, as GitHub names it.
    pub environment: String,
    /// The commit that it deployed.
    pub commit: String,
    /// When it was made, RFC 3339.
    pub created: String,
}

/// How far two commits are apart, as GitHub counts: merges included, over all files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// The full id of the first.
    pub base: String,
    /// Its committer date, seconds since 1970.
    pub base_time: Option<i64>,
    /// Commits that the second has and the first has not.
    pub ahead: u64,
    /// Commits that the first has and the second has not.
    pub behind: u64,
    /// Committer date of the oldest that the second has.
    pub oldest: Option<i64>,
}

#[derive(Deserialize)]
struct Made {
    id: u64,
    sha: String,
    environment: String,
    created_at: String,
}

#[derive(Deserialize)]
struct Status {
    state: String,
}

/// The newest deployment of an environment that has a status `success`; `None` where there is none.
pub(super) async fn newest(api: &Api<'_>, environment: &str) -> Result<Option<Deployment>, HttpError> {
    let gone = || HttpError::new(format!("it does not show the repository, or its deployments, to {}", api.who()));
    let list = async |query: &str| -> Result<Vec<Made>, HttpError> {
        api.get(&format!("deployments?{query}per_page={PAGE}")).await?.ok_or_else(gone)
    };
    // GitHub's own name first: previews do not crowd it out.
    let usual = if environment == "prod" { "production" } else { environment };
    let plain = usual.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let mut made = if plain { list(&format!("environment={usual}&")).await? } else { Vec::new() };
    if made.is_empty() {
        made = list("").await?;
        made.retain(|d| is_called(&d.environment, environment));
    }
    made.retain(|d| is_commit(&d.sha));
    made.sort_by_key(|d| std::cmp::Reverse((time(&d.created_at), d.id)));
    for deployment in made.into_iter().take(LOOKED_AT) {
        let statuses: Option<Vec<Status>> = api.get(&format!("deployments/{}/statuses?per_page={PAGE}", deployment.id)).await?;
        // A later deployment makes it `inactive`; it succeeded all the same.
        if statuses.is_some_and(|all| all.iter().any(|s| s.state == "success")) {
            let created = time(&deployment.created_at).map(super::time::moment).unwrap_or_default();
            return Ok(Some(Deployment { environment: deployment.environment, commit: deployment.sha, created }));
        }
    }
    Ok(None)
}

#[derive(Deserialize)]
struct Comparison {
    ahead_by: u64,
    behind_by: u64,
    base_commit: Commit,
    #[serde(default)]
    commits: Vec<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
    commit: Inner,
}

#[derive(Deserialize)]
struct Inner {
    committer: Option<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    date: Option<String>,
}

impl Commit {
    fn time(&self) -> Option<i64> {
        time(self.commit.committer.as_ref()?.date.as_deref()?)
    }
}

/// Seconds since 1970 of a moment in RFC 3339.
fn time(moment: &str) -> Option<i64> {
    moment.parse().ok().map(Timestamp::as_second)
}

/// What is between two commits, or names of one; `None` where GitHub does not know one of them.
pub(super) async fn between(api: &Api<'_>, base: &str, head: &str) -> Result<Option<Between>, HttpError> {
    if !is_name(base) || !is_commit(head) {
        return Ok(None);
    }
    let route = |page: u8| format!("compare/{base}...{head}?per_page={PAGE}&page={page}");
    // The first page has the oldest commits (GitHub's order), and up to 300 files with their changes; the second only counts.
    let first = api.get::<Comparison>(&route(1)).await;
    let (found, oldest) = match first {
        Err(why) if why.large => (api.get::<Comparison>(&route(2)).await?, false),
        done => (done?, true),
    };
    Ok(found.filter(|c| is_commit(&c.base_commit.sha)).map(|c| Between {
        base_time: c.base_commit.time(),
        ahead: c.ahead_by,
        behind: c.behind_by,
        oldest: c.commits.iter().filter(|_| oldest).filter_map(Commit::time).min(),
        base: c.base_commit.sha,
    }))
}

/// The full id of a commit.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A tag or an id that needs no escape in a path, and leads nowhere else in it.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && !text.contains("..") && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}
