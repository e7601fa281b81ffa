//! The binary: parse, run, write every form asked for, exit.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use parity::ask::World;
use parity::ask::http::{Proxies, Secret};
use parity::ask::online::Settings;
use parity::ask::process::Programs;
use parity::ask::registry::Credentials;
use parity::cli::{self, Cli, Color, Command, Common, Diff};
use parity::config::{self, Options};
use parity::error::Error;
use parity::filter::Baseline;
use parity::publish::{self, Event, Keep};
use parity::report::asked::{Asked, asked};
use parity::report::merge::{Overview, Row};
use parity::report::stored::Stored;
use parity::report::{Look, Render, Report};
use parity::workspace::{DiskWorkspace, FileLimits, STDIN, Workspace};
use parity::{catalogue, discover, export, fix, report, rules, run};
use rayon::prelude::*;

fn main() -> ExitCode {
    match command(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            let mut err = io::stderr();
            let _closed = writeln!(err, "error: {}", report::escape::terminal(&e.message));
            if let Some(at) = &e.at {
                let _closed = writeln!(err, "  --> {}", report::escape::terminal(&at.to_string()));
            }
            if let Some(help) = &e.help {
                let _closed = writeln!(err, "  = help: {}", report::escape::terminal(help));
            }
            ExitCode::from(2)
        }
    }
}

fn command(cli: Cli) -> Result<u8, Error> {
    let mut out = io::stdout();
    match cli.command {
        Command::Diff(diff) => {
            let asked = asked(&diff.common.report)?;
            let report = report(&diff)?;
            write_all(&asked, &diff.common, &|form, look, out| form.render(&report, look, out))?;
            Ok(report.exit() as u8)
        }
        Command::Baseline { command: cli::Baseline::Write { file, diff } } => {
            let report = report(&diff)?;
            let baseline = Baseline::of(&report);
            let cannot = |e: io::Error| Error::usage(format!("cannot write `{}`: {}", file.display(), e.kind()));
            baseline.write(&mut std::fs::File::create(&file).map_err(cannot)?).map_err(cannot)?;
            let words = report::summary::count(baseline.findings.len(), "finding");
            let written = writeln!(io::stderr(), "wrote `{}` with {words}", report::escape::terminal(&file.display().to_string()));
            written.map(|()| 0).or_else(closed)
        }
        Command::Fix { from, to, dry_run, common } => {
            let (workspace, mut options) = prepared(&common)?;
            (options.from, options.to) = (from, to);
            fix(&workspace, &options, dry_run)
        }
        Command::Export { command: cli::Export::Renovate { diff } } => {
            let rules = export::renovate(&report(&diff)?);
            out.write_all(rules.as_bytes()).map(|()| 0).or_else(closed)
        }
        Command::Inventory { environment: name, common } => {
            let asked = asked(&common.report)?;
            if let Some(other) = asked.iter().map(|a| a.form.id()).find(|id| !["table", "json"].contains(id)) {
                return Err(Error::usage(format!("an inventory has no form `{other}`")).help("known forms: table, json"));
            }
            let (workspace, options) = prepared(&common)?;
            let inventory = run::inventory(&workspace, &options, &name)?;
            write_all(&asked, &common, &|form, look, out| match form.id() {
                "json" => inventory.json(out),
                _ => inventory.table(look, out),
            })?;
            Ok(inventory.exit() as u8)
        }
        Command::History { weekly, common } => {
            let asked = asked(&common.report)?;
            if let Some(other) = asked.iter().map(|a| a.form.id()).find(|id| !["table", "json"].contains(id)) {
                return Err(Error::usage(format!("a history has no form `{other}`")).help("known forms: table, json"));
            }
            let (workspace, options) = prepared(&common)?;
            let trend = run::history(&workspace, &options, weekly)?;
            write_all(&asked, &common, &|form, _, out| if form.id() == "json" { trend.json(out) } else { trend.table(out) })?;
            Ok(0)
        }
        Command::Compare { from, to, json } => {
            let (outcome, answer) = catalogue::statement::answer(&catalogue::statement::parse(&from)?, &catalogue::statement::parse(&to)?);
            let done = if json {
                report::json::write(&answer, &mut out)
            } else {
                writeln!(out, "{}: {}", outcome.verdict.as_str(), outcome.because)
            };
            done.map(|()| 0).or_else(closed)
        }
        Command::Init { force, root } => init(&root, force, &mut out),
        Command::Publish { command } => publish(&command, &mut out),
        Command::Merge { reports, forms } => merge(&reports, &forms, &mut out),
        Command::Completions { shell } => {
            // The generator panics where its writer fails.
            let mut text = Vec::new();
            cli::completions(shell, &mut text);
            out.write_all(&text).map(|()| 0).or_else(closed)
        }
        Command::Man => cli::man(&mut out).map(|()| 0).or_else(closed),
        Command::Schema => out.write_all(config::schema().as_bytes()).map(|()| 0).or_else(closed),
        Command::Rules => report::explain::list(&mut out).map(|()| 0).or_else(closed),
        Command::Explain { rule } => {
            let meta = rules::by_id(&rule)?;
            report::explain::one(meta, &mut out).map(|()| 0).or_else(closed)
        }
    }
}

