//! `WWW-Authenticate` → the challenges in it (RFC 9110, 11.6.1; distribution's token protocol).

use std::collections::BTreeMap;

/// How a registry wants to be told who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password.
    Basic,
    /// A token, which this place gives out.
    Bearer {
        /// The URL.
        realm: String,
        /// For whom.
        service: Option<String>,
    },
}

/// The challenges of all `WWW-Authenticate` headers, in their order; others than basic and bearer are passed over.
pub(super) fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Challenge> {
    let mut out = Vec::new();
    for header in headers {
        let mut rest = header.get(..header.len().min(4096)).unwrap_or("");
        let mut scheme = String::new();
        let mut params = BTreeMap::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '=')).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            if word.is_empty() {
                break;
            }
            match tail.trim_start().strip_prefix('=') {
                Some(value) if !scheme.is_empty() => {
                    let (value, tail) = value_of(value.trim_start());
                    params.entry(word.to_ascii_lowercase()).or_insert(value);
                    rest = tail;
                }
                _ => {
                    out.extend(challenge(&scheme, &mut params));
                    scheme = word.to_ascii_lowercase();
                    rest = tail.trim_start().trim_start_matches('=');
                }
            }
        }
        out.extend(challenge(&scheme, &mut params));
    }
    out
}

/// A token or a quoted string, and what comes after it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (value, quoted.get(i + 1..).unwrap_or("")),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            _ => value.push(c),
        }
    }
    (value, "")
}

fn challenge(scheme: &str, params: &mut BTreeMap<String, String>) -> Option<Challenge> {
    let mut params = std::mem::take(params);
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => Some(Challenge::Bearer { realm: params.remove("realm")?, service: params.remove("service") }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer { realm: realm.into(), service: service.map(str::to_owned) }
    }

    #[test]
    fn challenges_are_read() {
        let of = |text: &str| parse([text].into_iter());
        assert_eq!(
            of(r#"Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push""#),
            [bearer("https://auth.example/token", Some("registry.example"))]
        );
        assert_eq!(of(r#"bearer service=x , realm = "https://a/\"t""#), [bearer("https://a/\"t", Some("x"))]);
        assert_eq!(of(r#"Basic realm="r", Bearer realm="https://a/t""#), [Challenge::Basic, bearer("https://a/t", None)]);
        assert_eq!(of(r#"Negotiate abc==, Basic realm="r""#), [Challenge::Basic]);
        assert_eq!(parse(["Digest x=1", "Basic realm=r"].into_iter()), [Challenge::Basic]);
    }

    #[test]
    fn odd_headers_are_no_challenge() {
        for text in ["", "Bearer", "Bearer service=x", "=", ",,,", "\"", "Bearer realm", "Digest realm=\"x"] {
            assert_eq!(parse([text].into_iter()), [], "{text}");
        }
        assert_eq!(parse([r#"Bearer realm="https://a/t"#].into_iter()), [bearer("https://a/t", None)]);
    }
}
