//! Dotenv files and the machine's environment → what variables of a project are set to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::interpolate::{Fault, Known, substitute, substitute_all};
use crate::document::dockerfile::ENVIRONMENT;
use crate::formats::{ReadOptions, declared};
use crate::report::Problem;
use crate::source::{Location, Source};
use crate::workspace::{Workspace, join, parent};

/// The variables of one project. A variable may be set to what is not known.
#[derive(Default)]
pub(super) struct Variables {
    set: BTreeMap<String, Result<String, String>>,
    /// The machine's own environment is in it, so that a variable that is not set here is not set at all.
    pub(super) complete: bool,
}

/// What one key of a dotenv file is set to.
pub(super) struct Loaded {
    pub(super) key: String,
    pub(super) at: Location,
    pub(super) value: Result<String, String>,
}

impl Variables {
    /// The machine's own environment, where it was asked for.
    pub(super) fn of_machine(options: &ReadOptions) -> Self {
        let machine = options.process_env.as_ref();
        let set = machine.into_iter().flatten().map(|(k, v)| (k.clone(), Ok(v.clone()))).collect();
        Self { set, complete: machine.is_some() }
    }

    /// What is known of a variable.
    pub(super) fn get(&self, name: &str) -> Known {
        self.set.get(name).cloned()
    }

    /// The text of a variable, where it is known.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.set.get(name)?.as_deref().ok()
    }

    /// Takes what is not yet set; gives the names.
    pub(super) fn add(&mut self, loaded: BTreeMap<String, Result<String, String>>) -> Vec<String> {
        let new: Vec<_> = loaded.into_iter().filter(|(key, _)| !self.set.contains_key(key)).collect();
        let names = new.iter().map(|(key, _)| key.clone()).collect();
        self.set.extend(new);
        names
    }

    /// Forgets variables.
    pub(super) fn remove(&mut self, names: &[String]) {
        for name in names {
            self.set.remove(name);
        }
    }

    /// The name of the project, which Compose sets for every project.
    pub(super) fn project_name(&mut self, name: Option<String>) {
        let folder = "it is the name of the project, by default that of the folder in which Compose runs";
        let name = name.ok_or_else(|| folder.to_owned());
        self.set.entry("COMPOSE_PROJECT_NAME".into()).or_insert(name);
    }

    /// Reads dotenv files into `into`, later over earlier; variables in them are looked up here first, then in the files
    /// (compose-go: `dotenv.GetEnvFromFile`).
    pub(super) fn load(
        &self,
        source: &Arc<Source>,
        raw: bool,
        into: &mut BTreeMap<String, Result<String, String>>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Loaded> {
        let path = source.path();
        let entries = declared::entries(source, problems);
        let mut out = Vec::new();
        let mut room = ENVIRONMENT.max(source.text().len());
        for entry in entries {
            let value = match entry.value {
                None => match self.get(&entry.key) {
                    Some(value) => value,
                    None => continue,
                },
                Some(value) if raw => Ok(value.raw),
                Some(value) if !value.expand => Ok(value.text),
                Some(value) => {
                    let get = |name: &str| self.get(name).or_else(|| into.get(name).cloned());
                    let text = if self.complete { substitute_all(&value.text, &get) } else { substitute(&value.text, &get) };
                    text.map_err(|fault| {
                        self.report(&fault, &entry.at, path, problems);
                        fault.to_string()
                    })
                }
            };
            let value = match value {
                Ok(text) if text.len() > room => {
                    self.report(&Fault::Long, &entry.at, path, problems);
                    Err(Fault::Long.to_string())
                }
                value => value,
            };
            room -= value.as_ref().map_or(0, String::len);
            into.insert(entry.key.clone(), value.clone());
            out.push(Loaded { key: entry.key, at: entry.at, value });
        }
        out
    }

    /// A fault that Compose stops at is a problem. What is only unset here may be set on the machine.
    pub(super) fn report(&self, fault: &Fault, at: &Location, path: &str, problems: &mut Vec<Problem>) {
        match fault {
            Fault::Grammar(why) => problems.push(Problem::at(at.clone(), format!("`{path}` has a variable that Compose refuses: {why}"))),
            Fault::Required(name) if self.complete => {
                problems.push(Problem::at(at.clone(), format!("`{path}` requires the variable `{name}`, which is not set")));
            }
            Fault::Long => problems.push(Problem::at(at.clone(), format!("`{path}` has a value that is not known: {fault}")).warning()),
            Fault::Required(_) | Fault::Unset(_) | Fault::Unknown(_) => {}
        }
    }
}

/// The `.env` files that Compose reads by itself for a project in a folder: those named, else the one of the folder (or
/// of the folder above whose `COMPOSE_FILE` names the project's first file).
pub(super) fn env_files(dir: &str, first: &str, options: &ReadOptions, workspace: &dyn Workspace) -> Vec<String> {
    let machine = |name: &str| options.process_env.as_ref().and_then(|e| e.get(name)).map(String::as_str).unwrap_or_default();
    if !options.env_files.is_empty() {
        return options.env_files.clone();
    }
    if matches!(machine("COMPOSE_DISABLE_ENV_FILE"), "1" | "t" | "T" | "true" | "TRUE" | "True") {
        return Vec::new();
    }
    let named: Vec<String> = machine("COMPOSE_ENV_FILES").split(',').filter(|f| !f.is_empty()).filter_map(|f| join("", f)).collect();
    if !named.is_empty() {
        return named;
    }
    let naming = named_above(first, workspace).map(|(env, _)| env);
    let own = join(dir, ".env").filter(|p| workspace.is_file(p) && Some(p) != naming.as_ref());
    naming.into_iter().chain(own).collect()
}

/// The nearest `.env` in the folders above a file whose `COMPOSE_FILE` names that file first, and all that it names.
pub(super) fn named_above(first: &str, workspace: &dyn Workspace) -> Option<(String, Vec<String>)> {
    let mut dir = parent(first);
    loop {
        let env = join(dir, ".env")?;
        if workspace.is_file(&env)
            && let Ok(source) = workspace.read(&env)
            && let files = compose_file(&source)
            && files.first().is_some_and(|f| f == first)
        {
            return Some((env, files));
        }
        if dir.is_empty() {
            return None;
        }
        dir = parent(dir);
    }
}

/// The files that `COMPOSE_FILE` of a dotenv file names, relative to the root.
pub(super) fn compose_file(source: &Arc<Source>) -> Vec<String> {
    if !source.text().contains("COMPOSE_FILE") {
        return Vec::new();
    }
    let mut set = BTreeMap::new();
    Variables::default().load(source, false, &mut set, &mut Vec::new());
    let text = |name: &str| set.get(name).and_then(|v| v.as_ref().ok());
    let files = text("COMPOSE_FILE").map(String::as_str).unwrap_or_default();
    split(files, text("COMPOSE_PATH_SEPARATOR").map(String::as_str)).filter_map(|f| join(parent(source.path()), f)).collect()
}

/// The paths of a `COMPOSE_FILE`. Without `COMPOSE_PATH_SEPARATOR` it is the system's: `:`, and `;` on Windows.
pub(super) fn split<'t>(files: &'t str, separator: Option<&'t str>) -> impl Iterator<Item = &'t str> {
    let separator = separator.filter(|s| !s.is_empty()).unwrap_or(if files.contains(';') { ";" } else { ":" });
    files.split(separator).map(str::trim).filter(|f| !f.is_empty())
}
