"""What `--online` makes of a real registry: images are made here, pushed by skopeo, and read by `parity diff --online`."""

import atexit
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from checks import check, finish
from oci import Layout, port, sha256

PARITY = os.environ["PARITY"]
USER, PASSWORD = "parity", "canary-registry-7"
# bcrypt of the password: the one form that the registry reads.
HTPASSWD = "parity:$2y$05$3FoKdGNf3ma5e00nsdYbBuADeY8VJPUv0pYUfOZbC1TZk9VtOwC7a\n"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
DIR = pathlib.Path(tempfile.mkdtemp(prefix="parity-registry-"))
atexit.register(shutil.rmtree, DIR, ignore_errors=True)


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    if done.returncode:
        sys.exit(f"FAILED: {' '.join(command)}: {done.stderr[-800:]}")
    return done.stdout


class Registry:
    """Debian's docker-registry on a port of its own."""

    def __init__(self, name, auth=""):
        self.dir = DIR / name
        self.dir.mkdir()
        self.host = f"127.0.0.1:{port()}"
        (self.dir / "config.yml").write_text(
            f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {self.dir}/data\n"
            f"http:\n  addr: {self.host}\n  secret: loopback\n{auth}"
        )
        self.log = open(self.dir / "log", "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", self.dir / "config.yml"], stdout=self.log, stderr=self.log)
        atexit.register(self.process.kill)
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://{self.host}/v2/", timeout=5)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        sys.exit(f"FAILED: docker-registry does not start: {(self.dir / 'log').read_text()[-800:]}")

    def push(self, layout, name, *options):
        run("skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--preserve-digests", "--dest-tls-verify=false", *options,
            f"oci:{layout.dir}:it", f"docker://{self.host}/{name}")

    def digest(self, name, *options):
        """The digest that a tag names, as skopeo tells it."""
        raw = subprocess.run(["skopeo", "inspect", "--raw", "--tls-verify=false", *options, f"docker://{self.host}/{name}"], capture_output=True)
        return sha256(raw.stdout)

    def asked(self):
        """The requests of parity since the start."""
        self.log.flush()
        return [line for line in (self.dir / "log").read_text(errors="replace").splitlines() if '"parity/' in line and "HTTP/1.1" in line]


def repository(name, dev, prod, platform=None):
    """A repository whose development and production run these images, and whose app is built from it; its commit."""
    root = DIR / name
    (root / "web").mkdir(parents=True)
    (root / "web/Dockerfile").write_text("FROM scratch\n")
    services = lambda images, more="": "services:\n" + "".join(f"  {n}:\n    image: {i}\n{more}" for n, i in images.items())
    (root / "compose.yaml").write_text(services(dev) + "  web:\n    build: ./web\n")
    (root / "compose.prod.yaml").write_text(services(prod, f"    platform: {platform}\n" if platform else ""))
    git = lambda *a: run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(root), *a).strip()
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "start")
    return root, git("rev-parse", "HEAD")


def parity(root, *options, config=None):
    """Report, everything that was written, and the exit."""
    home = DIR / "home"
    home.mkdir(exist_ok=True)
    (home / "config.json").write_text(json.dumps(config or {}))
    # Nothing but loopback is asked.
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "DOCKER_CONFIG": str(home), "PARITY_ENDOFLIFE_URL": "http://127.0.0.1:9"}
    forms = [part for form in ("table", "markdown", "html", "sarif") for part in ("--report", f"{form}={home / form}")]
    done = subprocess.run(
        [PARITY, "diff", "--root", root, "--dev", "compose.yaml", "--prod", "compose.prod.yaml", "--today", "2026-09-01", "--all",
         "--report", "json", *forms, *options],
        env=env, capture_output=True, text=True, timeout=200,
    )
    text = done.stdout + done.stderr + "".join((home / form).read_text() for form in ("table", "markdown", "html", "sarif"))
    for secret in (PASSWORD, BASIC, "canary-registry-8"):
        if secret in text:
            check("no secret in the output", False, text.replace(secret, "(secret)"))
    return json.loads(done.stdout or "null"), text, done.returncode


