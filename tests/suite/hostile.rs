//! Input that was made to break the program, or broke by itself: each gives a problem that names file and reason, the
//! findings of all other files stand, and the exit says that something could not be read.

#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A repository with one drift, in a folder of its own, so that it is to be seen whatever lies beside it.
struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let new = Self { dir };
        new.write("docker-compose.yml", "services:\n  db:\n    image: postgres:15\n");
        new.write("k8s/db.yaml", object("db", "postgres:16"));
        new
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    /// Standard output and errors of `parity diff` with more arguments, and its exit.
    fn diff(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let start = Instant::now();
        let out = Command::new(env!("CARGO_BIN_EXE_parity"))
            .arg("diff")
            .args(arguments)
            .env_clear()
            .current_dir(self.path())
            .output()
            .expect("parity runs");
        assert!(start.elapsed() < Duration::from_secs(60), "took {:?}", start.elapsed());
        let text = String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8");
        (text, out.status.code())
    }

    /// The drift is found, and each of these is said.
    fn says(&self, wanted: &[&str]) -> String {
        let (text, exit) = self.diff(&[]);
        assert_eq!(exit, Some(1), "{text}");
        for want in ["PostgreSQL 15 and 16 are different major series"].iter().chain(wanted) {
            assert!(text.contains(want), "{want}\n--- in\n{}", text.get(..4000).unwrap_or(&text));
        }
        text
    }
}

fn object(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}

#[test]
fn files_that_are_no_manifests() {
    let r = Repository::new();
    r.write("k8s/half.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n");
    r.write("k8s/empty.yaml", "");
    r.write("k8s/binary.yaml", [0, 159, 146, 150]);
    r.write("k8s/latin1.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: caf\xe9}\n");
    r.write("k8s/words.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", ");
    let text = r.says(&[
        "`k8s/half.yaml` is not valid YAML",
        "`k8s/binary.yaml` is a binary file",
        "`k8s/latin1.yaml` is not valid UTF-8 (line 3)",
        "`k8s/words.json` is not valid",
    ]);
    assert!(text.contains("k8s/half.yaml:3:") || text.contains("k8s/half.yaml:4:"), "{text}");
}

#[test]
fn what_cannot_be_read_is_not_passed_over_where_nothing_was_named() {
    for (bytes, why) in [
        (vec![b'#'; 11 * 1024 * 1024], "more than the limit of"),
        (b"services:\n  db: \xff\xfe\n".to_vec(), "UTF-8"),
        (Vec::new(), "empty"),
    ] {
        let repository = Repository::new();
        repository.write("docker-compose.yml", bytes);
        let (text, exit) = repository.diff(&[]);
        assert!(exit == Some(3) && text.contains("`docker-compose.yml`") && text.contains(why), "{why}: {exit:?}: {text}");
    }
}

#[test]
fn what_cannot_be_read_is_exit_3_where_nothing_drifts() {
    let r = Repository::new();
    r.write("k8s/db.yaml", object("db", "postgres:15"));
    r.write("k8s/half.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n");
    let (text, exit) = r.diff(&[]);
    assert_eq!(exit, Some(3), "{text}");
    let (_, exit) = r.diff(&["--fail-on", "never"]);
    assert_eq!(exit, Some(0));
}

#[test]
fn marks_and_line_ends_of_other_systems() {
    let r = Repository::new();
    r.write("docker-compose.yml", "\u{feff}services:\r\n  db:\r\n    image: postgres:15\r\n");
    r.write("k8s/db.yaml", format!("\u{feff}{}", object("db", "postgres:16").replace('\n', "\r\n")));
    let text = r.says(&["docker-compose.yml:3:12", "k8s/db.yaml:9:18"]);
    assert!(!text.contains("not valid"), "{text}");
}

#[test]
fn sizes_depths_and_bombs() {
    let r = Repository::new();
    r.write("k8s/huge.yaml", "apiVersion: v1\nkind: Pod\n# ".to_owned() + &"x".repeat(50 * 1024 * 1024));
    r.write("k8s/deep.yaml", "apiVersion: v1\nkind: Pod\nspec: ".to_owned() + &"[".repeat(100_000));
    let mut bomb = "apiVersion: v1\nkind: Pod\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for i in 1..12 {
        let refs = vec![format!("*a{}", i - 1); 10].join(",");
        bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
    }
    r.write("k8s/bomb.yaml", bomb);
    r.says(&[
        "`k8s/huge.yaml` has",
        "more than the limit of",
        "`k8s/deep.yaml` is nested deeper than the limit of 128 levels",
        "`k8s/bomb.yaml` has aliases that expand to more than the limit of 100000 nodes",
    ]);
}

