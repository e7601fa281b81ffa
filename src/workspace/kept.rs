//! What was read of a workspace, within the limits of all of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::signs;
use crate::limits::{Limits, Listed};
use crate::report::Problem;
use crate::source::Source;

/// What was read, and how much that is.
#[derive(Default)]
pub(crate) struct Kept {
    files: BTreeMap<String, Counted>,
    /// Their paths, as they came.
    order: Vec<String>,
    bytes: u64,
    nodes: usize,
    /// Bytes of files that were needed again.
    again: u64,
    refused: usize,
    variables: Arc<Listed>,
}

/// A file that was counted; it may be read by several at once.
struct Counted {
    bytes: u64,
    nodes: usize,
    source: Option<Arc<Source>>,
}

/// A state of what was read, to go back to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    files: usize,
    again: u64,
    refused: usize,
    variables: (usize, usize),
}

impl Mark {
    /// Of variables alone.
    pub(super) fn of(variables: &Listed) -> Self {
        Self { variables: variables.mark(), ..Self::default() }
    }

    /// Forgets the variables that were listed since.
    pub(super) fn return_to(self, variables: &Listed) {
        variables.back_to(self.variables);
    }

    /// Has a limit of all files refused a file or a variable since?
    pub(super) fn refused_since(self, before: Self) -> bool {
        self.refused > before.refused || self.variables.1 > before.variables.1
    }
}

impl Kept {
    pub(crate) fn variables(&self) -> Arc<Listed> {
        Arc::clone(&self.variables)
    }

    /// A file that was read before; a problem of it where all that was needed again is too much.
    pub(crate) fn get(&mut self, path: &str, limits: &Limits) -> Option<Result<Arc<Source>, Problem>> {
        let source = self.files.get(path)?.source.clone()?;
        let (all, most) = (self.again.saturating_add(source.text().len() as u64), limits.again_bytes);
        if all > most {
            self.refused += 1;
            let why = format!("is not read again: what is needed again has more than the limit of {most} bytes in all");
            return Some(Err(Problem::file(path, why)));
        }
        self.again = all;
        Some(Ok(source))
    }

    /// Room for more bytes; a problem of the file where there is none.
    pub(crate) fn take(&mut self, path: &str, bytes: u64, limits: &Limits) -> Result<(), Problem> {
        if self.files.contains_key(path) {
            return Ok(());
        }
        let (all, most) = (self.bytes.saturating_add(bytes), limits.total_bytes);
        if all > most {
            self.refused += 1;
            return Err(Problem::file(
                path,
                format!("is not read: the files that are read have more than the limit of {most} bytes in all"),
            ));
        }
        self.bytes = all;
        self.files.insert(path.to_owned(), Counted { bytes, nodes: 0, source: None });
        self.order.push(path.to_owned());
        Ok(())
    }

    /// Keeps what there was room for; a problem of the file where all of it would become too large a tree.
    pub(crate) fn keep(&mut self, path: &str, source: &Arc<Source>, limits: &Limits) -> Result<(), Problem> {
        let Some(file) = self.files.get_mut(path).filter(|f| f.source.is_none()) else { return Ok(()) };
        let own = signs(path, source.text());
        let (all, most) = (self.nodes.saturating_add(own), limits.total_nodes);
        if all > most {
            self.refused += 1;
            return Err(Problem::file(
                path,
                format!("is not read: the files that are read have more than the limit of {most} nodes in all"),
            ));
        }
        (file.nodes, self.nodes) = (own, all);
        file.source = Some(Arc::clone(source));
        Ok(())
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { files: self.order.len(), again: self.again, refused: self.refused, variables: self.variables.mark() }
    }

    /// Forgets what came since.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        let later = self.order.split_off(mark.files.min(self.order.len()));
        for file in later.iter().filter_map(|path| self.files.remove(path)) {
            self.bytes -= file.bytes;
            self.nodes -= file.nodes;
        }
        (self.again, self.refused) = (mark.again, mark.refused);
        mark.return_to(&self.variables);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Kept {
        fn keep_new(&mut self, path: &str, text: &str, limits: &Limits) -> Result<(), Problem> {
            self.take(path, text.len() as u64, limits)?;
            self.keep(path, &Source::new(path, text.to_owned()), limits)
        }
    }

    #[test]
    fn signs_of_hcl_count_twice() {
        // `a`, `=`, `b`, `.`, `c`: two signs.
        for (path, own) in [("a.yaml", 1), ("main.tf", 4), ("main.tf.json", 4), ("job.nomad", 4)] {
            let read = |most: usize| {
                let limits = Limits { total_nodes: most, ..Limits::default() };
                Kept::default().keep_new(path, "a = b.c", &limits)
            };
            assert!(read(own).is_ok(), "{path}");
            assert!(read(own - 1).is_err_and(|p| p.message.contains("limit of")), "{path}");
        }
    }

    #[test]
    fn what_is_forgotten_leaves_its_room() {
        let limits = Limits { total_bytes: 10, total_nodes: 3, ..Limits::default() };
        let mut kept = Kept::default();
        let read = |kept: &mut Kept, path: &str, text: &str| kept.keep_new(path, text, &limits).is_ok();
        assert!(read(&mut kept, "a", "x: 1"));
        let mark = kept.mark();
        assert!(read(&mut kept, "b", "y: 123"));
        assert!(!read(&mut kept, "c", "z"), "bytes");
        assert_ne!(kept.mark(), mark);
        kept.back_to(mark);
        assert_eq!(kept.mark(), mark);
        assert!(kept.get("a", &limits).is_some() && kept.get("b", &limits).is_none());
        assert!(!read(&mut kept, "c", ",,,"), "nodes");
        kept.back_to(mark);
        assert!(read(&mut kept, "b", "y: 123"));
    }
}
