//! A Dockerfile → the image that its built stage starts from, its keys and ports, with their places (docs.docker.com:
//! Dockerfile reference).

use std::collections::BTreeMap;
use std::sync::Arc;

use parse_dockerfile::{Instruction, UnescapedString};

use crate::formats::compose::interpolate::{Known, substitute};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, ImageRef, Software, Vars};
use crate::source::{Location, Source, Span};

mod heredocs;
mod words;

/// What a build gives.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// The image that the built stage starts from, through the stages before it.
    pub base: Option<Fact<Software>>,
    /// Keys that `ENV` sets in the built stage, sorted.
    pub env: Vars,
    /// Ports that it exposes.
    pub ports: Vec<Fact<u16>>,
    /// The first instruction that is not understood and why; what stands before it is read, and the stages after it.
    pub stopped: Option<(Location, String)>,
}

/// Values by name: an argument may be given and not known.
type Values = BTreeMap<String, Result<String, String>>;

struct Stage {
    name: Option<String>,
    image: String,
    at: Span,
    env: Vec<(String, EnvValue, Span)>,
    ports: Vec<(Result<u16, String>, Span)>,
}

struct Reader<'a> {
    given: &'a Values,
    /// Arguments before the first stage; only `FROM` and a stage's own `ARG NAME` see them.
    global: Values,
    /// What is set in the stage that is read.
    local: Values,
    stages: Vec<Stage>,
    /// How many bytes more `ENV` may make of values: each may take in the ones before it.
    room: usize,
}

/// Most bytes of all values that `ENV` sets: no process is started with more (Linux: execve(2), limits on the size of
/// arguments and environment).
pub(crate) const ENVIRONMENT: usize = 6 * 1024 * 1024;

/// Reads a Dockerfile for a target stage (the last one by default) with build arguments.
#[must_use]
pub fn read(source: &Arc<Source>, target: Option<&str>, arguments: &Values) -> Built {
    let mut reader = Reader { given: arguments, global: predefined(), local: Values::new(), stages: Vec::new(), room: ENVIRONMENT };
    let mut stopped = None;
    let text = source.text();
    let masked = heredocs::blanked(text);
    // The parser takes a byte order mark off before it counts.
    let mut shift = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for _ in 0..RESUMES {
        let part = masked.get(shift..).unwrap_or_default();
        let Some(error) = reader.instructions(part, shift) else { break };
        let offset = shift + offset(part, &error);
        stopped.get_or_insert_with(|| (source.at(Span { start: offset, end: offset }), why(&error)));
        match next_stage(text, offset) {
            Some(next) => shift = next,
            None => break,
        }
    }
    Built { stopped, ..reader.built(source, target) }
}

/// How often reading goes on at the next stage after an instruction that is not understood.
const RESUMES: usize = 32;

