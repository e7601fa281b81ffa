//! An action's text → its words (text/template/parse: lex.go).

use super::parse::Wrong;

/// A word of an action.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Word(String),
    /// `.`, `.a`, `.a.b`
    Field(Vec<String>),
    /// `$`, `$x`, `$x.a`
    Variable(String, Vec<String>),
    Str(String),
    Int(i64),
    Float(f64),
    Open,
    Close,
    Pipe,
    Comma,
    Declare,
    Assign,
}

/// The words of the action that begins at an offset, and where its `}}` is (before it, a `-` that trims).
pub(super) fn tokens(text: &str, start: usize) -> Result<(Vec<(usize, Token)>, usize), Wrong> {
    let mut out = Vec::new();
    let mut at = start;
    let unclosed = || (start.saturating_sub(2), "has a `{{` that is not closed".to_owned());
    loop {
        let rest = text.get(at..).unwrap_or("");
        let Some(c) = rest.chars().next() else { return Err(unclosed()) };
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if rest.starts_with("}}") {
            return Ok((out, at));
        } else if rest.starts_with("-}}") {
            return Ok((out, at + 1));
        } else if rest.starts_with("/*") {
            at += rest.find("*/").ok_or_else(unclosed)? + 2;
        } else if c == '"' || c == '\'' {
            let (value, len) = quoted(rest, c).ok_or((at, "has a quote that is not closed".to_owned()))?;
            let token = if c == '"' { Token::Str(value) } else { Token::Int(value.chars().next().map_or(0, |c| i64::from(u32::from(c)))) };
            out.push((at, token));
            at += len;
        } else if c == '`' {
            let end = rest.get(1..).and_then(|t| t.find('`')).ok_or((at, "has a quote that is not closed".to_owned()))?;
            out.push((at, Token::Str(rest.get(1..=end).unwrap_or("").to_owned())));
            at += end + 2;
        } else if c.is_ascii_digit()
            || (matches!(c, '-' | '+') && rest.get(1..).is_some_and(|t| t.starts_with(|d: char| d.is_ascii_digit())))
        {
            let len =
                1 + rest.get(1..).map_or(0, |t| t.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(t.len()));
            let word = rest.get(..len).unwrap_or("").replace('_', "");
            out.push((at, number(&word).ok_or((at, "has a number that is none".to_owned()))?));
            at += len;
        } else if c == '.' {
            let (path, len) = fields(rest);
            out.push((at, Token::Field(path)));
            at += len.max(1);
        } else if c == '$' {
            let name = name_len(rest.get(1..).unwrap_or(""));
            let (path, len) = fields(rest.get(1 + name..).unwrap_or(""));
            out.push((at, Token::Variable(rest.get(1..=name).unwrap_or("").to_owned(), path)));
            at += 1 + name + len;
        } else if name_len(rest) > 0 {
            let len = name_len(rest);
            out.push((at, Token::Word(rest.get(..len).unwrap_or("").to_owned())));
            at += len;
        } else {
            let (token, len) = match c {
                '(' => (Token::Open, 1),
                ')' => (Token::Close, 1),
                '|' => (Token::Pipe, 1),
                ',' => (Token::Comma, 1),
                ':' if rest.starts_with(":=") => (Token::Declare, 2),
                '=' => (Token::Assign, 1),
                _ => return Err((at, "has a sign that no action knows".into())),
            };
            out.push((at, token));
            at += len;
        }
    }
}

fn name_len(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// `.a.b` and its length; a `.` alone has no fields and length 0.
fn fields(text: &str) -> (Vec<String>, usize) {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(rest) = text.get(at..).and_then(|t| t.strip_prefix('.')) {
        let len = name_len(rest);
        if len == 0 {
            break;
        }
        out.push(rest.get(..len).unwrap_or("").to_owned());
        at += 1 + len;
    }
    (out, at)
}

/// A quoted text with Go's escapes, and its length.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            c if c == quote => return Some((out, i + 1)),
            '\n' => return None,
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                digits @ ('x' | 'u' | 'U') => {
                    let count = [('x', 2), ('u', 4), ('U', 8)].iter().find(|(d, _)| *d == digits)?.1;
                    let hex: String = chars.by_ref().take(count).map(|(_, c)| c).collect();
                    out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
                }
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    None
}

fn number(word: &str) -> Option<Token> {
    if let Some(hex) = word.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(Token::Int);
    }
    if let Some(octal) =
        word.strip_prefix("0o").or_else(|| word.strip_prefix('0').filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit())))
    {
        return i64::from_str_radix(octal, 8).ok().map(Token::Int);
    }
    word.parse().ok().map(Token::Int).or_else(|| word.parse().ok().map(Token::Float))
}
