//! Functions over texts; what keeps bytes keeps their origins.

use super::{Given, at, text};
use crate::formats::gotemplate::eval::{Engine, Fail};
use crate::formats::gotemplate::text::Text;
use crate::formats::gotemplate::value::{Kind, Val};

/// Most repetitions of a text.
const REPEAT: i64 = 100_000;

pub(super) fn call(engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Option<Given> {
    let last = text(engine, &args.last().cloned().unwrap_or(Val::NULL));
    let first = text(engine, &at(args, 0));
    let word = first.as_str().to_owned();
    let whole = last.as_str();
    let n = |i: usize| match at(args, i).kind {
        Kind::Int(n) => n,
        Kind::Float(n) => n as i64,
        Kind::Str(text) => text.as_str().parse().unwrap_or(0),
        _ => 0,
    };
    let made = |new: String| Val::text(Text::made(new, &last));
    if engine.wrote(last.len() + first.len()).is_err() {
        return Some(Err(Fail::new("writes more than the limit")));
    }
    Some(Ok(match name {
        "quote" | "squote" => {
            let mut out = Text::default();
            for (i, arg) in args.iter().filter(|a| !matches!(a.kind, Kind::Null)).enumerate() {
                if i > 0 {
                    out.push_str(" ");
                }
                let inner = text(engine, arg);
                if name == "squote" {
                    out.push_str("'");
                    out.append(&inner);
                    out.push_str("'");
                } else {
                    out.append(&quoted(&inner));
                }
            }
            Val::text(out)
        }
        "toString" => Val::text(last),
        "print" | "println" | "cat" => {
            let mut out = Text::default();
            let mut before = true;
            for (i, arg) in args.iter().enumerate() {
                let is_text = matches!(arg.kind, Kind::Str(_));
                if i > 0 && (name != "print" || !(before || is_text)) {
                    out.push_str(" ");
                }
                before = is_text;
                out.append(&text(engine, arg));
            }
            if name == "println" {
                out.push_str("\n");
            }
            Val::text(out)
        }
        "printf" => return Some(printf(engine, &first, args.get(1..).unwrap_or_default())),
        "trim" => Val::text(last.trimmed(true, true, char::is_whitespace)),
        "trimAll" => Val::text(last.trimmed(true, true, |c| word.contains(c))),
        "trimSuffix" => Val::text(last.slice(0, whole.strip_suffix(word.as_str()).map_or(whole.len(), str::len))),
        "trimPrefix" => Val::text(last.slice(if whole.starts_with(word.as_str()) { word.len() } else { 0 }, whole.len())),
        "trunc" => {
            let (count, len) = (n(0), whole.len() as i64);
            let cut = |i: i64| (0..=i.clamp(0, len) as usize).rev().find(|i| whole.is_char_boundary(*i)).unwrap_or(0);
            Val::text(if count < 0 { last.slice(cut(len + count), whole.len()) } else { last.slice(0, cut(count)) })
        }
        "substr" => {
            let (from, to) = (n(0).max(0) as usize, n(1));
            Val::text(last.slice(from, if to < 0 { whole.len() } else { to as usize }))
        }
        "abbrev" => made(whole.chars().take(n(0).max(0) as usize).collect()),
        "upper" => made(whole.to_uppercase()),
        "lower" => {
            let lower = whole.to_lowercase();
            if lower == whole { Val::text(last) } else { made(lower) }
        }
        "title" => made(
            whole
                .split(' ')
                .map(|w| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect::<String>())
                .collect::<Vec<_>>()
                .join(" "),
        ),
        "untitle" => made(untitled(whole)),
        "camelcase" => made(
            whole
                .split(['-', '_', ' '])
                .map(|w| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect::<String>())
                .collect(),
        ),
        "snakecase" | "kebabcase" => {
            let sign = if name == "snakecase" { '_' } else { '-' };
            let mut out = String::new();
            for c in whole.chars() {
                if c.is_uppercase() && !out.is_empty() && !out.ends_with(sign) {
                    out.push(sign);
                }
                out.extend(if matches!(c, '-' | '_' | ' ') { vec![sign] } else { c.to_lowercase().collect() });
            }
            made(out)
        }
        "nospace" => made(whole.split_whitespace().collect()),
        "replace" => Val::text(last.replaced(&word, text(engine, &at(args, 1)).as_str())),
        "contains" => Val::bool(whole.contains(&word)),
        "hasPrefix" => Val::bool(whole.starts_with(&word)),
        "hasSuffix" => Val::bool(whole.ends_with(&word)),
        "indent" | "nindent" => {
            let mut out = Text::default();
            if name == "nindent" {
                out.push_str("\n");
            }
            let lines = whole.matches('\n').count() + 1;
            let by = n(0).clamp(0, 1000) as usize;
            if engine.wrote(lines * by + whole.len()).is_err() || engine.step(lines / 8).is_err() {
                return Some(Err(Fail::new("writes more than the limit")));
            }
            out.append(&last.indented(by));
            Val::text(out)
        }
        "repeat" => {
            let count = n(0).clamp(0, REPEAT) as usize;
            if let Err(fail) = engine.wrote(whole.len().saturating_mul(count)) {
                return Some(Err(fail));
            }
            made(whole.repeat(count))
        }
        "splitList" | "split" => {
            let mut parts = Vec::new();
            let mut start = 0;
            if word.is_empty() {
                return Some(Ok(Val::list(whole.chars().map(|c| Val::str(c.to_string())).collect())));
            }
            for (i, _) in whole.match_indices(&word) {
                parts.push(Val::text(last.slice(start, i)));
                start = i + word.len();
            }
            parts.push(Val::text(last.slice(start, whole.len())));
            if name == "splitList" { Val::list(parts) } else { numbered(parts) }
        }
        "splitn" => {
            let mut parts: Vec<Val> = Vec::new();
            let (mut start, most) = (0, n(1).max(0) as usize);
            while parts.len() + 1 < most
                && let Some(i) = whole.get(start..).and_then(|t| t.find(&word)).filter(|_| !word.is_empty())
            {
                parts.push(Val::text(last.slice(start, start + i)));
                start += i + word.len();
            }
            parts.extend((most > 0).then(|| Val::text(last.slice(start, whole.len()))));
            numbered(parts)
        }
        "join" => {
            let items = match &at(args, 1).kind {
                Kind::List(items) => items.to_vec(),
                _ => vec![at(args, 1)],
            };
            let mut out = Text::default();
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(&word);
                }
                out.append(&text(engine, item));
            }
            Val::text(out)
        }
        "base" => made(whole.rsplit('/').next().unwrap_or("").to_owned()),
        "dir" => made(whole.rsplit_once('/').map_or(".", |(d, _)| d).to_owned()),
        "ext" => made(whole.rsplit('/').next().and_then(|f| f.rfind('.').map(|i| f[i..].to_owned())).unwrap_or_default()),
        "plural" => at(args, usize::from(n(2) != 1)),
        _ => return None,
    }))
}

