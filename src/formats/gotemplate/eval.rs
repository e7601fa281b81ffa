//! A template's tree and its data → text (text/template: exec.go), within limits.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::parse::{Body, Item, Pipe, parse};
use super::text::{MARK, MARK_END, Origin, Text};
use super::value::{Kind, Val};
use super::{functions, yaml};
use crate::source::{Location, Span};

mod pipe;

/// Most steps (actions, iterations, calls) of one template.
const STEPS: usize = 200_000;
/// Most bytes that it may write, those of inner templates counted each time.
const BYTES: usize = 16 * 1024 * 1024;
/// How many templates may go to these limits before none is evaluated any more.
const SPENT: usize = 8;
/// Deepest nesting of `include`, `template` and `tpl`.
const DEPTH: usize = 64;

/// Why a template gave no text.
#[derive(Debug)]
pub(crate) struct Fail {
    pub(crate) why: String,
    pub(crate) at: Option<Location>,
}

impl Fail {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), at: None }
    }
}

/// Files that templates may read (`.Files`).
pub(crate) trait Files {
    /// The text of a file below the chart.
    fn get(&self, path: &str) -> Option<Text>;
    /// Their paths.
    fn paths(&self) -> Vec<String>;
}

/// Evaluates templates that share their definitions.
pub(crate) struct Engine<'f> {
    defines: BTreeMap<String, Rc<Body>>,
    pub(crate) files: Option<&'f dyn Files>,
    /// Why a definition may be missing: the chart that has it is not here.
    pub(crate) elsewhere: Option<Rc<str>>,
    reasons: Vec<Rc<str>>,
    /// Where each of them stands.
    numbers: BTreeMap<Rc<str>, usize>,
    steps: usize,
    bytes: usize,
    /// How many templates went past a limit.
    spent: usize,
    depth: usize,
    /// What was not known where it decides: place and reason.
    pub(crate) notices: Vec<(Option<Location>, String)>,
}

/// What names mean at a place.
struct Scope {
    root: Val,
    vars: Vec<(String, Val)>,
}

/// How a list of items ended.
#[derive(PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

impl<'f> Engine<'f> {
    pub(crate) fn new(files: Option<&'f dyn Files>) -> Self {
        Self {
            defines: BTreeMap::new(),
            files,
            elsewhere: None,
            reasons: Vec::new(),
            numbers: BTreeMap::new(),
            steps: 0,
            bytes: 0,
            spent: 0,
            depth: 0,
            notices: Vec::new(),
        }
    }

    /// Parses a template and takes its definitions in; later ones win.
    pub(crate) fn add(&mut self, text: Text) -> Result<Rc<Body>, Fail> {
        let whole = text.clone();
        let parsed = parse(text).map_err(|(offset, why)| Fail { why, at: whole.place(offset, offset + 2) })?;
        self.defines.extend(parsed.defines);
        Ok(parsed.body)
    }

    /// Gives a body a name.
    pub(crate) fn define(&mut self, name: &str, body: &Rc<Body>) {
        self.defines.insert(name.to_owned(), Rc::clone(body));
    }

    /// Runs the template of a file, with limits of its own: one that goes past them does not lose the others.
    pub(crate) fn run_file(&mut self, body: &Body, data: &Val) -> Result<Text, Fail> {
        if self.spent >= SPENT {
            return Err(Fail::new(format!("comes after {SPENT} templates that went past their limits")));
        }
        (self.steps, self.bytes) = (0, 0);
        let out = self.run(body, data);
        self.spent += usize::from(self.steps > STEPS || self.bytes > BYTES);
        out
    }

    /// Runs a template.
    pub(crate) fn run(&mut self, body: &Body, data: &Val) -> Result<Text, Fail> {
        let mut out = Text::default();
        let mut scope = Scope { root: data.clone(), vars: Vec::new() };
        self.items(&body.items, &body.text, data, &mut scope, &mut out)?;
        Ok(out)
    }

    /// Runs a definition by name.
    pub(crate) fn include(&mut self, name: &str, data: &Val) -> Result<Text, Fail> {
        let Some(body) = self.defines.get(name).cloned() else {
            if let Some(why) = self.elsewhere.clone() {
                let mark = self.mark(&format!("`{name}` is defined nowhere: {why}").into());
                return Ok(Text::plain(mark));
            }
            return Err(Fail::new(format!("includes `{name}`, which is defined in no template that is here")));
        };
        self.deeper(|engine| engine.run(&body, data))
    }

