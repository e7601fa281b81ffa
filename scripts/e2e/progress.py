"""Progress of `parity diff` on a terminal that is made here, beside a registry that takes its time."""

import json
import os
import pathlib
import pty
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from checks import check, finish

WORDS = b"asking registries"
work = pathlib.Path(tempfile.mkdtemp(prefix="e2e-progress-"))


def registry(seconds):
    """A port that refuses every image, after a while."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            stream, _ = listener.accept()
            with stream:
                head = stream.recv(4096)
                if head.startswith(b"GET "):
                    time.sleep(seconds)
                    stream.sendall(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def run(host, terminal, *options):
    """Standard output and error; error is a terminal or a pipe."""
    repo = work / "repo"
    repo.mkdir(exist_ok=True)
    (repo / "compose.yaml").write_text("services:\n  db:\n    image: postgres:15\n")
    (repo / "compose.prod.yaml").write_text(f"services:\n  db:\n    image: {host}/acme/postgres:latest\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(work), "TERM": "xterm-256color", "PARITY_ENDOFLIFE_URL": "http://127.0.0.1:9"}
    command = [os.environ["PARITY"], "diff", "--dev", "compose.yaml", "--prod", "compose.prod.yaml", "--report", "json", *options]
    if not terminal:
        done = subprocess.run(command, cwd=repo, env=env, capture_output=True)
        return done.stdout, done.stderr
    ours, theirs = pty.openpty()
    with open(work / "out", "wb") as out:
        program = subprocess.Popen(command, cwd=repo, env=env, stdout=out, stderr=theirs, stdin=theirs)
        os.close(theirs)
        seen = b""
        while True:
            ready, _, _ = select.select([ours], [], [], 60)
            try:
                part = os.read(ours, 4096) if ready else b""
            except OSError:
                part = b""
            if not part:
                break
            seen += part
        program.wait()
    os.close(ours)
    return (work / "out").read_bytes(), seen


slow, quick = registry(3), registry(0)
out, seen = run(slow, True, "--online")
check("a slow registry is shown", WORDS in seen, seen)
check("the line is gone at the end", seen.rstrip().endswith(b"\x1b[2K") or not seen.split(b"\x1b[2K")[-1].strip(), seen[-200:])
check("standard output is the report alone", json.loads(out)["schema"] == "parity-report/1" and WORDS not in out)
piped, error = run(slow, False, "--online")
check("not in a pipe", error == b"", error)
check("the same report", json.loads(piped)["findings"] == json.loads(out)["findings"])
_, seen = run(quick, True)
check("nothing of what is soon over", seen == b"", seen)
shutil.rmtree(work, ignore_errors=True)
finish(6)
