//! Sections of rows → a text that keeps a cap: rows that do not fit are left out and counted.

use crate::report::summary::count;

/// Text of a row that is longer is cut before it is escaped: a name of a megabyte is no name.
const LONG: usize = 600;

/// The text, or its start.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(LONG) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// A heading with rows below it.
pub(super) struct Section {
    title: String,
    folded: bool,
    head: String,
    rows: Vec<String>,
    unit: &'static str,
}

impl Section {
    /// A table: `head` is its two first lines, each row ends with a line break.
    pub(super) fn table(title: &str, folded: bool, head: &str, rows: Vec<String>, unit: &'static str) -> Self {
        Self { title: title.to_owned(), folded, head: head.to_owned(), rows, unit }
    }

    /// A list of `- ` lines.
    pub(super) fn list(title: &str, rows: Vec<String>) -> Self {
        Self { title: title.to_owned(), folded: true, head: String::new(), rows, unit: "line" }
    }

    fn start(&self) -> String {
        if self.folded {
            format!("\n<details><summary>{}</summary>\n\n{}", self.title, self.head)
        } else {
            format!("\n#### {}\n\n{}", self.title, self.head)
        }
    }

    fn end(&self) -> &'static str {
        if self.folded { "\n</details>\n" } else { "" }
    }
}

/// The text so far, and what there is room for.
pub(super) struct Cut {
    cap: usize,
    text: String,
    tail: String,
    /// Sections that are not there at all.
    dropped: Vec<String>,
    /// How many.
    more: usize,
}

/// Room for the words that say what was cut.
const WORDS: usize = 700;

impl Cut {
    /// `head` and `tail` are there in any case.
    pub(super) fn new(cap: usize, head: &str, tail: &str) -> Self {
        Self { cap, text: head.to_owned(), tail: tail.to_owned(), dropped: Vec::new(), more: 0 }
    }

    fn room(&self) -> usize {
        self.cap.saturating_sub(self.text.len() + self.tail.len() + WORDS)
    }

    /// Adds as many rows as fit.
    pub(super) fn add(&mut self, section: Section) {
        let (start, end) = (section.start(), section.end());
        let first = section.rows.first().map_or(0, String::len);
        if start.len() + end.len() + first + 100 > self.room() {
            if self.dropped.len() < 5 {
                self.dropped.push(section.title);
            } else {
                self.more += 1;
            }
            return;
        }
        self.text.push_str(&start);
        let mut left = 0;
        let mut room = self.room().saturating_sub(end.len() + 100);
        for row in &section.rows {
            if left == 0 && row.len() <= room {
                room -= row.len();
                self.text.push_str(row);
            } else {
                left += 1;
            }
        }
        if left > 0 {
            self.text.push_str(&format!(
                "\n**{} not shown**: the report is longer than fits here.\n",
                count(left, &format!("more {}", section.unit))
            ));
        }
        self.text.push_str(end);
    }

    /// The text.
    pub(super) fn finish(mut self) -> String {
        if !self.dropped.is_empty() {
            let more = if self.more > 0 { format!(" and {}", count(self.more, "more section")) } else { String::new() };
            let names: Vec<String> = self.dropped.iter().map(|d| d.chars().take(80).collect()).collect();
            self.text.push_str(&format!("\n**Sections not shown**, the report is longer than fits here: {}{more}.\n", names.join("; ")));
        }
        self.text.push_str(&self.tail);
        self.text
    }
}
