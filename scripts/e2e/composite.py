"""A composite action on this machine: inputs, expressions, the runner's files and workflow commands, as GitHub documents them."""

import atexit
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml


class Run:
    """What a run left: the log, annotations, outputs, the summary, and what GitHub would have complained of."""

    def __init__(self):
        self.log, self.summary, self.success = "", "", True
        self.annotations, self.outputs, self.problems = [], {}, []


def lookup(path, context):
    node = context
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def evaluate(expression, context):
    """Names, joined by `||`: all that the action uses."""
    value = None
    for term in expression.split("||"):
        if not re.fullmatch(r"\s*[a-z_]+(\.[\w-]+)+\s*", term):
            raise ValueError(f"an expression that is not known here: {expression}")
        value = lookup(term.strip(), context)
        if value not in (None, "", False, 0):
            break
    return "" if value is None else {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def fill(text, context):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda m: evaluate(m[1], context), str(text))


def read_file_command(text):
    """`name=value` and `name<<mark ... mark`."""
    out, lines = {}, iter(text.splitlines())
    for line in lines:
        heredoc = re.match(r"([^=<]+)<<(.+)$", line)
        if heredoc:
            body = []
            for inner in lines:
                if inner == heredoc[2]:
                    break
                body.append(inner)
            else:
                raise ValueError("no end mark")
            out[heredoc[1]] = "\n".join(body)
        elif "=" in line:
            name, value = line.split("=", 1)
            out[name] = value
        elif line:
            raise ValueError(f"no output: {line}")
    return out


def read_commands(run, log):
    """Workflow commands, with the limits of a step."""
    stopped, per = None, {}
    unescape = lambda s: s.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")  # noqa: E731
    for line in log.splitlines():
        if stopped:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
            continue
        match = re.match(r"\s*::([A-Za-z-]+)(?: (.*?))?::(.*)$", line)
        if not match:
            continue
        command, properties, text = match[1].lower(), match[2] or "", match[3]
        if command == "stop-commands":
            stopped = text
        elif command in ("error", "warning", "notice"):
            per[command] = per.get(command, 0) + 1
            if per[command] > 10:
                run.problems.append(f"more than ten {command}s: lost")
            named = dict(p.split("=", 1) for p in properties.split(",") if "=" in p)
            run.annotations.append(dict({k: unescape(v) for k, v in named.items()}, level=command, text=unescape(text)))
        else:
            run.problems.append(f"a command that nobody meant: {line}")
    if stopped:
        run.problems.append("commands stay stopped")


def run(action, workspace, event_name, event_path, event, inputs, api_url, token, env=None, runner=("Linux", "X64")):
    meta = yaml.safe_load((pathlib.Path(action) / "action.yml").read_text(encoding="utf-8"))
    out = Run()
    unknown = set(inputs) - set(meta["inputs"])
    out.problems += [f"input {name} is not known" for name in sorted(unknown)]
    github = {"event": event, "token": token}
    context = {"github": github, "steps": {}}
    context["inputs"] = {name: inputs.get(name, fill(spec.get("default", ""), context)) for name, spec in meta["inputs"].items()}
    temp = pathlib.Path(tempfile.mkdtemp(prefix="composite-"))
    atexit.register(shutil.rmtree, temp, ignore_errors=True)
    for number, step in enumerate(meta["runs"]["steps"]):
        if not out.success:
            break
        if "uses" in step or "${{" in step["run"]:
            out.problems.append("a step uses another action, or an expression in its script")
        files = {name: temp / f"{name}_{number}" for name in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        variables = {
            "PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LANG": "C.UTF-8", "CI": "true", "GITHUB_ACTIONS": "true",
            "RUNNER_OS": runner[0], "RUNNER_ARCH": runner[1], "RUNNER_TEMP": str(temp), "RUNNER_TOOL_CACHE": str(temp / "tools"),
            "GITHUB_ACTION_PATH": str(action), "GITHUB_WORKSPACE": str(workspace), "GITHUB_EVENT_NAME": event_name,
            "GITHUB_EVENT_PATH": str(event_path), "GITHUB_REPOSITORY": "acme/shop", "GITHUB_API_URL": api_url,
            "GITHUB_SERVER_URL": "https://github.example.com", **{f"GITHUB_{name}": str(file) for name, file in files.items()}, **(env or {}),
            **{name: fill(value, context) for name, value in step.get("env", {}).items()},
        }
        script = temp / f"step{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)], cwd=workspace, env=variables,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        log = done.stdout.decode("utf-8", "replace")
        out.log += log
        read_commands(out, log)
        context["steps"][step["id"]] = {"outputs": read_file_command(files["OUTPUT"].read_text(encoding="utf-8"))}
        summary = files["STEP_SUMMARY"].read_bytes()
        if len(summary) > 1 << 20:
            out.problems.append("the summary is too long: lost")
        out.summary += summary.decode("utf-8")
        out.success = done.returncode == 0
    out.outputs = {name: fill(spec["value"], context) for name, spec in meta["outputs"].items()}
    if token in out.log + out.summary + str(out.outputs):
        out.problems.append("the token is shown")
    return out