    /// Runs a text as a template (`tpl`).
    pub(crate) fn tpl(&mut self, text: &Text, data: &Val) -> Result<Text, Fail> {
        if !text.as_str().contains("{{") {
            return Ok(text.clone());
        }
        self.step(text.len() / 64)?;
        let parsed = parse(text.clone()).map_err(|(offset, why)| Fail { why, at: text.place(offset, offset + 2) })?;
        let before = (!parsed.defines.is_empty()).then(|| self.defines.clone());
        self.defines.extend(parsed.defines);
        let out = self.deeper(|engine| engine.run(&parsed.body, data));
        if let Some(before) = before {
            self.defines = before;
        }
        out
    }

    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Fail>) -> Result<T, Fail> {
        if self.depth >= DEPTH {
            return Err(Fail::new(format!("includes templates deeper than the limit of {DEPTH}")));
        }
        self.depth += 1;
        let out = run(self);
        self.depth -= 1;
        out
    }

    /// Counts work; fails past the limit, and from then on.
    pub(crate) fn step(&mut self, n: usize) -> Result<(), Fail> {
        self.steps = self.steps.saturating_add(n + 1);
        if self.steps > STEPS { Err(Fail::new(format!("takes more than the limit of {STEPS} steps"))) } else { Ok(()) }
    }

    pub(crate) fn wrote(&mut self, bytes: usize) -> Result<(), Fail> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > BYTES { Err(Fail::new(format!("writes more than the limit of {BYTES} bytes"))) } else { Ok(()) }
    }

    /// The mark that stands for an unknown value in a text.
    pub(crate) fn mark(&mut self, why: &Rc<str>) -> String {
        let i = self.numbers.get(why).copied().unwrap_or_else(|| {
            self.reasons.push(Rc::clone(why));
            self.numbers.insert(Rc::clone(why), self.reasons.len() - 1);
            self.reasons.len() - 1
        });
        format!("{MARK}{i}{MARK_END}")
    }

    /// The reasons that marks stand for.
    pub(crate) fn reasons(&self) -> &[Rc<str>] {
        &self.reasons
    }

    /// Why a value is not known, if it is not.
    pub(crate) fn unknown(&self, value: &Val) -> Option<Rc<str>> {
        match &value.kind {
            Kind::Unknown(why) => Some(Rc::clone(why)),
            Kind::Str(text) => yaml::reason_in(text.as_str(), &self.reasons).map(Into::into),
            _ => None,
        }
    }

    fn truth(&self, value: &Val) -> Result<bool, Rc<str>> {
        self.unknown(value).map_or_else(|| value.truth(), Err)
    }

    fn items(&mut self, items: &[Item], text: &Text, dot: &Val, scope: &mut Scope, out: &mut Text) -> Result<Flow, Fail> {
        let vars = scope.vars.len();
        let mut flow = Flow::Next;
        for item in items {
            flow = self.item(item, text, dot, scope, out)?;
            if flow != Flow::Next {
                break;
            }
        }
        scope.vars.truncate(vars);
        Ok(flow)
    }

    fn item(&mut self, item: &Item, text: &Text, dot: &Val, scope: &mut Scope, out: &mut Text) -> Result<Flow, Fail> {
        self.step(0)?;
        let place = |span: Span| text.place(span.start, span.end);
        let located = |fail: Fail, span: Span| Fail { at: fail.at.or_else(|| place(span)), ..fail };
        match item {
            Item::Text(span) => {
                let part = text.slice(span.start, span.end);
                self.wrote(part.len())?;
                out.append(&part);
            }
            Item::Action(pipe) => {
                let value = self.pipe(pipe, dot, scope).map_err(|f| located(f, pipe.span))?;
                if pipe.vars.is_empty() {
                    let mut shown = self.show(&value);
                    self.wrote(shown.len())?;
                    if let Some(at) = place(pipe.span) {
                        shown.by(&Origin::of(&at));
                    }
                    out.append(&shown);
                }
            }
            Item::Template(name, pipe, span) => {
                let data = match pipe {
                    Some(pipe) => self.pipe(pipe, dot, scope).map_err(|f| located(f, *span))?,
                    None => Val::NULL,
                };
                let written = self.include(name, &data).map_err(|f| located(f, *span))?;
                out.append(&written);
            }
            Item::If(pipe, body, otherwise) | Item::With(pipe, body, otherwise) => {
                let vars = scope.vars.len();
                let value = self.pipe(pipe, dot, scope).map_err(|f| located(f, pipe.span))?;
                let with = matches!(item, Item::With(..));
                let flow = match self.truth(&value) {
                    Ok(true) => self.items(body, text, if with { &value } else { dot }, scope, out)?,
                    Ok(false) => self.items(otherwise, text, dot, scope, out)?,
                    Err(why) if one_line(body, text) && one_line(otherwise, text) => {
                        let mark = self.mark(&why);
                        out.push(&mark, place(pipe.span).map(|at| Origin::of(&at)));
                        Flow::Next
                    }
                    Err(why) => {
                        let what = format!("the condition is not known: {why}; what it guards may not be there");
                        self.notices.push((place(pipe.span), what));
                        let mut guarded = Text::default();
                        let flow = self.items(body, text, if with { &value } else { dot }, scope, &mut guarded)?;
                        guarded.guard(&format!("its condition is not known: {why}").into());
                        out.append(&guarded);
                        flow
                    }
                };
                scope.vars.truncate(vars);
                return Ok(flow);
            }
            Item::Range(pipe, body, otherwise) => {
                let vars = scope.vars.len();
                let value = self.pipe_value(pipe, dot, scope).map_err(|f| located(f, pipe.span))?;
                self.range(&value, pipe, (body, otherwise), text, dot, scope, out).map_err(|f| located(f, pipe.span))?;
                scope.vars.truncate(vars);
            }
            Item::Break => return Ok(Flow::Break),
            Item::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    #[expect(clippy::too_many_arguments, reason = "what a loop needs is what every item needs, and its two bodies")]
    fn range(
        &mut self,
        value: &Val,
        pipe: &Pipe,
        (body, otherwise): (&[Item], &[Item]),
        text: &Text,
        dot: &Val,
        scope: &mut Scope,
        out: &mut Text,
    ) -> Result<(), Fail> {
        let pairs: Vec<(Val, Val)> = match &value.kind {
            Kind::List(items) => (0..).map(Val::int).zip(items.iter().cloned()).collect(),
            Kind::Map(map) => {
                let map = map.borrow();
                let key = |k: &String, at: &Option<Origin>| {
                    Val::text(at.as_ref().map_or_else(|| Text::plain(k.clone()), |o| Text::written(k, &o.at())))
                };
                map.entries.iter().map(|(k, (at, v))| (key(k, at), v.clone())).collect()
            }
            Kind::Int(n) => (0..(*n).clamp(0, STEPS as i64)).map(|i| (Val::int(i), Val::int(i))).collect(),
            Kind::Files(pattern) => functions::glob(self, pattern),
            Kind::Unknown(why) => {
                self.unknown_loop(why, pipe, body, text, out);
                return Ok(());
            }
            Kind::Null => Vec::new(),
            _ => return Err(Fail::new("loops over what is no list and no mapping")),
        };
        if pairs.is_empty() {
            self.items(otherwise, text, dot, scope, out)?;
            return Ok(());
        }
        let vars = scope.vars.len();
        for (key, item) in pairs {
            self.step(0)?;
            match pipe.vars.as_slice() {
                [] => {}
                [one] => scope.vars.push((one.clone(), item.clone())),
                [first, second, ..] => {
                    scope.vars.push((first.clone(), key));
                    scope.vars.push((second.clone(), item.clone()));
                }
            }
            let flow = self.items(body, text, &item, scope, out)?;
            scope.vars.truncate(vars);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    /// A loop over what is not known: a mark where its first line would begin.
    fn unknown_loop(&mut self, why: &Rc<str>, pipe: &Pipe, body: &[Item], text: &Text, out: &mut Text) {
        let place = text.place(pipe.span.start, pipe.span.end);
        let first = body.iter().find_map(|item| match item {
            Item::Text(span) => text.as_str().get(span.start..span.end),
            _ => None,
        });
        let first = first.unwrap_or_default();
        let blank = first.get(..first.len() - first.trim_start().len()).unwrap_or_default();
        match blank.rfind('\n') {
            // Whoever reads the lines says what is not known of them.
            Some(line) => out.push_str(blank.get(line..).unwrap_or_default()),
            None => self.notices.push((place.clone(), format!("what is looped over is not known: {why}"))),
        }
        let mark = self.mark(why);
        out.push(&mark, place.map(|at| Origin::of(&at)));
    }

    /// A value as an action writes it.
    pub(crate) fn show(&mut self, value: &Val) -> Text {
        match &value.kind {
            Kind::Null => Text::default(),
            Kind::Str(text) => text.clone(),
            Kind::Unknown(why) => {
                let mut out = Text::default();
                let mark = self.mark(why);
                out.push(&mark, value.at.clone());
                out
            }
            _ => {
                let mut out = Text::default();
                let text = functions::print(self, value, 0);
                out.push(&text, value.at.clone());
                out
            }
        }
    }
}

/// Is all that the items write on one line?
fn one_line(items: &[Item], text: &Text) -> bool {
    items.iter().all(|item| match item {
        Item::Text(span) => !text.as_str().get(span.start..span.end).unwrap_or("").contains('\n'),
        Item::Action(pipe) => pipe.vars.is_empty(),
        Item::If(_, a, b) | Item::With(_, a, b) => one_line(a, text) && one_line(b, text),
        Item::Range(..) | Item::Template(..) | Item::Break | Item::Continue => false,
    })
}
