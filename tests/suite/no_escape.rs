//! Nothing that a repository says makes the program read outside of it, fetch, or run what is in it. Each test has a control:
//! the same thing does leave a mark where it is read or run.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// What a file says that may not be read: an image that nothing else names.
const OUTSIDE: &str = "services:\n  outside:\n    image: memcached:1.6.1\n";
/// The word of it that a report shows.
const SEEN: &str = "memcached";

/// A repository with one drift beside a folder `outside`, programs of its own, and a file that is there once something ran.
struct Ground {
    dir: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let new = Self { dir: tempfile::tempdir().expect("a folder") };
        new.write("repo/docker-compose.yml", "services:\n  db:\n    image: postgres:15\n");
        new.write("repo/k8s/db.yaml", &object("db", "postgres:16"));
        new.write("outside/compose.yml", OUTSIDE);
        new.write("outside/object.yaml", &object("outside", "memcached:1.6.1"));
        fs::create_dir(new.at("bin")).expect("made");
        new
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn repo(&self) -> PathBuf {
        self.at("repo")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// A script that may be run.
    fn script(&self, path: &str, text: &str) -> PathBuf {
        self.write(path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(0o755)).expect("may run");
        self.at(path)
    }

    /// A script that leaves the mark.
    fn marker(&self, path: &str) -> PathBuf {
        self.script(path, &format!("echo \"$0 $*\" >> '{}'\ncat 2>/dev/null", self.at("mark").display()))
    }

    /// What left the mark, since the last time.
    fn mark(&self) -> Option<String> {
        let text = fs::read_to_string(self.at("mark")).ok()?;
        fs::remove_file(self.at("mark")).expect("removed");
        Some(text)
    }

    /// A program by hand, as a user would run it: whether the mark is left then.
    fn by_hand(&self, program: &Path, args: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.repo()).env_clear().env("PATH", self.path()).env("HOME", self.at("home"));
        let _out = command.output().expect("runs");
        self.mark().is_some()
    }

    fn path(&self) -> String {
        format!("{}:/usr/local/bin:/usr/bin:/bin", self.at("bin").display())
    }

    /// What `parity diff` says.
    fn diff(&self, more: &[&str]) -> String {
        let out = Command::new(env!("CARGO_BIN_EXE_parity"))
            .args(["diff", "--all"])
            .args(more)
            .env_clear()
            .env("PATH", self.path())
            .env("HOME", self.at("home"))
            .current_dir(self.repo())
            .output()
            .expect("parity runs");
        String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8")
    }

    /// The drift is found, and what lies outside is not seen.
    fn stands(&self, more: &[&str]) -> String {
        let text = self.diff(more);
        assert!(text.contains("PostgreSQL 15 and 16 are different major series"), "{text}");
        assert!(!text.contains(SEEN), "{text}");
        text
    }
}

fn object(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}

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
fn post_renderers_of_helm() {
    let g = Ground::new();
    let evil = g.marker("repo/evil.sh");
    g.write("repo/chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    g.write("repo/chart/values.yaml", "tag: \"7\"\n");
    g.write("repo/chart/templates/cache.yaml", &object("cache", "redis:{{ .Values.tag }}"));
    g.write(
        "repo/helmfile.yaml",
        "helmDefaults:\n  postRenderer: ./evil.sh\nhooks:\n  - events: [prepare]\n    command: ./evil.sh\nreleases:\n  - name: shop\n    chart: ./chart\n    postRenderer: ./evil.sh\n    hooks:\n      - events: [presync, prepare]\n        command: ./evil.sh\n    values: [{tag: '{{ exec \"./evil.sh\" (list) }}'}]\n",
    );
    g.write(
        "repo/plugins/evil/plugin.yaml",
        "name: evil\nversion: 1.0.0\ncommand: ../../evil.sh\ndownloaders:\n  - command: ../../evil.sh\n    protocols: [evil]\n",
    );
    g.write("repo/.env", "HELM_PLUGINS=plugins\nHELM_POST_RENDERER=./evil.sh\n");
    // It does what it is told, as the real one would.
    g.script(
        "bin/helm",
        &format!(
            "echo ran >> '{}'\ncase \" $* \" in *--post-renderer*) ./evil.sh;; esac\n[ -d \"$HELM_PLUGINS/evil\" ] && ./evil.sh\ncat repo/rendered.yaml 2>/dev/null || cat rendered.yaml",
            g.at("helm-ran").display()
        ),
    );
    g.write("repo/rendered.yaml", &object("cache", "redis:7"));
    g.marker("bin/helmfile");
    let text = g.stands(&["--prod", "k8s", "--prod", "helmfile.yaml"]);
    assert!(text.contains("redis") || text.contains("Redis"), "the chart is read: {text}");
    g.diff(&["--prod", "k8s", "--prod", "chart"]);
    assert!(g.at("helm-ran").exists(), "helm was run");
    assert_eq!(g.mark(), None);
    assert!(g.by_hand(&g.at("bin/helm"), &["template", "x", "chart", "--post-renderer", "./evil.sh"]), "a post-renderer would be seen");
    assert!(g.by_hand(&evil, &[]));
}

