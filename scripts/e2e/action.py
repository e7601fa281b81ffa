"""The action, run over events as GitHub sends them."""

import copy
import functools
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

import composite
from fake import Deployed, Fake
from openapi import Api

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "ghs_planted0123456789"
PROGRAM = os.environ["PARITY"]
api = Api(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    EXAMPLES = {e["name"]: e["examples"] for e in json.load(file)}
work = pathlib.Path(tempfile.mkdtemp(prefix="e2e-github-"))
passed, failed = 0, []


def git(folder, *arguments):
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="Ada", GIT_AUTHOR_EMAIL="ada@example.com",
               GIT_COMMITTER_NAME="Ada", GIT_COMMITTER_EMAIL="ada@example.com")
    return subprocess.run(["git", "-C", str(folder), *arguments], env=env, check=True, capture_output=True, text=True).stdout.strip()


def repository(name, fill):
    folder = work / name
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "README.md").write_text("shop\n")
    git(folder, "add", "-A"), git(folder, "commit", "-qm", "one")
    base = git(folder, "rev-parse", "HEAD")
    fill(folder)
    git(folder, "add", "-A"), git(folder, "commit", "-qm", "two")
    return folder, base, git(folder, "rev-parse", "HEAD")


def example(name, action=None, **change):
    """A real payload; the commits are ours, for a clone must hold them."""
    found = next(e for e in EXAMPLES[name] if action is None or e.get("action") == action)
    event = copy.deepcopy(found)
    for path, value in change.items():
        node, *rest = path.split("__")
        target = event
        for key in [node, *rest][:-1]:
            target = target[key]
        target[[node, *rest][-1]] = value
    return event


def run(event_name, event, workspace, fake, action=ROOT, env=None, **inputs):
    path = work / "event.json"
    path.write_text(json.dumps(event))
    given = {"bin": PROGRAM} | {name.replace("_", "-"): value for name, value in inputs.items()}
    return composite.run(action, workspace, event_name, path, event, given, fake.url, TOKEN, env)


def check(name, *claims):
    global passed
    wrong = [words for words, holds in claims if not holds]
    if wrong:
        failed.append(name)
        print(f"FAILED: {name}: {'; '.join(map(str, wrong))}")
    else:
        passed += 1


def quiet(result, fake):
    return [(f"{result.problems} {fake.wrong}", not result.problems and not fake.wrong)]


shop, base, head = repository("shop", lambda f: shutil.copytree(ROOT / "fixtures/sample", f, dirs_exist_ok=True))
fake = Fake(api, TOKEN)
opened = example("pull_request", "opened", pull_request__base__sha=base, pull_request__number=7)

one = run("pull_request", opened, shop, fake)
check("opened", *quiet(one, fake), (one.log[-2000:], not one.success and one.outputs["exit"] == "1"),
      ("counts", int(one.outputs["errors"]) > 0 and int(one.outputs["new"]) > 0), ("url", one.outputs["url"].startswith("https://")),
      ("files", all(pathlib.Path(one.outputs[n + "-file"]).stat().st_size > 0 for n in ("json", "sarif", "html", "markdown"))),
      ("summary", "parity" in one.summary), ("annotations", 0 < len(one.annotations) <= 30),
      (fake.requests, fake.writes() == ["POST /repos/acme/shop/issues/7/comments"]))
again = run("pull_request", example("pull_request", "synchronize", pull_request__base__sha=base, pull_request__number=7), shop, fake)
check("synchronize, nothing else", *quiet(again, fake), (fake.requests, fake.writes() == []), ("url", again.outputs["url"] == one.outputs["url"]))
mended = run("pull_request", example("pull_request", "synchronize", pull_request__base__sha=head, pull_request__number=7), shop, fake)
check("synchronize, mended", *quiet(mended, fake), (mended.log[-500:], mended.success), ("resolved", "resolved" in fake.comments[0]["body"]),
      ("one", len(fake.comments) == 1))
off = run("pull_request", opened, shop, Fake(api, TOKEN), comment="off", fail_on="never", summary="false", annotations="false")
check("off", (off.log[-500:], off.success and off.summary == "" and off.annotations == [] and off.outputs["url"] == ""))

for name, event, word in [
    ("fork", dict(opened, pull_request=dict(opened["pull_request"], head=dict(opened["pull_request"]["head"], repo={"full_name": "eve/shop"}))), "fork"),
    ("Dependabot", dict(opened, pull_request=dict(opened["pull_request"], user={"login": "dependabot[bot]"})), "Dependabot"),
]:
    for status in (403, 404):
        reader = Fake(api, TOKEN)
        reader.deny = {"POST": status}
        result = run("pull_request", event, shop, reader, fail_on="never")
        check(f"{name} {status}", *quiet(result, reader), (result.log[-500:], result.success), ("summary", result.summary != ""),
              ("a notice", any(a["level"] == "notice" and word in a["text"] for a in result.annotations)))

