//! Functions on texts.

use std::sync::Arc;

use super::Why;
use crate::document::Node;
use crate::formats::terraform::value::{self, as_number, as_text, list, plain, text, why};
use crate::source::Location;

/// Calls a function from texts to a text.
pub(super) fn call(name: &str, args: &[Node], at: &Location) -> Result<Node, Why> {
    let arg = |n: usize| args.get(n).ok_or_else(|| Why::from(format!("`{name}` is given too little")));
    let word = |n: usize| arg(n).and_then(as_text);
    let out = match name {
        "format" => format(args)?,
        "join" => {
            let mut words = Vec::new();
            for list in args.iter().skip(1) {
                for item in list.items() {
                    words.push(as_text(item)?);
                }
                if let Some(why) = why(list) {
                    return Err(Arc::clone(why));
                }
            }
            words.join(&word(0)?)
        }
        "split" => {
            let (sign, whole) = (word(0)?, word(1)?);
            return Ok(list(whole.split(&sign).map(|w| text(w, at)).collect(), at));
        }
        "lower" => word(0)?.to_lowercase(),
        "upper" => word(0)?.to_uppercase(),
        "title" => word(0)?.split(' ').map(capital).collect::<Vec<_>>().join(" "),
        "trimspace" => word(0)?.trim().to_owned(),
        "chomp" => word(0)?.trim_end_matches(['\n', '\r']).to_owned(),
        "trimprefix" => {
            let (whole, start) = (word(0)?, word(1)?);
            whole.strip_prefix(&start).unwrap_or(&whole).to_owned()
        }
        "trimsuffix" => {
            let (whole, end) = (word(0)?, word(1)?);
            whole.strip_suffix(&end).unwrap_or(&whole).to_owned()
        }
        "trim" => {
            let signs: Vec<char> = word(1)?.chars().collect();
            word(0)?.trim_matches(signs.as_slice()).to_owned()
        }
        "replace" => {
            let (old, new) = (word(1)?, word(2)?);
            if old.starts_with('/') && old.ends_with('/') && old.len() > 1 {
                return Err("`replace` with a regular expression is not evaluated".into());
            }
            let whole = word(0)?;
            let longest = whole.len() + (whole.len() + 1) * new.len();
            if longest > value::LONGEST * 4 {
                return Err(value::too_long());
            }
            whole.replace(&old, &new)
        }
        "substr" => {
            let (whole, start, count) = (word(0)?, arg(1).and_then(as_number)?, arg(2).and_then(as_number)?);
            if start < 0.0 {
                return Err("`substr` from the end is not evaluated".into());
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is what is meant")]
            let count = if count < 0.0 { usize::MAX } else { count as usize };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
            whole.chars().skip(start as usize).take(count).collect()
        }
        "startswith" => return Ok(plain(word(0)?.starts_with(&word(1)?).to_string(), at)),
        "endswith" => return Ok(plain(word(0)?.ends_with(&word(1)?).to_string(), at)),
        "strcontains" => return Ok(plain(word(0)?.contains(&word(1)?).to_string(), at)),
        "abspath" | "pathexpand" => word(0)?,
        "basename" => crate::workspace::file_name(&word(0)?).to_owned(),
        "dirname" => crate::workspace::parent(&word(0)?).to_owned(),
        _ => return Err(format!("the function `{name}` is not evaluated").into()),
    };
    if out.len() > value::LONGEST { Err(value::too_long()) } else { Ok(text(out, at)) }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `%s`, `%v`, `%d`, `%q`, `%%`; other verbs are not evaluated.
fn format(args: &[Node]) -> Result<String, Why> {
    let pattern = args.first().map_or_else(|| Err("`format` is given too little".into()), as_text)?;
    let mut rest = args.iter().skip(1);
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => out.push('%'),
            Some('s' | 'v' | 'd') => out.push_str(&rest.next().map_or_else(|| Err("`format` is given too little".into()), as_text)?),
            _ => return Err("a verb of `format` is not evaluated".into()),
        }
    }
    Ok(out)
}
