//! Nothing that a repository says makes the program run what is in it. Each test has a control: the same thing does leave a mark
//! where it is run.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::ground::{Ground, object};

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
