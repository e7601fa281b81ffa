//! Report → one HTML file that needs nothing else: no script, no request, light and dark, to be read on paper as well.

use std::io;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::escape::{Spoken, printable, spoken};
use super::{Exit, Look, Render, Report, fold, json, summary};

mod findings;
mod inputs;
mod services;
mod time;

/// The form.
#[derive(Debug)]
pub struct Html;

const STYLE: &str = include_str!("html/style.css");

impl Render for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "one self-contained page: findings, matrices of services and variables, time, inputs"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(page(report).into_string().as_bytes())?;
        out.write_all(b"\n")
    }
}

/// A section with its heading; empty ones are left out.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Option<Markup>,
}

fn page(report: &Report) -> Markup {
    let sections = [
        Section { id: "findings", title: "Findings", body: Some(findings::findings(report)) },
        Section { id: "services", title: "Services", body: services::services(report) },
        Section { id: "variables", title: "Variables", body: services::variables(report) },
        Section { id: "time", title: "Time", body: time::time(report) },
        Section { id: "exceptions", title: "Exceptions", body: inputs::exceptions(report) },
        Section { id: "unknowns", title: "Not known", body: inputs::unknowns(report) },
        Section { id: "inputs", title: "Inputs", body: inputs::inputs(report) },
    ];
    let shown: Vec<&Section> = sections.iter().filter(|s| s.body.is_some()).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { "parity: " (verdict(report)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the findings" }
                header {
                    p.tool { "parity " (json::Tool::THIS.version) }
                    h1 { (verdict(report)) }
                    p.compared { (compared(report)) }
                    ul.sentences {
                        @for s in summary::sentences(report) {
                            li class=[s.worst.map(super::Severity::as_str)] {
                                strong { (s.gap) } ": " @if s.incomplete { "incomplete: " } (sentence(&s.text))
                            }
                        }
                    }
                    @for line in summary::releases(report) { p.line { (sentence(&line)) } }
                    @for line in [summary::since(report), summary::hidden(report), summary::problems(report), Some(summary::exit(report))].into_iter().flatten() {
                        p.line { (sentence(&line)) }
                    }
                    nav aria-label="Sections" {
                        ul { @for s in &shown { li { a href={ "#" (s.id) } { (s.title) } } } }
                    }
                }
                main id="main" {
                    @for s in &shown {
                        section aria-labelledby=(s.id) {
                            h2 id=(s.id) { (s.title) }
                            @if let Some(body) = &s.body { (body) }
                        }
                    }
                }
                footer {
                    p { "Written by parity " (json::Tool::THIS.version) ". Values of environment variables are in no report." }
                }
            }
        }
    }
}

fn verdict(report: &Report) -> &'static str {
    match report.exit() {
        Exit::Drift if report.base.is_some() => "New drift",
        Exit::Drift => "Drift",
        Exit::Usage | Exit::Unknown => "Could not tell",
        Exit::Clean if report.base.is_some() => "No new drift",
        Exit::Clean if report.present().next().is_some() => "No drift that fails",
        Exit::Clean => "No drift",
    }
}

/// What was compared: the first few comparisons.
fn compared(report: &Report) -> String {
    let all: Vec<String> = report.comparisons.iter().map(|c| printable(&fold::title(c)).into_owned()).collect();
    match all.len() {
        0 => "Nothing was compared.".to_owned(),
        1..=4 => format!("{}.", all.join("; ")),
        n => format!("{}; and {} more.", all.iter().take(4).cloned().collect::<Vec<_>>().join("; "), n - 4),
    }
}

/// A sentence of ours: names between backticks stand as code.
fn sentence(text: &str) -> Markup {
    html! {
        @for part in spoken(text) {
            @match part { Spoken::Words(words) => (printable(words)), Spoken::Name(name) => code { (printable(name)) } }
        }
    }
}

/// A text as code.
fn code(text: &str) -> Markup {
    html! { code { (printable(text)) } }
}

/// What may be wider than the window scrolls by itself, with the keyboard as well.
fn scroll(label: &str, inner: &Markup) -> Markup {
    html! { div.scroll role="group" tabindex="0" aria-label=(printable(label)) { (inner) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn one_page_with_everything_and_nothing_from_elsewhere() {
        let text = page(&sample::report()).into_string();
        for want in [
            "<h1>New drift</h1>",
            "16|&lt;b&gt;50%",
            "d\\u{1b}b.yaml",
            "hidden: 1 finding by an exception",
            "1 problem (1 error)",
            "exit 1: new drift",
            "moves in May",
            "names no commit",
            "<svg",
            "prod only",
            "dev only",
            "k8s/half.yaml",
        ] {
            assert!(text.contains(want), "{want}\n{text}");
        }
        for not in ["<script", "http://", "https://", "src=", "url(", "@import", " style=", "<b>"] {
            assert!(!text.contains(not), "{not}");
        }
    }
}
