//! An unquoted scalar of a mapping → the text that Compose hands to the container: YAML 1.2 types with the octal numbers and
//! dates of 1.1, printed as Go prints them (gopkg.in/yaml.v3 `resolve`; `fmt` `%v`).

use crate::document::{Content, Node, Style};

/// The text of a scalar as a value of `environment`. `None`: Compose refuses it.
pub(super) fn text_of(node: &Node) -> Option<String> {
    let Content::Scalar(text, style) = &node.content else { return None };
    match (node.tag.as_deref(), style) {
        (None | Some("!override"), Style::Plain) => plain(text),
        (Some("!!int" | "!!float" | "!!bool" | "!!timestamp"), _) => plain(text),
        _ => Some(text.to_string()),
    }
}

fn plain(text: &str) -> Option<String> {
    match text {
        "true" | "True" | "TRUE" => return Some("true".into()),
        "false" | "False" | "FALSE" => return Some("false".into()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN" | ".NAN" => return None,
        _ => {}
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let found = if numeric { timestamp(text).or_else(|| integer(text)).or_else(|| float(text)) } else { None };
    Some(found.unwrap_or_else(|| text.to_owned()))
}

/// `1_000`, `0x1f`, `0o17`, `0b1`, and `017` as octal. What does not fit into 64 bits is a float.
fn integer(text: &str) -> Option<String> {
    let text = text.replace('_', "");
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text.as_str()),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let number = u64::from_str_radix(digits, radix).ok()?;
    if sign == "-" {
        return if number == 0 { Some("0".into()) } else { (number <= 1 << 63).then(|| format!("-{number}")) };
    }
    Some(number.to_string())
}

/// Digits with a point or an exponent: the shortest form that reads back.
fn float(text: &str) -> Option<String> {
    let text = text.replace('_', "");
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text.as_str(), None), |(m, e)| (m, Some(e)));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = mantissa
        .strip_prefix(['+', '-'])
        .unwrap_or(mantissa)
        .split_once('.')
        .unwrap_or((mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa), ""));
    let shaped = digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty());
    let signed = |e: &str| digits(e.strip_prefix(['+', '-']).unwrap_or(e)) && e.bytes().any(|b| b.is_ascii_digit());
    if !shaped || !exponent.is_none_or(signed) {
        return None;
    }
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite())?;
    Some(go_float(number))
}

/// From this exponent on Go writes one.
const EXPONENT_FROM: i32 = 6;

/// A float as Go's `%v` prints it: with an exponent below -4 and from there on (strconv `FormatFloat`, `g`).
fn go_float(number: f64) -> String {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 {
        return if number.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    if (-4..EXPONENT_FROM).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// `2020-01-02`, with or without a time and a zone, as Go prints a `time.Time`.
fn timestamp(text: &str) -> Option<String> {
    let (date, rest) = text.split_at_checked(text.find(['T', 't', ' ']).unwrap_or(text.len()))?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |t: &str, longest: usize| -> Option<u32> {
        (!t.is_empty() && t.len() <= longest && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse().ok())?
    };
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (y, m, d) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    jiff::civil::Date::new(i16::try_from(y).ok()?, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()?;
    let date = format!("{y:04}-{m:02}-{d:02}");
    if rest.is_empty() {
        return Some(format!("{date} 00:00:00 +0000 UTC"));
    }
    let spaced = rest.starts_with(' ');
    let rest = rest.get(1..)?;
    let (clock, zone) = match rest.find(['Z', '+', '-']) {
        Some(i) if !spaced => rest.split_at_checked(i)?,
        None if spaced => (rest, ""),
        _ => return None,
    };
    let mut parts = clock.split(':');
    let (hour, minute, second) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, parts.next()?);
    let (second, fraction) = second.split_once('.').map_or((second, ""), |(s, f)| (s, f));
    let second = number(second, 2)?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    let point = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    let zone = match zone {
        "" | "Z" => "+0000 UTC".to_owned(),
        zone => {
            let (h, m) = zone.get(1..)?.split_once(':')?;
            let sign = zone.get(..1)?;
            let offset = format!("{sign}{:02}{:02}", number(h, 2)?, number(m, 2)?);
            if offset == "+0000" || offset == "-0000" { "+0000 +0000".to_owned() } else { format!("{offset} {offset}") }
        }
    };
    Some(format!("{date} {hour:02}:{minute:02}:{second:02}{point} {zone}"))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn as_go_prints_them() {
        for (text, want) in [
            ("1.10", "1.1"),
            ("0755", "493"),
            ("089", "89"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0b11", "3"),
            ("+5", "5"),
            ("-017", "-15"),
            ("10000000.5", "1.00000005e+07"),
            ("3e7", "3e+07"),
            ("123456.0", "123456"),
            ("1e6", "1e+06"),
            ("1234567.0", "1.234567e+06"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("-0.0", "-0"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("yes", "yes"),
            ("on", "on"),
            ("True", "true"),
            ("5432:5432", "5432:5432"),
            ("1.2.3", "1.2.3"),
            ("2020-01-02", "2020-01-02 00:00:00 +0000 UTC"),
            ("2020-1-2T3:4:5.60Z", "2020-01-02 03:04:05.6 +0000 UTC"),
            ("2020-13-02", "2020-13-02"),
            ("-", "-"),
            (".", "."),
            ("+", "+"),
            ("1e", "1e"),
            ("0x", "0x"),
        ] {
            assert_eq!(plain(text).as_deref(), Some(want), "{text}");
        }
        assert_eq!(plain(".inf"), None);
    }
}
