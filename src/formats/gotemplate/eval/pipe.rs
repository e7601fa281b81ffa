//! A pipeline and its arguments → a value (text/template: Pipelines, Arguments).

use std::rc::Rc;

use super::{Engine, Fail, Scope, functions};
use crate::formats::gotemplate::parse::{Arg, Pipe};
use crate::formats::gotemplate::value::{Kind, Val};

impl Engine<'_> {
    /// Evaluates a pipeline and sets its variables.
    pub(super) fn pipe(&mut self, pipe: &Pipe, dot: &Val, scope: &mut Scope) -> Result<Val, Fail> {
        let value = self.pipe_value(pipe, dot, scope)?;
        if let Some(name) = pipe.vars.last() {
            let known = scope.vars.iter_mut().rev().find(|(n, _)| n == name);
            match known {
                Some((_, slot)) if pipe.assigns => *slot = value.clone(),
                _ => scope.vars.push((name.clone(), value.clone())),
            }
        }
        Ok(value)
    }

    pub(super) fn pipe_value(&mut self, pipe: &Pipe, dot: &Val, scope: &mut Scope) -> Result<Val, Fail> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, last, dot, scope)?);
        }
        last.ok_or_else(|| Fail::new("has an empty action"))
    }

    fn command(&mut self, command: &[Arg], piped: Option<Val>, dot: &Val, scope: &mut Scope) -> Result<Val, Fail> {
        self.step(0)?;
        let Some((first, rest)) = command.split_first() else { return Err(Fail::new("has an empty command")) };
        if let Arg::Function(name) = first {
            if matches!(name.as_str(), "and" | "or") {
                return self.lazily(name == "and", rest, piped, dot, scope);
            }
            let mut args = Vec::with_capacity(rest.len() + 1);
            for arg in rest {
                args.push(self.arg(arg, dot, scope)?);
            }
            args.extend(piped);
            return functions::call(self, name, args);
        }
        let value = self.arg(first, dot, scope)?;
        if rest.is_empty() && piped.is_none() {
            return Ok(value);
        }
        // A method: `.Capabilities.APIVersions.Has "batch/v1"`, `.Files.Get "a.conf"`.
        let mut args = Vec::new();
        for arg in rest {
            args.push(self.arg(arg, dot, scope)?);
        }
        args.extend(piped);
        functions::method(self, &value, args)
    }

    /// `and`, `or`: the first value that decides.
    fn lazily(&mut self, and: bool, rest: &[Arg], piped: Option<Val>, dot: &Val, scope: &mut Scope) -> Result<Val, Fail> {
        let mut last = Val::NULL;
        let mut unknown = None;
        for i in 0..=rest.len() {
            last = match (rest.get(i), &piped) {
                (Some(arg), _) => self.arg(arg, dot, scope)?,
                (None, Some(piped)) => piped.clone(),
                (None, None) => break,
            };
            match self.truth(&last) {
                Ok(truth) if truth != and => return Ok(last),
                Ok(_) => {}
                Err(why) => unknown = Some(why),
            }
        }
        Ok(unknown.map_or(last, Val::unknown))
    }

    fn arg(&mut self, arg: &Arg, dot: &Val, scope: &mut Scope) -> Result<Val, Fail> {
        Ok(match arg {
            Arg::Nil => Val::NULL,
            Arg::Bool(b) => Val::bool(*b),
            Arg::Int(n) => Val::int(*n),
            Arg::Float(n) => Val::of(Kind::Float(*n)),
            Arg::Str(text) => Val::str(text.clone()),
            Arg::Function(name) => functions::call(self, name, Vec::new())?,
            Arg::Field(path) => chain(dot.clone(), path),
            Arg::Variable(name, path) if name.is_empty() => chain(scope.root.clone(), path),
            Arg::Variable(name, path) => {
                let value = scope.vars.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone());
                chain(value.ok_or_else(|| Fail::new(format!("uses the variable `${name}`, which is not set")))?, path)
            }
            Arg::Paren(pipe, path) => {
                let value = chain(self.pipe(pipe, dot, scope)?, path);
                match &value.kind {
                    Kind::Files(asked) if asked.ends_with("\nAsConfig") || asked.ends_with("\nAsSecrets") => {
                        functions::as_data(self, asked)?
                    }
                    _ => value,
                }
            }
        })
    }
}

/// `.a.b` of a value. Of nothing at its start it is nothing; of nothing on the way Go stops (exec.go: evalField).
fn chain(start: Val, path: &[String]) -> Val {
    if matches!(start.kind, Kind::Null) {
        return Val::NULL;
    }
    let mut value = start;
    for (i, name) in path.iter().enumerate() {
        value = match &value.kind {
            Kind::Map(map) => {
                let map = map.borrow();
                match (map.entries.get(name), &map.open) {
                    (Some((_, v)), _) => v.clone(),
                    (None, Some(why)) => Val::unknown(Rc::clone(why)),
                    (None, None) => Val::NULL,
                }
            }
            Kind::Unknown(_) => return value,
            Kind::Files(pattern) => Val::of(Kind::Files(format!("{pattern}\n{name}").into())),
            Kind::ApiVersions => value.clone(),
            Kind::Null => {
                return Val::unknown(format!(
                    "`.{}` is not set, and `.{name}` of it is asked for",
                    path.get(..i).unwrap_or_default().join(".")
                ));
            }
            _ => return Val::unknown(format!("`.{name}` is asked of what is no mapping")),
        };
    }
    value
}