/// Where an error stands in the text that was parsed.
fn offset(text: &str, error: &parse_dockerfile::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Where the next line after an offset starts that is a `FROM`.
fn next_stage(text: &str, offset: usize) -> Option<usize> {
    let mut start = offset + text.get(offset..)?.find('\n')? + 1;
    loop {
        let line = text.get(start..)?;
        if line.trim_start_matches([' ', '\t']).get(..5).is_some_and(|w| w.eq_ignore_ascii_case("from ")) {
            return Some(start);
        }
        start += line.find('\n')? + 1;
    }
}

/// The parser's words, without what it quotes.
fn why(error: &parse_dockerfile::Error) -> String {
    let text = error.to_string();
    text.split(['\n', '`', '\'']).next().unwrap_or_default().trim().trim_end_matches(" at").to_owned()
}

/// Arguments that every build has; what they are is the builder's own platform.
fn predefined() -> Values {
    let names = ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"];
    names.iter().map(|n| ((*n).to_owned(), Err(format!("`{n}` is the platform of the machine that builds")))).collect()
}

impl Reader<'_> {
    /// Takes every instruction up to one that is not understood.
    fn instructions(&mut self, text: &str, shift: usize) -> Option<parse_dockerfile::Error> {
        let instructions = match parse_dockerfile::parse_iter(text) {
            Ok(instructions) => instructions,
            Err(error) => return Some(error),
        };
        for instruction in instructions {
            match instruction {
                Ok(instruction) => self.instruction(&instruction, shift),
                Err(error) => return Some(error),
            }
        }
        None
    }

    fn instruction(&mut self, instruction: &Instruction<'_>, shift: usize) {
        match instruction {
            Instruction::From(from) => {
                let name = from.as_.as_ref().map(|(_, name)| name.value.to_lowercase());
                let at = span(&from.image, shift);
                self.local = Values::new();
                self.stages.push(Stage { name, image: from.image.value.to_string(), at, env: Vec::new(), ports: Vec::new() });
            }
            Instruction::Arg(arg) => {
                for (name, value, _) in words::pairs(&arg.arguments.value) {
                    let first = self.stages.is_empty();
                    let value = match self.given.get(&name) {
                        Some(given) => Some(given.clone()),
                        None => match value {
                            Some(value) => Some(self.resolved(&value, first)),
                            None => self.global.get(&name).filter(|_| !first).cloned(),
                        },
                    };
                    if let Some(value) = value {
                        let into = if first { &mut self.global } else { &mut self.local };
                        into.insert(name, value);
                    }
                }
            }
            Instruction::Env(env) => {
                let whole = span(&env.arguments, shift);
                // A value sees what was set before its instruction.
                let set: Vec<_> = words::pairs(&env.arguments.value)
                    .into_iter()
                    .map(|(name, value, offset)| {
                        let value = self.resolved(&value.unwrap_or_default(), false);
                        let start = (whole.start + offset).min(whole.end);
                        (name.clone(), value, Span { start, end: (start + name.len()).min(whole.end) })
                    })
                    .collect();
                for (name, mut value, at) in set {
                    let size = value.as_ref().map_or(0, String::len);
                    match self.room.checked_sub(size) {
                        Some(left) => self.room = left,
                        None => value = Err(format!("the values before it make more than the limit of {ENVIRONMENT} bytes")),
                    }
                    self.local.insert(name.clone(), value.clone());
                    let value = match value {
                        Ok(text) => EnvValue::set(&text),
                        Err(why) => EnvValue::Unknown(why),
                    };
                    if let Some(stage) = self.stages.last_mut() {
                        stage.env.push((name, value, at));
                    }
                }
            }
            Instruction::Expose(expose) => {
                for port in &expose.arguments {
                    let number = self.resolved(&port.value, false).and_then(|text| exposed(&text));
                    if let Some(stage) = self.stages.last_mut() {
                        stage.ports.push((number, span(port, shift)));
                    }
                }
            }
            _ => {}
        }
    }

    fn resolved(&self, text: &str, first: bool) -> Result<String, String> {
        let values = if first { &self.global } else { &self.local };
        substitute(text, &|name| -> Known { values.get(name).cloned() }).map_err(|fault| fault.to_string())
    }

    /// What the target stage gives, through the stages that it starts from.
    fn built(&self, source: &Arc<Source>, target: Option<&str>) -> Built {
        let wanted = target.map(str::to_lowercase);
        let found = match &wanted {
            Some(name) => self.stages.iter().rposition(|s| s.name.as_ref() == Some(name)).or_else(|| name.parse().ok()),
            None => self.stages.len().checked_sub(1),
        };
        let mut out = Built::default();
        let Some(mut index) = found.filter(|i| *i < self.stages.len()) else {
            let start = source.at(Span { start: 0, end: 0 });
            out.base = target.map(|name| Fact::unknown(format!("the Dockerfile has no stage `{name}`"), start));
            return out;
        };
        let mut env = Environ::default();
        loop {
            let Some(stage) = self.stages.get(index) else { return out };
            // The last statement of a key wins, and a later stage over what it starts from.
            for (key, value, span) in stage.env.iter().rev().take_while(|_| !Environ::is_full()) {
                if env.get(key).is_none() {
                    env.set(EnvVar::new(key.clone(), source.at(*span), value.clone(), EnvSource::Dockerfile));
                }
            }
            out.ports.extend(stage.ports.iter().map(|(port, span)| match port {
                Ok(port) => Fact::known(*port, source.at(*span)),
                Err(why) => Fact::unknown(why.clone(), source.at(*span)),
            }));
            let image = substitute(&stage.image, &|name| -> Known { self.global.get(name).cloned() });
            let lower = image.as_ref().map(|i| i.to_lowercase()).unwrap_or_default();
            let named = |s: &Stage| s.name.as_deref() == Some(lower.as_str());
            // A stage of this file: go on with what it starts from. Only earlier stages can be named, so this ends.
            if let Some(earlier) = self.stages.get(..index).unwrap_or_default().iter().rposition(named) {
                index = earlier;
                continue;
            }
            let at = source.at(stage.at);
            out.base = Some(match image {
                Ok(text) => match ImageRef::parse(&text) {
                    Ok(image) => Fact::known(Software::of_image(&image), at),
                    Err(why) => Fact::unknown(why.to_string(), at),
                },
                Err(fault) => Fact::unknown(fault.to_string(), at),
            });
            out.env = env.vars;
            return out;
        }
    }
}

