//! `${VAR:-default}` and its relatives (compose-spec: 12-interpolation).

/// Deepest nesting of defaults.
const DEPTH: usize = 32;

/// Resolves every variable of a text.
///
/// # Errors
/// A variable is not set and has no default, or the text breaks the grammar: one phrase that names the variable.
pub fn resolve(text: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    substitute(text, get, 0)
}

fn substitute(text: &str, get: &dyn Fn(&str) -> Option<String>, depth: usize) -> Result<String, String> {
    if depth > DEPTH {
        return Err(format!("variables are nested deeper than the limit of {DEPTH}"));
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(i) = rest.find('$') {
        out.push_str(&rest[..i]);
        let after = &rest[i + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let end = closing(inner).ok_or("a `${` is not closed")?;
            out.push_str(&braced(&inner[..end], get, depth)?);
            rest = &inner[end + 1..];
        } else {
            let name = name(after);
            if name.is_empty() {
                out.push('$');
            } else {
                out.push_str(&get(name).ok_or_else(|| unset(name))?);
            }
            rest = &after[name.len()..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn unset(name: &str) -> String {
    format!("the variable `{name}` is not set")
}

/// The name at the start of a text.
fn name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}

/// Where the brace closes that opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let bytes = text.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        match b {
            b'{' if i > 0 && bytes.get(i - 1) == Some(&b'$') => open += 1,
            b'}' if open == 0 => return Some(i),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

fn braced(inner: &str, get: &dyn Fn(&str) -> Option<String>, depth: usize) -> Result<String, String> {
    let name = name(inner);
    if name.is_empty() {
        return Err("a `${` is followed by no name".into());
    }
    let operator = &inner[name.len()..];
    let value = get(name);
    let filled = value.clone().filter(|v| !v.is_empty());
    let argument = |skip: usize| substitute(&operator[skip..], get, depth + 1);
    if operator.is_empty() {
        value.ok_or_else(|| unset(name))
    } else if operator.starts_with(":-") {
        filled.map_or_else(|| argument(2), Ok)
    } else if operator.starts_with('-') {
        value.map_or_else(|| argument(1), Ok)
    } else if operator.starts_with(":?") {
        filled.ok_or_else(|| unset(name))
    } else if operator.starts_with('?') {
        value.ok_or_else(|| unset(name))
    } else if operator.starts_with(":+") {
        if filled.is_some() { argument(2) } else { Ok(String::new()) }
    } else if operator.starts_with('+') {
        if value.is_some() { argument(1) } else { Ok(String::new()) }
    } else {
        Err(format!("`{name}` is followed by no known operator"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        let get = |n: &str| match n {
            "A" => Some("1".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        };
        for (text, want) in [
            ("a$$b", "a$b"),
            ("$A", "1"),
            ("${A}x", "1x"),
            ("${B:-d}", "d"),
            ("${E:-d}", "d"),
            ("${E-d}", ""),
            ("${B:-${A}}", "1"),
            ("${A:+r}", "r"),
            ("${B:+r}", ""),
            ("$(cmd) cost$", "$(cmd) cost$"),
            ("${B:-${C:-x}}y", "xy"),
            ("$1", "$1"),
        ] {
            assert_eq!(resolve(text, &get).as_deref(), Ok(want), "{text}");
        }
        for text in ["$B", "${B}", "${", "${{ x }}", "${1A}", "${}", "${E:?no}"] {
            assert!(resolve(text, &get).is_err(), "{text}");
        }
    }
}
