//! A service → the paths of its code, and why these.

use super::Asked;
use crate::formats::{self, Manifest};
use crate::inventory::Build;
use crate::workspace::{Workspace, join, root_of};

/// The paths of a service's code, relative to the root.
pub(super) struct Paths {
    pub(super) paths: Vec<String>,
    pub(super) because: String,
}

impl Paths {
    /// What git is asked about: these paths, less the declarations of production. A deployment is no work that waits.
    pub(super) fn specs(&self, excluded: &[String]) -> Vec<String> {
        let within = |path: &String| self.paths.iter().any(|p| p == path || path.is_empty() || p.starts_with(&format!("{path}/")));
        let included = self.paths.iter().map(|p| if p == "." { ".".to_owned() } else { format!(":(literal){p}") });
        included.chain(excluded.iter().filter(|e| !within(e)).map(|e| format!(":(exclude,literal){e}"))).collect()
    }
}

/// Of the configuration, of the build, else the whole repository.
pub(super) fn of(asked: &Asked<'_>, names: &[&str], build: Option<&Build>) -> Result<Paths, (String, String)> {
    if let Some((service, paths)) = asked.config.time.paths.iter().find(|(service, _)| names.contains(&service.as_str())) {
        let joined: Vec<String> = paths.iter().filter_map(|p| join("", p)).collect();
        let there = joined.iter().any(|p| asked.workspace.is_dir(p) || asked.workspace.is_file(p));
        if !there {
            let why = format!("none of the paths that `time.paths` names for `{service}` exists");
            return Err((why, "correct `time.paths` in parity.yml".to_owned()));
        }
        let paths = joined.into_iter().map(|p| if p.is_empty() { ".".to_owned() } else { p }).collect();
        return Ok(Paths { paths, because: "named in the configuration".to_owned() });
    }
    if let Some(build) = build {
        if let Some(context) = build.context.as_ref().filter(|c| !c.is_empty() && *c != ".") {
            let outside = build.dockerfile.iter().filter(|d| !d.starts_with(&format!("{context}/")));
            let paths = std::iter::once(context).chain(outside).cloned().collect();
            return Ok(Paths { paths, because: format!("the build context at {}", build.at) });
        }
        return Ok(Paths { paths: vec![".".to_owned()], because: "whole repository: it is the build context".to_owned() });
    }
    Ok(Paths { paths: vec![".".to_owned()], because: "whole repository: no build says which part".to_owned() })
}

/// The declarations of production, with what they take in.
pub(super) fn excluded(workspace: &dyn Workspace, manifests: &[Manifest]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for manifest in manifests {
        for path in &manifest.paths {
            out.push(path.clone());
            out.extend(formats::by_id(&manifest.format).map(|f| f.parts(path, workspace)).unwrap_or_default());
        }
    }
    // What lies in another root is none of this one's work.
    out.retain(|p| !p.is_empty() && p != "." && root_of(workspace, p).is_empty());
    out.sort_unstable();
    out.dedup();
    out
}
