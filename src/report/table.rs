//! Report → what a person reads in a terminal: a block a finding with both places, an overview, what is not known.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, Table, presets};

use super::escape::terminal;
use super::excerpt::excerpt;
use super::{InventoryReport, Look, PairReport, Problem, Render, Report, summary};
use crate::finding::{Finding, Which};
use crate::inventory::{Role, Service};
use crate::rules::Severity;

/// The form.
#[derive(Debug)]
pub struct Terminal;

/// Below this width the overview is stacked blocks.
const NARROW: usize = 90;

impl Render for Terminal {
    fn id(&self) -> &'static str {
        "table"
    }

    fn about(&self) -> &'static str {
        "findings with both places and an overview, for people"
    }

    fn render(&self, report: &Report, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
        for finding in &report.findings {
            block(finding, look, out)?;
        }
        for comparison in &report.comparisons {
            let title = format!("{} compared with {}", comparison.from, comparison.to);
            writeln!(out, "{}", paint(&terminal(&title), "1", look))?;
            for (name, manifests) in [(&comparison.from, &comparison.from_manifests), (&comparison.to, &comparison.to_manifests)] {
                for manifest in manifests {
                    writeln!(
                        out,
                        "  {}: {} ({}, {})",
                        terminal(name),
                        terminal(&manifest.paths.join(", ")),
                        manifest.format,
                        terminal(&manifest.because)
                    )?;
                }
            }
            for left in &comparison.left {
                writeln!(out, "  left: {} ({}, {})", terminal(&left.path), left.format, terminal(&left.because))?;
            }
            overview(&comparison.services, &comparison.from, &comparison.to, look, out)?;
        }
        problems(&report.problems, look, out)?;
        for sentence in summary::sentences(report) {
            writeln!(out, "{}", terminal(&sentence.to_string()))?;
        }
        if let Some(hidden) = summary::hidden(report) {
            writeln!(out, "{hidden}")?;
        }
        writeln!(out, "{}", summary::exit(report))
    }
}

/// Paints a text, where colour is wanted.
fn paint(text: &str, code: &str, look: Look) -> String {
    if look.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn severity(severity: Severity, look: Look) -> String {
    let code = match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Info => "1;36",
    };
    paint(severity.as_str(), code, look)
}

/// One finding: what, then each place with its line.
fn block(finding: &Finding, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let state = finding.state.map(|s| format!(" ({})", s.as_str())).unwrap_or_default();
    writeln!(out, "{}[{}]{state}: {}", severity(finding.severity, look), finding.rule, terminal(&finding.message))?;
    for place in &finding.places {
        let environment = if place.side == Which::From { &finding.from } else { &finding.to };
        writeln!(out, "  {} {} ({})", paint("-->", "34", look), terminal(&place.at.to_string()), terminal(environment))?;
        if let Some(shown) = excerpt(finding, place) {
            let line = place.at.position().line.to_string();
            writeln!(out, "   {} {} {}", paint(&line, "34", look), paint("|", "34", look), terminal(&shown.line))?;
        }
    }
    if let Some(help) = &finding.help {
        writeln!(out, "   = help: {}", terminal(help))?;
    }
    writeln!(out)
}

/// What one side states.
fn side(service: Option<&Service>) -> String {
    let Some(service) = service else { return "-".into() };
    let text = match (service.known_software(), &service.build) {
        (Some(s), _) if s.image.is_none() => {
            s.version.number().map_or_else(|| s.text.clone(), |v| format!("{} {v}", s.kind.map_or("", |k| &k.name)))
        }
        (Some(s), _) => s.text.clone(),
        (None, Some(_)) => "built here".into(),
        (None, None) => "?".into(),
    };
    terminal(&text).into_owned()
}

fn overview(pairs: &[PairReport], from: &str, to: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if pairs.is_empty() {
        return writeln!(out, "  no services on either side\n");
    }
    let word = |p: &PairReport| p.outcome.relation.map_or_else(|| p.outcome.verdict.as_str().to_owned(), |r| r.as_str().to_owned());
    let kind = |p: &PairReport| [p.to.as_ref(), p.from.as_ref()].into_iter().flatten().find_map(Service::kind).map_or("", |k| &k.name);
    if look.width < NARROW {
        for pair in pairs {
            writeln!(out, "  {} {} [{}]", paint(&terminal(&pair.name), "1", look), kind(pair), word(pair))?;
            writeln!(out, "    {from}: {}\n    {to}: {}", side(pair.from.as_ref()), side(pair.to.as_ref()))?;
        }
        return writeln!(out);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
    table.set_header(["service", "kind", from, to, "verdict"]);
    for pair in pairs {
        let what = if pair.role == Role::Workload { "workload" } else { kind(pair) };
        table.add_row([terminal(&pair.name).into_owned(), what.to_owned(), side(pair.from.as_ref()), side(pair.to.as_ref()), word(pair)]);
    }
    for line in table.to_string().lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    writeln!(out)
}

fn problems(problems: &[Problem], look: Look, out: &mut dyn Write) -> io::Result<()> {
    for problem in problems {
        writeln!(out, "{}: {}", severity(problem.severity, look), terminal(&problem.message))?;
        if let Some(at) = &problem.at {
            writeln!(out, "  {} {}", paint("-->", "34", look), terminal(&at.to_string()))?;
        }
        if let Some(help) = &problem.help {
            writeln!(out, "   = help: {}", terminal(help))?;
        }
    }
    if problems.is_empty() { Ok(()) } else { writeln!(out) }
}

/// The inventory for people.
pub(super) fn inventory(report: &InventoryReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", paint(&terminal(&report.inventory.environment), "1", look))?;
    for manifest in &report.manifests {
        writeln!(out, "  {} ({}, {})", terminal(&manifest.paths.join(", ")), manifest.format, terminal(&manifest.because))?;
    }
    for service in &report.inventory.services {
        let role = if service.role == Role::Backing { service.kind().map_or("backing", |k| &k.name) } else { "workload" };
        writeln!(out, "\n{} {role}, {}: {}", paint(&terminal(&service.name), "1", look), service.provider.as_str(), side(Some(service)))?;
        writeln!(out, "  {}", terminal(&service.stated_at().to_string()))?;
        for var in &service.environ.vars {
            writeln!(out, "  {} {} ({}) {}", terminal(&var.key), var.value.state(), var.source.as_str(), terminal(&var.at.to_string()))?;
        }
        for source in &service.environ.unlisted {
            writeln!(out, "  more keys may be set: {} {}", terminal(&source.why), terminal(&source.at.to_string()))?;
        }
    }
    writeln!(out)?;
    problems(&report.problems, look, out)
}
