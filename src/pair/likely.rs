//! The services of two sides → for each the ones of the other side that could be like it, by what a likeness has in common: of
//! thousands of services, most have nothing to do with each other, and are not asked.

use std::collections::BTreeMap;

use super::names::Names;
use super::wiring::Users;
use crate::inventory::{Role, Service};

/// What two services have in common, where they are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark<'n> {
    /// A name, also that of an image or a folder.
    Called(&'n str),
    /// A name that begins or ends with this one.
    Longer(&'n str),
    /// A word of a name.
    Word(&'n str),
    /// The repository of an image, of services of this role.
    Repository(Role, &'n str),
    /// The folder that it is built from.
    Folder(&'n str),
    /// The part that it plays, of a process without an image or of another.
    Plays(&'static str, bool),
    /// The number of who uses it.
    User(usize),
    /// Its name is too long to be taken apart: it may be like any.
    Any,
}

/// Names up to this length are taken apart at their dashes; what runs anywhere is called by far less.
const LONGEST: usize = 300;

/// What a service has, and what one like it has.
pub(super) struct Marks<'n> {
    has: Vec<Mark<'n>>,
    wants: Vec<Mark<'n>>,
}

impl<'n> Marks<'n> {
    /// Of a workload: see [`super::score::workloads`].
    pub(super) fn of_workload(service: &'n Service, names: &'n Names) -> Self {
        let mut out = Self::of_names(names);
        let more = [&names.image, &names.folder, &names.tagged].into_iter().flatten();
        out.both(more.map(|n| Mark::Called(n)));
        out.both(service.image().map(|i| Mark::Repository(Role::Workload, &i.repository)));
        out.both(service.build.as_ref().and_then(|b| b.context.as_deref()).map(Mark::Folder));
        if let Some(part) = names.part_played() {
            let bare = super::score::is_bare(service);
            out.has.push(Mark::Plays(part, bare));
            out.wants.push(Mark::Plays(part, true));
            out.wants.extend(bare.then_some(Mark::Plays(part, false)));
        }
        out
    }

    /// Of a service that may be a backing one: see [`super::score::backing`].
    pub(super) fn of_backing(service: &'n Service, names: &'n Names, users: Option<&'n Users>) -> Self {
        let mut out = Self::of_names(names);
        out.both(names.words.iter().map(|w| Mark::Word(w)));
        out.both(users.into_iter().flatten().map(|(number, _)| Mark::User(*number)));
        if let Some(image) = service.image() {
            let other = if service.role == Role::Backing { Role::Workload } else { Role::Backing };
            out.has.push(Mark::Repository(service.role, &image.repository));
            out.wants.push(Mark::Repository(other, &image.repository));
        }
        out
    }

    /// A name of one is that of the other, or a part of it.
    fn of_names(names: &'n Names) -> Self {
        let mut out = Self { has: Vec::new(), wants: Vec::new() };
        for name in &names.all {
            out.both([Mark::Called(name)]);
            out.wants.push(Mark::Longer(name));
            if name.len() > LONGEST {
                out.both([Mark::Any]);
                continue;
            }
            for (dash, _) in name.match_indices('-') {
                for part in [name.get(..dash), name.get(dash + 1..)].into_iter().flatten() {
                    out.has.push(Mark::Longer(part));
                    out.wants.push(Mark::Called(part));
                }
            }
        }
        out
    }

    fn both(&mut self, marks: impl IntoIterator<Item = Mark<'n>>) {
        for mark in marks {
            self.has.push(mark);
            self.wants.push(mark);
        }
    }
}

/// The services of a side by their marks.
pub(super) struct Likely<'n> {
    by_mark: BTreeMap<Mark<'n>, Vec<usize>>,
    all: Vec<usize>,
}

impl<'n> Likely<'n> {
    pub(super) fn of(side: impl Iterator<Item = (usize, Marks<'n>)>) -> Self {
        let mut out = Self { by_mark: BTreeMap::new(), all: Vec::new() };
        for (i, marks) in side {
            out.all.push(i);
            for mark in marks.has {
                out.by_mark.entry(mark).or_default().push(i);
            }
        }
        out
    }

    /// Those that may be like a service, in their order.
    pub(super) fn like(&self, marks: &Marks<'_>) -> Vec<usize> {
        if marks.wants.contains(&Mark::Any) {
            return self.all.clone();
        }
        let found = marks.wants.iter().chain(&[Mark::Any]).filter_map(|mark| self.by_mark.get(mark));
        let mut out: Vec<usize> = found.flatten().copied().collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}
