//! The arguments of `ENV` and `ARG` → names and values (docs.docker.com: Dockerfile reference).

/// `A=1 B="two words"`, or the old form `A two words` of `ENV`: names, values, and where the names start.
pub(super) fn pairs(text: &str) -> Vec<(String, Option<String>, usize)> {
    let mut out = Vec::new();
    let first = text.split(char::is_whitespace).next().unwrap_or_default();
    if !first.contains('=')
        && let Some((name, value)) = text.split_once(char::is_whitespace)
        && !value.contains('=')
    {
        return vec![(name.to_owned(), Some(unquoted(value.trim())), 0)];
    }
    let mut offset = 0;
    while let Some(rest) = text.get(offset..).filter(|r| !r.is_empty()) {
        let skipped = rest.len() - rest.trim_start().len();
        let word = word(rest.trim_start());
        if word.is_empty() {
            break;
        }
        let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(unquoted(v))));
        out.push((unquoted(name), value, offset + skipped));
        offset += skipped + word.len();
    }
    out
}

/// The text up to white space that is neither quoted nor escaped.
fn word(text: &str) -> &str {
    let mut quote = None;
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            _ if c == '\\' && quote != Some('\'') => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c.is_whitespace() => return text.get(..i).unwrap_or(text),
            None if c == '"' || c == '\'' => quote = Some(c),
            None => {}
        }
    }
    text
}

/// A word without its quotes and escapes. `\$` stays a dollar.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            _ if c == '\\' && quote != Some('\'') => match chars.next() {
                Some('$') => out.push_str("$$"),
                Some(next) if quote.is_none() || matches!(next, '"' | '\\') => out.push(next),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            Some(q) if c == q => quote = None,
            Some('\'') if c == '$' => out.push_str("$$"),
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => out.push(c),
        }
    }
    out
}
