//! The pairs of a comparison → a table, or stacked blocks where the terminal is narrow.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};

use super::text::sentence;
use crate::catalogue::compare::Verdict;
use crate::inventory::Role;
use crate::report::escape::terminal;
use crate::report::fold::{self, Line};
use crate::report::{ComparisonReport, Look};

/// Below this width the overview is stacked blocks.
pub(super) const NARROW: usize = 90;

/// So many services of a line are named.
const NAMES: usize = 3;

/// Writes the overview, with an empty line behind it.
pub(super) fn overview(comparison: &ComparisonReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (from, to) = (comparison.from.as_str(), comparison.to.as_str());
    if comparison.services.is_empty() {
        return writeln!(out, "  no services on either side\n");
    }
    let lines = fold::lines(comparison, !look.all);
    if look.width < NARROW {
        for line in &lines {
            let code = color(line).map_or("1", |c| c.0);
            let text = format!("{} ({})", line.names(if line.pairs.len() > NAMES { 1 } else { NAMES }), line.kind);
            sentence(&format!("  {}:", terminal(&line.verdict)), code, &text, 4, look, out)?;
            let width = from.chars().count().max(to.chars().count());
            for (name, side) in [(from, &line.from), (to, &line.to)] {
                writeln!(out, "    {:width$}  {}", terminal(name), terminal(side))?;
            }
        }
        return writeln!(out);
    }
    let mut table = table(&["service", "kind", from, to, "verdict"], look);
    for line in &lines {
        let mut verdict = Cell::new(terminal(&line.verdict));
        if let Some((_, color)) = color(line) {
            verdict = verdict.fg(color);
        }
        let cells = [&line.names(NAMES), line.kind, &line.from, &line.to].map(|text| Cell::new(terminal(text)));
        table.add_row(cells.into_iter().chain([verdict]));
    }
    for line in table.to_string().lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    writeln!(out)
}

/// An empty table that is as wide as the terminal, at most.
pub(super) fn table(heads: &[&str], look: Look) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width.saturating_sub(1)).unwrap_or(u16::MAX));
    if look.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(heads.iter().map(|text| Cell::new(terminal(text)).add_attribute(Attribute::Bold)));
    table
}

/// The colour of a verdict, as a terminal code and for the table; none where there is nothing to see.
fn color(line: &Line<'_>) -> Option<(&'static str, Color)> {
    let pair = line.pairs.first()?;
    match pair.outcome.verdict {
        Verdict::Same | Verdict::Covers => Some(("32", Color::DarkGreen)),
        Verdict::Major | Verdict::KindMismatch => Some(("1;31", Color::Red)),
        Verdict::Minor => Some(("33", Color::DarkYellow)),
        Verdict::MissingFrom | Verdict::MissingTo if pair.role == Role::Backing => Some(("33", Color::DarkYellow)),
        _ => None,
    }
}
