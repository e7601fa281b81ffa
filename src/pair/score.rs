//! Two services and their names → how well they fit, and why; `None` where they cannot be the same.

use super::names::{Names, normal};
use crate::catalogue::{Category, Kind, Relation, relation};
use crate::inventory::{Build, Process, Role, Service, Software};

/// Needs that one service meets, so that the last one on each side is the same need.
pub(super) const NEEDS: [Category; 5] = [Category::Database, Category::Cache, Category::Queue, Category::Search, Category::ObjectStore];

/// Why two backing services of one kind and one name are a pair.
pub(super) const CALLED_ALIKE: &str = "same kind, both are called alike";

/// A score, and why.
pub(super) type Score = (u32, &'static str);

/// What two backing services of one kind are at least, which do the same: server or client.
pub(super) const SAME_KIND: Score = (20, "what is left of this kind on each side");
/// What those of two kinds are at least, of which one may stand for the other.
pub(super) const SAME_NEED: Score = (8, "kinds that meet the same need");
/// What a server and a client of one kind are at least.
pub(super) const CLIENT: Score = (6, "a client of this kind on one side, a server on the other");

/// Two workloads.
pub(super) fn workloads(a: &Service, b: &Service, x: &Names, y: &Names) -> Option<Score> {
    // A sidecar, a migration or a scheduled job is paired with its like alone, or with its namesake.
    if (!process(a, b) && x.own != y.own) || sidecar(a) != sidecar(b) {
        return None;
    }
    let repository = same_repository(a, b);
    let same_build =
        |p: &Build, q: &Build| p.context.is_some() && (&p.context, &p.dockerfile, &p.target) == (&q.context, &q.dockerfile, &q.target);
    let built = a.build.as_ref().zip(b.build.as_ref()).is_some_and(|(p, q)| same_build(p, q));
    let in_names = |one: Option<&String>, names: &Names| one.is_some_and(|n| names.all.contains(n));
    let called = in_names(x.image.as_ref(), y) || in_names(y.image.as_ref(), x);
    let folder = in_names(x.folder.as_ref(), y)
        || in_names(y.folder.as_ref(), x)
        || (x.folder.is_some() && x.folder == y.image)
        || (y.folder.is_some() && y.folder == x.image);
    // An image of others is no process of a platform that names no image, however the two are called.
    let foreign =
        [(a, b), (b, a)].iter().any(|(s, o)| s.build.is_none() && s.image().is_some() && o.software.is_none() && o.build.is_none());
    let (score, because) = if x.equal(y) {
        (if x.own == y.own { 110 } else { 100 }, "both are called alike")
    } else if repository {
        (60, "same image repository")
    } else if built {
        (60, "both are built from the same folder")
    } else if x.tagged_alike(y) {
        (58, "the image and its tag are called like the other side's image")
    } else if called {
        (55, "the image is called like the service")
    } else if x.part(y) && !strangers(a, b, x, y) && (!foreign || x.telling_part(y)) {
        (45, "a part of the name is the same")
    } else if folder {
        (40, "the folder that it is built from is called like the other side")
    } else if !foreign && (is_bare(a) || is_bare(b)) && x.part_played().is_some() && x.part_played() == y.part_played() {
        (30, "both play the same part in the app, by their names")
    } else {
        return None;
    };
    // Of several processes of one image, the one of the same command.
    let commands = [a, b].map(|s| s.command.as_ref().and_then(|c| c.value.known()));
    // Of several processes of an app that is one elsewhere, the one that serves it.
    let serves = x.part_played().is_none() && y.is_called_web() || y.part_played().is_none() && x.is_called_web();
    let part = x.part_played().is_some() && x.part_played() == y.part_played();
    let more = [
        (part, 2),
        (folder, 4),
        (repository, 8),
        (built, 8),
        (x.part(y), 4),
        (commands.first() == commands.last(), 3),
        (a.process == b.process, 2),
        (serves, 1),
    ];
    Some((score + more.into_iter().filter(|(is, _)| *is).map(|(_, n)| n).sum::<u32>(), because))
}

/// Two services of which at least one is backing. `wired`: how alike those are who use them.
pub(super) fn backing(a: &Service, b: &Service, x: &Names, y: &Names, wired: u32) -> Option<Score> {
    if a.role != b.role {
        // The same own image on both sides, of which one side knows what it is built from.
        if same_repository(a, b) {
            return Some((120, "the same image repository"));
        }
        // An image that could not be resolved may be the very software that the other side names.
        let unknown = |s: &Service| s.software.as_ref().is_some_and(|f| f.value.known().is_none());
        return ((unknown(a) || unknown(b)) && x.equal(y)).then_some((90, "both are called alike, and an image is not known"));
    }
    let unnamed = |s: &Service| s.known_software().is_some_and(Software::is_unnamed);
    if unnamed(a) && unnamed(b) {
        return x.equal(y).then_some((100, "both are called alike, and say no engine"));
    }
    let (p, q) = (a.kind()?, b.kind()?);
    if a.role != Role::Backing {
        return None;
    }
    if p != q && are_strangers(p, q) {
        return None;
    }
    let words = if x.words.is_empty() || y.words.is_empty() { 0 } else { x.words.intersection(&y.words).count() };
    let words = u32::try_from(words).unwrap_or(0);
    // A job of a database's image is a client of the database.
    if p == q && !process(a, b) {
        return Some((CLIENT.0 + u32::from(x.equal(y)), CLIENT.1));
    }
    if p == q {
        return Some(if x.equal(y) {
            (100 + wired + u32::from(x.own == y.own) * 10, CALLED_ALIKE)
        } else if wired > 0 {
            (60 + wired + words.min(3) * 4, "same kind, and the same services use both")
        } else if x.part(y) {
            (60, "same kind, and a part of the name is the same")
        } else if words > 0 {
            (40 + words.min(3) * 4, "same kind, and a word of the name is the same")
        } else {
            SAME_KIND
        });
    }
    if !process(a, b) {
        return None;
    }
    let alike = u32::from(x.equal(y)) * 3 + u32::from(x.part(y) || words > 0) + wired.min(5);
    if meets(p, q) {
        return Some((SAME_NEED.0 + alike, SAME_NEED.1));
    }
    let need = p.category == q.category && NEEDS.contains(&p.category) && !p.dev_only && !q.dev_only;
    (need && (x.equal(y) || wired > 0)).then_some((2 + alike.min(5), "other kinds that meet the same need of the same services"))
}

/// Have two kinds nothing to do with each other? Said first, for most have not.
fn are_strangers(p: &Kind, q: &Kind) -> bool {
    p.category != q.category && p.family != q.family && p.stands_in_for.is_empty() && p.family != "embedded"
}

/// May one of two kinds stand for the other?
pub(super) fn meets(p: &Kind, q: &Kind) -> bool {
    let related = || relation(p, q).is_some_and(|r| r != Relation::Unrelated);
    p != q && !are_strangers(p, q) && (related() || (p.family == "embedded" && q.category == p.category))
}

/// Is a service built from a Dockerfile that is called after it (`Dockerfile.pdf` of `pdf`), which the other side is not? Then it is
/// a part beside the app.
pub(super) fn is_part_by_its_file(service: &Service, names: &Names, other: &Names) -> bool {
    let file = service.build.as_ref().and_then(|b| b.dockerfile.as_deref()).and_then(|f| f.rsplit('/').next()).map(normal);
    let telling = names.part_played().is_none() && !names.words.is_empty();
    let part = file.as_deref().and_then(|f| f.strip_prefix("dockerfile-")).filter(|part| telling && *part == names.own);
    part.is_some_and(|part| !other.all.iter().chain(&other.image).any(|n| n.split('-').any(|w| w == part)))
}

/// Is it a process of which no image is known: of a platform that builds the app, of a template?
pub(super) fn is_bare(service: &Service) -> bool {
    service.build.is_none() && service.known_software().is_none()
}

/// Two images of others that are not called alike: no part of a name makes them one service.
fn strangers(a: &Service, b: &Service, x: &Names, y: &Names) -> bool {
    let foreign = |s: &Service| s.build.is_none() && s.image().is_some() && s.kind().is_none();
    foreign(a) && foreign(b) && x.image != y.image
}

/// Does a container run beside the main one of its pod?
fn sidecar(service: &Service) -> bool {
    service.name.contains('/') && service.process != Process::Admin
}

pub(super) fn same_repository(a: &Service, b: &Service) -> bool {
    a.image().zip(b.image()).is_some_and(|(x, y)| x.repository == y.repository)
}

pub(super) fn process(a: &Service, b: &Service) -> bool {
    (a.process == Process::Service) == (b.process == Process::Service)
}

pub(super) fn same_kind(a: &Service, b: &Service) -> bool {
    a.kind().is_some() && a.kind() == b.kind()
}
