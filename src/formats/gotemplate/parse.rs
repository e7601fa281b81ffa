//! The text of a Go template → its tree (text/template/parse).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lex::{Token, tokens};
use super::text::Text;
use crate::source::Span;

/// Deepest nesting of blocks and parentheses.
const DEPTH: usize = 100;

/// A piece of a template.
pub(crate) enum Item {
    /// Text as it stands.
    Text(Span),
    /// `{{ pipe }}`
    Action(Pipe),
    /// `if`, `with`: condition, body, else.
    If(Pipe, Vec<Item>, Vec<Item>),
    With(Pipe, Vec<Item>, Vec<Item>),
    Range(Pipe, Vec<Item>, Vec<Item>),
    /// `{{ template "name" pipe }}`
    Template(String, Option<Pipe>, Span),
    Break,
    Continue,
}

/// Commands joined by `|`, and the variables that take the result.
pub(crate) struct Pipe {
    pub(crate) span: Span,
    pub(crate) vars: Vec<String>,
    /// `=` and not `:=`.
    pub(crate) assigns: bool,
    pub(crate) commands: Vec<Vec<Arg>>,
}

/// One word of a command.
pub(crate) enum Arg {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Function(String),
    /// `.a.b`; empty: `.`
    Field(Vec<String>),
    /// `$x.a.b`; `$` is the empty name.
    Variable(String, Vec<String>),
    /// `(pipe).a.b`
    Paren(Pipe, Vec<String>),
}

/// A body with the text that its spans cut.
pub(crate) struct Body {
    pub(crate) text: Rc<Text>,
    pub(crate) items: Vec<Item>,
}

/// What a template file holds: its own body and what it defines.
pub(crate) struct Parsed {
    pub(crate) body: Rc<Body>,
    pub(crate) defines: BTreeMap<String, Rc<Body>>,
}

/// Why a text is no template, and at which byte.
pub(crate) type Wrong = (usize, String);

/// Parses a template.
pub(crate) fn parse(text: Text) -> Result<Parsed, Wrong> {
    let text = Rc::new(text);
    let mut parser = Parser { text: &text, at: 0, defines: BTreeMap::new(), depth: 0 };
    let (items, end) = parser.items()?;
    match end {
        End::File => Ok(Parsed { body: Rc::new(Body { text: Rc::clone(&text), items }), defines: parser.defines }),
        End::Block(at) | End::Else(at, _) => Err((at, "closes a block that is not open".into())),
    }
}

struct Parser<'t> {
    text: &'t Rc<Text>,
    at: usize,
    defines: BTreeMap<String, Rc<Body>>,
    depth: usize,
}

/// What ended a list of items.
enum End {
    File,
    Block(usize),
    /// `else`, with the tokens after it (`if x`).
    Else(usize, Vec<(usize, Token)>),
}

impl Parser<'_> {
    fn items(&mut self) -> Result<(Vec<Item>, End), Wrong> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err((self.at, format!("is nested deeper than the limit of {DEPTH} blocks")));
        }
        let out = self.items_inside();
        self.depth -= 1;
        out
    }

    fn items_inside(&mut self) -> Result<(Vec<Item>, End), Wrong> {
        let mut items = Vec::new();
        loop {
            let all = self.text.as_str();
            let rest = all.get(self.at..).unwrap_or("");
            let Some(open) = rest.find("{{") else {
                items.push(Item::Text(Span { start: self.at, end: all.len() }));
                self.at = all.len();
                return Ok((items, End::File));
            };
            let begin = self.at + open;
            let inner = begin + 2;
            let trims_left = all.get(inner..).is_some_and(|t| t.starts_with('-') && t[1..].starts_with([' ', '\t', '\r', '\n']));
            let literal = all.get(self.at..begin).unwrap_or("");
            let literal_end = if trims_left { self.at + literal.trim_end_matches([' ', '\t', '\r', '\n']).len() } else { begin };
            if literal_end > self.at {
                items.push(Item::Text(Span { start: self.at, end: literal_end }));
            }
            let start = if trims_left { inner + 1 } else { inner };
            let (words, close) = tokens(all, start)?;
            let trims_right = all.get(..close).is_some_and(|t| t.ends_with('-'))
                && all.get(..close - 1).is_some_and(|t| t.ends_with([' ', '\t', '\r', '\n']) || t.ends_with("*/"));
            let mut next = close + 2;
            if trims_right {
                let rest = all.get(next..).unwrap_or("");
                next += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            }
            self.at = next;
            let span = Span { start: begin, end: close + 2 };
            if let Some(end) = self.action(words, span, &mut items)? {
                return Ok((items, end));
            }
        }
    }

    /// One action.
    fn action(&mut self, words: Vec<(usize, Token)>, span: Span, items: &mut Vec<Item>) -> Result<Option<End>, Wrong> {
        let Some((_, first)) = words.first() else { return Ok(None) };
        let keyword = if let Token::Word(word) = first { word.as_str() } else { "" };
        let rest = || words.get(1..).unwrap_or_default().to_vec();
        match keyword {
            "end" => return Ok(Some(End::Block(span.start))),
            "else" => return Ok(Some(End::Else(span.start, rest()))),
            "break" => items.push(Item::Break),
            "continue" => items.push(Item::Continue),
            "if" | "with" | "range" => {
                let item = self.block(keyword, rest(), span)?;
                items.push(item);
            }
            "define" | "block" => {
                let Some((_, Token::Str(name))) = words.get(1) else {
                    return Err((span.start, format!("has a `{keyword}` without a name")));
                };
                let (body, end) = self.items()?;
                if !matches!(end, End::Block(_)) {
                    return Err((span.start, format!("has a `{keyword}` that is not closed")));
                }
                self.defines.insert(name.clone(), Rc::new(Body { text: Rc::clone(self.text), items: body }));
                if keyword == "block" {
                    let pipe = pipe(words.get(2..).unwrap_or_default(), span)?;
                    items.push(Item::Template(name.clone(), Some(pipe), span));
                }
            }
            "template" => {
                let Some((_, Token::Str(name))) = words.get(1) else {
                    return Err((span.start, "has a `template` without a name".into()));
                };
                let given = words.get(2..).unwrap_or_default();
                let given = if given.is_empty() { None } else { Some(pipe(given, span)?) };
                items.push(Item::Template(name.clone(), given, span));
            }
            _ => items.push(Item::Action(pipe(&words, span)?)),
        }
        Ok(None)
    }

    fn block(&mut self, keyword: &str, words: Vec<(usize, Token)>, span: Span) -> Result<Item, Wrong> {
        let condition = pipe(&words, span)?;
        let (body, end) = self.items()?;
        let otherwise = match end {
            End::File => return Err((span.start, format!("has an `{keyword}` that is not closed"))),
            End::Block(_) => Vec::new(),
            End::Else(at, words) => match words.first() {
                None => match self.items()? {
                    (items, End::Block(_)) => items,
                    _ => return Err((at, "has an `else` that is not closed".into())),
                },
                Some((_, Token::Word(word))) if word == "if" || word == "with" => {
                    let word = word.clone();
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err((at, format!("is nested deeper than the limit of {DEPTH} blocks")));
                    }
                    let nested = self.block(&word, words.get(1..).unwrap_or_default().to_vec(), Span { start: at, end: at })?;
                    self.depth -= 1;
                    vec![nested]
                }
                Some(_) => return Err((at, "has an `else` that is followed by no condition".into())),
            },
        };
        Ok(match keyword {
            "if" => Item::If(condition, body, otherwise),
            "with" => Item::With(condition, body, otherwise),
            _ => Item::Range(condition, body, otherwise),
        })
    }
}

