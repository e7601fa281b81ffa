//! `parity fix` over every fixture, and over a corpus (`PARITY_CORPUS`): it changes what it says and no other byte, what it
//! changed is read again, the findings are gone, and a second run changes nothing.

#![expect(clippy::disallowed_methods, reason = "a test runs the program")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use parity::config::{self, Options};
use parity::fix::{self, Plan};
use parity::limits::Limits;
use parity::run;
use parity::workspace::{DiskWorkspace, MemoryWorkspace};
use rayon::prelude::*;

use crate::laws;

fn options(from: Option<&str>) -> Options {
    Options { today: jiff::civil::date(2026, 9, 1), from: from.map(str::to_owned), ..Options::default() }
}

/// Lines of the file that are in one text and not in the other, one for one.
fn touched(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let diff = similar::TextDiff::from_lines(before, after);
    let of = |tag| diff.iter_all_changes().filter(|c| c.tag() == tag).map(|c| c.value().to_owned()).collect::<Vec<_>>();
    (of(similar::ChangeTag::Delete), of(similar::ChangeTag::Insert))
}

/// The laws of one plan: what is wrong, if something is.
fn broken(plan: &Plan, files: &[(String, Vec<u8>)], options: &Options) -> Result<(), String> {
    let mut edited = files.to_vec();
    for file in &plan.files {
        let Some((_, bytes)) = edited.iter_mut().find(|(p, _)| *p == file.path) else { return Err(format!("`{}` is new", file.path)) };
        if *bytes != file.before.as_bytes() {
            return Err(format!("`{}` is not the file", file.path));
        }
        *bytes = file.after.clone().into_bytes();
        let (gone, new) = touched(&file.before, &file.after);
        if gone.len() > new.len() || new.len() > gone.len() + 1000 || file.before == file.after {
            return Err(format!("`{}` loses lines", file.path));
        }
        let crlf = file.before.contains("\r\n") && !file.before.replace("\r\n", "").contains('\n');
        if crlf && file.after.replace("\r\n", "").contains('\n') || file.after.contains('\u{feff}') != file.before.contains('\u{feff}') {
            return Err(format!("`{}` has other line ends or another mark", file.path));
        }
    }
    if plan.done.is_empty() != plan.files.is_empty() {
        return Err("what is done is not what is changed".into());
    }
    if plan.files.is_empty() {
        return Ok(());
    }
    let (before, after) = (MemoryWorkspace::new(files.iter().cloned()), MemoryWorkspace::new(edited));
    let (was, is) = (run::diff(&before, options).map_err(|e| e.message)?, run::diff(&after, options).map_err(|e| e.message)?);
    let names = |r: &parity::report::Report| r.findings.iter().map(|f| (f.fingerprint(), f.rule)).collect::<BTreeSet<_>>();
    if was.problems.len() < is.problems.len() {
        return Err("it is read with more problems".into());
    }
    let gone = names(&was).difference(&names(&is)).count();
    if gone == 0 && plan.left.is_empty() {
        return Err("no finding is gone".into());
    }
    let again = fix::plan(&after, options).map_err(|e| e.message)?;
    if !again.files.is_empty() {
        return Err(format!("a second run changes {:?}", again.files));
    }
    Ok(())
}

