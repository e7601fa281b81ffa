//! Claims of a format whose manifest is a folder of files → what is run together: by folder, and by environment.

use std::collections::BTreeMap;

use super::candidates::{Candidate, Claimed, inside};
use super::words::{Named, named, run_together};
use crate::workspace::{file_name, parent};

/// Environments after which a single file among others is named; other words are as often a service's name.
const OF_FILES: [&str; 5] = ["staging", "preprod", "nonprod", "qa", "uat"];

/// The candidates of formats that gather the files of a folder.
pub(super) fn candidates(claims: &[Claimed]) -> Vec<Candidate> {
    let mut groups: BTreeMap<(&str, &'static str, Named, bool), Vec<&Claimed>> = BTreeMap::new();
    for claim in claims.iter().filter(|c| c.format.gathers()) {
        let folder = named(&claim.manifest);
        let own = match named(file_name(&claim.file)) {
            own @ (Named::Production | Named::Development) if own != folder => Some(own),
            Named::Other(name) if OF_FILES.contains(&name.as_str()) => Some(Named::Other(name)).filter(|own| *own != folder),
            _ => None,
        };
        let meant = !matches!(folder, Named::NotMeant(_));
        let key = match own {
            Some(own) if meant => (claim.manifest.as_str(), claim.format.id(), own, true),
            _ if meant => (run_together(&claim.manifest), claim.format.id(), folder, false),
            _ => (claim.manifest.as_str(), claim.format.id(), folder, false),
        };
        groups.entry(key).or_default().push(claim);
    }
    let mut out = Vec::new();
    for ((folder, _, _, by_file), members) in groups {
        let Some(first) = members.first() else { continue };
        let all = |c: &Claimed| parent(&c.file) == folder || inside(&c.file, folder);
        // The folder is read as a whole where nobody else has a claim in it.
        let whole = !by_file && !folder.is_empty() && claims.iter().filter(|c| all(c)).count() == members.len();
        let files = if whole { Vec::new() } else { members.iter().map(|c| c.file.clone()).collect() };
        out.push(Candidate {
            format: first.format,
            path: if by_file { first.file.clone() } else { folder.to_owned() },
            side: first.side,
            folder: !by_file,
            files,
            live: None,
        });
    }
    out
}
