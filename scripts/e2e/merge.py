"""A thousand reports joined: under 2 s and 200 MiB."""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

program = os.environ["PARITY"]
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for i in range(1000):
        place = {"side": "from", "path": "docker-compose.yml", "line": 3, "column": 1, "end_line": 3, "end_column": 9, "label": "dev"}
        findings = [{"rule": "tools/version-major", "severity": "error" if n % 9 == 0 else "warning", "state": None, "from": "dev", "to": "prod",
                     "service": f"s{n}", "subject": "postgresql", "message": f"`s{n}` runs another version in `dev` than in `prod`" * 3,
                     "help": None, "places": [place, place], "fingerprint": f"{n:032x}"} for n in range(i % 120)]
        report = {"schema": "parity-report/1", "comparisons": [{"services": [place] * 100}], "findings": findings, "problems": [], "exit": int(bool(findings))}
        (folder / f"shop-{i:04}.json").write_text(json.dumps(report, indent=2))
    size = sum(f.stat().st_size for f in folder.iterdir())
    start = time.monotonic()
    subprocess.run([program, "merge", "--report", "markdown=all.md", "--report", "html=all.html", *sorted(f.name for f in folder.iterdir())], cwd=folder, check=True)
    seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"1000 reports, {size / 2**20:.0f} MiB: {seconds:.2f} s, {peak:.0f} MiB")
    limit = 2 if "release" in program else 20
    sys.exit(0 if seconds < limit and peak < 200 else 1)