#[test]
fn exec_plugins_of_kustomize() {
    let g = Ground::new();
    g.marker("repo/k8s/evil.sh");
    g.write(
        "repo/k8s/kustomization.yaml",
        "resources: [db.yaml]\ngenerators: [plugin.yaml]\ntransformers: [plugin.yaml]\nvalidators: [plugin.yaml]\n",
    );
    g.write(
        "repo/k8s/plugin.yaml",
        "apiVersion: acme.example/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: ./evil.sh\n",
    );
    let built = || {
        let text = g.diff(&[]);
        assert!(text.contains("PostgreSQL 15 and 16"), "{text}");
        assert_eq!(g.mark(), None, "{text}");
    };
    g.diff(&["--render", "never"]);
    assert_eq!(g.mark(), None);
    // It does what it is told, as the real one would.
    g.script(
        "bin/kustomize",
        &format!(
            "echo ran >> '{}'\ncase \" $* \" in *--enable-exec*|*--enable-alpha-plugins*) ./k8s/evil.sh;; esac\n[ -d \"$KUSTOMIZE_PLUGIN_HOME/acme.example\" ] && ./k8s/evil.sh\ncat k8s/db.yaml",
            g.at("kustomize-ran").display()
        ),
    );
    built();
    assert!(g.at("kustomize-ran").exists(), "kustomize was run");
    assert!(g.by_hand(&g.at("bin/kustomize"), &["build", "--enable-alpha-plugins", "--enable-exec", "k8s"]), "a plugin would be seen");
    fs::remove_file(g.at("bin/kustomize")).expect("removed");

    let Some(real) = ["kustomize", "kubectl"].iter().find(|p| found(&g, p)) else {
        let _closed = writeln!(std::io::stderr(), "NOT RUN: exec_plugins_of_kustomize with a real program (no kustomize, no kubectl)");
        return;
    };
    // The older form of plugin, which both programs know: a program in the user's own folder of them.
    g.write("repo/k8s/plugin.yaml", "apiVersion: acme.example/v1\nkind: Evil\nmetadata: {name: evil}\n");
    g.marker("home/.config/kustomize/plugin/acme.example/v1/evil/Evil");
    g.diff(&[]);
    assert_eq!(g.mark(), None, "{real}");
    let verb = if *real == "kubectl" { "kustomize" } else { "build" };
    assert!(g.by_hand(Path::new(real), &[verb, "--enable-alpha-plugins", "k8s"]), "{real}: a plugin would be seen");
}

/// Is there a program on the machine?
fn found(g: &Ground, program: &str) -> bool {
    g.path().split(':').any(|dir| Path::new(dir).join(program).is_file())
}

#[test]
fn provisioners_of_terraform() {
    let g = Ground::new();
    let evil = g.marker("repo/infra/evil.sh");
    for program in ["terraform", "tofu", "terragrunt", "python3"] {
        g.marker(&format!("bin/{program}"));
    }
    g.write(
        "repo/infra/main.tf",
        "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  engine_version = \"16\"\n  provisioner \"local-exec\" {\n    command = \"./evil.sh\"\n    interpreter = [\"./evil.sh\"]\n  }\n}\nresource \"null_resource\" \"a\" {\n  provisioner \"local-exec\" {\n    when = destroy\n    command = \"./evil.sh\"\n  }\n}\ndata \"external\" \"b\" {\n  program = [\"./evil.sh\"]\n}\n",
    );
    g.write("repo/live/terragrunt.hcl", "locals {\n  a = run_cmd(\"../infra/evil.sh\")\n}\nterraform {\n  before_hook \"a\" {\n    commands = [\"init\"]\n    execute = [\"../infra/evil.sh\"]\n  }\n}\n");
    fs::remove_dir_all(g.at("repo/k8s")).expect("removed");
    let text = g.stands(&[]);
    assert!(text.contains("infra/main.tf"), "{text}");
    assert_eq!(g.mark(), None);
    assert!(g.by_hand(&evil, &[]), "a provisioner would be seen");
}

