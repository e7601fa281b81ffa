//! Nothing that a repository says makes the program read outside of it, or fetch. Each test has a control: the same thing is read,
//! or leaves a mark, where it may.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;
use std::time::Duration;

use parity::limits::Limits;
use parity::workspace::{Change, DiskWorkspace, Workspace};

use crate::ground::{Ground, OUTSIDE, SEEN, object};

/// Every way in which a manifest names a file, naming this one.
fn naming(ground: &Ground, compose: &str, folder: &str) {
    ground.write(
        "repo/docker-compose.yml",
        &format!(
            "include: ['{compose}']\nservices:\n  db:\n    image: postgres:15\n  more:\n    extends: {{file: '{compose}', service: outside}}\n  web:\n    image: acme/web:1\n    env_file: ['{compose}']\n  job:\n    build: '{folder}'\n"
        ),
    );
    ground.write("repo/k8s/kustomization.yaml", &format!("resources: [db.yaml, '{folder}/object.yaml', '{folder}']\n"));
    ground.write("repo/infra/main.tf", &format!("module \"a\" {{\n  source = \"{folder}\"\n}}\n"));
    ground.write(
        "repo/.gitlab-ci.yml",
        &format!("include:\n  - local: '{compose}'\n  - remote: '{compose}'\njob:\n  image: postgres:15\n  script: [make]\n"),
    );
}

#[test]
fn links() {
    let g = Ground::new();
    symlink(g.at("outside/compose.yml"), g.at("repo/other.yml")).expect("linked");
    symlink(g.at("outside"), g.at("repo/away")).expect("linked");
    symlink(g.at("outside/object.yaml"), g.at("repo/k8s/object.yaml")).expect("linked");
    naming(&g, "other.yml", "./away");
    assert!(g.stands(&[]).contains("is a link that leaves the root; it is not followed"));

    fs::remove_file(g.at("repo/other.yml")).expect("removed");
    fs::copy(g.at("outside/compose.yml"), g.at("repo/inside.yml")).expect("copied");
    symlink("inside.yml", g.at("repo/other.yml")).expect("linked");
    assert!(g.diff(&[]).contains(SEEN), "a link inside the root is followed");
}

#[test]
fn parent_folders() {
    let g = Ground::new();
    naming(&g, "../outside/compose.yml", "../../outside");
    assert!(g.stands(&[]).contains("outside the root"));

    naming(&g, "x/../inside.yml", "./k8s");
    fs::copy(g.at("outside/compose.yml"), g.at("repo/inside.yml")).expect("copied");
    assert!(g.diff(&[]).contains(SEEN), "`..` inside the root is read");
}

#[test]
fn absolute_paths() {
    let g = Ground::new();
    let outside = g.at("outside").display().to_string();
    naming(&g, &format!("{outside}/compose.yml"), &outside);
    assert!(g.stands(&[]).contains("outside the root"));

    naming(&g, "inside.yml", "./k8s");
    fs::copy(g.at("outside/compose.yml"), g.at("repo/inside.yml")).expect("copied");
    assert!(g.diff(&[]).contains(SEEN), "a relative path is read");
}

/// Paths to a share of another machine, a device, another drive: on Windows, opening one is a connection.
#[test]
fn paths_of_windows() {
    for path in
        [r"\\127.0.0.1\share\compose.yml", "//127.0.0.1/share/compose.yml", r"\\?\C:\compose.yml", r"C:\compose.yml", "c:compose.yml"]
    {
        let g = Ground::new();
        naming(&g, path, path);
        // Where the leading slashes were lost, this would be read.
        g.write("repo/127.0.0.1/share/compose.yml", OUTSIDE);
        g.write("repo/share/compose.yml", OUTSIDE);
        g.write("repo/compose.yml", OUTSIDE);
        fs::remove_file(g.at("repo/compose.yml")).expect("removed");
        assert!(g.stands(&[]).contains("docker-compose.yml"), "{path}");
        assert_eq!(parity::workspace::join("k8s", path), None, "{path}");
    }
    let g = Ground::new();
    g.write("repo/share/inside.yml", OUTSIDE);
    naming(&g, r"share\inside.yml", "./k8s");
    assert!(g.diff(&[]).contains(SEEN), "a relative path with back slashes is read");
}

