//! A report → the body of a comment or issue: Markdown, cut where it is too long, with a mark at the end by which it is found.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Content;
use crate::finding::State;
use crate::report::escape::{markdown, markdown_code, markdown_sentence};
use crate::report::stored::{Stored, StoredFinding};
use crate::report::summary::count;
use crate::report::trend::Trend;
use crate::rules::Severity;

/// GitHub takes 65,536 characters; what it counts is not documented, so less is sent, in bytes.
const CAP: usize = 60_000;
/// How many findings an issue remembers, the most severe first.
const REMEMBERED: usize = 1000;

/// The mark of one report on a page. Always last, so that no text in a report can stand for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker(String);

impl Marker {
    /// The mark of a kind of page and an id. The id is hashed: it may be anything.
    pub(super) fn new(kind: &str, id: &str) -> Self {
        let hash: String = Sha256::digest(id.as_bytes()).iter().take(6).map(|b| format!("{b:02x}")).collect();
        Self(format!("<!-- parity {kind} {hash} "))
    }

    /// What stands in the mark, if the body ends with it.
    pub(super) fn find<'b>(&self, body: &'b str) -> Option<&'b str> {
        let line = body.trim_end().rsplit('\n').next()?.trim_end();
        line.strip_prefix(self.0.as_str())?.strip_suffix("-->")
    }

    fn line(&self, memory: &str) -> String {
        format!("{}{memory}-->", self.0)
    }
}

/// The body: what is said, and the mark with what is remembered in it.
pub(super) fn of(content: &Content, marker: &Marker, memory: &str) -> String {
    let line = marker.line(memory);
    let trend = content.trend.as_ref().map(Trend::markdown).filter(|t| !t.is_empty());
    let trend = trend.map_or_else(String::new, |table| format!("\n\n## Trend, week by week\n\n{}", table.trim_end()));
    let room = CAP.saturating_sub(line.len() + trend.len() + 2);
    let said = match &content.markdown {
        Some(text) => cut(text, room),
        None => list(&content.report, room),
    };
    format!("{}{trend}\n\n{line}\n", said.trim_end())
}

/// What replaces a report whose findings are gone. The same words each time, so that nothing is edited twice.
pub(super) fn resolved(marker: &Marker) -> String {
    format!("**parity**: resolved. Nothing that was reported here is left.\n\n{}\n", marker.line(""))
}

/// GitHub gives bodies back with other line ends and without the last one.
pub(super) fn same(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim_end().replace("\r\n", "\n");
    lines(one) == lines(other)
}

/// Whole lines of a Markdown text, at most so many bytes; says how many were left out, and closes what was open.
fn cut(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub(400); // what is said of it, and what must be closed
    let (mut out, mut fence, mut open) = (String::new(), false, 0_usize);
    let mut lines = text.lines();
    let mut left = 0;
    for line in lines.by_ref() {
        if out.len() + line.len() + 1 > room {
            left = 1;
            break;
        }
        if line.trim_start().starts_with("```") {
            fence = !fence;
        } else if !fence {
            open = (open + line.matches("<details").count()).saturating_sub(line.matches("</details>").count());
        }
        out.push_str(line);
        out.push('\n');
    }
    left += lines.filter(|l| !l.trim().is_empty()).count();
    if fence {
        out.push_str("```\n");
    }
    out.extend(std::iter::repeat_n("\n</details>\n", open.min(20)));
    out.push_str(&format!("\n_{} more did not fit here: see the report of the run._\n", count(left, "line")));
    out
}

/// The findings as a table, whole rows at most.
fn list(report: &Stored, room: usize) -> String {
    let mut out = format!("**parity**: {}\n", headline(report));
    for problem in report.problems.iter().filter(|p| p.severity == Severity::Error).take(5) {
        out.push_str(&format!("\n- could not tell: {}", markdown_sentence(&problem.message)));
    }
    let mut shown: Vec<&StoredFinding> = report.present().filter(|f| f.severity > Severity::Info).collect();
    shown.sort_by_key(|f| (news(f.state), std::cmp::Reverse(f.severity)));
    if shown.is_empty() {
        return out;
    }
    out.push_str("\n\n| | finding | place |\n|---|---|---|\n");
    let mut left = shown.len();
    for finding in shown {
        let place = finding.places.first().map_or_else(String::new, |p| markdown_code(&format!("{}:{}", p.path, p.line)));
        let state = finding.state.map(|s| format!(", {}", s.as_str())).unwrap_or_default();
        let severity = finding.severity.as_str();
        let row = format!("| {severity}{state} | {} {} | {place} |\n", markdown_code(&finding.rule), markdown_sentence(&finding.message));
        if out.len() + row.len() + 100 > room {
            break;
        }
        out.push_str(&row);
        left -= 1;
    }
    if left > 0 {
        out.push_str(&format!("\n_{} more did not fit here: see the report of the run._\n", count(left, "finding")));
    }
    out
}

