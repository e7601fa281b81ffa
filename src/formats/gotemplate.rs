//! Go templates (Helm, helmfile) → text whose every byte knows the line that states it.
//!
//! The common subset of text/template, sprig and Helm is evaluated; what is not known, or gives another value each time,
//! becomes an unknown value with its reason and is carried through, never guessed.

mod eval;
mod functions;
mod lex;
mod parse;
mod text;
mod value;
mod yaml;

pub(crate) use eval::{Engine, Files};
pub(in crate::formats) use functions::changes;
pub(crate) use text::{MARK, MARK_END, Origin, Text};
pub(crate) use value::{Kind, Map, Val, go_float as shown};
pub(crate) use yaml::{of_text as tree_of, reason_in};

/// A value as YAML.
pub(crate) fn written(engine: &mut Engine<'_>, value: &Val) -> Option<String> {
    yaml::write(engine, value).ok().map(|text| text.as_str().to_owned())
}