/// A pipeline from its tokens, all of them.
fn pipe(words: &[(usize, Token)], span: Span) -> Result<Pipe, Wrong> {
    let mut at = 0;
    let out = pipe_at(words, &mut at, span, 0)?;
    match words.get(at) {
        None => Ok(out),
        Some((offset, _)) => Err((*offset, "has a `)` that closes nothing".into())),
    }
}

fn pipe_at(words: &[(usize, Token)], at: &mut usize, span: Span, depth: usize) -> Result<Pipe, Wrong> {
    if depth > DEPTH {
        return Err((span.start, format!("is nested deeper than the limit of {DEPTH} parentheses")));
    }
    let mut out = Pipe { span, vars: Vec::new(), assigns: false, commands: Vec::new() };
    // `$a, $b := `, `$a = `
    let declared = words.iter().skip(*at).position(|(_, t)| matches!(t, Token::Declare | Token::Assign | Token::Open | Token::Pipe));
    if let Some(i) = declared
        && let Some((_, sign @ (Token::Declare | Token::Assign))) = words.get(*at + i)
    {
        for (_, token) in words.iter().skip(*at).take(i) {
            match token {
                Token::Variable(name, fields) if fields.is_empty() => out.vars.push(name.clone()),
                Token::Comma => {}
                _ => return Err((span.start, "assigns to what is no variable".into())),
            }
        }
        out.assigns = *sign == Token::Assign;
        *at += i + 1;
    }
    let mut command: Vec<Arg> = Vec::new();
    while let Some((offset, token)) = words.get(*at) {
        match token {
            Token::Close => break,
            Token::Pipe => {
                if command.is_empty() {
                    return Err((*offset, "has an empty command".into()));
                }
                out.commands.push(std::mem::take(&mut command));
                *at += 1;
                continue;
            }
            Token::Open => {
                *at += 1;
                let inner = pipe_at(words, at, span, depth + 1)?;
                if !matches!(words.get(*at), Some((_, Token::Close))) {
                    return Err((*offset, "has a `(` that is not closed".into()));
                }
                // Only a field that touches the parenthesis is one of it: `(f).a`, and not `(f) .a`.
                let mut fields = Vec::new();
                let end = words.get(*at).map_or(0, |(o, _)| o + 1);
                if let Some((next, Token::Field(path))) = words.get(*at + 1)
                    && *next == end
                {
                    fields.clone_from(path);
                    *at += 1;
                }
                command.push(Arg::Paren(inner, fields));
            }
            Token::Word(word) => command.push(match word.as_str() {
                "true" => Arg::Bool(true),
                "false" => Arg::Bool(false),
                "nil" => Arg::Nil,
                _ => Arg::Function(word.clone()),
            }),
            Token::Field(path) => command.push(Arg::Field(path.clone())),
            Token::Variable(name, path) => command.push(Arg::Variable(name.clone(), path.clone())),
            Token::Str(text) => command.push(Arg::Str(text.clone())),
            Token::Int(n) => command.push(Arg::Int(*n)),
            Token::Float(n) => command.push(Arg::Float(*n)),
            Token::Declare | Token::Assign | Token::Comma => return Err((*offset, "has an unexpected sign in an action".into())),
        }
        *at += 1;
    }
    if !command.is_empty() {
        out.commands.push(command);
    }
    if out.commands.is_empty() {
        return Err((span.start, "has an empty action".into()));
    }
    Ok(out)
}