def problems(report):
    return [p["message"] for p in report["problems"]]


def refused(name, root, words, config=None):
    """An image that cannot be read is a problem with these words, and changes no exit."""
    _, _, offline = parity(root)
    report, text, code = parity(root, "--online", config=config)
    said = problems(report) if report else []
    check(f"{name}: a problem", any(words in p for p in said), said or text)
    check(f"{name}: the same exit", code == offline and code < 2, f"{code}, offline {offline}")


def images():
    """The layouts: a database of two platforms in an index, an app."""
    db = Layout(DIR / "layout-db")
    amd = db.image("amd64", {"PG_MAJOR": "18", "PG_VERSION": "18.1-1.pgdg13+2"}, {}, "2026-08-20T10:00:00Z")
    arm = db.image("arm64", {"PG_MAJOR": "17", "PG_VERSION": "17.9-1.pgdg13+1"}, {}, "2026-08-20T10:00:00Z")
    db.index([arm, amd])
    old = Layout(DIR / "layout-old")
    old.tag(old.image("amd64", {"PG_MAJOR": "15", "PG_VERSION": "15.19-1.pgdg13+1"}, {}, "2026-08-20T10:00:00Z"))
    return db, old


def app(commit):
    web = Layout(DIR / f"layout-web-{commit[:8]}")
    labels = {f"org.opencontainers.image.{k}": v for k, v in {"revision": commit, "source": "https://github.com/acme/shop"}.items()}
    web.tag(web.image("amd64", {}, labels, "2026-02-03T04:05:06Z"))
    return web


def of_open_registry(db, old):
    registry = Registry("open")
    host = registry.host
    registry.push(db, "library/postgres:latest")
    registry.push(old, "library/postgres:15")
    root, commit = repository("shop", {"db": f"{host}/library/postgres:15"}, {"db": f"{host}/library/postgres:latest", "web": f"{host}/acme/web:stable"})
    registry.push(app(commit), "acme/web:stable")
    before = len(registry.asked())
    _, _, _ = parity(root)
    check("offline: nothing is asked", len(registry.asked()) == before, registry.asked())
    report, text, code = parity(root, "--online")
    check("open: no problem", not any("registry" in p for p in problems(report)), problems(report))
    found = {i["image"].removeprefix(host): i for i in report["comparisons"][0].get("images", [])}
    got = found.get("/library/postgres:latest", {})
    digest = registry.digest("library/postgres:latest")
    check("open: the floating tag's version and digest, of the index", (got.get("version"), got.get("digest")) == ("18.1", digest), found)
    web = found.get("/acme/web:stable", {})
    check("open: the app's commit and day", (web.get("revision"), web.get("created")) == (commit, "2026-02-03"), web)
    measured = next((t for t in report["comparisons"][0]["time"] if t["service"] == "web"), {})
    check("open: the app's commit is production's", (measured.get("commit"), measured.get("evidence"), measured.get("waiting")) == (commit, "exact", 0), measured)
    drift = [f for f in report["findings"] if f["rule"] == "tools/version-major"]
    check("open: the versions of today are compared", len(drift) == 1 and "today 18.1" in drift[0]["message"] and code == 1, report["findings"])
    floating = [f for f in report["findings"] if f["rule"] == "tools/floating-tag" and f["service"] == "db"]
    check("open: what to pin", any(f"postgres:latest@{digest}" in (f["help"] or "") for f in floating), floating)
    aged = [f["message"] for f in report["findings"] if f["rule"] == "time/image-age"]
    check("open: the app's age", any("built on 2026-02-03, 210 days ago" in m for m in aged), aged)
    check("open: people read it too", digest in text and "18.1" in text, text)
    check("open: every request is a read", all('"GET /v2/' in line for line in registry.asked()[before:]) and len(registry.asked()) > before)
    done = subprocess.run([PARITY, "inventory", "prod", "--root", root, "--prod", "compose.prod.yaml", "--online", "--report", "json", "--report",
                           f"table={DIR}/inventory"], env={"PATH": os.environ["PATH"], "HOME": str(DIR)}, capture_output=True, text=True)
    listed = {i["image"].removeprefix(host): i["digest"] for i in json.loads(done.stdout)["images"]}
    check("open: the inventory asks too", listed.get("/library/postgres:latest") == digest and len(listed) == 2, done.stdout)
    check("open: and says so", f"today 18.1, built on 2026-08-20, {digest}" in (DIR / "inventory").read_text(), (DIR / "inventory").read_text())
    root, _ = repository("arm", {"db": f"{host}/library/postgres:15"}, {"db": f"{host}/library/postgres:latest"}, "linux/arm64")
    report, _, _ = parity(root, "--online")
    drift = [f["message"] for f in report["findings"] if f["rule"] == "tools/version-major"]
    check("open: the platform that is named", len(drift) == 1 and "today 17.9" in drift[0], report["findings"])
    root, _ = repository("gone", {"db": f"{host}/library/postgres:15"}, {"db": f"{host}/library/postgres:alpine"})
    refused("a tag that is not there", root, f"`{host}` has no such image")
    tampered(registry)


