//! A Dockerfile → the image that its built stage starts from, its keys and ports, with their places.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::inventory::{EnvSource, EnvValue, EnvVar, Fact, ImageRef, Software};
use crate::source::{Source, Span};

/// What a build gives.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// The image that the built stage starts from, through the stages before it.
    pub base: Option<Fact<Software>>,
    /// Keys that `ENV` sets in the built stage.
    pub env: Vec<EnvVar>,
    /// Ports that it exposes.
    pub ports: Vec<Fact<u16>>,
}

struct Stage {
    name: Option<String>,
    image: String,
    at: Span,
    env: Vec<(String, String, Span)>,
    ports: Vec<(u16, Span)>,
}

/// Reads a Dockerfile for a target stage (the last one by default) with build arguments.
#[must_use]
pub fn read(source: &Arc<Source>, target: Option<&str>, arguments: &BTreeMap<String, String>) -> Built {
    let mut stages: Vec<Stage> = Vec::new();
    let mut global: BTreeMap<String, String> = BTreeMap::new();
    let mut offset = 0;
    for line in source.text().split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        let body = line.trim();
        let Some((word, rest)) = body.split_once(char::is_whitespace) else { continue };
        let rest_start = start + body.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        match word.to_ascii_uppercase().as_str() {
            "ARG" if stages.is_empty() => {
                let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
                let value = arguments.get(name).cloned().unwrap_or_else(|| value.trim_matches(['"', '\'']).to_owned());
                if rest.contains('=') || arguments.contains_key(name) {
                    global.insert(name.to_owned(), value);
                }
            }
            "FROM" => {
                let mut words = rest.split_whitespace().filter(|w| !w.starts_with("--"));
                let image = words.next().unwrap_or("");
                let name = words.next().filter(|w| w.eq_ignore_ascii_case("as")).and_then(|_| words.next()).map(str::to_lowercase);
                let at = rest_start + rest.find(image).unwrap_or(0);
                stages.push(Stage {
                    name,
                    image: image.to_owned(),
                    at: Span { start: at, end: at + image.len() },
                    env: Vec::new(),
                    ports: Vec::new(),
                });
            }
            "ENV" => {
                if let (Some(stage), Some((key, value))) = (stages.last_mut(), rest.split_once(['=', ' '])) {
                    stage.env.push((
                        key.to_owned(),
                        value.trim().trim_matches(['"', '\'']).to_owned(),
                        Span { start: rest_start, end: rest_start + key.len() },
                    ));
                }
            }
            "EXPOSE" => {
                if let Some(stage) = stages.last_mut() {
                    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
                    if let Ok(port) = number.parse() {
                        stage.ports.push((port, Span { start: rest_start, end: rest_start + number.len() }));
                    }
                }
            }
            _ => {}
        }
    }
    let wanted = target.map(str::to_lowercase);
    let found = match &wanted {
        Some(name) => stages.iter().rposition(|s| s.name.as_deref() == Some(name)),
        None => stages.len().checked_sub(1),
    };
    let mut out = Built::default();
    let Some(mut index) = found else { return out };
    loop {
        let Some(stage) = stages.get(index) else { return out };
        for (key, value, span) in &stage.env {
            if !out.env.iter().any(|v| v.key == *key) {
                let value = if value.contains('$') {
                    EnvValue::Unknown("the value refers to build arguments".into())
                } else {
                    EnvValue::set(value)
                };
                out.env.push(EnvVar::new(key.clone(), source.at(*span), value, EnvSource::Dockerfile));
            }
        }
        if out.ports.is_empty() {
            out.ports = stage.ports.iter().map(|(p, s)| Fact::known(*p, source.at(*s))).collect();
        }
        let image = crate::formats::compose::interpolate::resolve(&stage.image, &|name| global.get(name).cloned());
        let lower = stage.image.to_lowercase();
        // A stage of this file: go on with what it starts from. Only earlier stages can be named, so this ends.
        if let Some(earlier) = stages.get(..index).unwrap_or_default().iter().rposition(|s| s.name.as_deref() == Some(&lower)) {
            index = earlier;
            continue;
        }
        let at = source.at(stage.at);
        out.base = Some(match image {
            Ok(text) => match ImageRef::parse(&text) {
                Ok(image) => Fact::known(Software::of_image(&image), at),
                Err(why) => Fact::unknown(why.to_string(), at),
            },
            Err(why) => Fact::unknown(why, at),
        });
        return out;
    }
}