/// Comments that ignore, all on one line.
#[test]
fn bombs_of_comments() {
    let r = Repository::new();
    let comment = "# parity: ignore[tools/flavour] it is meant ";
    r.write("docker-compose.yml", format!("services:\n  db:\n    image: postgres:15 {}\n", comment.repeat(50_000)));
    r.says(&[]);
}

#[test]
fn bombs_of_variables_of_pipelines() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let variables = |open: &str, close: &str, indent: &str| -> String {
        let of = |i: usize| names.get(i + 1).map_or_else(|| "x".to_owned(), |n| format!("{open}{n}{close}").repeat(60));
        names.iter().enumerate().map(|(i, n)| format!("{indent}{n}: \"{}\"\n", of(i))).collect()
    };
    for (file, text) in [
        (".gitlab-ci.yml", format!("variables:\n{}t:\n  services: ['redis:7$a']\n  script: [x]\n", variables("${", "}", "  "))),
        (
            ".github/workflows/ci.yml",
            format!(
                "on: push\nenv:\n{}jobs:\n  t:\n    runs-on: x\n    services:\n      cache: {{image: 'redis:7${{{{ env.a }}}}'}}\n    steps: []\n",
                variables("${{ env.", " }}", "  ")
            ),
        ),
        (
            ".github/workflows/format.yml",
            format!(
                "on: push\njobs:\n  t:\n    runs-on: x\n    services:\n      cache: {{image: \"redis:${{{{ {}'7'{} }}}}\"}}\n    steps: []\n",
                format!("format('{}', ", "{0}".repeat(60)).repeat(8),
                ")".repeat(8)
            ),
        ),
        (
            "azure-pipelines.yml",
            format!(
                "variables:\n{}resources:\n  containers:\n  - {{container: cache, image: 'redis:7$(a)'}}\njobs:\n- job: t\n  services: {{cache: cache}}\n",
                variables("$(", ")", "  ")
            ),
        ),
    ] {
        let repository = Repository::new();
        repository.write(file, text);
        repository.says(&[&format!("the variables of `{file}` come to more than the limit of")]);
    }
}

#[test]
fn a_bomb_of_merge_keys() {
    let r = Repository::new();
    let mut compose = "x-0: &x0 {k: v}\n".to_owned();
    for i in 1..30 {
        compose.push_str(&format!("x-{i}: &x{i}\n  a: {{<<: *x{0}}}\n  b: {{<<: *x{0}}}\n", i - 1));
    }
    compose.push_str("services:\n  db:\n    image: postgres:15\n    x-b: *x29\n");
    r.write("docker-compose.yml", compose);
    let (text, exit) = r.diff(&[]);
    assert!(matches!(exit, Some(1 | 3)), "{exit:?}");
    assert!(text.contains("limit") && text.contains("docker-compose.yml"), "{}", text.get(..2000).unwrap_or(&text));
}

#[test]
fn references_and_names() {
    let r = Repository::new();
    r.write("k8s/long.yaml", object("long", &format!("acme/{}", "a".repeat(10_000))));
    let (text, exit) = r.diff(&["--report", "json"]);
    assert_eq!(exit, Some(1));
    assert!(text.contains("the image reference is longer than 1024 characters"), "{}", text.get(..3000).unwrap_or(&text));
}

#[test]
fn cycles() {
    let r = Repository::new();
    r.write(
        "docker-compose.yml",
        "include: [other.yml]\nservices:\n  db:\n    image: postgres:15\n  a:\n    extends: b\n    image: acme/a\n  b:\n    extends: a\n    image: acme/b\n",
    );
    r.write("other.yml", "include: [docker-compose.yml]\nservices: {}\n");
    let text = r.says(&["cycle"]);
    assert!(text.matches("cycle").count() >= 2, "{text}");
}

#[test]
fn paths_that_lead_out_of_the_root() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.env"), "CANARY=outside\n").expect("written");
    let r = Repository::new();
    let out = outside.path().to_string_lossy().replace('\\', "/");
    r.write(
        "docker-compose.yml",
        format!(
            "include: ['{out}/secret.env', '../../../etc/passwd', 'https://example.com/compose.yml', 'git@example.com:acme/x.git']\nservices:\n  db:\n    image: postgres:15\n  web:\n    image: acme/web:1\n    env_file: ['{out}/secret.env', '../secret.env']\n    extends: {{file: '../../x.yml', service: a}}\n  job:\n    build: '{out}'\n"
        ),
    );
    let text = r.says(&["outside the root"]);
    assert!(!text.contains("CANARY") && !text.contains("root:x:"), "{text}");
}