/// The port of `8080/tcp`; a range of them is not one that is known.
fn exposed(text: &str) -> Result<u16, String> {
    let number = text.split('/').next().unwrap_or(text);
    if number.contains('-') {
        return Err("it is a range of ports".into());
    }
    number.parse().ok().filter(|n| *n != 0).ok_or_else(|| "it is no port".into())
}

fn span(text: &UnescapedString<'_>, shift: usize) -> Span {
    Span { start: text.span.start + shift, end: text.span.end + shift }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(text: &str, target: Option<&str>, arguments: &[(&str, &str)]) -> (Built, String) {
        let arguments = arguments.iter().map(|(k, v)| ((*k).to_owned(), Ok((*v).to_owned()))).collect();
        let built = read(&Source::new("Dockerfile", text), target, &arguments);
        let base = match built.base.as_ref().map(|b| &b.value) {
            Some(crate::inventory::Value::Known(software)) => software.image.as_ref().map(|i| i.text.clone()).unwrap_or_default(),
            Some(crate::inventory::Value::Unknown(why)) => format!("? {why}"),
            None => "-".into(),
        };
        (built, base)
    }

    #[test]
    fn what_a_stage_starts_from() {
        for (text, target, arguments, want) in [
            ("FROM mongo:5\n", None, &[][..], "mongo:5"),
            ("ARG V=15\nFROM --platform=$BUILDPLATFORM postgres:${V} AS base\nRUN true\nFROM base\n", None, &[], "postgres:15"),
            ("ARG V=15\nFROM postgres:${V}\n", None, &[("V", "16")], "postgres:16"),
            ("ARG V\nFROM postgres:${V}\n", None, &[], "? the variable `V` is not set"),
            ("FROM node:20 AS build\nFROM nginx:1.27 AS web\n", Some("build"), &[], "node:20"),
            ("FROM node:20 AS Build\nFROM nginx:1.27\n", Some("build"), &[], "node:20"),
            ("FROM redis:7\nRUN cat <<EOF\nFROM fake:1\nEOF\n", None, &[], "redis:7"),
            ("FROM redis:7\nRUN <<-'END'\nFROM fake:1\n\tEND\nCOPY <<A <<B /x\nFROM\nA\nFROM b\nB\nFROM redis:8\n", None, &[], "redis:8"),
            ("# escape=`\nFROM `\n  redis:7\n", None, &[], "redis:7"),
            ("FROM \\\n  # a comment\n  redis:7\n", None, &[], "redis:7"),
            ("\u{feff}FROM redis:7\r\nRUN x\r\n", None, &[], "redis:7"),
            ("FROM node:20\nENTRYPOINT []\nFROM redis:7\n", None, &[], "redis:7"),
            // An argument of a stage is none of the next `FROM`.
            ("ARG V=7\nFROM node:20\nARG V=6\nFROM redis:${V}\n", None, &[], "redis:7"),
            ("FROM node:20 AS build\n", Some("other"), &[], "? the Dockerfile has no stage `other`"),
            ("FROM node:20 AS build\n", Some("1"), &[], "? the Dockerfile has no stage `1`"),
            ("", None, &[], "-"),
            ("FROM\n", None, &[], "-"),
        ] {
            assert_eq!(built(text, target, arguments).1, want, "{text}");
        }
    }

    #[test]
    fn keys_and_ports_at_their_places() {
        let text = "ARG G=g\nFROM node:20 AS a\nENV A=1 B=\"two words\" \\\n  C='x$y'\nEXPOSE 8080/tcp 9090\nFROM a\nARG G\nARG L=1.10\nENV A=$G D=${L}\nENV OLD some words\nENV E=$UNSET\n";
        let (built, _) = built(text, None, &[]);
        let keys: Vec<(&str, &str)> = built.env.iter().map(|v| (v.key.as_str(), v.value.state())).collect();
        assert_eq!(keys, [("A", "set"), ("B", "set"), ("C", "set"), ("D", "set"), ("E", "unknown"), ("OLD", "set")]);
        for (key, value) in [("A", "g"), ("B", "two words"), ("C", "x$y"), ("D", "1.10"), ("OLD", "some words")] {
            assert!(built.env.iter().any(|v| v.key == key && v.value.is(Some(value))), "{key}");
        }
        for key in ["A", "B", "D", "OLD"] {
            assert!(built.env.iter().any(|v| v.key == key && v.at.text() == key), "{key}");
        }
        let ports: Vec<u16> = built.ports.iter().filter_map(|p| p.value.known().copied()).collect();
        assert_eq!(ports, [8080, 9090]);
    }

    #[test]
    fn every_cut_is_read_without_panic() {
        let text =
            "# escape=`\nARG A=\"b\"\nFROM `\n é:${A:-1} AS x\nENV A=1 B=\"c d\" C='\nRUN <<EOF\nx\nEOF\nEXPOSE 1-2 $P\nONBUILD RUN x\n";
        (0..text.len()).filter(|i| text.is_char_boundary(*i)).for_each(|i| drop(built(&text[..i], None, &[])));
    }

    #[test]
    fn ports_that_are_not_known_are_kept() {
        let ports = built("FROM redis:7\nEXPOSE 6379/tcp $P 3000-3005 0\n", None, &[]).0.ports;
        let known: Vec<_> = ports.iter().map(|p| p.value.known().copied()).collect();
        assert_eq!(known, [Some(6379), None, None, None]);
    }

    #[test]
    fn values_that_double_end_at_a_limit() {
        let lines: String = (1..60).map(|i| format!("ENV A{i}=$A{}$A{}\n", i - 1, i - 1)).collect();
        let text = format!("FROM redis:7\nENV A0=xxxxxxxx\n{lines}");
        let env = built(&text, None, &[]).0.env;
        let state = |key: &str| env.iter().find(|v| v.key == key).map(|v| v.value.state());
        assert_eq!((env.len(), state("A9"), state("A59")), (60, Some("set"), Some("unknown")));
        let wide: String = (0..200).map(|i| format!("ENV B{i}=$A\n")).collect();
        let env = built(&format!("FROM redis:7\nENV A={}\n{wide}", "x".repeat(100_000)), None, &[]).0.env;
        assert!(env.iter().any(|v| v.key == "B199" && v.value.state() == "unknown"));
    }
}