group = run("merge_group", example("merge_group", merge_group__base_sha=base), shop, fake)
check("merge_group", *quiet(group, fake), ("drift", group.outputs["exit"] == "1"), ("nothing written", fake.writes()[1:] == []))
away = run("merge_group", example("merge_group"), shop, fake)
check("a base that is not there", *quiet(away, fake), ("a warning", any("fetch-depth" in a["text"] for a in away.annotations)))
git(shop, "remote", "add", "origin", "https://github.example.com/acme/shop.git")
asked = Deployed(api, TOKEN)
asked.deployment(1, base, "production", "2026-03-02T10:00:00Z", "success")
# Registries and endoflife.date are behind a proxy that is not there.
online = run("pull_request", opened, shop, asked, env={"https_proxy": "http://127.0.0.1:9"}, online="true", comment="off", fail_on="never")
deployment = json.loads(pathlib.Path(online.outputs["json-file"]).read_text())["comparisons"][0].get("deployment") or {}
check("online", *quiet(online, asked), (online.log[-1500:], online.success), (f"{asked.requests} {deployment}", deployment.get("commit") == base))
git(shop, "remote", "remove", "origin")
for name in ("push", "workflow_dispatch"):
    result = run(name, example(name), shop, fake)
    check(name, *quiet(result, fake), ("drift", result.outputs["exit"] == "1"), ("nothing written", fake.writes() == []))

night = Fake(api, TOKEN)
schedule = {"schedule": "17 3 * * *", "repository": opened["repository"]}
first = run("schedule", schedule, shop, night, command="nightly")
check("schedule", *quiet(first, night), (night.requests, night.writes() == ["POST /repos/acme/shop/issues"]), ("url", first.outputs["url"] != ""))
second = run("schedule", schedule, shop, night, command="nightly")
check("the next night", *quiet(second, night), (night.requests, night.writes() == []))
none = Fake(api, TOKEN)
none.deny = {"POST": 410}
disabled = run("schedule", schedule, shop, none, command="nightly", fail_on="never")
check("issues disabled", *quiet(disabled, none), (disabled.log[-500:], disabled.success), ("a notice", any("disabled" in a["text"] for a in disabled.annotations)))

alone = Fake(api, TOKEN)
target = run("pull_request_target", opened, shop, alone)
check("pull_request_target", ("refused", not target.success and not alone.requests and target.outputs["json-file"] == ""))
allowed = run("pull_request_target", opened, shop, alone, allow_pull_request_target="true")
check("pull_request_target, allowed", *quiet(allowed, alone), ("written", len(alone.writes()) == 1))

# An enterprise server: its own API is asked, and no other host, not even by way of a proxy; a proxy that is named is used.
asked = []


class Proxy(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        asked.append(self.path)
        self.send_error(502)

    do_GET = do_POST = do_PATCH = do_CONNECT = refuse

    def log_message(self, *_):
        pass


proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=proxy.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{proxy.server_port}"
proxies = {name: address for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY")}
enterprise = Fake(api, TOKEN)
result = run("pull_request", opened, shop, enterprise, env=proxies | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}, fail_on="never")
check("an enterprise server", *quiet(result, enterprise), ("written", len(enterprise.writes()) == 1), (asked, asked == []))
# On a host that is not there.
elsewhere = {"GITHUB_API_URL": "http://ghes.example.invalid/api/v3", "GITHUB_SERVER_URL": "http://ghes.example.invalid"}
result = run("pull_request", opened, shop, enterprise, env=proxies | elsewhere, fail_on="never")
check("by way of a proxy", (asked, asked and all(path.startswith("http://ghes.example.invalid/api/v3/") for path in asked)),
      ("a warning and no failure", result.success and any("nothing was published" in a["text"] for a in result.annotations)),
      (result.problems, not result.problems))

# Paths as Windows writes them.
result = run("pull_request", opened, shop, Fake(api, TOKEN), env={"RUNNER_OS": "Windows"}, fail_on="never", comment="off", json_file="out\\deep\\report.json")
check("a path of Windows", (result.log[-500:], result.success and (shop / "out/deep/report.json").stat().st_size > 0))
shutil.rmtree(shop / "out", ignore_errors=True)

# Inputs are data.
bait = work / "pwned"
for word in (f'"; touch {bait}; #', f"$(touch {bait})", f"`touch {bait}`", f"x\n::set-output name=a::b\ntouch {bait}", f"--config=/etc/passwd"):
    for name in ("from", "config", "base", "working_directory", "json_file", "version", "author", "issue_label"):
        result = run("pull_request", opened, shop, Fake(api, TOKEN), **({"bin": ""} if name == "version" else {}), **{name: word})
        check(f"input {name} {word!r}", (result.problems, not result.problems), ("nothing ran", not bait.exists()))

# Text from files is data.
HOSTILE = "50% | ::set-output name=a::b <!-- parity --> @everyone `q` \u202e"


def hostile(folder):
    (folder / "docker-compose.yml").write_text(json.dumps({"services": {
        HOSTILE: {"image": "postgres:15\n::error::planted", "environment": {f"KEY {HOSTILE}": "planted-secret", "\n::warning::planted": "x"}},
        "web\n::add-mask::a": {"build": ".", "environment": {"A|B`<!--": "1", "\x1b[31mRED": "2"}}}}))
    (folder / "k8s").mkdir()
    (folder / "k8s" / "web.yaml").write_text(json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web\n::error::planted"},
        "spec": {"template": {"spec": {"containers": [{"name": HOSTILE, "image": "acme/web:1%0A::error::planted", "env": [{"name": "ONLY|\u202e@everyone", "value": "x"}]}]}}}}))


