"""A stand-in for GitHub's API that keeps what is written, and holds every request and answer against GitHub's description."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

BOT = "github-actions[bot]"


class Fake:
    def __init__(self, api, token):
        self.api, self.token = api, token
        self.comments, self.issues = [], []
        self.requests, self.wrong = [], []
        self.deny = {}  # method -> status
        self.next = 1000
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def handle_all(self):
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                status, answer = fake.exchange(self.command, self.path, body, self.headers.get("authorization"))
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_all

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        # As an enterprise server has it.
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/v3"

    def writes(self):
        """The writing requests since the last look."""
        seen = [r for r in self.requests if not r.startswith("GET")]
        self.requests.clear()
        return seen

    def exchange(self, method, path, body, authorization):
        path = path.removeprefix("/api/v3")
        self.requests.append(f"{method} {path.split('?')[0]}")
        if authorization != f"Bearer {self.token}":
            self.wrong.append(f"{method} {path}: no token")
        self.wrong += self.api.request(method, path, body)
        status, answer = self.answer(method, path, body)
        self.wrong += self.api.answer(method, path, status, answer)
        return status, answer

    def answer(self, method, path, body):
        if method in self.deny:
            return self.deny[method], {"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest"}
        route, _, query = path.partition("?")
        parts = route.strip("/").split("/")[3:]
        query = {key: values[0] for key, values in parse_qs(query).items()}
        if parts[-1] == "comments":
            if method == "GET":
                return 200, self.page(self.comments if parts[1] != "comments" else [], query)
            comment = self.new("issue-comment", body)
            if not any(str(i["number"]) == parts[1] for i in self.issues):
                self.comments.append(comment)
            return 201, comment
        if parts[:2] == ["issues", "comments"]:
            found = next(c for c in self.comments if str(c["id"]) == parts[2])
            if method == "DELETE":
                self.comments.remove(found)
                return 204, None
            found["body"] = body["body"]
            return 200, found
        if parts == ["issues"]:
            if method == "GET":
                return 200, self.page([i for i in self.issues if query["labels"] in [label["name"] for label in i["labels"]]], query)
            issue = self.new("issue", body)
            issue.update(number=issue["id"], state="open", labels=[{"name": name} for name in body["labels"]], title=body["title"])
            self.issues.append(issue)
            return 201, issue
        issue = next(i for i in self.issues if str(i["number"]) == parts[1])
        issue.update(body)
        return 200, issue

    def page(self, items, query):
        size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
        return items[(number - 1) * size : number * size]

    def new(self, kind, body):
        self.next += 1
        item = self.api.example({"$ref": f"#/components/schemas/{kind}"})
        user = self.api.example({"$ref": "#/components/schemas/simple-user"})
        item.update(id=self.next, body=body["body"], user=dict(user, login=BOT), html_url=f"https://github.com/acme/shop/issues/7#{self.next}")
        return item


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
