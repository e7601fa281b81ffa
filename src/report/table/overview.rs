//! The pairs of a comparison → a table, or stacked blocks where the terminal is narrow.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};

use super::text::paint;
use crate::catalogue::compare::Verdict;
use crate::inventory::{Role, Service};
use crate::report::escape::terminal;
use crate::report::json::statement;
use crate::report::{Look, PairReport};

/// Below this width the overview is stacked blocks.
const NARROW: usize = 90;

/// Writes the overview, with an empty line behind it.
pub(super) fn overview(pairs: &[PairReport], from: &str, to: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if pairs.is_empty() {
        return writeln!(out, "  no services on either side\n");
    }
    if look.width < NARROW {
        for pair in pairs {
            let verdict = paint(word(pair), color(pair).map_or("1", |c| c.0), look);
            writeln!(out, "  {} ({}): {verdict}", paint(&terminal(&pair.name), "1", look), what(pair))?;
            let width = from.chars().count().max(to.chars().count());
            for (name, service) in [(from, &pair.from), (to, &pair.to)] {
                writeln!(out, "    {:width$}  {}", terminal(name), side(service.as_ref()))?;
            }
        }
        return writeln!(out);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width.saturating_sub(1)).unwrap_or(u16::MAX));
    if look.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let head = |text: &str| Cell::new(terminal(text)).add_attribute(Attribute::Bold);
    table.set_header(["service", "kind", from, to, "verdict"].map(head));
    for pair in pairs {
        let mut verdict = Cell::new(word(pair));
        if let Some((_, color)) = color(pair) {
            verdict = verdict.fg(color);
        }
        let [name, from, to] = [terminal(&pair.name).into_owned(), side(pair.from.as_ref()), side(pair.to.as_ref())];
        table.add_row([Cell::new(name), Cell::new(what(pair)), Cell::new(from), Cell::new(to), verdict]);
    }
    for line in table.to_string().lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    writeln!(out)
}

/// The verdict; of other kinds their relation.
fn word(pair: &PairReport) -> &'static str {
    pair.outcome.relation.map_or_else(|| pair.outcome.verdict.as_str(), |r| r.as_str())
}

/// The colour of a verdict, as a terminal code and for the table; none where there is nothing to see.
fn color(pair: &PairReport) -> Option<(&'static str, Color)> {
    match pair.outcome.verdict {
        Verdict::Same | Verdict::Covers => Some(("32", Color::DarkGreen)),
        Verdict::Major | Verdict::KindMismatch => Some(("1;31", Color::Red)),
        Verdict::Minor => Some(("33", Color::DarkYellow)),
        Verdict::MissingFrom | Verdict::MissingTo if pair.role == Role::Backing => Some(("33", Color::DarkYellow)),
        _ => None,
    }
}

/// The kind of a backing service; `workload` for all else.
fn what(pair: &PairReport) -> &str {
    let kind = || [&pair.to, &pair.from].into_iter().flatten().find_map(Service::kind);
    match pair.role {
        Role::Workload => "workload",
        Role::Backing => kind().map_or("", |k| &k.name),
    }
}

/// What one side states.
pub(super) fn side(service: Option<&Service>) -> String {
    let Some(service) = service else { return "-".into() };
    let text = match (service.known_software(), &service.build) {
        (Some(s), _) if s.image.is_none() => match s.version.number() {
            Some(version) => format!("{} {version}", s.kind.map_or("", |k| &k.name)),
            None => statement(service).unwrap_or_default(),
        },
        (Some(_), _) => statement(service).unwrap_or_default(),
        (None, Some(_)) => "built here".into(),
        (None, None) => "?".into(),
    };
    terminal(&text).into_owned()
}
