//! A command → what it does: run, write every form asked for, exit.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;

use parity::cli::{self, Cli, Command, Common, Diff};
use parity::config::{self, Options};
use parity::error::Error;
use parity::filter::Baseline;
use parity::limits::Limits;
use parity::progress::Progress;
use parity::report::asked::{Asked, asked};
use parity::report::{Exit, Look, Problem, Render, Report};
use parity::rules::Severity;
use parity::workspace::{Change, DiskWorkspace, STDIN, Workspace};
use parity::{catalogue, discover, export, fix, report, rules, run};

mod machine;
mod progress;
mod publish;

use machine::{environment, look, pool, programs, today, world};

/// Does what was asked for; the exit code.
pub(crate) fn command(cli: Cli) -> Result<u8, Error> {
    let mut out = io::stdout();
    match cli.command {
        Command::Diff(diff) => compared(&diff),
        Command::Baseline { command: cli::Baseline::Write { file, diff } } => write_baseline(&file, &diff),
        Command::Fix { from, to, dry_run, common } => {
            no_forms(&common, "parity fix")?;
            let (workspace, mut options) = prepared(&common)?;
            (options.from, options.to) = (from, to);
            options.progress = Progress::default();
            fix(&workspace, &options, dry_run)
        }
        Command::Export { command: cli::Export::Renovate { diff } } => {
            no_forms(&diff.common, "parity export renovate")?;
            let report = report(&diff)?;
            out.write_all(export::renovate(&report).as_bytes()).and_then(|()| unread(&report.problems)).or_else(closed)
        }
        Command::Inventory { environment, common } => inventory(&environment, &common),
        Command::History { weekly, common } => history(weekly, &common),
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
        Command::Publish { command } => publish::publish(&command, &mut out),
        Command::Merge { reports, forms } => publish::merge(&reports, &forms, &mut out),
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

/// Compares, and writes every form asked for.
fn compared(diff: &Diff) -> Result<u8, Error> {
    let asked = asked(&diff.common.report)?;
    let mut report = report(diff)?;
    // A form that proposes edits wants those that hold.
    if asked.iter().any(|a| a.form.suggests()) {
        let (workspace, mut options) = meant(diff)?;
        // What the world was asked once is not asked again; an edit is tried on the files as they are now.
        (options.online, options.progress) = (None, Progress::default());
        (options.base, options.baseline) = (None, None);
        report.suggestions = fix::plan(&workspace, &options)?.edits;
    }
    write_all(&asked, &diff.common, &|form, look, out| form.render(&report, look, out))?;
    Ok(report.exit() as u8)
}

/// Writes all that is found now to a file, also what a baseline hides until now.
fn write_baseline(file: &Path, diff: &Diff) -> Result<u8, Error> {
    no_forms(&diff.common, "parity baseline write")?;
    if diff.base.is_some() || diff.baseline.is_some() {
        return Err(Error::usage("a baseline holds all that is there now").help("leave out --base and --baseline"));
    }
    let (workspace, mut options) = meant(diff)?;
    options.config.baseline = None;
    let report = run::diff(&workspace, &options)?;
    let baseline = Baseline::of(&report);
    let cannot = |e: io::Error| Error::usage(format!("cannot write `{}`: {}", file.display(), e.kind()));
    baseline.write(&mut std::fs::File::create(file).map_err(cannot)?).map_err(cannot)?;
    let words = report::summary::count(baseline.findings.len(), "finding");
    let path = report::escape::terminal(&file.display().to_string()).to_string();
    let how = format!("`--baseline {path}`, or `baseline: {path}` in parity.yml, hides them");
    let said = writeln!(io::stderr(), "wrote `{path}` with {words}\n  = help: {how}");
    said.and_then(|()| unread(&report.problems)).or_else(closed)
}

/// Writes what an environment runs.
fn inventory(environment: &str, common: &Common) -> Result<u8, Error> {
    let asked = asked_of(common, "an inventory", &["table", "json"])?;
    let (workspace, options) = prepared(common)?;
    let inventory = run::inventory(&workspace, &options, environment)?;
    // What shows progress is gone before anything else is written.
    drop(options);
    write_all(&asked, common, &|form, look, out| match form.id() {
        "json" => inventory.json(out),
        _ => inventory.table(look, out),
    })?;
    Ok(inventory.exit() as u8)
}

/// Writes how many findings there were.
fn history(weekly: u32, common: &Common) -> Result<u8, Error> {
    let asked = asked_of(common, "a history", &["table", "json", "markdown"])?;
    if common.online {
        return Err(Error::usage("a history asks nothing: what is so today was not so then").help("leave out --online"));
    }
    let (workspace, options) = prepared(common)?;
    let trend = run::history(&workspace, &options, weekly)?;
    drop(options);
    write_all(&asked, common, &|form, _, out| match form.id() {
        "json" => trend.json(out),
        "markdown" => out.write_all(trend.markdown().as_bytes()),
        _ => trend.table(out),
    })?;
    Ok(0)
}

/// The forms that were asked for, of something that has not all of them.
fn asked_of(common: &Common, what: &str, known: &[&str]) -> Result<Vec<Asked>, Error> {
    let asked = asked(&common.report)?;
    match asked.iter().map(|a| a.form.id()).find(|id| !known.contains(id)) {
        Some(other) => Err(Error::usage(format!("{what} has no form `{other}`")).help(format!("known forms: {}", known.join(", ")))),
        None => Ok(asked),
    }
}

/// Edits development, or shows how: 1 where something is left.
fn fix(workspace: &DiskWorkspace, options: &Options, dry_run: bool) -> Result<u8, Error> {
    let plan = fix::plan(workspace, options)?;
    if dry_run {
        let shown = report::fixes::diff(&plan, &mut io::stdout().lock());
        shown.and_then(|()| report::fixes::words(&plan, true, &mut io::stderr())).map(|()| 0).or_else(closed)?;
    } else {
        let changes: Vec<Change<'_>> = plan.files.iter().map(|f| Change { path: &f.path, before: &f.before, after: &f.after }).collect();
        workspace.write(&changes).map_err(|p| Error { help: p.help, ..Error::usage(p.message) })?;
        report::fixes::words(&plan, false, &mut io::stdout().lock()).map(|()| 0).or_else(closed)?;
    }
    let unread = unread(&plan.problems).or_else(closed)?;
    Ok(if plan.left.is_empty() { unread } else { Exit::Drift as u8 })
}

/// Says what could not be read, so that a command which shows no report is not taken for one that saw all; the exit.
fn unread(problems: &[Problem]) -> io::Result<u8> {
    let mut exit = Exit::Clean;
    for problem in problems.iter().filter(|p| p.severity == Severity::Error) {
        exit = Exit::Unknown;
        let Problem { message, help, at, .. } = problem.clone();
        crate::say(&Error { message, help, at })?;
    }
    Ok(exit as u8)
}

/// A command that writes no report has none in a form.
fn no_forms(common: &Common, command: &str) -> Result<(), Error> {
    match common.report.as_slice() {
        [table] if table == "table" => Ok(()),
        _ => Err(Error::usage(format!("`{command}` writes no report")).help("leave out --report")),
    }
}

/// Writes the first configuration, and shows it.
fn init(root: &Path, force: bool, out: &mut dyn Write) -> Result<u8, Error> {
    let workspace = disk(root, Limits::default())?;
    if let Some(name) = config::NAMES.iter().find(|name| !force && workspace.exists(name)) {
        return Err(Error::usage(format!("`{name}` exists")).help("--force overwrites parity.yml"));
    }
    let text = config::init(&discover::discover(&workspace));
    let path = root.join("parity.yml");
    if path.is_symlink() {
        return Err(Error::usage("`parity.yml` is a link; what it leads to is not written").help("remove the link"));
    }
    std::fs::write(&path, &text).map_err(|e| Error::usage(format!("cannot write `{}`: {}", path.display(), e.kind())))?;
    out.write_all(text.as_bytes()).map(|()| 0).or_else(closed)
}

fn disk(root: &Path, limits: Limits) -> Result<DiskWorkspace, Error> {
    let cannot = |_| Error::usage(format!("the root `{}` is no folder that can be read", root.display()));
    DiskWorkspace::new(root, limits).map_err(cannot)
}

/// The report of `diff`.
fn report(diff: &Diff) -> Result<Report, Error> {
    let (workspace, options) = meant(diff)?;
    run::diff(&workspace, &options)
}

/// The files, and what is meant by the options of `diff`.
fn meant(diff: &Diff) -> Result<(DiskWorkspace, Options), Error> {
    let (workspace, mut options) = prepared(&diff.common)?;
    (options.from, options.to) = (diff.from.clone(), diff.to.clone());
    (options.base, options.baseline) = (diff.base.clone(), diff.baseline.clone());
    options.fail_on = diff.fail_on.map(Into::into);
    Ok((workspace, options))
}

/// A reader that went away (`| head`) is no error of ours.
fn closed(e: io::Error) -> Result<u8, Error> {
    if e.kind() == io::ErrorKind::BrokenPipe { Ok(0) } else { Err(Error::usage(format!("cannot write: {}", e.kind()))) }
}

/// The files below the root, and what is meant by the command line and the configuration in it.
fn prepared(common: &Common) -> Result<(DiskWorkspace, Options), Error> {
    pool();
    let mut options = common.options(today(), environment(), programs());
    options.config = config::load(&disk(&common.root, Limits::default())?, common.config.as_deref())?;
    options.online = common.online.then(|| Arc::new(world(options.config.limits)));
    options.progress = progress::progress(io::stderr().is_terminal());
    let limits = options.config.limits;
    options.programs = options.programs.within(limits.process());
    let mut files = disk(&common.root, limits)?;
    let manifests = options.manifests.iter_mut().map(|(_, path)| path);
    for path in manifests.chain(&mut options.read.env_files).chain(&mut options.read.var_files) {
        *path = files.take_in(path)?;
    }
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