#[test]
fn includes_by_the_file_protocol() {
    let g = Ground::new();
    let outside = format!("file://{}", g.at("outside").display());
    naming(&g, &format!("{outside}/compose.yml"), &outside);
    g.stands(&[]);
    let inside = format!("file://{}", g.at("repo/inside.yml").display());
    fs::copy(g.at("outside/compose.yml"), g.at("repo/inside.yml")).expect("copied");
    naming(&g, &inside, "./k8s");
    assert!(!g.diff(&[]).contains(SEEN), "no scheme is a path");
    naming(&g, "inside.yml", "./k8s");
    assert!(g.diff(&[]).contains(SEEN), "the same file is read by its path");
}

/// A server that leaves the mark when somebody comes.
fn server(g: &Ground) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mark = g.at("mark");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut file = fs::File::options().append(true).create(true).open(&mark).expect("opened");
            writeln!(file, "a connection").expect("written");
            drop(stream);
        }
    });
    port
}

#[test]
fn remote_includes_are_a_problem_and_never_fetched() {
    let g = Ground::new();
    let port = server(&g);
    let real = Command::new("sh").args(["-c", "command -v git"]).output().expect("runs");
    let real = String::from_utf8(real.stdout).expect("UTF-8");
    g.script(
        "bin/git",
        &format!(
            "case \" $* \" in *' clone '*|*' fetch '*|*' ls-remote '*|*' submodule '*|*' pull '*) echo \"git $*\" >> '{}';; esac\nexec {} \"$@\"",
            g.at("mark").display(),
            real.trim()
        ),
    );
    for program in ["docker", "oras", "curl", "wget", "hg", "terraform", "tofu", "terragrunt", "ssh", "crane", "aws", "gsutil"] {
        g.marker(&format!("bin/{program}"));
    }
    for url in [
        format!("http://127.0.0.1:{port}/compose.yml"),
        format!("https://127.0.0.1:{port}/acme/app.git"),
        format!("git::http://127.0.0.1:{port}/acme/app.git?ref=v1"),
        format!("git://127.0.0.1:{port}/acme/app"),
        format!("ssh://git@127.0.0.1:{port}/acme/app.git"),
        format!("oci://127.0.0.1:{port}/acme/app:1"),
        "git@127.0.0.1:acme/app.git".to_owned(),
        "github.com/acme/app".to_owned(),
    ] {
        naming(&g, &url, &url);
        let text = g.stands(&["--render", "never"]);
        assert!(text.contains("lies on the network; it is not fetched"), "{url}: {text}");
        g.stands(&[]);
        thread::sleep(Duration::from_millis(20));
        assert_eq!(g.mark(), None, "{url}");
    }
    let fetch = format!("http://127.0.0.1:{port}/acme/app.git");
    assert!(g.by_hand(&g.at("bin/git"), &["ls-remote", &fetch]), "a fetch would be seen");
    let _came = std::net::TcpStream::connect(("127.0.0.1", port)).expect("connected");
    thread::sleep(Duration::from_millis(200));
    assert!(g.mark().is_some(), "a connection would be seen");
}

