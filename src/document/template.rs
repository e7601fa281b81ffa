//! A template of YAML (ERB, Go templates, Jinja) → a text of the same length that YAML can read, with the actions masked.
//!
//! Every byte keeps its place, so the places of the tree are places of the template.

mod conditions;

pub(crate) use conditions::Conditions;

/// Stands where an action was; a private character (Unicode: Private Use Area) that no manifest holds.
pub(crate) const MARK: char = '\u{e000}';

/// A text with its actions masked.
pub(crate) struct Masked {
    /// As long as the template.
    pub(crate) text: String,
    /// Where the first action starts.
    pub(crate) first: usize,
    /// What the template is.
    pub(crate) language: &'static str,
    /// What of it may not be there.
    pub(crate) conditions: Conditions,
}

/// How actions are written, and in what.
const ACTIONS: [(&str, &str, &str); 3] =
    [("<%", "%>", "an ERB template"), ("{{", "}}", "a template with `{{ }}`"), ("{%", "%}", "a Jinja template")];

/// Is it a template by its name? The name without what says so.
pub(crate) fn plain_name(name: &str) -> (&str, bool) {
    for ending in [".erb", ".tmpl", ".tpl", ".j2", ".jinja", ".jinja2", ".template", ".gotmpl"] {
        if let Some(plain) = name.strip_suffix(ending) {
            return (plain, true);
        }
    }
    (name, false)
}

