"""What `--online` asks of GitHub: each request held against GitHub's description, each answer made from it."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from checks import check, finish
from fake import Deployed
from openapi import Api

TOKEN = "ghs_planted0123456789"
work = pathlib.Path(tempfile.mkdtemp(prefix="e2e-online-"))


def git(folder, *arguments):
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="Ada", GIT_AUTHOR_EMAIL="ada@example.com",
               GIT_COMMITTER_NAME="Ada", GIT_COMMITTER_EMAIL="ada@example.com")
    return subprocess.run(["git", "-C", str(folder), *arguments], env=env, check=True, capture_output=True, text=True).stdout.strip()


def shop():
    folder = work / "shop"
    (folder / "k8s").mkdir(parents=True)
    (folder / "compose.yaml").write_text("services:\n  web:\n    build: .\n")
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "k8s/web.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n"
        "        - name: web\n          image: 127.0.0.1:9/acme/web:stable\n")
    git(folder, "init", "-q", "-b", "main"), git(folder, "add", "-A"), git(folder, "commit", "-qm", "one")
    deployed = git(folder, "rev-parse", "HEAD")
    (folder / "main.rs").write_text("\n")
    git(folder, "add", "-A"), git(folder, "commit", "-qm", "two")
    git(folder, "remote", "add", "origin", "https://x:canary@github.com/acme/shop.git")
    return folder, deployed, git(folder, "rev-parse", "HEAD")


def parity(folder, fake, *options):
    env = {"PATH": os.environ["PATH"], "HOME": str(work), "GITHUB_API_URL": fake.url, "GITHUB_TOKEN": TOKEN}
    done = subprocess.run([os.environ["PARITY"], "diff", "--online", "--report", "json", *options], cwd=folder, env=env, capture_output=True, text=True)
    check("no secret in the output", TOKEN not in done.stdout + done.stderr and "canary" not in done.stdout + done.stderr)
    return json.loads(done.stdout), done.returncode


api = Api(sys.argv[1])
folder, deployed, head = shop()
fake = Deployed(api, TOKEN)
fake.deployment(1, deployed, "production", "2026-03-02T10:00:00Z", "inactive", "success")
fake.deployment(2, head, "production", "2026-03-03T10:00:00Z", "failure")
report, _ = parity(folder, fake)
time = report["comparisons"][0]["time"][0]
check("the commit that is deployed", (time["commit"], time["evidence"], time["waiting"]) == (deployed, "observed", 1), time)
check("a list and two statuses", len(fake.requests) == 3, fake.requests)

shallow = work / "shallow"
git(work, "clone", "-q", "--depth", "1", f"file://{folder}", str(shallow))
git(shallow, "remote", "set-url", "origin", "git@github.com:acme/shop.git")
fake.apart(deployed, head, 1)
report, _ = parity(shallow, fake)
time = report["comparisons"][0]["time"][0]
check("a shallow clone", (time["commit"], time["waiting"], time["unknown"]) == (deployed, 1, None), time)

fake.deny["GET"] = 403
report, code = parity(folder, fake)
check("a refusal is a problem", any("the token may not read this" in p["message"] for p in report["problems"]) and code < 2, report["problems"])
check("as GitHub describes it", not fake.wrong, fake.wrong)
print(f"{len(fake.requests)} requests")
finish(8)
