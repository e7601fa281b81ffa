//! A plain scalar → what kubectl makes of it, and whether it is a text at all (sigs.k8s.io/yaml: YAML 1.1 booleans and numbers).

use crate::document::{Content, Node, Style};

/// What an unquoted scalar is where a string is asked for: kubectl refuses it. `None`: it is a string, or nothing.
pub(super) fn not_a_string(node: &Node) -> Option<&'static str> {
    let Content::Scalar(text, Style::Plain) = &node.content else { return None };
    if node.is_null() || node.tag.as_deref().is_some_and(|t| t == "!!str" || t == "!" || t.ends_with(":str")) {
        return None;
    }
    if matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n") && one_case(text) {
        return Some("a boolean");
    }
    number(text).then_some("a number")
}

/// `true`, `True` and `TRUE`, but not `tRUE`.
fn one_case(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or("");
    !rest.bytes().any(|b| b.is_ascii_uppercase()) || text.bytes().all(|b| b.is_ascii_uppercase())
}

fn number(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let body = body.replace('_', "");
    let radix =
        |prefix: &str, digits: fn(&u8) -> bool| body.strip_prefix(prefix).is_some_and(|d| !d.is_empty() && d.bytes().all(|b| digits(&b)));
    if radix("0x", u8::is_ascii_hexdigit) || radix("0b", |b| matches!(b, b'0' | b'1')) || radix("0o", |b| matches!(b, b'0'..=b'7')) {
        return true;
    }
    let starts = body.starts_with(|c: char| c.is_ascii_digit()) || (body.starts_with('.') && body.len() > 1);
    starts && body.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) && body.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{TreeLimits, yaml};
    use crate::source::Source;

    #[test]
    fn as_kubectl_reads_them() {
        let is = |text: &str| {
            let docs = yaml::read(&Source::new("a.yaml", format!("v: {text}\n")), TreeLimits::default());
            not_a_string(docs.documents[0].root.get("v").expect("v"))
        };
        for text in ["on", "yes", "No", "TRUE", "y"] {
            assert_eq!(is(text), Some("a boolean"), "{text}");
        }
        for text in ["8080", "1.10", "0755", "0x1F", "1_000", "3e7", "-1", ".5", ".inf"] {
            assert_eq!(is(text), Some("a number"), "{text}");
        }
        for text in ["'on'", "\"8080\"", "5432:5432", "2020-01-02", "1.2.3", "tRUE", "!!str 8080", "null", "e7", ".", "10.0.0.1", "yess"] {
            assert_eq!(is(text), None, "{text}");
        }
    }
}
