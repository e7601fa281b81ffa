"""The requests that the tests of publishing and of deployments recorded, against GitHub's description."""

import json
import pathlib
import sys

from openapi import Api

api = Api(sys.argv[1])
count, wrong = 0, []
for file in sorted(pathlib.Path(sys.argv[2]).glob("*.jsonl")):
    for line in file.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        count += 1
        wrong += api.request(one["method"], one["path"], one["body"])
print(f"{count} requests")
print("\n".join(sorted(set(wrong))[:20]))
sys.exit(0 if count > 50 and not wrong else 1)
