"""endoflife.date on loopback, as the committed table has it: asked by scripts/refresh-eol and by parity."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from checks import check, finish

ROOT = pathlib.Path(__file__).resolve().parents[2]
work = pathlib.Path(tempfile.mkdtemp(prefix="e2e-eol-"))


def script():
    loader = importlib.machinery.SourceFileLoader("refresh_eol", str(ROOT / "scripts/refresh-eol"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("refresh_eol", loader))
    loader.exec_module(module)
    return module


# SQL Server's years are translated by the script: the place has other numbers.
NUMBERS = {year: number for number, year in script().YEARS.items()}
TABLE = (ROOT / "src/catalogue/eol.tsv").read_text()
SNAPSHOT = next(line.removeprefix("# Snapshot: ") for line in TABLE.splitlines() if line.startswith("# Snapshot: "))


def products(table):
    out = {}
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        product, cycle, end = line.split("\t")
        name = NUMBERS[cycle] if product == "mssqlserver" else cycle
        dated = end not in ("true", "false")
        release = {"name": name, "isEol": end == "true" or (dated and end < SNAPSHOT), "eolFrom": end if dated else None}
        # No version: it is left out of the table.
        out.setdefault(product, [{"name": "rolling", "isEol": False, "eolFrom": None}]).append(release)
    return out


class Place:
    def __init__(self, table, missing=()):
        said = products(table)

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                parts = self.path.strip("/").split("/")
                found = said.get(parts[-1]) if parts[:-1] == ["api", "v1", "products"] and parts[-1] not in missing else None
                page = {"schema_version": "1.2.0", "generated_at": f"{SNAPSHOT}T01:00:00+00:00", "result": {"name": parts[-1], "releases": found}}
                data = json.dumps(page if found else {}).encode()
                self.send_response(200 if found else 404)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.api = f"http://127.0.0.1:{server.server_port}/api/v1"


def refresh(place, day=SNAPSHOT):
    """The script in a copy of what it reads and writes: its exit, and what it wrote."""
    copy = pathlib.Path(tempfile.mkdtemp(dir=work))
    files = ["scripts/refresh-eol", "src/catalogue/eol.tsv", "src/catalogue/eol.rs", "src/catalogue/kinds.toml"]
    for name in files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    done = subprocess.run([sys.executable, copy / files[0], "--api", place.api, "--today", day], capture_output=True, text=True)
    return done, (copy / files[1]).read_text(), (copy / files[2]).read_text()


def ends(place, *options):
    """What parity says of PostgreSQL 15."""
    repo = work / "repo"
    repo.mkdir(exist_ok=True)
    for name in ("compose.yaml", "compose.prod.yaml"):
        (repo / name).write_text("services:\n  db:\n    image: 127.0.0.1:9/library/postgres:15\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(work), "PARITY_ENDOFLIFE_URL": place.api}
    command = [os.environ["PARITY"], "diff", "--dev", "compose.yaml", "--prod", "compose.prod.yaml", "--report", "json", *options]
    report = json.loads(subprocess.run(command, cwd=repo, env=env, capture_output=True, text=True).stdout)
    said = [f["message"] for f in report["findings"] if f["rule"] == "tools/end-of-life"]
    return said, [p["message"] for p in report["problems"] if "endoflife" in p["message"]]


CODE = (ROOT / "src/catalogue/eol.rs").read_text()
ROW = next(line for line in TABLE.splitlines() if line.startswith("postgresql\t15\t"))
CHANGED = TABLE.replace(ROW, "postgresql\t15\t2026-01-31")
same, changed, short = Place(TABLE), Place(CHANGED), Place(TABLE, missing=["postgresql"])

done, table, code = refresh(same)
check("the same answers make the same table", done.returncode == 0 and table == TABLE and code == CODE, done.stderr or "another table")
done, table, code = refresh(changed, "2027-02-03")
check("a change is taken", table == CHANGED.replace(f"# Snapshot: {SNAPSHOT}", "# Snapshot: 2027-02-03"), done.stderr)
check("the day is taken", "SNAPSHOT: Date = Date::constant(2027, 2, 3);" in code, done.stderr)
done, table, code = refresh(short)
check("without one answer nothing is written", done.returncode != 0 and "postgresql" in done.stderr and (table, code) == (TABLE, CODE), done)
check("parity takes the change", ends(changed, "--online") == (["PostgreSQL 15 reached its end of life on 2026-01-31"], []), ends(changed, "--online"))
check("parity offline does not", ends(changed) == ([], []), ends(changed))
check("parity reads what the table has", ends(same, "--online", "--today", SNAPSHOT) == ends(same, "--today", SNAPSHOT), ends(same, "--online"))
said, problems = ends(short, "--online")
check("a refusal is a problem", said == [] and len(problems) == 1 and "it answers with status 404" in problems[0], (said, problems))
shutil.rmtree(work, ignore_errors=True)
finish(8)
