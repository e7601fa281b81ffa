"""What the tests of publishing and of deployments recorded, requests and the stand-in's answers, against GitHub's description."""

import json
import pathlib
import sys

from openapi import Api


def loose(node):
    """The same without what must be there: the stand-in answers with the fields that are read, and no other shape of them."""
    if isinstance(node, list):
        return [loose(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: loose(value) for key, value in node.items() if not (key == "required" and isinstance(value, list))}


api, answers = Api(sys.argv[1]), Api(sys.argv[1])
answers.whole = loose(answers.whole)
count, wrong = 0, []
for file in sorted(pathlib.Path(sys.argv[2]).glob("*.jsonl")):
    for line in file.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        count += 1
        wrong += api.request(one["method"], one["path"], one["body"])
        # A refusal that tests plant may be of any status; what it says is an error as GitHub writes them.
        # What a test plants to be refused is of no shape.
        if "canary" in json.dumps(one["answer"]):
            continue
        if one["status"] < 300 or answers.call(one["method"], one["path"])["responses"].get(str(one["status"])):
            wrong += answers.answer(one["method"], one["path"], one["status"], one["answer"])
print(f"{count} requests and their answers")
print("\n".join(sorted(set(wrong))[:20]))
sys.exit(0 if count > 50 and not wrong else 1)
