//! Ports and times as manifests write them.

use crate::document::{Content, Node};
use crate::inventory::Fact;

/// A port written as a number; what is written and no number is not known.
pub(in crate::formats) fn port(node: &Node) -> Option<Fact<u16>> {
    number(node, "the port")
}

/// A time in whole seconds.
pub(in crate::formats) fn whole_seconds(node: &Node) -> Option<Fact<u32>> {
    number(node, "the time to stop")
}

/// A time as a number of seconds, or as Go writes it: `90`, `1m30s`.
pub(in crate::formats) fn duration(node: &Node) -> Option<Fact<u32>> {
    let written = node.text().filter(|_| !node.is_null()).and_then(seconds);
    written.map_or_else(|| whole_seconds(node), |seconds| Some(Fact::known(seconds, node.at.clone())))
}

fn number<T: std::str::FromStr>(node: &Node, what: &str) -> Option<Fact<T>> {
    let why = match &node.content {
        _ if node.is_null() => return None,
        Content::Expression(why) => format!("{what} is not known: {why}"),
        _ => format!("{what} is no number that is known"),
    };
    let known = node.text().and_then(|text| text.trim().parse().ok());
    Some(known.map_or_else(|| Fact::unknown(why, node.at.clone()), |number| Fact::known(number, node.at.clone())))
}

/// `1m30s`, `10s`, `500ms` in whole seconds, rounded up (Go's `time.ParseDuration`).
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let mut rest = text.trim();
    let mut total = 0.0_f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let unit_end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit_end)?;
        let factor = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = tail;
    }
    format!("{:.0}", total.ceil()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;
    use crate::source::Source;

    #[test]
    fn numbers_that_are_none_are_not_known() {
        for (text, port_of, time) in [
            ("80", Some(Some(80)), Some(Some(80))),
            ("1m30s", Some(None), Some(Some(90))),
            ("soon", Some(None), Some(None)),
            ("~", None, None),
        ] {
            let node = yaml::read(&Source::new("a.yaml", text)).documents.remove(0).root;
            assert_eq!(port(&node).map(|p| p.value.known().copied()), port_of, "{text}");
            assert_eq!(duration(&node).map(|d| d.value.known().copied()), time, "{text}");
        }
    }
}
