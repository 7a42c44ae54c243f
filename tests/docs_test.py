#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every block has its page: what docs/ owes the folders of rtl/.

  docs_test.py SOURCE_DIR     exit 1 and one line a page or block that is not as it should be

A page of a block has four heads (what it does, interface, timing, how it is checked) and stands in the index; a module of
rtl/ that other modules are not parts of is named by a page.
"""
import pathlib
import re
import sys

HEADS = ["What it does", "nterface", "Timing", "How it is checked"]
FOLDERS = ["pipe", "core", "buffer", "memory", "common"]


def missing(root):
    docs, index = root / "docs", (root / "docs/README.md").read_text()
    pages = [p for folder in FOLDERS for p in sorted((docs / folder).glob("*.md"))]
    text = "\n".join(p.read_text() for p in pages)
    for page in pages:
        heads = re.findall(r"^## (.*)", page.read_text(), re.M)
        yield from (f"{page.relative_to(root)}: no head with '{head}'" for head in HEADS if not any(head in h for h in heads))
        if f"({page.relative_to(docs)})" not in index:
            yield f"docs/README.md: no line for {page.relative_to(docs)}"
    modules = {p.stem for folder in FOLDERS for p in (root / "rtl" / folder).glob("*.sv") if not p.stem.endswith("_pkg")}
    for module in sorted(modules):
        part = any(module.startswith(other + "_") for other in modules - {module})
        if not part and not re.search(rf"\b{module}\b", text):
            yield f"rtl: {module} is named by no page of docs/{{{','.join(FOLDERS)}}}"


def self_test():
    """The checker is seen to fail: a page without heads, not in the index, and a module no page names."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("docs/pipe/x.md", "docs/README.md", "rtl/pipe/vit_x.sv"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("")
        assert len(list(missing(root))) == len(HEADS) + 2, "the checker does not see what is missing"


if __name__ == "__main__":
    self_test()
    found = list(missing(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "every block has its page")
    sys.exit(1 if found else 0)
