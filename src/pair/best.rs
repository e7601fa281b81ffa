//! What would fit, and how well → what is paired: the best first; of equals the first in the order of the inventories.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::names::Names;
use super::score::{self, Score};
use super::serves;
use crate::catalogue::Kind;
use crate::inventory::{Role, Service};

/// Pairs that would fit, by how well; each is kept small, for there may be many.
#[derive(Default)]
pub(super) struct Candidates {
    /// Which two, and the number of the reason; in their order.
    by_score: BTreeMap<Reverse<u32>, Vec<(u32, u32, u8)>>,
    because: Vec<&'static str>,
}

/// Two services by their numbers, and why they are a pair.
pub(super) type Fit = (usize, usize, &'static str);

impl Candidates {
    /// Adds a pair; they come in the order of the left services, and for each in that of the right.
    pub(super) fn add(&mut self, i: usize, j: usize, (score, because): Score) {
        let known = self.because.iter().position(|b| std::ptr::eq(*b, because));
        let reason = known.unwrap_or_else(|| {
            self.because.push(because);
            self.because.len() - 1
        });
        if let (Ok(i), Ok(j), Ok(reason)) = (u32::try_from(i), u32::try_from(j), u8::try_from(reason)) {
            self.by_score.entry(Reverse(score)).or_default().push((i, j, reason));
        }
    }

    /// The scores, the best first.
    pub(super) fn scores(&self) -> BTreeSet<Reverse<u32>> {
        self.by_score.keys().copied().collect()
    }

    /// The pairs of a score.
    pub(super) fn of(&self, score: Reverse<u32>) -> impl Iterator<Item = Fit> {
        let because = |reason: u8| self.because.get(usize::from(reason)).copied().unwrap_or_default();
        self.by_score.get(&score).into_iter().flatten().map(move |(i, j, reason)| (*i as usize, *j as usize, because(*reason)))
    }
}

/// Backing services that have nothing in common but what they are: those of one kind, or for one need, are a pair where no likeness
/// says more.
pub(super) struct Rest {
    left: Vec<Option<(&'static Kind, bool)>>,
    /// By kind, and whether they serve; in their order.
    right: BTreeMap<(&'static str, bool), (&'static Kind, VecDeque<usize>)>,
    /// The kinds of what serves on each side.
    served: [BTreeSet<&'static str>; 2],
}

impl Rest {
    /// The scores at which nothing but the kind says that two are a pair.
    pub(super) const SCORES: [Score; 3] = [score::SAME_KIND, score::SAME_NEED, score::CLIENT];

    pub(super) fn new(left: &[(&Service, Names)], right: &[(&Service, Names)]) -> Self {
        let of = |s: &Service| s.kind().filter(|_| s.role == Role::Backing).map(|k| (k, serves(s)));
        let served =
            |side: &[(&Service, Names)]| side.iter().filter(|(s, _)| serves(s)).filter_map(|(s, _)| Some(s.kind()?.id.as_str())).collect();
        let mut groups: BTreeMap<_, (&Kind, VecDeque<usize>)> = BTreeMap::new();
        for (j, (kind, serves)) in right.iter().enumerate().filter_map(|(j, (s, _))| Some((j, of(s)?))) {
            groups.entry((kind.id.as_str(), serves)).or_insert_with(|| (kind, VecDeque::new())).1.push_back(j);
        }
        Self { left: left.iter().map(|(s, _)| of(s)).collect(), right: groups, served: [served(left), served(right)] }
    }

    /// The first right service that is open and has this score with a left one.
    pub(super) fn first(&mut self, score: Reverse<u32>, i: usize, taken: &BTreeSet<usize>) -> Option<Fit> {
        let (p, serving) = self.left.get(i).copied().flatten()?;
        let because = Self::SCORES.iter().find(|(s, _)| *s == score.0)?.1;
        let [mine, others] = &self.served;
        let declared = if serving { others } else { mine }.contains(p.id.as_str());
        let fits = |q: &Kind, s: bool| match score.0 {
            n if n == score::SAME_KIND.0 => q == p && s == serving,
            n if n == score::SAME_NEED.0 => s == serving && score::meets(p, q),
            // A client stands for its server only where its side declares none.
            _ => q == p && s != serving && !declared,
        };
        let mut first: Option<usize> = None;
        for ((_, s), (q, open)) in &mut self.right {
            if !fits(q, *s) {
                continue;
            }
            while open.front().is_some_and(|j| taken.contains(j)) {
                open.pop_front();
            }
            first = first.into_iter().chain(open.front().copied()).min();
        }
        first.map(|j| (i, j, because))
    }

    /// Is one of two services a client of a kind whose server its own side declares?
    pub(super) fn is_client(&self, a: &Service, b: &Service) -> bool {
        let [mine, others] = &self.served;
        let of = |served: &BTreeSet<&str>, s: &Service| s.kind().is_some_and(|k| served.contains(k.id.as_str()));
        (!serves(a) && serves(b) && of(mine, a)) || (serves(a) && !serves(b) && of(others, b))
    }
}