#[test]
fn a_configuration_that_leaves_the_root_is_said() {
    for name in ["parity.yml", ".github/parity.yaml"] {
        let g = Ground::new();
        g.write("outside/settings", "fail-on: never\nignore: [{rule: 'tools/*', reason: it is meant}]\n");
        fs::create_dir_all(g.at("repo/.github")).expect("made");
        symlink(g.at("outside/settings"), g.at("repo").join(name)).expect("linked");
        let text = g.diff(&[]);
        assert!(text.contains(&format!("error: `{name}` is a link that leaves the root; it is not followed")), "{text}");
        fs::remove_file(g.at("repo").join(name)).expect("removed");
        symlink("nowhere", g.at("repo").join(name)).expect("linked");
        assert!(g.diff(&[]).contains(&format!("error: `{name}` is a link to what does not exist")), "{}", g.diff(&[]));
        fs::remove_file(g.at("repo").join(name)).expect("removed");
        g.write("repo/settings", "fail-on: never\nignore: [{rule: 'tools/*', reason: it is meant}]\n");
        symlink(g.at("repo/settings"), g.at("repo").join(name)).expect("linked");
        assert!(!g.diff(&[]).contains("different major"), "a link inside the root is followed");
    }
}

#[test]
fn a_first_configuration_is_written_in_the_root_alone() {
    let g = Ground::new();
    let init = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parity"));
        let out = command.arg("init").args(more).env_clear().current_dir(g.repo()).output().expect("runs");
        (out.status.code(), String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8"))
    };
    for target in ["outside/parity.yml", "outside/compose.yml"] {
        symlink(g.at(target), g.at("repo/parity.yml")).expect("linked");
        for more in [&[][..], &["--force"]] {
            let (code, said) = init(more);
            assert_eq!(code, Some(2), "{said}");
        }
        assert_eq!(fs::read_to_string(g.at("outside/compose.yml")).expect("there"), OUTSIDE);
        assert!(!g.at("outside/parity.yml").exists());
        fs::remove_file(g.at("repo/parity.yml")).expect("removed");
    }
    assert_eq!(init(&[]).0, Some(0));
    assert_eq!(init(&[]).0, Some(2), "what is there stays");
    assert_eq!(init(&["--force"]).0, Some(0));
}

#[test]
fn a_folder_that_became_a_link_is_not_written_through() {
    let g = Ground::new();
    g.write("repo/dev/compose.yml", OUTSIDE);
    let workspace = DiskWorkspace::new(&g.repo(), Limits::default()).expect("a workspace");
    let change = |path| Change { path, before: OUTSIDE, after: "services: {}\n" };
    assert!(workspace.read("dev/compose.yml").is_ok());
    fs::rename(g.at("repo/dev"), g.at("repo/was")).expect("moved");
    symlink(g.at("outside"), g.at("repo/dev")).expect("linked");
    let said = workspace.write(&[change("dev/compose.yml")]).expect_err("not written").message;
    assert!(said.contains("is a link that leaves the root"), "{said}");
    assert_eq!(fs::read_to_string(g.at("outside/compose.yml")).expect("there"), OUTSIDE);
    assert!(workspace.read("was/compose.yml").is_ok() && workspace.write(&[change("was/compose.yml")]).is_ok(), "a folder is written to");
}

#[test]
fn what_was_given_and_cannot_be_looked_into_is_said() {
    let g = Ground::new();
    symlink(g.at("outside"), g.at("repo/away")).expect("linked");
    g.write("repo/deep/a/b/c/db.yaml", &object("db", "postgres:16"));
    let limit = "limits: {depth: 2}\n";
    for (configured, more, wanted) in [
        ("", &["--prod", "away"][..], "error: `away` is a link that leaves the root; it is not followed"),
        ("environments: {prod: [away]}\n", &[], "error: `away` is a link that leaves the root; it is not followed"),
        (limit, &["--prod", "deep"], "error: `deep/a/b/c` is nested deeper than the limit of 2 folders"),
        (
            "environments: {prod: ['deep/**/*.yaml']}\nlimits: {depth: 2}\n",
            &[],
            "not all was looked at: `deep/a/b` is nested deeper than the limit of 2 folders",
        ),
        ("", &["--prod", "nowhere"], "error: `nowhere` does not exist"),
    ] {
        g.write("repo/parity.yml", configured);
        let text = g.diff(more);
        assert!(text.contains(wanted), "{configured} {more:?}: {text}");
    }
    g.write("repo/parity.yml", "");
    g.stands(&["--prod", "deep"]);
}
