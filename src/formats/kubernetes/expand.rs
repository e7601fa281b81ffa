//! `$(VAR)` in a text → the text with what was said of the variable before (kubernetes: third_party/forked/golang/expansion).

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Stands as it is.
    Text(&'t str),
    /// `$(NAME)`: the name, and the whole as it stands where nothing is called so.
    Name(&'t str, &'t str),
}

/// The pieces of a text. `$$` is a dollar; what is not closed, or no name, stands as it is.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(i) = rest.get(from..).and_then(|r| r.find('$')).map(|i| i + from) {
        let after = rest.get(i + 1..).unwrap_or("");
        if after.starts_with('$') {
            out.push(Piece::Text(rest.get(..=i).unwrap_or("")));
            rest = after.get(1..).unwrap_or("");
            from = 0;
        } else if let Some(end) = after.strip_prefix('(').and_then(|r| r.find(')')) {
            out.push(Piece::Text(rest.get(..i).unwrap_or("")));
            let whole = rest.get(i..i + end + 3).unwrap_or("");
            out.push(Piece::Name(after.get(1..=end).unwrap_or(""), whole));
            rest = rest.get(i + end + 3..).unwrap_or("");
            from = 0;
        } else {
            from = i + 1;
        }
    }
    out.push(Piece::Text(rest));
    out.retain(|p| !matches!(p, Piece::Text("")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        use Piece::{Name, Text};
        assert_eq!(pieces("a$(B)c"), [Text("a"), Name("B", "$(B)"), Text("c")]);
        assert_eq!(pieces("$$(B)"), [Text("$"), Text("(B)")]);
        assert_eq!(pieces("$(B"), [Text("$(B")]);
        assert_eq!(pieces("$x $ é$"), [Text("$x $ é$")]);
        assert_eq!(pieces("$$$(B)"), [Text("$"), Name("B", "$(B)")]);
        assert_eq!(pieces(""), []);
    }
}
