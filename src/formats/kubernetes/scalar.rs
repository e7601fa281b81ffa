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

/// The first placeholder in a text that some step of delivery fills in: `__TAG__`, `${TAG}`, `{{ tag }}`, `<tag>`.
pub(super) fn placeholder(text: &str) -> Option<&str> {
    const FORMS: [(&str, &str); 8] =
        [("{{", "}}"), ("<%", "%>"), ("${", "}"), ("$(", ")"), ("#{", "}"), ("__", "__"), ("<", ">"), ("@", "@")];
    let name = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    for (open, close) in FORMS {
        let Some(start) = text.find(open) else { continue };
        let inner = text.get(start + open.len()..)?;
        let Some(end) = inner.find(close) else { continue };
        // A digest follows an `@`, and `a__b__c` is a name: these two forms hold a name in capitals.
        let strict = matches!(open, "__" | "@");
        let fits = inner.get(..end).is_some_and(|i| {
            if strict { name(i) && !i.bytes().any(|b| b.is_ascii_lowercase()) } else { !i.is_empty() && (open != "<" || name(i)) }
        });
        if fits {
            return text.get(start..start + open.len() + end + close.len());
        }
    }
    // `$TAG` alone: a shell variable.
    let start = text.find('$')?;
    let rest = text.get(start + 1..)?;
    let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let shell = len > 0 && !rest.starts_with(|c: char| c.is_ascii_digit());
    shell.then(|| text.get(start..start + 1 + len)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;
    use crate::source::Source;

    #[test]
    fn as_kubectl_reads_them() {
        let is = |text: &str| {
            let docs = yaml::read(&Source::new("a.yaml", format!("v: {text}\n")));
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

    #[test]
    fn placeholders() {
        for (text, wanted) in [
            ("acme/web:__TAG__", Some("__TAG__")),
            ("acme/web:{{ .Values.tag }}", Some("{{ .Values.tag }}")),
            ("${IMAGE}", Some("${IMAGE}")),
            ("acme/web:$TAG", Some("$TAG")),
            ("acme/<service>:1", Some("<service>")),
            ("acme/web:<%= tag %>", Some("<%= tag %>")),
            ("acme/my__own__name:1", None),
            ("acme/web@sha256:00", None),
            ("postgres:15", None),
        ] {
            assert_eq!(placeholder(text), wanted, "{text}");
        }
    }
}