/// Publishes a stored report, and says what was done.
fn publish(command: &cli::Publish, out: &mut dyn Write) -> Result<u8, Error> {
    let environment: BTreeMap<String, String> = environment().into_iter().collect();
    let get = |key: &str| environment.get(key).map(String::as_str).filter(|v| !v.is_empty());
    let to = match command {
        cli::Publish::Comment { to, .. } | cli::Publish::Issue { to, .. } => to,
        cli::Publish::Counts { report } => return stored(report)?.counts(out).map(|()| 0).or_else(closed),
    };
    let settings = publishing(to, &get)?;
    let content = content(to)?;
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

fn content(to: &cli::PublishTo) -> Result<publish::Content, Error> {
    let text = |path: &PathBuf| {
        let bytes = read(path, 32 << 20)?;
        String::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8", path.display()))
    };
    let markdown = to.body.as_ref().map(text).transpose().map_err(Error::usage)?;
    Ok(publish::Content { report: stored(&to.report)?, markdown })
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
fn merge(paths: &[PathBuf], forms: &[String], out: &mut dyn Write) -> Result<u8, Error> {
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

/// Edits development, or shows how: 1 where something is left.
fn fix(workspace: &DiskWorkspace, options: &Options, dry_run: bool) -> Result<u8, Error> {
    let plan = fix::plan(workspace, options)?;
    if dry_run {
        let shown = report::fixes::diff(&plan, &mut io::stdout().lock());
        shown.and_then(|()| report::fixes::words(&plan, true, &mut io::stderr())).map(|()| 0).or_else(closed)?;
    } else {
        for file in &plan.files {
            workspace.write(&file.path, &file.before, &file.after).map_err(|p| Error::usage(p.message))?;
        }
        report::fixes::words(&plan, false, &mut io::stdout().lock()).map(|()| 0).or_else(closed)?;
    }
    Ok(u8::from(!plan.left.is_empty()))
}

/// Writes the first configuration, and shows it.
fn init(root: &Path, force: bool, out: &mut dyn Write) -> Result<u8, Error> {
    let workspace = disk(root, FileLimits::default())?;
    if let Some(name) = config::NAMES.iter().find(|name| !force && workspace.is_file(name)) {
        return Err(Error::usage(format!("`{name}` exists")).help("--force overwrites parity.yml"));
    }
    let text = config::init(&discover::discover(&workspace));
    let path = root.join("parity.yml");
    std::fs::write(&path, &text).map_err(|e| Error::usage(format!("cannot write `{}`: {}", path.display(), e.kind())))?;
    out.write_all(text.as_bytes()).map(|()| 0).or_else(closed)
}

fn disk(root: &Path, limits: FileLimits) -> Result<DiskWorkspace, Error> {
    let cannot = |_| Error::usage(format!("the root `{}` is no folder that can be read", root.display()));
    DiskWorkspace::new(root, limits).map_err(cannot)
}

/// The report of `diff`.
fn report(diff: &Diff) -> Result<Report, Error> {
    let (workspace, mut options) = prepared(&diff.common)?;
    (options.from, options.to) = (diff.from.clone(), diff.to.clone());
    (options.base, options.baseline) = (diff.base.clone(), diff.baseline.clone());
    options.fail_on = diff.fail_on.map(Into::into);
    run::diff(&workspace, &options)
}

/// A reader that went away (`| head`) is no error of ours.
fn closed(e: io::Error) -> Result<u8, Error> {
    if e.kind() == io::ErrorKind::BrokenPipe { Ok(0) } else { Err(Error::usage(format!("cannot write: {}", e.kind()))) }
}

/// The files below the root, and what is meant by the command line and the configuration in it.
fn prepared(common: &Common) -> Result<(DiskWorkspace, Options), Error> {
    let mut options = common.options(today(), environment(), programs());
    options.config = config::load(&disk(&common.root, FileLimits::default())?, common.config.as_deref())?;
    options.online = common.online.then(|| Arc::new(world()));
    let limits = options.config.limits;
    let mut files = disk(&common.root, limits)?;
    if options.manifests.iter().any(|(_, path)| path == STDIN) {
        // One byte more than may be read, so that the limit is seen to be passed.
        let mut bytes = Vec::new();
        let done = io::stdin().lock().take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes);
        done.map_err(|e| Error::usage(format!("standard input cannot be read: {}", e.kind())))?;
        files = files.with(STDIN, bytes);
    }
    Ok((files, options))
}

/// How something is written in a form.
type Written<'a> = &'a dyn Fn(&dyn Render, Look, &mut dyn Write) -> io::Result<()>;

/// Writes every form asked for; one that cannot be written keeps no other from it.
fn write_all(asked: &[Asked], common: &Common, render: Written<'_>) -> Result<(), Error> {
    let mut errors = Vec::new();
    for Asked { form, file } in asked {
        let done = match file {
            Some(path) => {
                let look = Look { all: common.all, ..Look::default() };
                let written = std::fs::File::create(path).map(io::BufWriter::new).and_then(|mut out| {
                    render(*form, look, &mut out)?;
                    out.flush()
                });
                written.map_err(|e| format!("cannot write `{}`: {}", path.display(), e.kind()))
            }
            None => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                let written = render(*form, look(common), &mut out).and_then(|()| out.flush());
                written.or_else(|e| if e.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(format!("cannot write: {}", e.kind())) })
            }
        };
        errors.extend(done.err());
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::usage(errors.join("; "))) }
}