folder, base, head = repository("hostile", hostile)
bad = Fake(api, TOKEN)
result = run("pull_request", dict(opened, pull_request=dict(opened["pull_request"], base=dict(opened["pull_request"]["base"], sha=base))), folder, bad)
bodies = [c["body"] for c in bad.comments] + [result.summary]
check("hostile names", *quiet(result, bad), ("something is said", result.outputs["exit"] in "13" and result.annotations),
      (result.annotations, all(not a["text"].startswith("planted") for a in result.annotations)),
      ("no escape", all("\x1b" not in text and "\u202e" not in text for text in [*bodies, result.log])),
      ("no secret", all("planted-secret" not in text for text in [*bodies, result.log])),
      ("only our mark", all(body.count("<!--") <= 1 for body in bodies)),
      ("no mention", all("@everyone" not in "".join(line.split("`")[::2]) for body in bodies for line in body.splitlines())))

# The binary: in the table, changed, not in the table, built.
releases = work / "releases"
(releases / "v0.1.0").mkdir(parents=True)
release = releases / "v0.1.0" / "parity-0.1.0-x86_64-unknown-linux-musl"
shutil.copy(PROGRAM, release)
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(releases))
handler.func.log_message = lambda *_: None
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
where = {"PARITY_RELEASES": f"http://127.0.0.1:{server.server_port}"}
action = work / "action"
for path in ("action.yml", "scripts/action", "Cargo.toml", "Cargo.lock", "src"):
    source = ROOT / path
    (action / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, action / path) if source.is_dir() else shutil.copy(source, action / path)
table = action / "scripts/action/checksums.txt"
sum_of = hashlib.sha256(release.read_bytes()).hexdigest()
table.write_text(f"0.1.0 x86_64-unknown-linux-musl {sum_of}\r\n")
good = run("pull_request", opened, shop, Fake(api, TOKEN), action, where, bin="", fail_on="never")
check("the release", (good.log[-800:], good.success))
table.write_text(f"0.1.0 x86_64-unknown-linux-musl {'0' * 64}\n")
changed = run("pull_request", opened, shop, Fake(api, TOKEN), action, where, bin="", fail_on="never")
check("a changed release", ("stopped", not changed.success and changed.outputs["exit"] == ""), ("both sums", sum_of in changed.log and "0" * 64 in changed.log))
unknown = run("pull_request", opened, shop, Fake(api, TOKEN), action, where, bin="", version="9.9.9")
check("an unknown release", ("refused", not unknown.success and "knows no release" in unknown.log))
table.write_text("")
stub = work / "stub"
stub.mkdir()
(stub / "cargo").write_text(f'#!/usr/bin/env bash\nwhile [ "$1" != --root ]; do shift; done\nmkdir -p "$2/bin"\ncp {PROGRAM} "$2/bin/parity"\n')
(stub / "cargo").chmod(0o755)
built = run("pull_request", opened, shop, Fake(api, TOKEN), action, {"PATH": f"{stub}:{os.environ['PATH']}"}, bin="", fail_on="never")
check("built", (built.log[-800:], built.success and "building parity" in built.log))
shutil.rmtree(work)
print(f"{passed} passed, {len(failed)} failed")
sys.exit(1 if failed or passed < 50 else 0)