/// What is new comes first.
fn news(state: Option<State>) -> u8 {
    match state {
        Some(State::New) => 0,
        Some(State::Worse) => 1,
        _ => 2,
    }
}

/// `2 errors, 1 warning; 1 new`.
pub(super) fn headline(report: &Stored) -> String {
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let counts = words.iter().map(|(s, w)| (report.count(*s), *w)).filter(|(n, _)| *n > 0).map(|(n, w)| count(n, w));
    let counts: Vec<String> = counts.collect();
    let mut text = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let states = [State::New, State::Worse, State::Better, State::Fixed].map(|s| (report.states(s), s.as_str()));
    let states: Vec<String> = states.iter().filter(|(n, _)| *n > 0).map(|(n, w)| format!("{n} {w}")).collect();
    if !states.is_empty() {
        text.push_str(&format!("; {}", states.join(", ")));
    }
    if report.unread() > 0 {
        text.push_str(&format!("; {} could not be read", count(report.unread(), "input")));
    }
    text
}

/// What an issue remembers of a report: the name and severity of each finding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Memory {
    findings: BTreeMap<String, Severity>,
    /// There were more than are remembered.
    cut: bool,
}

impl Memory {
    pub(super) fn of(report: &Stored) -> Self {
        let mut present: Vec<&StoredFinding> = report.present().collect();
        present.sort_by_key(|f| (std::cmp::Reverse(f.severity), name(f)));
        let findings = present.iter().take(REMEMBERED).map(|f| (name(f), f.severity)).collect();
        Self { findings, cut: present.len() > REMEMBERED }
    }

    /// As it is written into the mark: `e0123456789ab w...`, and `+` where there were more.
    pub(super) fn write(&self) -> String {
        let mut text: String = self.findings.iter().map(|(name, s)| format!("{}{name} ", s.as_str().get(..1).unwrap_or("i"))).collect();
        if self.cut {
            text.push_str("+ ");
        }
        text
    }

    pub(super) fn read(text: &str) -> Self {
        let mut memory = Self::default();
        for word in text.split_whitespace() {
            let Some((letter, name)) = word.split_at_checked(1) else { continue };
            let severity = match letter {
                "e" => Severity::Error,
                "w" => Severity::Warning,
                "i" => Severity::Info,
                _ => {
                    memory.cut |= word == "+";
                    continue;
                }
            };
            memory.findings.insert(name.to_owned(), severity);
        }
        memory
    }

    /// The findings of a report that are new or worse since. Where not all were remembered, only what is worse for certain.
    pub(super) fn news<'r>(&self, report: &'r Stored) -> Vec<&'r StoredFinding> {
        let is_news = |f: &&StoredFinding| match self.findings.get(&name(f)) {
            Some(before) => f.severity > *before,
            None => !self.cut,
        };
        report.present().filter(|f| f.severity > Severity::Info).filter(is_news).collect()
    }
}

/// Enough of a fingerprint to know it again.
fn name(finding: &StoredFinding) -> String {
    finding.fingerprint.chars().filter(char::is_ascii_hexdigit).take(12).collect()
}

/// A comment under an issue: what is new or worse.
pub(super) fn news_comment(news: &[&StoredFinding]) -> String {
    let mut text = format!("{} new or worse since the last report:\n\n", count(news.len(), "finding"));
    for finding in news.iter().take(20) {
        let severity = markdown(finding.severity.as_str());
        text.push_str(&format!("- {severity} {}: {}\n", markdown_code(&finding.rule), markdown_sentence(&finding.message)));
    }
    if news.len() > 20 {
        text.push_str(&format!("- and {} more\n", news.len() - 20));
    }
    if text.len() > CAP {
        format!("{} new or worse since the last report; they are too long to be listed here.\n", count(news.len(), "finding"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{CAP, Marker, Memory, cut, same};

    #[test]
    fn the_mark_is_last() {
        let marker = Marker::new("comment", "a `|` --> b");
        assert_eq!(marker.find(&format!("text\r\n\r\n{}", marker.line("x "))), Some("x "));
        assert_eq!(marker.find(&format!("{}\n\ntext", marker.line(""))), None);
        assert_eq!(Marker::new("comment", "other").find(&marker.line("")), None);
    }

    #[test]
    fn cuts_whole_lines_and_closes() {
        let text = format!("<details>\n```\n{}```\n</details>\n", "a line | of text\n".repeat(9000));
        let short = cut(&text, CAP);
        assert!(short.len() <= CAP);
        assert!(short.contains("```\n\n</details>"), "{}", short.get(short.len() - 200..).unwrap_or(""));
        assert!(short.contains("more did not fit"));
        assert_eq!(cut("short", CAP), "short");
    }

    #[test]
    fn memory_survives_writing() {
        let text = "e0123456789ab wfedcba987654 + ";
        assert_eq!(Memory::read(text).write(), text);
        assert!(same("a\r\nb\n", "a\nb"));
    }
}
