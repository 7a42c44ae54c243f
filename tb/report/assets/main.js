// SPDX-License-Identifier: Apache-2.0
"use strict";

(() => {
  const data = Report.decode(Report.id("data").textContent);
  Report.fillHeader(data);
  Report.fillChecks(data);
  Report.fillStates(data);
  Report.fillChip(data);
  Report.fillHost(data);

  const details = Report.id("details");
  const timeline = new Report.Timeline(Report.id("timeline"), data, found => {
    details.hidden = !found;
    if (found) details.replaceChildren(...Report.describe(data, found));
  });
  Report.timeline = timeline;
  Report.fillHot(data, timeline);
  Report.fillWaits(data, timeline);
  Report.drawCharts(data);
  Report.onColors(() => { timeline.resize(); Report.drawCharts(data); });

  const present = new Set(data.cores.flatMap(core => core.pipes.flatMap(pipe => [...new Set(pipe.segments.state)])));
  Report.id("timeline-legend").replaceChildren(...data.states.flatMap((state, n) => present.has(n) ? [Report.el("span", {}, Report.swatch(`s-${state}`), state.replace("_", " "))] : []));
  const {instructions, cycles} = data.result;
  Report.id("extent").textContent = data.recorded < instructions
    ? `Recorded: the first ${Report.count(data.recorded)} of ${Report.count(instructions)} instructions, cycles 0 to ${Report.count(data.end)} of ${Report.count(cycles)}. Timeline, hot instructions and utilisation over time cover these; all other figures cover the whole run.` : "";
  Report.id("use-note").textContent = `Per window of ${Report.count(data.window)} cycles. Cube utilisation: useful multiply-adds of the peak of their type; busy: cycles in the state busy.`;

  const goto = Report.id("goto");
  goto.addEventListener("change", () => {
    const found = timeline.find(Number(goto.value));
    goto.setCustomValidity(found ? "" : "not a recorded instruction");
    goto.reportValidity();
    if (found) timeline.select(found, true);
  });
  // report.html#cycles=1000:2000 and report.html#instruction=14 open the timeline there.
  const follow = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const [from, to] = (wanted.get("cycles") ?? "").split(":").map(Number);
    if (to > from) timeline.show(from, to);
    const found = wanted.has("instruction") && timeline.find(Number(wanted.get("instruction")));
    if (found) timeline.select(found, true);
  };
  addEventListener("hashchange", follow);
  follow();

  Report.id("copy").addEventListener("click", async event => {
    const range = document.createRange();
    range.selectNodeContents(Report.id("command"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const copied = document.execCommand("copy");
    event.target.textContent = copied ? "Copied" : "Press Ctrl + C";
  });
  document.documentElement.dataset.drawn = "yes";  // for the test that opens the page
})();
