#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No include goes up: checks every #include of the C++ tree against the direction of docs/architecture.md.

  layout_test.py SOURCE_DIR     exit 1 and one line a violation
"""
import pathlib
import re
import sys

# What a folder may include, longest prefix first. A folder may always include itself.
ALLOWED = {
    "models/arch": [],
    "models/buffer": ["models/arch"],
    "models/memory": ["models/arch"],
    "models/program": ["models/arch"],
    "models/pipe": ["models/buffer", "models/memory", "models/program", "models/core/state.h", "models/arch"],
    "models/core": ["models/pipe", "models/buffer", "models/memory", "models/program", "models/arch"],
    "models/ops": ["models/arch"],
    "models/kernels": ["models/program", "models/arch"],
    "models/onnx": ["models/ops", "models/arch"],
    "systemc/common": [],
    "systemc/observe": ["systemc/common", "models"],
    "systemc/memory": ["systemc/observe", "systemc/common", "models"],
    "systemc/buffer": ["systemc/observe", "systemc/common", "models"],
    "systemc/pipe": ["systemc/buffer", "systemc/memory", "systemc/observe", "systemc/common", "models"],
    "systemc/core": ["systemc/pipe", "systemc/buffer", "systemc/memory", "systemc/observe", "systemc/common", "models"],
    "systemc/chip": ["systemc/core", "systemc/pipe", "systemc/buffer", "systemc/memory", "systemc/observe", "systemc/common", "models"],
    "tb": ["systemc", "models"],
    "tests": ["tb", "systemc", "models"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]((?:models|systemc|tb|tests|rtl)/[^">]+)[">]', re.M)


def folder_of(path):
    return next((f for f in sorted(ALLOWED, key=len, reverse=True) if path.startswith(f + "/")), None)


def violations(root):
    for file in sorted(p for p in root.rglob("*") if p.suffix in (".h", ".cpp") and p.is_file()):
        name = file.relative_to(root).as_posix()
        own = folder_of(name)
        if own is None:
            continue
        for included in INCLUDE.findall(file.read_text()):
            if not any(included == a or included.startswith(a + "/") for a in [own, *ALLOWED[own]]):
                yield f"{name} includes {included}, but {own} may include only {', '.join(ALLOWED[own]) or 'itself'}"
        if own.startswith("models") and re.search(r"#include <systemc|#include <tlm", file.read_text()):
            yield f"{name}: models know no SystemC"


def self_test():
    """The checker is seen to fail: an include that goes up must be found."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder) / "models" / "ops" / "x.h"
        bad.parent.mkdir(parents=True)
        bad.write_text('#include "models/pipe/cube.h"\n')
        assert len(list(violations(pathlib.Path(folder)))) == 1, "the checker does not see a violation"


if __name__ == "__main__":
    self_test()
    root = pathlib.Path(sys.argv[1])
    found = [v for top in ("models", "systemc", "tb", "tests") for v in violations(root) if v.startswith(top + "/")]
    print("\n".join(found) or "no include goes up")
    sys.exit(1 if found else 0)
