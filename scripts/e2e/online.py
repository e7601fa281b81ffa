"""What `--online` asks of GitHub: each request held against GitHub's description, each answer made from it."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from fake import Fake
from openapi import Api

TOKEN = "ghs_planted0123456789"
work = pathlib.Path(tempfile.mkdtemp(prefix="e2e-online-"))
passed, failed = 0, []


def check(name, holds, detail=""):
    global passed
    if holds:
        passed += 1
    else:
        failed.append(f"{name}: {str(detail)[:1500]}")


class Deployed(Fake):
    """A repository with deployments, and with what is between its commits."""

    def __init__(self, api, token):
        super().__init__(api, token)
        self.deployments, self.statuses, self.between = [], {}, {}

    def answer(self, method, path, body):
        if method in self.deny:
            return super().answer(method, path, body)
        route, _, query = path.partition("?")
        query = dict(part.split("=", 1) for part in query.split("&"))
        parts = route.strip("/").split("/")[3:]
        if parts == ["deployments"]:
            return 200, self.page([d for d in self.deployments if query.get("environment", d["environment"]) == d["environment"]], query)
        if parts[0] == "deployments":
            return 200, self.page(self.statuses[int(parts[1])], query)
        if parts[0] == "compare" and parts[1] in self.between:
            return 200, self.between[parts[1]]
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}

    def deployment(self, id, sha, environment, created, *states):
        made = self.api.example({"$ref": "#/components/schemas/deployment"})
        made.update(id=id, sha=sha, environment=environment, created_at=created, ref="main", task="deploy", payload={})
        self.deployments.append(made)
        status = self.api.example({"$ref": "#/components/schemas/deployment-status"})
        self.statuses[id] = [dict(status, state=state, created_at=created) for state in states]

    def apart(self, base, head, ahead):
        commit = lambda sha: dict(self.api.example({"$ref": "#/components/schemas/commit"}), sha=sha)
        dated = commit(base)
        dated["commit"]["committer"] = {"name": "Ada", "email": "ada@example.com", "date": "2026-03-01T12:00:00Z"}
        comparison = self.api.example({"$ref": "#/components/schemas/commit-comparison"})
        comparison.update(base_commit=dated, merge_base_commit=dated, status="ahead", ahead_by=ahead, behind_by=0, total_commits=ahead,
                          commits=[dict(dated, sha=head)])
        self.between[f"{base}...{head}"] = comparison


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
print(f"{passed} held; {len(fake.requests)} requests")
print("\n".join(failed))
sys.exit(1 if failed or passed < 8 else 0)