def tampered(registry):
    """The registry's own store, changed behind its back: what comes is not what its digest says."""
    db = Layout(DIR / "layout-lie")
    db.tag(db.image("amd64", {"PG_VERSION": "18.0"}, {}, "2026-08-20T10:00:00Z"))
    registry.push(db, "lies/postgres:latest")
    config = db.config.removeprefix("sha256:")
    blob = next((registry.dir / "data").rglob(f"{config}/data"))
    blob.write_bytes(blob.read_bytes().replace(b"18.0", b"19.0"))
    root, _ = repository("lies", {"db": f"{registry.host}/library/postgres:15"}, {"db": f"{registry.host}/lies/postgres:latest"})
    refused("a configuration that was changed", root, "what came is not what its digest says")


def of_closed_registry(db, old):
    (DIR / "htpasswd").write_text(HTPASSWD)
    registry = Registry("closed", f"auth:\n  htpasswd:\n    realm: parity\n    path: {DIR}/htpasswd\n")
    host = registry.host
    creds = ("--dest-creds", f"{USER}:{PASSWORD}")
    registry.push(db, "library/postgres:latest", *creds)
    registry.push(old, "library/postgres:15", *creds)
    root, _ = repository("closed-shop", {"db": f"{host}/library/postgres:15"}, {"db": f"{host}/library/postgres:latest"})
    asked = {"auths": {host: {"auth": BASIC}}}
    report, _, code = parity(root, "--online", config=asked)
    got = report["comparisons"][0].get("images", [])
    digest = registry.digest("library/postgres:latest", "--creds", f"{USER}:{PASSWORD}")
    check("closed: with the user's credentials", code == 1 and any(i["digest"] == digest and i["version"] == "18.1" for i in got), report)
    refused("closed: without credentials", root, f"`{host}` does not show it to the public")
    wrong = {"auths": {host: {"username": USER, "password": "canary-registry-8"}}}
    refused("closed: with a wrong password", root, f"`{host}` does not show it to the user of docker's config.json", wrong)
    refused("closed: credentials in a program", root, "no program is run", {"credsStore": "evil"})


