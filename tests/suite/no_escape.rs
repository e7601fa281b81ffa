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

use crate::ground::{Ground, OUTSIDE, SEEN};

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
