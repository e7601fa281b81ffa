//! Report → GitHub workflow commands: annotations at the lines of a pull request.

use std::io::{self, Write};

use super::escape::{command_data, command_property, terminal};
use super::group::groups;
use super::{Look, Render, Report, summary};
use crate::rules::Severity;
use crate::source::Location;

/// The form.
#[derive(Debug)]
pub struct Annotations;

/// GitHub keeps this many annotations of a level for each step; the others are lost without a word.
const PER_LEVEL: usize = 10;

impl Render for Annotations {
    fn id(&self) -> &'static str {
        "github"
    }

    fn about(&self) -> &'static str {
        "GitHub workflow commands: annotations in a pull request"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        let all = annotations(report);
        for (severity, word, many) in
            [(Severity::Error, "error", "errors"), (Severity::Warning, "warning", "warnings"), (Severity::Info, "notice", "notes")]
        {
            let of: Vec<&Annotation> = all.iter().filter(|a| a.severity == severity).collect();
            let show = if of.len() > PER_LEVEL { PER_LEVEL - 1 } else { of.len() };
            for annotation in of.iter().take(show) {
                annotation.write(word, report, out)?;
            }
            if of.len() > show {
                let more = format!("{} more {many} are not shown here: GitHub keeps {PER_LEVEL} of a level", of.len() - show);
                writeln!(out, "::{word} title=parity::{}", command_data(&more))?;
            }
        }
        for sentence in summary::closing(report) {
            writeln!(out, "{}", terminal(&sentence))?;
        }
        Ok(())
    }
}

struct Annotation<'a> {
    severity: Severity,
    title: String,
    text: String,
    at: Option<&'a Location>,
}

/// Findings first, new and worse before what was there, then problems.
fn annotations(report: &Report) -> Vec<Annotation<'_>> {
    let findings = groups(report.urgent()).into_iter().map(|group| {
        let finding = group.first;
        let state = finding.state.map(|s| format!(" ({})", s.as_str())).unwrap_or_default();
        let mut text = group.message();
        if group.len() > 1 {
            text.push_str(&format!(": {}", summary::some_names(group.findings().map(|f| f.subject.as_str()), 20)));
        }
        let at = report.shown_at(finding);
        for place in finding.places.iter().filter(|p| Some(&p.at) != at) {
            text.push_str(&format!("\n{}: {}", finding.environment(place.side), place.at));
        }
        text.extend(group.help().map(|help| format!("\nhelp: {help}")));
        Annotation { severity: finding.severity, title: format!("{}{state}", finding.rule), text, at }
    });
    let problems = report.problems.iter().map(|p| Annotation {
        severity: p.severity,
        title: if p.severity == Severity::Error { "parity could not read this" } else { "parity" }.into(),
        text: [Some(p.message.as_str()), p.help.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("\nhelp: "),
        at: p.at.as_ref(),
    });
    findings.chain(problems).collect()
}

impl Annotation<'_> {
    fn write(&self, word: &str, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "::{word} ")?;
        if let Some((at, path)) = self.at.and_then(|at| Some((at, report.from_top(at.path())?))) {
            let (start, end) = (at.position(), at.end());
            write!(out, "file={},line={},endLine={},", command_property(&path), start.line, end.line)?;
            // Columns are refused where the lines differ.
            if start.line == end.line {
                write!(out, "col={},endColumn={},", start.column, end.column)?;
            }
        }
        // The lines are ours, what is in them is not.
        let text: Vec<String> = self.text.split('\n').map(command_data).collect();
        writeln!(out, "title={}::{}", command_property(&self.title), text.join("%0A"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn lines(report: &Report) -> Vec<String> {
        let mut out = Vec::new();
        Annotations.render(report, Look::default(), &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8").lines().map(str::to_owned).collect()
    }

    #[test]
    fn new_ones_come_first_and_names_are_escaped() {
        let lines = lines(&sample::report());
        assert!(
            lines[0].starts_with("::error file=docker-compose.yml,line=1,endLine=1,col=8,endColumn=19,title=tools/version-major (new)::"),
            "{}",
            lines[0]
        );
        assert!(lines[0].contains("50%25") && lines[0].contains("%0Aprod: k8s/d\\u{1b}b.yaml:1:8"), "{}", lines[0]);
    }

    #[test]
    fn the_tenth_of_a_level_says_how_many_more() {
        let mut report = sample::report();
        let one = report.findings[0].clone();
        report.findings = (0..25).map(|i| crate::finding::Finding { message: format!("{i}"), ..one.clone() }).collect();
        let errors: Vec<String> = lines(&report).into_iter().filter(|l| l.starts_with("::error")).collect();
        assert_eq!(errors.len(), 10);
        assert!(errors[9].contains("17 more errors"), "{}", errors[9]);
    }
}