#[cfg(unix)]
#[test]
fn links() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("out.yaml"), object("out", "redis:1")).expect("written");
    let r = Repository::new();
    symlink(outside.path(), r.path().join("k8s/away")).expect("linked");
    symlink(outside.path().join("out.yaml"), r.path().join("k8s/out.yaml")).expect("linked");
    symlink(r.path(), r.path().join("k8s/loop")).expect("linked");
    symlink("nowhere", r.path().join("k8s/dangling.yaml")).expect("linked");
    let text = r.says(&["`k8s/out.yaml` is a link that leaves the root; it is not followed"]);
    assert!(!text.contains("redis:1"), "{text}");
}

/// Forty folders, each with two links to the next: no file, no loop, and more ways than anyone walks.
#[cfg(unix)]
#[test]
fn links_that_multiply() {
    let r = Repository::new();
    for i in 0..40 {
        fs::create_dir_all(r.path().join(format!("z/{i}"))).expect("made");
        for name in ["a", "b"] {
            std::os::unix::fs::symlink(format!("../{}", i + 1), r.path().join(format!("z/{i}/{name}"))).expect("linked");
        }
    }
    r.write("z/40/end.txt", "end");
    r.write("parity.yml", "limits:\n  files: 1000\n");
    r.says(&["`.` has more than the limit of 1000 files or folders; the rest is not looked at"]);
}

#[cfg(unix)]
#[test]
fn a_folder_where_a_file_should_be_and_no_permission() {
    use std::os::unix::fs::PermissionsExt;
    let r = Repository::new();
    r.write("docker-compose.yml", "services:\n  db:\n    image: postgres:15\n  web:\n    image: acme/web:1\n    env_file: conf\n");
    r.write("conf/keep", "");
    r.write("k8s/closed.yaml", object("closed", "redis:7"));
    fs::set_permissions(r.path().join("k8s/closed.yaml"), fs::Permissions::from_mode(0o000)).expect("closed");
    let text = r.says(&["`conf` is a folder where a file should be"]);
    // Root reads everything, so there the system refuses nothing.
    if fs::read(r.path().join("k8s/closed.yaml")).is_err() {
        assert!(text.contains("`k8s/closed.yaml` cannot be read: permission denied"), "{text}");
    } else {
        eprintln!("NOT RUN: permissions: this user may read every file");
        assert!(text.contains("closed"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_path_with_a_line_break_stays_on_its_line() {
    let r = Repository::new();
    r.write("k8s/a\n::error::b.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n");
    let text = r.says(&["k8s/a\\n::error::b.yaml"]);
    assert!(!text.lines().any(|l| l.starts_with("::error::b")), "{text}");
}

#[test]
fn nothing_to_compare_says_where_it_looked() {
    let empty = tempfile::tempdir().expect("a folder");
    let out = Command::new(env!("CARGO_BIN_EXE_parity")).arg("diff").env_clear().current_dir(empty.path()).output().expect("runs");
    let text = String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8");
    assert_eq!(out.status.code(), Some(3), "{text}");
    for want in ["there is nothing to compare", "dev", "prod", "--dev", "--prod"] {
        assert!(text.contains(want), "{want}\n{text}");
    }
}

#[test]
fn what_to_pass_is_an_option_that_there_is() {
    let r = Repository::new();
    for (arguments, help) in [
        (&["staging", "prod"][..], "`parity diff staging prod --env staging=PATH --prod k8s`"),
        (&["qa"], "`parity diff qa --env qa=PATH --prod k8s`"),
        (&["ci", "live"], "`parity diff ci live --ci PATH --env live=PATH`"),
    ] {
        let (text, exit) = r.diff(arguments);
        assert!(exit == Some(3) && text.contains(help), "{help}\n{text}");
    }
    // What it says works.
    let (text, exit) = r.diff(&["staging", "prod", "--env", "staging=docker-compose.yml", "--prod", "k8s"]);
    assert!(exit == Some(1) && text.contains("PostgreSQL 15 and 16"), "{text}");
}

#[test]
fn what_acts_in_a_name_does_not_act_in_any_form() {
    let r = Repository::new();
    let name = "x\\u001b[31m|`<!--@everyone %0A::set-output name=a::b\\u202e\\n::warning::c";
    r.write("docker-compose.yml", format!("services:\n  db:\n    image: postgres:15\n  \"{name}\":\n    image: redis:6\n"));
    for form in parity::report::ALL {
        let (text, exit) = r.diff(&["--report", form.id(), "--color", "never"]);
        assert_eq!(exit, Some(1), "{}", form.id());
        for acts in ['\u{1b}', '\u{202e}'] {
            assert!(!text.contains(acts), "{}: {acts:?}\n{text}", form.id());
        }
        for line in text.lines().map(str::trim_start) {
            assert!(!line.starts_with("::warning::c") && !line.starts_with("::set-output"), "{}: {line}", form.id());
        }
    }
}
