//! Two texts → which line of the older one a line of the newer one is.

use std::collections::BTreeMap;

/// For every line of `new`, the same line of `old`: equal beginnings and ends, and between them lines whose text stands
/// equally often in both. What remains was changed.
pub(super) fn same(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let end = end.min(old.len() - start).min(new.len() - start);
    let mut out: Vec<Option<usize>> = (0..new.len()).map(|i| (i < start).then_some(i)).collect();
    for k in 1..=end {
        if let Some(slot) = out.get_mut(new.len() - k) {
            *slot = Some(old.len() - k);
        }
    }
    let middle = |all: &[&str]| -> BTreeMap<String, Vec<usize>> {
        let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, line) in all.iter().enumerate().take(all.len() - end).skip(start) {
            found.entry((*line).to_owned()).or_default().push(i);
        }
        found
    };
    let before = middle(old);
    for (line, places) in middle(new) {
        let Some(was) = before.get(&line).filter(|was| was.len() == places.len()) else { continue };
        for (i, j) in places.iter().zip(was) {
            if let Some(slot) = out.get_mut(*i) {
                *slot = Some(*j);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_where_they_went() {
        assert_eq!(same(&["a", "b", "c"], &["x", "a", "b", "c"]), [None, Some(0), Some(1), Some(2)]);
        assert_eq!(same(&["a", "b", "c"], &["a", "B", "c"]), [Some(0), None, Some(2)]);
        assert_eq!(same(&["a", "b", "c", "d"], &["a", "c", "b", "d"]), [Some(0), Some(2), Some(1), Some(3)]);
        assert_eq!(same(&["a", "a"], &["a", "a", "a"]), [Some(0), Some(1), None]);
        assert_eq!(same(&[], &["a"]), [None]);
        assert!(same(&["a"], &[]).is_empty());
    }
}
