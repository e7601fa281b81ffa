"""GitHub's description of its API: cut to the calls that parity makes, as JSON Schema, and used to hold exchanges against it."""

import json
import re
import sys
from urllib.parse import parse_qsl

import jsonschema

REPO = "/repos/{owner}/{repo}"
CALLS = {
    "/user": ["get"],
    f"{REPO}/issues": ["get", "post"],
    f"{REPO}/issues/{{issue_number}}": ["patch"],
    f"{REPO}/issues/{{issue_number}}/comments": ["get", "post"],
    f"{REPO}/issues/comments/{{comment_id}}": ["patch", "delete"],
    f"{REPO}/commits/{{commit_sha}}/pulls": ["get"],
    f"{REPO}/deployments": ["get"],
    f"{REPO}/deployments/{{deployment_id}}/statuses": ["get"],
    f"{REPO}/compare/{{basehead}}": ["get"],
}


def plain(node):
    """OpenAPI 3.0 writes `nullable`, JSON Schema a second type."""
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: plain(value) for key, value in node.items() if key not in ("example", "examples")}
    if node.pop("nullable", False):
        return {"anyOf": [node, {"type": "null"}]}
    return node


def cut(whole):
    """The calls, and all that they refer to."""
    out = {"paths": {path: {m: whole["paths"][path][m] for m in methods} for path, methods in CALLS.items()}, "components": {}}
    todo = [out["paths"]]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            name = node.get("$ref")
            if isinstance(name, str):
                _, _, section, key = name.split("/", 3)
                kept = out["components"].setdefault(section, {})
                if key not in kept:
                    kept[key] = whole["components"][section][key]
                    todo.append(kept[key])
            todo.extend(node.values())
    return plain(out)


class Api:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.whole = json.load(file)

    def of(self, node):
        while isinstance(node, dict) and "$ref" in node:
            _, _, section, key = node["$ref"].split("/", 3)
            node = self.whole["components"][section][key]
        return node

    def errors(self, schema, value):
        schema = dict(schema, components=self.whole["components"])
        return [f"{e.json_path}: {e.message[:200]}" for e in jsonschema.Draft202012Validator(schema).iter_errors(value)]

    def call(self, method, path):
        path = path.split("?")[0]
        for template, methods in self.whole["paths"].items():
            if re.fullmatch(re.sub(r"\\?\{\w+\\?\}", "[^/]+", template), path) and method.lower() in methods:
                return methods[method.lower()]
        return None

    def request(self, method, path, body):
        """What GitHub would refuse, or not understand, of a request."""
        call = self.call(method, path)
        if call is None:
            return [f"{method} {path}: there is no such call"]
        wrong = []
        known = {p["name"]: p for p in map(self.of, call.get("parameters", [])) if p["in"] == "query"}
        for name, value in parse_qsl(path.partition("?")[2]):
            if name not in known:
                wrong.append(f"query {name} is not known")
                continue
            schema = self.of(known[name]["schema"])
            wrong += self.errors(schema, int(value) if schema.get("type") == "integer" else value)
            if name == "per_page" and not 1 <= int(value) <= 100:
                wrong.append(f"per_page={value}")
        if "requestBody" in call:
            schema = self.of(call["requestBody"]["content"]["application/json"]["schema"])
            wrong += self.errors(schema, body)
            wrong += [f"field {key} is not known" for key in (body or {}) if key not in schema["properties"]]
            if len((body or {}).get("body") or "") > 65536:
                wrong.append("body is too long (maximum is 65536 characters)")
        elif body is not None:
            wrong.append("a body where none is expected")
        return [f"{method} {path}: {what}" for what in wrong]

    def answer(self, method, path, status, body):
        """What GitHub would not have answered."""
        answer = self.of(self.call(method, path)["responses"].get(str(status)))
        if answer is None:
            # Limits and failures of the server are documented for all calls together.
            return [] if status in (403, 429) or status >= 500 else [f"{method} {path}: {status} is no answer of this call"]
        content = answer.get("content", {}).get("application/json")
        wrong = self.errors(content["schema"], body) if content else []
        return [f"{method} {path}: the answer: {what}" for what in wrong]

    def example(self, schema, depth=0):
        """The smallest value of a schema."""
        schema = self.of(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                null = any(self.of(s).get("type") == "null" for s in schema[key])
                return None if null else self.example(schema[key][0], depth + 1)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object" or "properties" in schema:
            return {key: self.example(schema["properties"][key], depth + 1) for key in schema.get("required", [])}
        formats = {"date-time": "2026-01-01T00:00:00Z", "uri": "https://github.com/acme/shop"}
        return {"array": [], "integer": 1, "number": 1, "boolean": False, "null": None}.get(kind, formats.get(schema.get("format"), "x"))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as source, open(sys.argv[2], "w", encoding="utf-8") as target:
        json.dump(cut(json.load(source)), target, separators=(",", ":"), sort_keys=True)