/// Git in the repository, which must succeed.
fn git(g: &Ground, args: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "core.hooksPath=/dev/null"]).args(args);
    command.current_dir(g.repo()).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", g.at("home"));
    let out = command.output().expect("git runs");
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A repository with a history of what is built and what is shipped, so that git is asked all that it is ever asked.
fn with_history() -> Ground {
    let g = Ground::new();
    fs::create_dir(g.at("home")).expect("made");
    git(&g, &["init", "-q", "-b", "main"]);
    g.write("repo/web/Dockerfile", "FROM scratch\n");
    g.write("repo/docker-compose.yml", "services:\n  db:\n    image: postgres:15\n  web:\n    build: ./web\n");
    g.write("repo/k8s/web.yaml", &object("web", "ghcr.io/acme/web:1.0.0"));
    for step in ["a", "b", "c"] {
        g.write("repo/web/main.txt", step);
        git(&g, &["add", "-A"]);
        git(&g, &["commit", "-q", "-m", step]);
        if step == "a" {
            git(&g, &["tag", "v1.0.0"]);
        }
    }
    g.write("repo/parity.yml", "rules:\n  personnel/disjoint-teams: on\n");
    g.write("repo/web/main.txt", "not committed");
    g
}

/// Git is asked in every way, and what its configuration names does not run; by hand, it does.
fn not_run(g: &Ground, settings: &[(&str, &str)], by_hand: &[&str]) {
    for (key, value) in settings {
        git(g, &["config", key, value]);
    }
    let _before = g.mark();
    let text = g.stands(&[]);
    assert!(text.contains("time/"), "the history is asked: {text}");
    g.stands(&["--base", "HEAD~1"]);
    assert_eq!(g.mark(), None, "{settings:?}");
    assert!(g.by_hand(Path::new("git"), by_hand), "{settings:?}: git {by_hand:?} would be seen");
}

#[test]
fn file_monitors_of_git() {
    let g = with_history();
    let evil = g.marker("repo/evil.sh").display().to_string();
    not_run(&g, &[("core.fsmonitor", &evil)], &["status"]);
}

#[test]
fn external_diffs_of_git() {
    let g = with_history();
    let evil = g.marker("repo/evil.sh").display().to_string();
    g.write("repo/.gitattributes", "* diff=evil\n");
    not_run(&g, &[("diff.external", &evil), ("diff.evil.command", &evil)], &["diff"]);
    git(&g, &["config", "--unset", "diff.external"]);
    git(&g, &["config", "--unset", "diff.evil.command"]);
    not_run(&g, &[("diff.evil.textconv", &evil)], &["diff"]);
}

#[test]
fn filters_of_git() {
    let g = with_history();
    let evil = g.marker("repo/evil.sh").display().to_string();
    g.write("repo/.gitattributes", "* filter=evil\n");
    not_run(&g, &[("filter.evil.clean", &evil), ("filter.evil.smudge", &evil)], &["add", "-A"]);
}

#[test]
fn pagers_hooks_and_signatures_of_git() {
    let g = with_history();
    let evil = g.marker("repo/evil.sh").display().to_string();
    for hook in ["post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"] {
        fs::copy(g.at("repo/evil.sh"), g.at(&format!("repo/.git/hooks/{hook}"))).expect("copied");
    }
    let settings = [
        ("core.pager", evil.as_str()),
        ("pager.log", &evil),
        ("gpg.program", &evil),
        ("log.showSignature", "true"),
        ("core.editor", &evil),
        ("core.sshCommand", &evil),
        ("credential.helper", &evil),
        ("core.askPass", &evil),
        ("core.gitProxy", &evil),
        ("core.alternateRefsCommand", &evil),
        ("interactive.diffFilter", &evil),
        ("alias.rev-parse", "!./evil.sh"),
        ("alias.log", "!./evil.sh"),
    ];
    not_run(&g, &settings, &["reset", "--hard"]);
}

#[test]
fn a_repository_of_another_user_is_not_asked() {
    let g = with_history();
    let evil = g.marker("repo/evil.sh").display().to_string();
    git(&g, &["config", "core.fsmonitor", &evil]);
    // Its own configuration cannot make it safe: git reads `safe.directory` from the user's alone.
    git(&g, &["config", "safe.directory", "*"]);
    let taken = Command::new("chown").args(["-R", "65534:65534"]).arg(g.repo()).status().expect("chown runs");
    if !taken.success() {
        let _closed = writeln!(std::io::stderr(), "NOT RUN: a_repository_of_another_user_is_not_asked (this user may not give files away)");
        return;
    }
    let text = g.stands(&[]);
    assert!(text.contains("the repository belongs to another user"), "{text}");
    assert_eq!(g.mark(), None);
    fs::create_dir_all(g.at("home")).expect("made");
    g.write("home/.gitconfig", "[safe]\n\tdirectory = *\n");
    let text = g.stands(&[]);
    assert!(!text.contains("belongs to another user"), "the user's own configuration makes it safe: {text}");
    assert_eq!(g.mark(), None);
}
