#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Opens report.html of made-up runs in headless Chromium: no console message, nothing fetched, the right words, and it can be worked with.

  page_test.py REPORT_SAMPLE [--keep FOLDER]     with --keep, screenshots (light, dark, narrow) and a printed page stay there
  page_test.py --run RUN_DIR                     the page of a real run instead: all checks hold, and the timeline is not empty
"""
import pathlib
import re
import subprocess
import sys
import tempfile

CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=4000"]

# Works the page as a reader would; what it finds goes to an attribute the test reads.
EXERCISE = """<script>
addEventListener("load", () => {
  const canvas = document.getElementById("timeline"), box = canvas.getBoundingClientRect(), said = [];
  const tip = document.getElementById("tip");
  const mouse = (type, x, y, more = {}) => canvas.dispatchEvent(new PointerEvent(type, {clientX: box.left + x, clientY: box.top + y, pointerId: 1, bubbles: true, ...more}));
  canvas.setPointerCapture = () => {};
  let seen = 0;
  for (let y = 70; y < box.height; y += 4) for (let x = 80; x < box.width; x += 40) { mouse("pointermove", x, y); if (!tip.hidden) ++seen; }
  said.push("hovered=" + (seen > 20));
  const label = () => canvas.getAttribute("aria-label");
  const whole = label();
  document.querySelector("[data-do=in]").click();
  requestAnimationFrame(() => {
    said.push("zoomed=" + (label() !== whole));
    const input = document.getElementById("goto");
    input.value = 9; input.dispatchEvent(new Event("change"));
    said.push("found=" + document.getElementById("details").textContent.includes("mmad"));
    document.querySelector("#wait-table tbody tr").click();
    said.push("jumped=" + !document.getElementById("details").hidden);
    canvas.dispatchEvent(new WheelEvent("wheel", {deltaY: 400, ctrlKey: true, clientX: box.left + 200, clientY: box.top + 90, cancelable: true}));
    for (const type of ["pointerdown", "pointermove", "pointerup"]) mouse(type, type === "pointerdown" ? 300 : 500, 100);
    canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "0"}));
    requestAnimationFrame(() => { said.push("whole=" + (label() === whole)); document.documentElement.dataset.said = said.join(" "); });
  });
});
</script>"""


def chromium(page, *flags):
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run([*CHROMIUM, f"--user-data-dir={profile}", *flags, page.as_uri()], capture_output=True, text=True, timeout=120)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line or "Uncaught" in line]
    return done.stdout, console


def text_of(dom, name):
    found = re.search(rf'id="{name}"[^>]*>(.*?)</(?:p|h1|pre|ul|table)>', dom, re.S)
    return re.sub(r"<[^>]*>", " ", found.group(1)) if found else ""


RUN = [("verdict", "All checks hold"), ("checks", "RTL = model, values"), ("hot-table", "mmad"), ("command", "vitruvian run")]
EXPECTED = {  # sample: (element, words in it)
    "passing": [("verdict", "All checks hold"), ("checks", "RTL = SystemC, cycles"), ("states-table", "MTE1")],
    "failing": [("verdict", "A check failed"), ("checks", "3 differ of 96"), ("mismatch", "expected 0x3f800000")],
    "hostile": [("workload", "&lt;/script&gt;&lt;script&gt;"), ("command", "&lt;img src=x onerror=fail()&gt;")],
    "nothing_recorded": [("verdict", "Nothing checked"), ("hot-note", "No instruction was recorded")],
    "racing": [("verdict", "A check failed"), ("checks", "12 found"), ("mismatch", "instruction 3 writes, 7 reads &lt;b&gt;")],
    "stopped": [("verdict", "A check failed"), ("checks", "the program was not run"), ("mismatch", "M waits for nobody")],
    "many_cores": [("wait-table", "aic2")],
    "cut": [("extent", "the first 2,000 of 14,022 instructions")],
    "large": [("verdict", "All checks hold")],
}


def faults_of(name, page, expected):
    dom, console = chromium(page, "--dump-dom")
    faults = [f"{name}: console: {line}" for line in console]
    if 'data-drawn="yes"' not in dom:
        faults.append(f"{name}: the page was not drawn to its end")
    return faults + [f"{name}: {element} does not say {words!r}: {text_of(dom, element)[:200]!r}"
                     for element, words in expected if words not in text_of(dom, element)]


def exercise(page):
    worked = page.with_name("worked.html")
    worked.write_text(page.read_text().replace("</body>", EXERCISE + "</body>"))
    dom, console = chromium(worked, "--dump-dom", "--window-size=1300,1000")
    said = re.search(r'data-said="([^"]*)"', dom)
    said = said.group(1) if said else "nothing"
    good = "hovered=true zoomed=true found=true jumped=true whole=true"
    return [f"worked with: console: {line}" for line in console] + ([] if said == good else [f"worked with: {said}"])


def broken_is_seen(page):
    """The test can fail: a page that throws, and one that fetches, are reported."""
    faults = []
    for fault, inserted in (("an exception", "<script>missing()</script>"), ("a fetch", '<img src="https://example.invalid/x.png">')):
        broken = page.with_name("broken.html")
        broken.write_text(page.read_text().replace("</body>", inserted + "</body>"))
        if not chromium(broken, "--dump-dom")[1]:
            faults.append(f"{fault} in the page was not seen")
    return faults


def pictures(folder, page):
    dark = "--blink-settings=preferredColorScheme=0"
    for name, flags in (("light", ["--window-size=1300,2700"]), ("dark", ["--window-size=1300,2700", dark]), ("narrow", ["--window-size=420,4200"])):
        chromium(page, *flags, f"--screenshot={folder}/{name}.png")
    chromium(page, "--no-pdf-header-footer", dark, f"--print-to-pdf={folder}/print.pdf")


def main():
    if sys.argv[1] == "--run":
        faults = faults_of("run", pathlib.Path(sys.argv[2]).resolve() / "report.html", RUN)
        print("\n".join(faults) or "the page of the run opened without a console message")
        sys.exit(1 if faults else 0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[3]).resolve() if sys.argv[2:3] == ["--keep"] else pathlib.Path(temporary)
        subprocess.run([sys.argv[1], folder], check=True)
        faults = [fault for name in EXPECTED for fault in faults_of(name, folder / name / "report.html", EXPECTED[name])]
        passing = folder / "passing" / "report.html"
        faults += exercise(passing) + broken_is_seen(passing)
        if sys.argv[2:3] == ["--keep"]:
            pictures(folder, passing)
    print("\n".join(faults) or f"{len(EXPECTED)} pages opened without a console message")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
