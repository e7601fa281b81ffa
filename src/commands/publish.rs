//! `parity publish` and `parity merge`: reports that were written before, to GitHub or into one overview.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use parity::cli;
use parity::error::Error;
use parity::publish::{self, Event, Keep};
use parity::report;
use parity::report::merge::{Overview, Row};
use parity::report::stored::Stored;
use parity::report::trend::Trend;
use rayon::prelude::*;

use super::closed;
use super::machine::environment;

/// Publishes a stored report, and says what was done.
pub(super) fn publish(command: &cli::Publish, out: &mut dyn Write) -> Result<u8, Error> {
    let environment: BTreeMap<String, String> = environment().into_iter().collect();
    let get = |key: &str| environment.get(key).map(String::as_str).filter(|v| !v.is_empty());
    let to = match command {
        cli::Publish::Comment { to, .. } | cli::Publish::Issue { to, .. } => to,
        cli::Publish::Counts { report } => return stored(report)?.counts(out).map(|()| 0).or_else(closed),
    };
    let settings = publishing(to, &get)?;
    let history = if let cli::Publish::Issue { history, .. } = command { history.as_deref() } else { None };
    let content = content(to, history)?;
    let done = match command {
        cli::Publish::Counts { .. } => return Ok(0),
        cli::Publish::Issue { label, .. } => publish::issue(&settings, label, &content),
        cli::Publish::Comment { pull_request, keep, allow_pull_request_target, .. } => {
            let event = match (pull_request, get("GITHUB_EVENT_PATH")) {
                (Some(number), None) => Event::of(*number),
                (_, None) => return Err(Error::usage("there is no pull request").help("--pull-request NUMBER names it")),
                (number, Some(path)) => {
                    let bytes = read(Path::new(path), 32 << 20).map_err(Error::usage)?;
                    let event = Event::read(get("GITHUB_EVENT_NAME").unwrap_or(""), &bytes).map_err(Error::usage)?;
                    Event { pull_request: number.or(event.pull_request), ..event }
                }
            };
            if event.is_target() && !allow_pull_request_target {
                let help = "use the event pull_request, or read docs/github.md before --allow-pull-request-target";
                return Err(Error::usage("a `pull_request_target` run holds secrets beside what a stranger wrote").help(help));
            }
            let keep = if *keep == cli::KeepComment::New { Keep::New } else { Keep::Update };
            publish::comment(&settings, &event, &content, keep)
        }
    };
    let outcome = done.map_err(|e| Error::usage(e.to_string()))?;
    let mut say = || {
        for notice in &outcome.notices {
            match get("GITHUB_ACTIONS") {
                Some("true") => writeln!(io::stderr(), "::notice::{}", report::escape::command_data(notice))?,
                _ => writeln!(io::stderr(), "note: {}", report::escape::terminal(notice))?,
            }
        }
        for request in &outcome.requests {
            writeln!(out, "{}", request.lines().map(report::escape::terminal).collect::<Vec<_>>().join("\n"))?;
        }
        if settings.dry_run {
            return writeln!(out, "dry run: nothing was sent");
        }
        writeln!(out, "{}{}", outcome.done, outcome.url.iter().map(|u| format!(": {}", report::escape::terminal(u))).collect::<String>())
    };
    say().map(|()| 0).or_else(closed)
}

/// Where a report is published: the command line, else what GitHub's runner sets.
fn publishing<'e>(to: &cli::PublishTo, get: &dyn Fn(&str) -> Option<&'e str>) -> Result<publish::Settings, Error> {
    let Some(repository) = to.repository.as_deref().or_else(|| get("GITHUB_REPOSITORY")) else {
        return Err(Error::usage("there is no repository").help("--repository OWNER/NAME names it"));
    };
    let token = get("GITHUB_TOKEN").map(publish::Token::new).transpose().map_err(Error::usage)?.flatten();
    if token.is_none() && !to.dry_run {
        return Err(Error::usage("there is no token").help("the variable GITHUB_TOKEN holds it; --dry-run needs none"));
    }
    Ok(publish::Settings {
        api_url: get("GITHUB_API_URL").unwrap_or("https://api.github.com").to_owned(),
        token,
        repository: publish::Repository::parse(repository).map_err(Error::usage)?,
        author: to.author.clone(),
        id: to.id.clone(),
        dry_run: to.dry_run,
        second: Duration::from_secs(1),
    })
}

fn content(to: &cli::PublishTo, history: Option<&Path>) -> Result<publish::Content, Error> {
    let text = |path: &PathBuf| {
        let bytes = read(path, 32 << 20)?;
        String::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8", path.display()))
    };
    let markdown = to.body.as_ref().map(text).transpose().map_err(Error::usage)?;
    let trend = |path: &Path| read(path, 4 << 20).and_then(|bytes| Trend::read(&bytes).map_err(|e| format!("`{}`: {e}", path.display())));
    Ok(publish::Content { report: stored(&to.report)?, markdown, trend: history.map(trend).transpose().map_err(Error::usage)? })
}

fn stored(path: &Path) -> Result<Stored, Error> {
    let report = read(path, 256 << 20).and_then(|bytes| Stored::read(&bytes).map_err(|e| format!("`{}`: {e}", path.display())));
    report.map_err(Error::usage)
}

/// A file that this program wrote before, up to a limit.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let cannot = |e: io::Error| format!("cannot read `{}`: {}", path.display(), e.kind());
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|f| f.take(limit + 1).read_to_end(&mut bytes)).map_err(cannot)?;
    if bytes.len() as u64 > limit { Err(format!("`{}` has more than {limit} bytes", path.display())) } else { Ok(bytes) }
}

/// Joins stored reports; each is read and let go before the next.
pub(super) fn merge(paths: &[PathBuf], forms: &[String], out: &mut dyn Write) -> Result<u8, Error> {
    let row = |path: &PathBuf| Row::of(&report::merge::name(path), read(path, 64 << 20));
    let overview = Overview::of(paths.par_iter().map(row).collect());
    for asked in forms {
        let (id, file) = asked.split_once('=').map_or((asked.as_str(), None), |(id, file)| (id, Some(file)));
        let mut text = Vec::new();
        let done = match id {
            "markdown" => overview.markdown(&mut text),
            "html" => overview.html(&mut text),
            _ => return Err(Error::usage(format!("there is no overview of the form `{id}`")).help("known forms: markdown, html")),
        };
        let done = done.and_then(|()| if let Some(file) = file { std::fs::write(file, &text) } else { out.write_all(&text) });
        done.map(|()| 0).or_else(closed)?;
    }
    Ok(overview.exit())
}
