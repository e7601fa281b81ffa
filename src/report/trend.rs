//! Counts of past weeks → `parity-history/1`, a table for people, a table of Markdown.

use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::escape::{markdown, markdown_sentence, terminal};
use super::json;
use super::time::day;

/// The word for the form.
const SCHEMA: &str = "parity-history/1";

/// Most weeks in a table of Markdown, the last ones: more columns nobody reads.
const COLUMNS: usize = 13;

/// The points, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "parity-history/1")]
pub struct Trend {
    /// `parity-history/1`.
    schema: String,
    /// One a week.
    pub points: Vec<Point>,
}

/// What was found of one commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// The day.
    pub day: String,
    /// The last commit of the main line on that day.
    pub commit: Option<String>,
    /// Errors.
    pub errors: Option<usize>,
    /// Warnings.
    pub warnings: Option<usize>,
    /// What is only worth knowing.
    pub notes: Option<usize>,
    /// Days that the oldest commit had waited for production, of the services whose commit is known for certain; 0 where nothing
    /// waited.
    pub oldest_waiting_days: Option<u32>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

impl Trend {
    /// A trend of points, oldest first.
    #[must_use]
    pub fn new(points: Vec<Point>) -> Self {
        Self { schema: SCHEMA.to_owned(), points }
    }

    /// Reads what [`Trend::json`] wrote.
    ///
    /// # Errors
    /// One lower-case sentence: it is no history, or one of a later form.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let trend: Self = serde_json::from_slice(bytes).map_err(|e| format!("it is no history: {e}"))?;
        if trend.schema == SCHEMA { Ok(trend) } else { Err(format!("it is a history of another form than `{SCHEMA}`")) }
    }

    /// Writes JSON.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(self, out)
    }

    /// Writes a table for people.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn table(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "day         commit      errors  warnings  notes  oldest waiting")?;
        for p in &self.points {
            let commit = p.commit.as_deref().and_then(|c| c.get(..10)).unwrap_or("-");
            match (p.errors, p.warnings, p.notes) {
                (Some(errors), Some(warnings), Some(notes)) => {
                    let waiting = p.oldest_waiting_days.map_or_else(|| "-".to_owned(), |n| format!("{n} days"));
                    writeln!(out, "{}  {commit:10}  {errors:>6}  {warnings:>8}  {notes:>5}  {waiting:>14}", p.day)?;
                }
                _ => {
                    let why = p.unknown.as_deref().unwrap_or_default();
                    writeln!(out, "{}  {commit:10}  not known: {}", p.day, terminal(why))?;
                }
            }
        }
        Ok(())
    }

    /// A table of Markdown, a week a column; what is not known is `?`, and why stands below. Empty where there is no point.
    #[must_use]
    pub fn markdown(&self) -> String {
        let points = self.points.get(self.points.len().saturating_sub(COLUMNS)..).unwrap_or_default();
        if points.is_empty() {
            return String::new();
        }
        let row = |name: &str, cell: &dyn Fn(&Point) -> String| {
            format!("| {name} |{}\n", points.iter().map(|p| format!(" {} |", cell(p))).collect::<String>())
        };
        let number = |n: Option<usize>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
        let waiting = |p: &Point| match (p.oldest_waiting_days, p.errors) {
            (Some(days), _) => days.to_string(),
            (None, Some(_)) => "—".to_owned(),
            (None, None) => "?".to_owned(),
        };
        let mut out = row("week to", &|p| markdown(day(&p.day)));
        out.push_str(&format!("|---|{}\n", "---:|".repeat(points.len())));
        out.push_str(&row("errors", &|p| number(p.errors)));
        out.push_str(&row("warnings", &|p| number(p.warnings)));
        out.push_str(&row("days that the oldest commit waited", &waiting));
        if let Some((first, why)) = points.iter().find_map(|p| Some((p, p.unknown.as_ref()?))) {
            out.push_str(&format!("\n`?`: not known, as on {}: {}\n", markdown(day(&first.day)), markdown_sentence(why)));
        }
        out
    }
}

/// The JSON Schema of a history, with a line break at its end.
#[must_use]
pub fn schema() -> String {
    json::schema_of::<Trend>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend() -> Trend {
        let known = |day: &str, errors, waiting| Point {
            day: day.into(),
            commit: Some("0123456789abcdef".into()),
            errors: Some(errors),
            warnings: Some(1),
            notes: Some(9),
            oldest_waiting_days: waiting,
            unknown: None,
        };
        let unknown = Point { day: "2026-05-04".into(), unknown: Some("the history | begins <later>".into()), ..Point::default() };
        Trend::new(vec![unknown, known("2026-05-11", 2, None), known("2026-05-18", 3, Some(12))])
    }

    #[test]
    fn a_table_of_markdown() {
        let wanted = "| week to | 2026-05-04 | 2026-05-11 | 2026-05-18 |\n|---|---:|---:|---:|\n| errors | ? | 2 | 3 |\n| warnings | ? | 1 | 1 |\n| days that the oldest commit waited | ? | — | 12 |\n";
        let text = trend().markdown();
        assert!(text.starts_with(wanted), "{text}");
        let rest = text.strip_prefix(wanted).expect("the reason");
        assert!(rest.contains("as on 2026-05-04") && !rest.contains("<later>") && !rest.contains(" | "), "{rest}");
        assert_eq!(Trend::new(Vec::new()).markdown(), "");
    }

    #[test]
    fn what_was_written_is_read_again() {
        let mut bytes = Vec::new();
        trend().json(&mut bytes).expect("written");
        assert_eq!(Trend::read(&bytes).expect("a history").points, trend().points);
        assert!(Trend::read(b"{\"schema\": \"parity-history/2\", \"points\": []}").expect_err("later").contains("another form"));
        assert!(Trend::read(b"[]").is_err());
    }
}
