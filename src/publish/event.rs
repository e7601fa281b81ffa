//! The payload of a workflow's event → which pull request, and what its token may do.

use serde::Deserialize;

/// What started the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// Its name: `pull_request`, `schedule`.
    pub name: String,
    /// The pull request, where it is about one.
    pub pull_request: Option<u64>,
    /// The commit to find the pull request of, where the payload names none (`workflow_run` of a fork).
    pub commit: Option<String>,
    /// The pull request comes from another repository.
    pub fork: bool,
    /// It was made by Dependabot, whose runs get a token that only reads.
    pub dependabot: bool,
}

#[derive(Deserialize)]
struct Payload {
    pull_request: Option<PullRequest>,
    workflow_run: Option<WorkflowRun>,
    repository: Option<Named>,
    sender: Option<Login>,
}

#[derive(Deserialize)]
struct PullRequest {
    number: u64,
    head: Option<Head>,
    user: Option<Login>,
}

#[derive(Deserialize)]
struct Head {
    /// Null when the fork was deleted.
    repo: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    full_name: String,
}

#[derive(Deserialize)]
struct Login {
    login: String,
}

#[derive(Deserialize)]
struct WorkflowRun {
    head_sha: String,
}

impl Event {
    /// Reads the payload of an event.
    ///
    /// # Errors
    /// It is no payload.
    pub fn read(name: &str, payload: &[u8]) -> Result<Self, String> {
        let payload: Payload = serde_json::from_slice(payload).map_err(|e| format!("it is no payload of an event: {e}"))?;
        let mut event = Self { name: name.to_owned(), ..Self::default() };
        let ours = payload.repository.map(|r| r.full_name);
        let bot = |login: &Option<Login>| login.as_ref().is_some_and(|l| l.login == "dependabot[bot]");
        if let Some(pull) = payload.pull_request {
            let theirs = pull.head.and_then(|h| h.repo).map(|r| r.full_name);
            event.fork = theirs.is_none() || theirs != ours;
            event.dependabot = bot(&pull.user) || bot(&payload.sender);
            event.pull_request = Some(pull.number);
        } else if let Some(run) = payload.workflow_run {
            event.commit = Some(run.head_sha).filter(|sha| sha.len() >= 40 && sha.chars().all(|c| c.is_ascii_hexdigit()));
        }
        Ok(event)
    }

    /// A pull request that was named by hand.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self { name: "none".into(), pull_request: Some(number), ..Self::default() }
    }

    /// Runs with the secrets of the base beside what a stranger wrote.
    #[must_use]
    pub fn is_target(&self) -> bool {
        self.name == "pull_request_target"
    }

    /// Why the token only reads, where that is known.
    #[must_use]
    pub fn reads_only(&self) -> Option<&'static str> {
        match self.name.as_str() {
            "pull_request" if self.fork => Some("a pull request from a fork gets a token that only reads"),
            "pull_request" if self.dependabot => Some("a pull request of Dependabot gets a token that only reads"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    fn read(name: &str, text: &str) -> Event {
        Event::read(name, text.as_bytes()).expect("a payload")
    }

    #[test]
    fn pull_requests() {
        let ours = r#"{"repository":{"full_name":"acme/shop"},"pull_request":{"number":7,"head":{"repo":{"full_name":"acme/shop"}},"user":{"login":"ada"}}}"#;
        let event = read("pull_request", ours);
        assert_eq!((event.pull_request, event.reads_only()), (Some(7), None));
        let fork = read("pull_request", &ours.replace(r#""repo":{"full_name":"acme/shop"}"#, r#""repo":{"full_name":"eve/shop"}"#));
        assert!(fork.reads_only().is_some_and(|why| why.contains("fork")));
        let gone = read("pull_request", &ours.replace(r#""repo":{"full_name":"acme/shop"}"#, r#""repo":null"#));
        assert!(gone.fork);
        let bot = read("pull_request", &ours.replace("ada", "dependabot[bot]"));
        assert!(bot.reads_only().is_some_and(|why| why.contains("Dependabot")));
        assert!(read("pull_request_target", ours).is_target());
    }

    #[test]
    fn others_have_no_pull_request() {
        let group = read("merge_group", r#"{"action":"checks_requested","merge_group":{"base_sha":"a","head_sha":"b"},"sender":null}"#);
        assert_eq!((group.pull_request, group.commit), (None, None));
        assert_eq!(read("schedule", r#"{"schedule":"17 3 * * *"}"#).pull_request, None);
        let sha = "0123456789012345678901234567890123456789";
        assert_eq!(read("workflow_run", &format!(r#"{{"workflow_run":{{"head_sha":"{sha}"}}}}"#)).commit.as_deref(), Some(sha));
        assert_eq!(read("workflow_run", r#"{"workflow_run":{"head_sha":"../../user"}}"#).commit, None);
        assert!(Event::read("push", b"half").is_err());
    }
}
