//! What was read of a workspace, within the limits of all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::signs;
use crate::limits::Limits;
use crate::report::Problem;
use crate::source::Source;

/// What was read, and how many bytes that is.
#[derive(Default)]
pub(crate) struct Kept {
    sources: BTreeMap<String, Arc<Source>>,
    /// What was counted; it may be read by several at once.
    counted: BTreeSet<String>,
    bytes: u64,
    nodes: usize,
}

impl Kept {
    pub(crate) fn get(&self, path: &str) -> Option<Arc<Source>> {
        self.sources.get(path).cloned()
    }

    /// Room for more bytes; a problem of the file where there is none.
    pub(crate) fn take(&mut self, path: &str, bytes: u64, limits: &Limits) -> Result<(), Problem> {
        if self.counted.contains(path) {
            return Ok(());
        }
        if self.bytes.saturating_add(bytes) > limits.total_bytes {
            let most = limits.total_bytes;
            return Err(Problem::file(
                path,
                format!("is not read: the files that are read have more than the limit of {most} bytes in all"),
            ));
        }
        self.bytes += bytes;
        self.counted.insert(path.to_owned());
        Ok(())
    }

    /// Keeps what was read; a problem of the file where all of it would become too large a tree.
    pub(crate) fn keep(&mut self, path: &str, source: &Arc<Source>, limits: &Limits) -> Result<(), Problem> {
        if self.sources.contains_key(path) {
            return Ok(());
        }
        let (nodes, most) = (self.nodes.saturating_add(signs(source.text())), limits.total_nodes);
        if nodes > most {
            return Err(Problem::file(
                path,
                format!("is not read: the files that are read have more than the limit of {most} nodes in all"),
            ));
        }
        self.nodes = nodes;
        self.sources.insert(path.to_owned(), Arc::clone(source));
        Ok(())
    }
}
