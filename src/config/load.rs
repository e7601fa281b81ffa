//! Finds and reads `parity.yml`; its JSON Schema.

use serde::Deserialize;

use super::Config;
use super::check::check;
use super::de::De;
use super::file::File;
use crate::document::yaml;
use crate::error::Error;
use crate::workspace::Workspace;

/// Where the configuration is looked for, in this order.
pub const NAMES: [&str; 6] = ["parity.yml", "parity.yaml", ".parity.yml", ".parity.yaml", ".github/parity.yml", ".github/parity.yaml"];

/// Reads the configuration at a path, or at one of [`NAMES`]; without one, that of an empty file.
///
/// # Errors
/// The file that was named does not exist, or says what is not understood: the error cites the place.
pub fn load(workspace: &dyn Workspace, path: Option<&str>) -> Result<Config, Error> {
    let there = |name: &&str| workspace.exists(name) && !workspace.is_dir(name);
    let Some(path) = path.or_else(|| NAMES.into_iter().find(there)) else { return Ok(Config::default()) };
    let source = workspace.read(path).map_err(|problem| Error::usage(problem.message))?;
    let documents = yaml::read(&source);
    if let Some(wrong) = documents.errors.into_iter().next() {
        let tab = source.text().lines().any(|l| l.starts_with('\t') || l.trim_start_matches(' ').starts_with('\t'));
        let error = Error::usage(format!("`{path}` {}", wrong.why)).at(wrong.at);
        let help = if tab { "indent with spaces: YAML takes no tabs" } else { "look at the indentation of this line and of the one above" };
        return Err(error.help(help));
    }
    let mut documents = documents.documents.into_iter();
    let file = match documents.next() {
        None => File::default(),
        Some(first) => File::deserialize(De(&first.root)).map_err(|wrong| {
            let at = wrong.at.clone().unwrap_or_else(|| source.whole());
            let error = Error::usage(format!("`{path}` is not understood: {}", wrong.message)).at(at);
            match wrong.help {
                Some(help) => error.help(help),
                None => error,
            }
        })?,
    };
    if let Some(second) = documents.next() {
        return Err(Error::usage(format!("`{path}` holds more than one document")).at(second.root.at));
    }
    check(file, source)
}

/// The JSON Schema of the configuration, with a line break at its end.
#[must_use]
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(File)).unwrap_or_default();
    text.push('\n');
    text
}