class Tokens:
    """A token server: signs what it gives as the registry wants it (distribution's JWT with its certificate along)."""

    def __init__(self, service):
        self.service, self.asked, self.grants = service, [], 0
        self.key, self.cert = DIR / "token.key", DIR / "token.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(self.key), "-out", str(self.cert), "-days", "2", "-subj", "/CN=tokens")
        tokens = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                tokens.asked.append((query, self.headers.get("authorization")))
                status, body = tokens.answer(query, self.headers.get("authorization"))
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"

    def answer(self, query, authorization):
        known = authorization == f"Basic {BASIC}"
        if authorization and not known:
            return 401, b"{}"
        access = []
        for scope in filter(None, query.get("scope", "").split(" ")):
            kind, name, actions = scope.split(":")
            # To the public only what is public, and only to read.
            if known or (name.startswith("public/") and actions == "pull"):
                access.append({"type": kind, "name": name, "actions": actions.split(",")})
        return 200, json.dumps({"token": self.sign(access)}).encode()

    def sign(self, access):
        der = subprocess.run(["openssl", "x509", "-in", self.cert, "-outform", "DER"], capture_output=True, check=True).stdout
        bare = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
        now = int(time.time())
        claims = {"iss": "tokens", "sub": "", "aud": self.service, "exp": now + 300, "nbf": now - 10, "iat": now, "jti": "1", "access": access}
        head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        text = bare(json.dumps(head).encode()) + b"." + bare(json.dumps(claims).encode())
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text, capture_output=True, check=True).stdout
        return (text + b"." + bare(signed)).decode()


def of_registry_with_tokens(db, old):
    tokens = Tokens("shop")
    registry = Registry(
        "tokens", f"auth:\n  token:\n    realm: {tokens.url}\n    service: shop\n    issuer: tokens\n    rootcertbundle: {tokens.cert}\n"
    )
    host = registry.host
    creds = ("--dest-creds", f"{USER}:{PASSWORD}")
    for name in ("public", "private"):
        registry.push(db, f"{name}/postgres:latest", *creds)
        registry.push(old, f"{name}/postgres:15", *creds)
    tokens.asked.clear()
    root, _ = repository("public-shop", {"db": f"{host}/public/postgres:15"}, {"db": f"{host}/public/postgres:latest"})
    report, text, _ = parity(root, "--online")
    got = report["comparisons"][0].get("images", [])
    check("tokens: to the public", any(i["version"] == "18.1" for i in got), text)
    scopes = {q.get("scope") for q, _ in tokens.asked}
    check("tokens: for pulling this alone, for nobody", scopes == {"repository:public/postgres:pull"} and not any(a for _, a in tokens.asked), tokens.asked)
    root, _ = repository("private-shop", {"db": f"{host}/private/postgres:15"}, {"db": f"{host}/private/postgres:latest"})
    refused("tokens: of what is private", root, f"`{host}` does not show it to the public")
    report, text, _ = parity(root, "--online", config={"auths": {host: {"auth": BASIC}}})
    got = report["comparisons"][0].get("images", [])
    check("tokens: with the user's credentials", any(i["version"] == "18.1" for i in got), text)
    wrong = {"auths": {host: {"username": USER, "password": "canary-registry-8"}}}
    refused("tokens: with a wrong password", root, "does not show it to the user of docker's config.json", wrong)


def stands(answer):
    """A server that is no registry."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            answer(self)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"


def of_no_registry():
    def page(handler):
        handler.send_response(200)
        handler.send_header("content-type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<html>sign in</html>")

    def slow(handler):
        time.sleep(60)

    nobody = f"127.0.0.1:{port()}"
    for name, host, words in [
        ("garbage", stands(page), "its manifest cannot be read"),
        ("nobody", nobody, f"`{nobody}` could not be reached: no connection"),
        ("slow", stands(slow), "did not answer within 10 s"),
    ]:
        root, _ = repository(f"{name}-shop", {"db": "postgres:15"}, {"db": f"{host}/acme/postgres:latest"})
        start = time.monotonic()
        refused(name, root, words)
        check(f"{name}: soon", time.monotonic() - start < 100, time.monotonic() - start)


made = images()
of_open_registry(*made)
of_closed_registry(*made)
of_registry_with_tokens(*made)
of_no_registry()
finish(30)
