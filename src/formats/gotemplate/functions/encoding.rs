//! Functions between values and their written forms.

use std::fmt::Write as _;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha512};

use super::{Given, at, text};
use crate::document::{TreeLimits, yaml as documents};
use crate::formats::gotemplate::eval::Engine;
use crate::formats::gotemplate::text::Text;
use crate::formats::gotemplate::value::{Kind, Map, Val};
use crate::formats::gotemplate::yaml;
use crate::source::Source;

pub(super) fn call(engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Option<Given> {
    let first = at(args, 0);
    Some(match name {
        // JSON is YAML on one line; what reads it here reads both.
        "toYaml" | "mustToYaml" | "toYamlPretty" => yaml::write(engine, &first).map(Val::text),
        "toJson" | "mustToJson" | "toRawJson" | "mustToRawJson" | "toPrettyJson" | "mustToPrettyJson" => {
            yaml::write_json(engine, &first).map(Val::text)
        }
        "fromYaml" | "fromJson" | "fromYamlArray" | "fromJsonArray" | "mustFromJson" => {
            let written = text(engine, &first);
            let empty = || if name.ends_with("Array") { Val::list(Vec::new()) } else { Val::map(Map::default()) };
            match parse(engine, &written) {
                Ok(value) if matches!(value.kind, Kind::Null) => Ok(empty()),
                other => other,
            }
        }
        "b64enc" => Ok(base64(engine, &first)),
        "b64dec" => {
            let written = text(engine, &first);
            let decoded = STANDARD.decode(written.as_str().trim()).ok().and_then(|b| String::from_utf8(b).ok());
            Ok(decoded
                .map_or_else(|| Val::unknown("what is given to `b64dec` is not base64 of a text"), |d| Val::text(Text::made(d, &written))))
        }
        "sha256sum" | "sha512sum" => {
            let written = text(engine, &first);
            if let Err(fail) = engine.step(written.len() / 1024) {
                return Some(Err(fail));
            }
            let bytes = written.as_str().as_bytes();
            let digest = if name == "sha256sum" { Sha256::digest(bytes).to_vec() } else { Sha512::digest(bytes).to_vec() };
            let hex = digest.iter().fold(String::new(), |mut hex, b| {
                let _written = write!(hex, "{b:02x}");
                hex
            });
            Ok(Val::text(Text::made(hex, &written)))
        }
        _ => return None,
    })
}

pub(super) fn base64(engine: &mut Engine<'_>, value: &Val) -> Val {
    let written = text(engine, value);
    match engine.unknown(&Val::text(written.clone())) {
        Some(why) => Val::unknown(why),
        None => Val::text(Text::made(STANDARD.encode(written.as_str()), &written)),
    }
}

/// A text of YAML as a value whose scalars keep their places.
fn parse(engine: &mut Engine<'_>, written: &Text) -> Given {
    engine.step(written.len() / 32)?;
    let limits = TreeLimits { depth: 64, nodes: 100_000, aliases: 100_000 };
    let documents = documents::read(&Source::limited("", written.as_str(), limits));
    if !documents.errors.is_empty() {
        return Ok(Val::unknown("a template reads text as YAML that is none"));
    }
    let Some(document) = documents.documents.into_iter().next() else { return Ok(Val::NULL) };
    Ok(Val::of_node(&yaml::placed(&document.root, written, engine.reasons(), false)))
}
