//! `environment` and `env_file` of a service → its environment variables (compose-spec: 05-services).

use std::collections::BTreeMap;

use super::scalar;
use super::service::Reader;
use crate::document::{Content, Node};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, UnlistedKeys};
use crate::report::Problem;
use crate::source::Location;

impl Reader<'_> {
    /// The variables of a service: those of its files in order, below its own.
    pub(super) fn environ(&mut self, service: &str, node: &Node, fallbacks: &mut Vec<(String, Location)>) -> Environ {
        let mut out = Environ::default();
        let mut loaded = BTreeMap::new();
        for item in node.get("env_file").map(Node::items).unwrap_or_default() {
            self.env_file(service, item, &mut loaded, &mut out);
        }
        let Some(environment) = node.get("environment") else { return out };
        for entry in environment.entries() {
            let Some(key) = entry.key.text() else {
                let why = "the name of the key is a variable that is not set".into();
                out.unlisted.push(UnlistedKeys { why, at: entry.key.at.clone(), prefix: String::new() });
                continue;
            };
            let value = match &entry.value.content {
                Content::Expression(why) => EnvValue::Unknown(why.to_string()),
                _ if entry.value.is_null() => EnvValue::Unset,
                _ => match scalar::text_of(&entry.value) {
                    Some(text) => EnvValue::set(&text),
                    None => EnvValue::Unknown("Compose takes no such value".into()),
                },
            };
            let mut var = EnvVar::new(key, entry.key.at.clone(), value, EnvSource::Environment);
            let (by_default, differs) = self.falls_back(&entry.value.at);
            var.by_default = by_default;
            fallbacks.extend(differs.then(|| (var.key.clone(), var.at.clone())));
            out.set(var);
        }
        out
    }

    fn env_file(&mut self, service: &str, item: &Node, loaded: &mut BTreeMap<String, Result<String, String>>, out: &mut Environ) {
        let Some(path) = item.get("path") else {
            self.problems.push(Problem::at(item.at.clone(), format!("`env_file` of the service `{service}` names no path")));
            return;
        };
        let required = item.get("required").and_then(Node::text).is_none_or(|t| !matches!(t, "false" | "False" | "FALSE"));
        let raw = item.text_at(&["format"]) == Some("raw");
        let unlisted = |why: String| UnlistedKeys { why, at: path.at.clone(), prefix: String::new() };
        let Some(file) = path.text() else {
            let why = match &path.content {
                Content::Expression(why) => format!("`env_file` cannot be read: {why}"),
                _ => "`env_file` is no path".to_owned(),
            };
            out.unlisted.push(unlisted(why));
            return;
        };
        let source = match self.cx.workspace.read(file) {
            Ok(source) => source,
            Err(problem) => {
                // A dotenv file is often kept out of the repository: on the machine that runs it, it may be there.
                out.unlisted.push(unlisted(problem.message.clone()));
                if required {
                    let problem = Problem { at: Some(path.at.clone()), ..problem };
                    self.problems.push(if self.variables.complete { problem } else { problem.warning() });
                }
                return;
            }
        };
        if Environ::is_full() {
            return;
        }
        let mut problems = Vec::new();
        for one in self.variables.load(&source, raw, loaded, &mut problems) {
            let value = match &one.value {
                Ok(text) => EnvValue::set(text),
                Err(why) => EnvValue::Unknown(why.clone()),
            };
            out.set(EnvVar::new(one.key, one.at, value, EnvSource::EnvFile));
        }
        self.problems.append(&mut problems);
    }
}