/// Masks the actions of a template; `None` where it has none. An action alone on its lines becomes blank, one inside a
/// scalar becomes [`MARK`].
pub(crate) fn mask(text: &str) -> Option<Masked> {
    let mut out = text.as_bytes().to_vec();
    let mut found: Option<(usize, &'static str)> = None;
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    let mut ahead = [None; ACTIONS.len()];
    while let Some((start, close, language)) = next(text, from, &mut ahead) {
        let Some(end) = text.get(start + 2..).and_then(|r| r.find(close)).map(|i| start + 2 + i + close.len()) else { break };
        found.get_or_insert((start, language));
        spans.push((start, end));
        from = end;
    }
    let (first, language) = found?;
    let mut i = 0;
    while let Some((start, _)) = spans.get(i) {
        // Actions with nothing but blanks between and around them fill their lines.
        let mut last = i;
        while let (Some((_, end)), Some((next, _))) = (spans.get(last), spans.get(last + 1)) {
            if text.get(*end..*next).is_some_and(|t| t.bytes().all(|b| matches!(b, b' ' | b'\t'))) {
                last += 1;
            } else {
                break;
            }
        }
        let end = spans.get(last).map_or(*start, |s| s.1);
        let alone = alone(text, *start, end);
        for (start, end) in spans.get(i..=last).unwrap_or_default() {
            cover(&mut out, *start, *end, alone);
        }
        i = last + 1;
    }
    let conditions = Conditions::of(text, &spans);
    String::from_utf8(out).ok().map(|text| Masked { text, first, language, conditions })
}

/// Writes over an action.
fn cover(out: &mut [u8], start: usize, end: usize, alone: bool) {
    for byte in out.get_mut(start..end).unwrap_or_default() {
        *byte = match (alone, *byte) {
            (true, b'\n' | b'\r') => *byte,
            (true, _) => b' ',
            (false, _) => b'x',
        };
    }
    if !alone {
        let mut mark = [0; 4];
        let mark = MARK.encode_utf8(&mut mark).as_bytes();
        for (to, from) in out.get_mut(start..end).unwrap_or_default().iter_mut().zip(mark) {
            *to = *from;
        }
    }
}

/// Does nothing else than blanks stand on the lines of a part of a text?
pub(crate) fn alone(text: &str, start: usize, end: usize) -> bool {
    let blank = |c: char| c.is_whitespace() && c != '\n';
    let before = text.get(..start).unwrap_or("").trim_end_matches(blank);
    let after = text.get(end..).unwrap_or("").trim_start_matches(blank);
    (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
}

/// The next action: where it starts, what closes it, its language. `ahead` keeps where each form of them comes next.
fn next(text: &str, from: usize, ahead: &mut [Option<usize>; ACTIONS.len()]) -> Option<(usize, &'static str, &'static str)> {
    let rest = text.get(from..)?;
    let forms = ACTIONS.iter().zip(ahead).map(|((open, close, language), ahead)| {
        let start = ahead.filter(|start| *start >= from).unwrap_or_else(|| rest.find(open).map_or(usize::MAX, |i| i + from));
        *ahead = Some(start);
        (start, *close, *language)
    });
    forms.min_by_key(|(start, ..)| *start).filter(|(start, ..)| *start < text.len())
}

/// How a step of delivery marks what it fills in: `${TAG}`, `{{ tag }}`, `<%= tag %>`, `@@TAG@@`, `__TAG__`, `<TAG>`.
const FORMS: [(&str, &str); 10] =
    [("{{", "}}"), ("<%", "%>"), ("${", "}"), ("$(", ")"), ("#{", "}"), ("__", "__"), ("@@", "@@"), ("<<", ">>"), ("<", ">"), ("@", "@")];

/// The first placeholder in a text that some step of delivery fills in. CloudFormation's `{{resolve:...}}` is none: it is
/// filled in when it is used.
pub(crate) fn placeholder(text: &str) -> Option<&str> {
    first(text, |inner, whole| whole || !inner.bytes().any(|b| b.is_ascii_lowercase()))
}

/// The first placeholder in the reference of an image, in which a word between `<` and `>` is one in any case, and `$TAG` is
/// one as well.
pub(crate) fn in_reference(text: &str) -> Option<&str> {
    first(text, |_, _| true).or_else(|| {
        let start = text.find('$')?;
        let rest = text.get(start + 1..)?;
        let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let shell = len > 0 && !rest.starts_with(|c: char| c.is_ascii_digit());
        shell.then(|| text.get(start..start + 1 + len)).flatten()
    })
}

/// The first placeholder; `angled` says of what stands between `<` and `>`, and whether that is all of the text, if it is one.
fn first(text: &str, angled: impl Fn(&str, bool) -> bool) -> Option<&str> {
    let name = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    for (open, close) in FORMS {
        let Some(start) = text.find(open) else { continue };
        let Some(inner) = text.get(start + open.len()..) else { continue };
        let Some(inner) = inner.find(close).and_then(|end| inner.get(..end)) else { continue };
        let whole = text.get(start..start + open.len() + inner.len() + close.len());
        // A digest follows an `@`, and `a__b__c` is a name: these forms hold a name in capitals.
        let fits = match open {
            "__" | "@" => name(inner) && !inner.bytes().any(|b| b.is_ascii_lowercase()),
            "@@" => name(inner),
            "<" => name(inner) && angled(inner, whole == Some(text)),
            "{{" => !inner.is_empty() && !inner.starts_with("resolve:"),
            _ => !inner.is_empty(),
        };
        if fits {
            return whole;
        }
    }
    None
}

/// What is said of a value that is a placeholder.
pub(crate) fn not_filled(placeholder: &str) -> String {
    // A long action of a template is not quoted in full.
    let shown: String = placeholder.chars().take(60).collect();
    format!("the placeholder `{shown}` is not filled in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for (text, value, reference) in [
            ("acme/web:__TAG__", Some("__TAG__"), Some("__TAG__")),
            ("acme/web:{{ .Values.tag }}", Some("{{ .Values.tag }}"), Some("{{ .Values.tag }}")),
            ("${IMAGE}", Some("${IMAGE}"), Some("${IMAGE}")),
            ("acme/web:$TAG", None, Some("$TAG")),
            ("acme/<service>:1", None, Some("<service>")),
            ("<image>", Some("<image>"), Some("<image>")),
            ("<b>bold</b>", None, Some("<b>")),
            ("mysql:<< parameters.line >>", Some("<< parameters.line >>"), Some("<< parameters.line >>")),
            ("acme/web:<%= tag %>", Some("<%= tag %>"), Some("<%= tag %>")),
            ("@@HOST@@:80", Some("@@HOST@@"), Some("@@HOST@@")),
            ("{{resolve:ssm:/a}}", None, None),
            ("acme/my__own__name:1", None, None),
            ("acme/web@sha256:00", None, None),
            ("postgres:15", None, None),
        ] {
            assert_eq!((placeholder(text), in_reference(text)), (value, reference), "{text}");
        }
    }

    #[test]
    fn keeps_every_place() {
        let text = "spec:\n  <% if é %>\n  image: a/b:<%= tag %>\n  <% end %>\n{{- if x }} {{ end }}\nb: \"{{ c }}\"\n";
        let masked = mask(text).expect("actions");
        assert_eq!(masked.text.len(), text.len());
        assert_eq!((masked.first, masked.language), (8, "an ERB template"));
        let lines: Vec<&str> = masked.text.lines().map(str::trim_end).collect();
        assert_eq!(lines, ["spec:", "", "  image: a/b:\u{e000}xxxxxxx", "", "", "b: \"\u{e000}xxxx\""]);
        assert!(mask("a: 1\n").is_none() && mask("a: {{ b\n").is_none());
    }
}