/// Parts by their numbers: `_0`, `_1`.
fn numbered(parts: Vec<Val>) -> Val {
    let keys: Vec<String> = (0..parts.len()).map(|i| format!("_{i}")).collect();
    Val::pairs(keys.iter().map(String::as_str).zip(parts))
}

/// A text whose first letter is small.
pub(super) fn untitled(text: &str) -> String {
    text.chars().take(1).flat_map(char::to_lowercase).chain(text.chars().skip(1)).collect()
}

/// A text in double quotes, as Go's `%q` writes it.
fn quoted(inner: &Text) -> Text {
    let mut out = Text::default();
    out.push_str("\"");
    let body = inner.replaced("\\", "\\\\").replaced("\"", "\\\"").replaced("\n", "\\n").replaced("\t", "\\t").replaced("\r", "\\r");
    out.append(&body);
    out.push_str("\"");
    out
}

/// `printf` with the verbs that charts use.
fn printf(engine: &mut Engine<'_>, format: &Text, args: &[Val]) -> Given {
    let mut out = Text::default();
    let all = format.as_str();
    let mut next = args.iter();
    let mut at = 0;
    while let Some(i) = all.get(at..).and_then(|t| t.find('%')) {
        out.append(&format.slice(at, at + i));
        let spec = all.get(at + i + 1..).unwrap_or("");
        let flags = spec.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | ' ' | '#')).unwrap_or(spec.len());
        let verb = spec.get(flags..).and_then(|t| t.chars().next()).unwrap_or('%');
        at = at + i + 1 + flags + verb.len_utf8().min(spec.len() - flags);
        if verb == '%' {
            out.push_str("%");
            continue;
        }
        let Some(arg) = next.next() else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        let shown = text(engine, arg);
        let flags = spec.get(..flags).unwrap_or("");
        match verb {
            's' | 'v' | 'd' | 't' | 'f' | 'g' | 'w' if flags.is_empty() => {
                let value = if verb == 'd' { super::math::integer(arg).map(|n| n.to_string()) } else { None };
                match value {
                    Some(n) => out.append(&Text::made(n, &shown)),
                    None => out.append(&shown),
                }
            }
            'q' => out.append(&quoted(&shown)),
            'd' if flags.starts_with('0') => {
                let width: usize = flags.parse().unwrap_or(0).min(64);
                out.append(&Text::made(format!("{:0>width$}", shown.as_str()), &shown));
            }
            'x' if flags.is_empty() => {
                let hex: String = shown.as_str().bytes().map(|b| format!("{b:02x}")).collect();
                out.append(&Text::made(hex, &shown));
            }
            's' | 'v' if flags.strip_prefix('.').is_some_and(|n| n.parse::<usize>().is_ok()) => {
                let count = flags.get(1..).and_then(|n| n.parse().ok()).unwrap_or(0);
                out.append(&shown.slice(0, count));
            }
            _ => return Ok(Val::unknown(format!("the verb `%{verb}` of `printf` is not evaluated"))),
        }
    }
    out.append(&format.slice(at, all.len()));
    Ok(Val::text(out))
}
