//! `${VAR:-default}` and its relatives (compose-spec: 12-interpolation).

use std::cell::Cell;
use std::fmt;

/// Deepest nesting of defaults.
const DEPTH: usize = 32;
/// Longest text that variables may make of a shorter one: no process is started with a longer one (Linux: execve(2),
/// `MAX_ARG_STRLEN`). Variables that take each other in twice would double with every step.
pub(crate) const LONGEST: usize = 128 * 1024;

/// What is known of a variable: `None` for one that is not set, a reason for one whose value is not known.
pub type Known = Option<Result<String, String>>;

/// Why a text could not be resolved. None of them quotes the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A variable is not set and has no default: Compose takes the empty text and warns.
    Unset(String),
    /// `${NAME:?}`: Compose refuses to go on without it.
    Required(String),
    /// A variable is set to something that is not known.
    Unknown(String),
    /// The text breaks the grammar; Compose refuses it.
    Grammar(String),
    /// Its variables make it longer than the limit.
    Long,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset(name) | Self::Required(name) => write!(f, "the variable `{name}` is not set"),
            Self::Unknown(why) | Self::Grammar(why) => f.write_str(why),
            Self::Long => write!(f, "its variables make it longer than the limit of {LONGEST} bytes"),
        }
    }
}

/// A part of a resolved text, and what gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What it says.
    pub(crate) value: String,
    /// What gave it.
    pub(crate) origin: Origin,
}

/// What gave a part of a resolved text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The text itself, or the default of a variable in it, from this byte on.
    Text(usize),
    /// A variable; where its default stands, if it has one.
    Variable(String, Option<(usize, usize)>),
}

/// Resolves every variable of a text, in parts, each with what gave it.
///
/// # Errors
/// Those of [`resolve`].
pub(crate) fn pieces(text: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Piece>, String> {
    nested(text, 0, &|name| get(name).map(Ok), false, 0).map_err(|fault| fault.to_string())
}

fn joined(pieces: Vec<Piece>) -> String {
    pieces.into_iter().map(|p| p.value).collect()
}

/// Resolves every variable of a text. How long it grows is for the caller to count.
///
/// # Errors
/// A variable is not set and has no default, or the text breaks the grammar: one phrase that names the variable.
pub fn resolve(text: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    pieces(text, get).map(joined)
}

/// Resolves every variable of a text, some of which may be set to what is not known.
///
/// # Errors
/// The first fault.
pub fn substitute(text: &str, get: &dyn Fn(&str) -> Known) -> Result<String, Fault> {
    bounded(text, get, false)
}

/// The same where it is known that what is not set is set nowhere: the empty text, as Compose takes it.
///
/// # Errors
/// The first fault.
pub fn substitute_all(text: &str, get: &dyn Fn(&str) -> Known) -> Result<String, Fault> {
    bounded(text, get, true)
}

/// Resolves a text whose variables may make it so much longer, and no more.
fn bounded(text: &str, get: &dyn Fn(&str) -> Known, all: bool) -> Result<String, Fault> {
    let room = Cell::new(LONGEST);
    let long = Cell::new(false);
    let counted = |name: &str| {
        let value = get(name)?;
        let left = room.get().checked_sub(value.as_ref().map_or(0, String::len));
        room.set(left.unwrap_or(0));
        long.set(long.get() || left.is_none());
        Some(if left.is_some() { value } else { Err(Fault::Long.to_string()) })
    };
    nested(text, 0, &counted, all, 0).map(joined).map_err(|fault| if long.get() { Fault::Long } else { fault })
}

/// Resolves a text that starts at this byte of the whole.
fn nested(text: &str, start: usize, get: &dyn Fn(&str) -> Known, all: bool, depth: usize) -> Result<Vec<Piece>, Fault> {
    if depth > DEPTH {
        return Err(Fault::Grammar(format!("variables are nested deeper than the limit of {DEPTH}")));
    }
    let mut out: Vec<Piece> = Vec::new();
    let mut rest = text;
    let at = |rest: &str| start + text.len() - rest.len();
    let plain = |value: &str, at: usize| Piece { value: value.to_owned(), origin: Origin::Text(at) };
    while let Some((before, after)) = rest.split_once('$') {
        out.push(plain(before, at(rest)));
        if let Some(tail) = after.strip_prefix('$') {
            out.push(plain("$", at(after)));
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let (inside, tail) = closing(inner).ok_or_else(|| Fault::Grammar("a `${` is not closed".into()))?;
            out.extend(braced(inside, at(inner), get, all, depth)?);
            rest = tail;
        } else {
            let (name, tail) = name(after);
            if name.is_empty() {
                out.push(plain("$", at(after)));
            } else {
                let value = or_empty(name, set(name, get)?, all)?;
                out.push(Piece { value, origin: Origin::Variable(name.to_owned(), None) });
            }
            rest = tail;
        }
    }
    out.push(plain(rest, at(rest)));
    Ok(out)
}

fn or_empty(name: &str, value: Option<String>, all: bool) -> Result<String, Fault> {
    value.or_else(|| all.then(String::new)).ok_or_else(|| Fault::Unset(name.to_owned()))
}

fn set(name: &str, get: &dyn Fn(&str) -> Known) -> Result<Option<String>, Fault> {
    get(name).transpose().map_err(Fault::Unknown)
}

/// The name at the start of a text, and what follows.
fn name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(if text.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { end })
}

/// What stands before the brace that closes the one before the text, and what stands after it.
pub(super) fn closing(text: &str) -> Option<(&str, &str)> {
    let mut open = 0_usize;
    let mut dollar = false;
    for (i, c) in text.char_indices() {
        match c {
            '{' if dollar => open += 1,
            '}' if open == 0 => return Some((text.get(..i)?, text.get(i + 1..)?)),
            '}' => open -= 1,
            _ => {}
        }
        dollar = c == '$';
    }
    None
}

fn braced(inner: &str, start: usize, get: &dyn Fn(&str) -> Known, all: bool, depth: usize) -> Result<Vec<Piece>, Fault> {
    let (name, operator) = name(inner);
    if name.is_empty() {
        return Err(Fault::Grammar("a `${` is followed by no name".into()));
    }
    let value = set(name, get)?;
    let colon = operator.strip_prefix(':');
    let value = value.filter(|v| colon.is_none() || !v.is_empty());
    let mut rest = colon.unwrap_or(operator).chars();
    let (sign, argument) = (rest.next(), rest.as_str());
    let (from, to) = (start + inner.len() - argument.len(), start + inner.len());
    let given = |value: String, default| vec![Piece { value, origin: Origin::Variable(name.to_owned(), default) }];
    match (sign, value) {
        (None, value) if colon.is_none() => or_empty(name, value, all).map(|value| given(value, None)),
        (Some('-'), Some(value)) => Ok(given(value, Some((from, to)))),
        (Some('?'), Some(value)) => Ok(given(value, None)),
        (Some('-'), None) | (Some('+'), Some(_)) => nested(argument, from, get, all, depth + 1),
        (Some('?'), None) => Err(Fault::Required(name.to_owned())),
        (Some('+'), None) => Ok(Vec::new()),
        _ => Err(Fault::Grammar(format!("`{name}` is followed by no known operator"))),
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

    #[test]
    fn a_text_grows_no_longer_than_the_limit() {
        let get = |_: &str| Some(Ok("x".repeat(LONGEST / 2)));
        assert!(substitute("$A$A", &get).is_ok());
        assert_eq!(substitute("$A$A$A", &get), Err(Fault::Long));
        assert_eq!(substitute("${B:+$A$A$A}", &get), Err(Fault::Long));
    }
}
