//! `--report FORM[=FILE]` → the forms that were asked for, or why that is none.

use std::path::PathBuf;

use super::{ALL, Render, by_id};
use crate::error::Error;

/// A form and where it goes.
#[derive(Clone)]
pub struct Asked {
    /// The form.
    pub form: &'static dyn Render,
    /// The file; standard output where there is none.
    pub file: Option<PathBuf>,
}

/// What was asked for, in its order.
///
/// # Errors
/// An unknown form, with the nearest known one; a form whose file has no name.
pub fn asked<'a>(all: impl IntoIterator<Item = &'a String>) -> Result<Vec<Asked>, Error> {
    all.into_iter().map(|text| one(text)).collect()
}

fn one(text: &str) -> Result<Asked, Error> {
    let (id, file) = text.split_once('=').map_or((text, None), |(id, file)| (id, Some(file)));
    if file == Some("") {
        return Err(Error::usage(format!("`--report {text}` names no file")).help(format!("write --report {id}=FILE")));
    }
    match by_id(id) {
        Some(form) => Ok(Asked { form, file: file.map(PathBuf::from) }),
        None => Err(Error::usage(format!("there is no report form `{id}`")).help(help(id))),
    }
}

fn help(id: &str) -> String {
    let ids = || ALL.iter().map(|f| f.id());
    let near = ids().map(|known| (strsim::osa_distance(known, id), known)).min().filter(|(far, _)| *far <= 2);
    let all = ids().collect::<Vec<_>>().join(", ");
    match near {
        Some((_, near)) => format!("did you mean `{near}`? Known forms: {all}"),
        None => format!("known forms: {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_files() {
        let asked = |text: &str| asked([&text.to_owned()]);
        let given = asked("html=a=b.html").map(|a| (a[0].form.id(), a[0].file.clone())).map_err(|e| e.message);
        assert_eq!(given, Ok(("html", Some(PathBuf::from("a=b.html")))));
        let refused = asked("sarfi").map(|a| a.len()).map_err(|e| e.help);
        assert!(refused.is_err_and(|h| h.is_some_and(|h| h.starts_with("did you mean `sarif`?"))));
        assert!(asked("json=").is_err());
    }
}
