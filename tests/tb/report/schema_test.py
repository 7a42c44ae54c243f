#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""result.json as written is what docs/result.schema.json and docs/result.md say.

  schema_test.py REPORT_SAMPLE SOURCE_FOLDER
  schema_test.py --run RUN_DIR SOURCE_FOLDER      only the result of a real run
"""
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema


def keys_of(schema, prefix=""):
    """Every property the schema names, as "a.b"; $ref'd parts by their own names."""
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from keys_of(part, name)
    if "items" in schema:
        yield from keys_of(schema["items"])


def refused(validator, result, change):
    changed = copy.deepcopy(result)
    change(changed)
    return not validator.is_valid(changed)


def sums(result):
    """A core's pipes each spend all cycles of the run."""
    for core in result["cores"]:
        for name, pipe in core["pipes"].items():
            if pipe["busy"] + sum(pipe["stalls"].values()) != result["cycles"]:
                yield f"{core['name']} {name}: busy plus stalls is not {result['cycles']}"


def check_run(folder, source):
    schema = json.loads((source / "docs/result.schema.json").read_text())
    result = json.loads((folder / "result.json").read_text())
    faults = [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(result)] or list(sums(result))
    print("\n".join(faults) or "the result is valid")
    sys.exit(1 if faults else 0)

RACE = {"kind": "left_up", "first": 1, "first_does": None, "second": 1, "second_does": None, "where": None, "text": ""}


def main():
    if sys.argv[1] == "--run":
        check_run(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    sample, source = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads((source / "docs/result.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sample, folder], check=True)
        results = {path.parent.name: json.loads(path.read_text()) for path in sorted(pathlib.Path(folder).glob("*/result.json"))}
        for path in pathlib.Path(folder).glob("*/trace.json"):
            json.loads(path.read_text())
    if len(results) < 7:
        faults.append(f"only {len(results)} samples")
    for name, result in results.items():
        faults += [f"{name}: {'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(result)]

    # The schema is seen to refuse.
    good = results["passing"]
    changes = {
        "a missing field": lambda r: r.pop("cycles"),
        "an unknown field": lambda r: r.update(extra=1),
        "another version": lambda r: r.update(schema_version=2),
        "negative cycles": lambda r: r.update(cycles=-1),
        "an unknown pipe": lambda r: r["pipes"].update(X=r["pipes"]["M"]),
        "an unknown state": lambda r: r["pipes"]["M"]["stalls"].update(coffee=1),
        "a missing state": lambda r: r["cores"][0]["pipes"]["M"]["stalls"].pop("flag"),
        "text for a number": lambda r: r["check"].update(max_abs_error="large"),
        "an unknown kind of race": lambda r: r["check"].update(races={"count": 1, "first": [{**RACE, "kind": "foot"}]}),
        "an unknown core kind": lambda r: r["cores"][0].update(kind="CPU"),
    }
    faults += [f"the schema takes {name}" for name, change in changes.items() if not refused(validator, good, change)]

    page = (source / "docs/result.md").read_text()
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", page))))
    faults += [f"docs/result.md does not name {key}" for key in keys_of(schema) if key not in words]
    for name in ("mmads", "pipe"):
        faults += [f"docs/result.md does not name {key}" for key in keys_of(schema["$defs"][name]) if key not in words]
    print("\n".join(faults) or "every result is valid, every field is documented")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
