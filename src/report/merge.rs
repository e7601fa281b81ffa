//! Many stored reports → one overview, worst first.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::Path;

use maud::{DOCTYPE, html};

use super::escape::{markdown, markdown_code, markdown_sentence, printable};
use super::stored::Stored;
use super::summary::count;
use crate::finding::State;
use crate::rules::Severity;

/// How many findings of one report are shown.
const SHOWN: usize = 3;
/// Bytes of the Markdown overview: a job's summary takes 1 MiB.
const CAP: usize = 900_000;

/// One report of the overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    name: String,
    /// Why it could not be read; then there are no counts.
    unreadable: Option<String>,
    exit: u8,
    errors: usize,
    warnings: usize,
    notes: usize,
    /// New or worse.
    news: usize,
    unread: usize,
    /// Rule and message of the first findings.
    worst: Vec<(String, String)>,
}

impl Row {
    /// What a report's bytes say; one that cannot be read is a row too.
    #[must_use]
    pub fn of(name: &str, bytes: Result<Vec<u8>, String>) -> Self {
        let empty = Self {
            name: name.to_owned(),
            unreadable: None,
            exit: 3,
            errors: 0,
            warnings: 0,
            notes: 0,
            news: 0,
            unread: 0,
            worst: Vec::new(),
        };
        let report = match bytes.and_then(|bytes| Stored::read(&bytes)) {
            Ok(report) => report,
            Err(why) => return Self { unreadable: Some(why), ..empty },
        };
        let mut present: Vec<_> = report.present().filter(|f| f.severity > Severity::Info).collect();
        present.sort_by_key(|f| Reverse(f.severity));
        Self {
            exit: report.exit,
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            notes: report.count(Severity::Info),
            news: report.states(State::New) + report.states(State::Worse),
            unread: report.unread(),
            worst: present.iter().take(SHOWN).map(|f| (f.rule.clone(), f.message.clone())).collect(),
            ..empty
        }
    }

    /// Unreadable first, then by what is worst.
    fn order(&self) -> impl Ord + '_ {
        let numbers = (self.errors, self.exit == 1, self.exit == 3, self.warnings, self.unread, self.notes);
        (Reverse(self.unreadable.is_some()), Reverse(numbers), &self.name)
    }

    fn state(&self) -> &'static str {
        match (self.unreadable.is_some(), self.exit) {
            (true, _) => "no report",
            (_, 0) => "clean",
            (_, 1) => "drift",
            _ => "could not tell",
        }
    }
}

/// The name of a report: its path without `.json`, and of `.../report.json` the folder's.
#[must_use]
pub fn name(path: &Path) -> String {
    let text = path.with_extension("").to_string_lossy().replace('\\', "/");
    let named = match text.rsplit_once('/') {
        Some((folder, "report" | "parity" | "parity-report")) if !folder.is_empty() => folder,
        _ => text.as_str(),
    };
    named.trim_start_matches("./").to_owned()
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    rows: Vec<Row>,
}

impl Overview {
    /// The reports, worst first.
    #[must_use]
    pub fn of(mut rows: Vec<Row>) -> Self {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        Self { rows }
    }

    /// 3 where a report could not be read, else 0: an overview is no check.
    #[must_use]
    pub fn exit(&self) -> u8 {
        if self.rows.iter().any(|r| r.unreadable.is_some()) { 3 } else { 0 }
    }

    fn headline(&self) -> String {
        let of = |state: &str| self.rows.iter().filter(|r| r.state() == state).count();
        let words = ["drift", "could not tell", "no report", "clean"];
        let parts = words.map(|w| (of(w), w)).into_iter().filter(|(n, _)| *n > 0).map(|(n, w)| format!("{n} {w}"));
        format!("{}: {}", count(self.rows.len(), "report"), parts.collect::<Vec<_>>().join(", "))
    }

    /// The overview as Markdown, whole rows at most.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "# parity: {}\n", self.headline())?;
        writeln!(out, "| report | state | errors | warnings | notes | new | worst |\n|---|---|--:|--:|--:|--:|---|")?;
        let mut room = CAP;
        for (i, row) in self.rows.iter().enumerate() {
            let worst = match &row.unreadable {
                Some(why) => markdown(why),
                None => row
                    .worst
                    .iter()
                    .map(|(rule, m)| format!("{} {}", markdown_code(rule), markdown_sentence(m)))
                    .collect::<Vec<_>>()
                    .join("<br>"),
            };
            let line = format!(
                "| {} | {} | {} | {} | {} | {} | {worst} |\n",
                markdown_code(&row.name),
                row.state(),
                row.errors,
                row.warnings,
                row.notes,
                row.news
            );
            let Some(rest) = room.checked_sub(line.len()) else {
                return writeln!(out, "\n_{} more did not fit here._", count(self.rows.len() - i, "report"));
            };
            room = rest;
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    /// The overview as one page without scripts and without anything from elsewhere.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn html(&self, out: &mut dyn Write) -> io::Result<()> {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    title { "parity: " (self.headline()) }
                    style { (STYLE) }
                }
                body {
                    h1 { "parity: " (self.headline()) }
                    table {
                        thead { tr { @for head in ["report", "state", "errors", "warnings", "notes", "new", "worst"] { th scope="col" { (head) } } } }
                        tbody {
                            @for row in &self.rows {
                                tr {
                                    th scope="row" { bdi { (printable(&row.name)) } }
                                    td { (row.state()) }
                                    @for number in [row.errors, row.warnings, row.notes, row.news] { td.n { (number) } }
                                    td {
                                        @if let Some(why) = &row.unreadable { (printable(why)) }
                                        @for (rule, message) in &row.worst { p { code { (printable(rule)) } " " bdi { (printable(message)) } } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        };
        out.write_all(page.into_string().as_bytes())?;
        out.write_all(b"\n")
    }
}

const STYLE: &str = "body{font:15px/1.4 system-ui,sans-serif;margin:2rem;color:#111;background:#fff}table{border-collapse:collapse}\
th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}.n{text-align:right}p{margin:0 0 .2rem}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Overview, Row, name};

    fn row(name: &str, severity: &str, exit: u8) -> Row {
        let finding = format!(r#"{{"rule":"tools/x","severity":"{severity}","message":"`a|b` <!-- @everyone","fingerprint":"0a"}}"#);
        let report = format!(r#"{{"schema":"parity-report/1","findings":[{finding}],"problems":[],"exit":{exit}}}"#);
        Row::of(name, Ok(report.into_bytes()))
    }

    #[test]
    fn worst_first_and_inert() {
        let overview =
            Overview::of(vec![row("b", "warning", 0), row("a|<b>", "error", 1), Row::of("half", Ok(b"{".to_vec())), row("c", "info", 0)]);
        let mut out = Vec::new();
        overview.markdown(&mut out).expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
        assert!(at("`half`") < at("`a\\|<b>`") && at("`a\\|<b>`") < at("| `b`") && at("| `b`") < at("| `c`"), "{text}");
        assert!(!text.contains("<!--") && !text.contains("@everyone"), "{text}");
        assert_eq!(overview.exit(), 3);
        let mut page = Vec::new();
        overview.html(&mut page).expect("written");
        let page = String::from_utf8(page).expect("UTF-8");
        assert!(page.contains("a|&lt;b&gt;") && !page.contains("<!-- "), "{page}");
    }

    #[test]
    fn names() {
        let all = ["./acme/shop.json", "acme/shop/report.json", "report.json"].map(|p| name(Path::new(p)));
        assert_eq!(all, ["acme/shop", "acme/shop", "report"]);
    }
}