#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
fn look(common: &Common) -> Look {
    let set = |key: &str| std::env::var(key).is_ok_and(|v| !v.is_empty() && v != "0");
    let color = match common.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            !set("NO_COLOR") && (set("CLICOLOR_FORCE") || (io::stdout().is_terminal() && std::env::var("CLICOLOR").as_deref() != Ok("0")))
        }
    };
    // Exported only where somebody means it; a shell keeps its own COLUMNS to itself.
    let asked = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| *c > 0);
    let seen = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let width: Option<usize> = asked.or_else(seen);
    Look { width: width.unwrap_or(100).clamp(40, 1000), color, wrap: width.is_some(), all: common.all }
}

fn programs() -> Programs {
    Programs::new(std::env::var_os("PATH"), std::env::var_os("HOME"))
}

/// The network, as the machine says that it is asked: proxies, and what docker keeps for registries.
#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
fn world() -> World {
    let var = |keys: &[&str]| keys.iter().find_map(|k| std::env::var(k).ok()).filter(|v| !v.is_empty());
    let proxy = |keys: &[&str]| var(keys).map(Secret::new);
    let proxies = Proxies {
        // Not HTTP_PROXY: in CGI a request's header sets it (https://httpoxy.org).
        http: proxy(&["http_proxy", "all_proxy", "ALL_PROXY"]),
        https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
        no_proxy: var(&["no_proxy", "NO_PROXY"]),
    };
    let dir = std::env::var_os("DOCKER_CONFIG").or_else(|| std::env::var_os("HOME").map(|h| Path::new(&h).join(".docker").into()));
    let text = dir.and_then(|dir| {
        let mut text = String::new();
        let read = std::fs::File::open(Path::new(&dir).join("config.json")).and_then(|f| f.take(1024 * 1024).read_to_string(&mut text));
        read.is_ok().then_some(text)
    });
    let credentials = text.map(|t| Credentials::parse(&t).unwrap_or_else(|_| Credentials::unread())).unwrap_or_default();
    World::new(Settings { proxies, credentials, ..Settings::default() })
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect()
}

#[expect(clippy::disallowed_methods, reason = "the clock is read here, once")]
fn today() -> jiff::civil::Date {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let days = i64::try_from(seconds / 86_400).unwrap_or(0);
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}