#[test]
fn every_fixture_is_mended_as_it_says() {
    let (mut files_changed, mut wrong) = (0, Vec::new());
    for repository in laws::repositories() {
        let files = laws::files(&repository);
        for from in [None, Some("ci"), Some("staging")] {
            let options = options(from);
            let Ok(plan) = fix::plan(&MemoryWorkspace::new(files.iter().cloned()), &options) else { continue };
            files_changed += plan.files.len();
            wrong.extend(broken(&plan, &files, &options).err().map(|why| format!("{} {from:?}: {why}", repository.display())));
            let shown: String = plan.files.iter().map(fix::Changed::diff).collect();
            assert!(!shown.to_lowercase().contains("canary"), "{}: a value is shown", repository.display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files_changed > 20, "{files_changed} files were changed");
}

#[test]
fn files_are_written_whole_and_keep_what_they_were() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/fix/compose/repo");
    let dir = tempfile::tempdir().expect("a folder");
    for (path, bytes) in laws::files(&case) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    let outside = tempfile::tempdir().expect("a folder");
    let run = || {
        let out = Command::new(env!("CARGO_BIN_EXE_parity")).arg("fix").env_clear().current_dir(dir.path()).output().expect("runs");
        (out.status.code(), String::from_utf8(out.stdout).expect("UTF-8") + &String::from_utf8(out.stderr).expect("UTF-8"))
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        // A link that leaves the root is read by nobody, and so not written.
        let env = dir.path().join(".env");
        fs::rename(&env, outside.path().join("env")).expect("moved");
        symlink(outside.path().join("env"), &env).expect("linked");
        let before = fs::read(outside.path().join("env")).expect("there");
        let (_, said) = run();
        assert_eq!(fs::read(outside.path().join("env")).expect("there"), before, "{said}");
        fs::remove_file(&env).expect("removed");
        fs::rename(outside.path().join("env"), &env).expect("moved back");
        fs::set_permissions(&env, fs::Permissions::from_mode(0o640)).expect("set");
        let (code, said) = run();
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(fs::metadata(&env).expect("there").permissions().mode() & 0o777, 0o640);
        assert!(fs::read_to_string(&env).expect("there").contains("SEARCH_IMAGE=elasticsearch:8.13.4 # moved by hand\nLAST=canary-last\n"));
    }
    let _kept = outside;
    let listed = laws::files(dir.path());
    let (code, said) = run();
    assert!(!said.contains("canary"), "{said}");
    if cfg!(unix) {
        assert_eq!((code, laws::files(dir.path())), (Some(0), listed), "a second run changes nothing: {said}");
    }
}

#[cfg(unix)]
#[test]
fn where_one_file_cannot_be_written_none_is() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let one = "services:\n  db:\n    image: postgres:15\n";
    let two = "services:\n  cache:\n    image: redis:6.2\n";
    for (path, text) in [("docker-compose.yml", one), ("docker-compose.override.yml", two)] {
        fs::write(dir.path().join(path), text).expect("written");
    }
    let object = |name: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - {{name: {name}, image: '{image}'}}\n"
        )
    };
    fs::create_dir(dir.path().join("k8s")).expect("made");
    fs::write(dir.path().join("k8s/db.yaml"), object("db", "postgres:16")).expect("written");
    fs::write(dir.path().join("k8s/cache.yaml"), object("cache", "redis:7.2")).expect("written");
    let run = || {
        let out = Command::new(env!("CARGO_BIN_EXE_parity")).arg("fix").env_clear().current_dir(dir.path()).output().expect("runs");
        (out.status.code(), String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8"))
    };
    let before = laws::files(dir.path());
    // Whichever is written last is the one that may not be.
    for closed in ["docker-compose.yml", "docker-compose.override.yml"] {
        fs::set_permissions(dir.path().join(closed), fs::Permissions::from_mode(0o444)).expect("closed");
        let (code, said) = run();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(&format!("`{closed}` cannot be written: it is read-only")), "{said}");
        assert_eq!(laws::files(dir.path()), before, "{closed}: no file is changed, and none is left beside them");
        fs::set_permissions(dir.path().join(closed), fs::Permissions::from_mode(0o644)).expect("opened");
    }
    let (code, said) = run();
    assert_eq!(code, Some(0), "{said}");
    let changed = laws::files(dir.path()).iter().zip(&before).filter(|(a, b)| a != b).count();
    assert_eq!(changed, 2, "{said}");
}

/// Files, changes, what is left, and what is wrong.
type Mended = (usize, usize, usize, Option<String>);

/// Every repository of the corpus: the folders of `repos`.
fn corpus() -> Option<Vec<PathBuf>> {
    let root = PathBuf::from(std::env::var_os("PARITY_CORPUS").filter(|c| !c.is_empty())?).join("repos");
    let folders = |dir: &Path| -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
        let mut out: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
        out.sort();
        out
    };
    Some(folders(&root))
}

#[test]
fn every_repository_of_the_corpus_is_mended_as_it_says() {
    let Some(repositories) = corpus() else {
        let _closed =
            writeln!(std::io::stderr(), "NOT RUN: every_repository_of_the_corpus_is_mended_as_it_says (PARITY_CORPUS names no corpus)");
        return;
    };
    let one = |root: &PathBuf| -> Option<Mended> {
        let disk = DiskWorkspace::new(root, Limits::default()).ok()?;
        let mut options = options(None);
        options.config = config::load(&disk, None).ok()?;
        options.read.render = parity::formats::Render::Never;
        let plan = fix::plan(&disk, &options).ok()?;
        // Only what is read: a repository may be large.
        let (paths, _) = parity::workspace::Workspace::list(&disk, "");
        let read = |path: &String| Some((path.clone(), parity::workspace::Workspace::read(&disk, path).ok()?.text().as_bytes().to_vec()));
        let files: Vec<(String, Vec<u8>)> = if plan.files.is_empty() { Vec::new() } else { paths.iter().filter_map(read).collect() };
        let wrong = broken(&plan, &files, &options).err().map(|why| format!("{}: {why}", root.display()));
        Some((plan.files.len(), plan.done.len(), plan.left.len(), wrong))
    };
    let all: Vec<_> = repositories.par_iter().filter_map(one).collect();
    let sum = |f: fn(&Mended) -> usize| all.iter().map(f).sum::<usize>();
    let counts = format!("{} repositories, {} files, {} changes, {} left", all.len(), sum(|a| a.0), sum(|a| a.1), sum(|a| a.2));
    let _closed = writeln!(std::io::stderr(), "fix over the corpus: {counts}");
    let wrong: Vec<String> = all.into_iter().filter_map(|a| a.3).collect();
    assert!(wrong.is_empty(), "{counts}\n{}", wrong.join("\n"));
}
