// SPDX-License-Identifier: Apache-2.0
// Header, checks and tables.
"use strict";

Report.fillHeader = ({result, clock_mhz, chip_description}) => {
  document.title = `${result.workload} - Vitruvian run`;
  Report.id("workload").textContent = result.workload;
  const facts = [result.chip, chip_description, `${clock_mhz} MHz`, result.dtype, result.numerics && `numerics ${result.numerics}`, `seed ${result.seed}`];
  Report.id("facts").textContent = facts.filter(fact => fact).join(" · ");
  const figure = (name, value, small, share) => {
    const dd = Report.el("dd", {}, value, Report.el("small", {}, small));
    if (share !== undefined) {
      const bar = Report.el("i");
      bar.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
      dd.append(Report.el("div", {class: "meter"}, bar));
    }
    return Report.el("div", {}, Report.el("dt", {}, name), dd);
  };
  const padding = result.macs ? result.macs_padded / result.macs - 1 : 0;
  Report.id("figures").replaceChildren(
    figure("Cycles", Report.count(result.cycles), "first issue to last end"),
    figure("Time", `${result.time_us.total.toPrecision(4)} µs`, `${result.time_us.cycles.toPrecision(4)} µs run + ${result.time_us.launch.toPrecision(3)} µs launch`),
    figure("Cube utilisation", typeof result.utilisation === "number" ? Report.percent(result.utilisation) : result.utilisation, "", +result.utilisation),
    figure("Multiply-adds", Report.short(result.macs), padding > 0.0005 ? `${Report.percent(padding)} more as padding` : "no padding"),
    figure("Instructions", Report.count(result.instructions), `${Report.count(result.mmads.total)} mmads`));
};

// [name, true | false | null, explanation]
Report.checksOf = ({check, rtl, workload}) => {
  const measured = value => typeof value === "number" ? value.toPrecision(3) : value;
  const ratio = check.error_over_bound;
  const checks = [
    ["Bit exact", check.bit_exact, check.bit_exact === null ? "values not compared" : "every written byte against the model run in order"],
    ["Within the error bound", ratio === null ? null : ratio <= 1,
     ratio === null ? "not compared with the operator" : `error / bound ${measured(ratio)}, largest error ${measured(check.max_abs_error)}, reference ${check.ops_reference}`]];
  if (check.expected_output !== null) checks.push(["Expected output", check.expected_output, "the output files beside the inputs"]);
  const order = [["Races", check.races], ["Uninitialised bytes", check.uninitialised]];
  for (const [name, findings] of order) if (findings) checks.push([name, findings.count === 0, findings.count ? `${Report.count(findings.count)} found` : "none"]);
  if (check.deadlock) checks.push(["Comes to its end", false, "deadlock: the program was not run"]);
  if (check.fault) checks.push(["Comes to its end", false, "the run was stopped"]);
  if (rtl.lockstep) {
    const {instructions, value_mismatches, cycle_mismatches} = rtl.lockstep;
    checks.push(["RTL = model, values", instructions ? value_mismatches === 0 : null, `${Report.count(value_mismatches)} differ of ${Report.count(instructions)} (${rtl.blocks.join(", ")})`]);
    checks.push(["RTL = SystemC, cycles", instructions ? cycle_mismatches === 0 : null, `${Report.count(cycle_mismatches)} differ of ${Report.count(instructions)}`]);
  } else if (rtl.blocks.length) {
    checks.push(["RTL in the loop", null, `${rtl.blocks.join(", ")} (${rtl.variant} build), not in lockstep`]);
  }
  return checks;
};

Report.fillChecks = ({result}) => {
  const checks = Report.checksOf(result);
  const look = passed => passed === null ? ["none", "–"] : passed ? ["good", "✓"] : ["bad", "✗"];
  Report.id("checks").replaceChildren(...checks.map(([name, passed, text]) => {
    const [kind, mark] = look(passed);
    return Report.el("li", {class: kind}, Report.el("b", {}, mark), Report.el("b", {}, name), Report.el("span", {class: "sub"}, text));
  }));
  const made = checks.some(([, passed]) => passed !== null);
  const verdict = Report.id("verdict");
  verdict.className = `verdict ${!result.passed ? "bad" : made ? "good" : "none"}`;
  verdict.textContent = !result.passed ? "✗ A check failed" : made ? "✓ All checks hold" : "Nothing checked";
  const {races, uninitialised, deadlock, fault} = result.check;
  const findings = [...(races?.first ?? []), ...(uninitialised?.first ?? [])].map(finding => finding.text);
  const report = [result.rtl.lockstep?.first_mismatch, ...findings, deadlock, fault].filter(text => text).join("\n");
  Report.id("mismatch").hidden = !report;
  Report.id("mismatch").textContent = report || "";
};

Report.fillStates = ({result, states}) => {
  const pipes = Object.entries(result.pipes);
  const shown = ["busy", ...states.filter(state => state !== "busy" && pipes.some(([, pipe]) => pipe.stalls[state]))];
  const head = ["pipe", ...shown.map(state => ({text: [Report.swatch(`s-${state}`), state.replace("_", " ")]})), "cycles"];
  const rows = pipes.map(([name, pipe]) => {
    const all = Report.total(pipe), of = {busy: pipe.busy, ...pipe.stalls};
    const cell = cycles => cycles ? {text: [Report.count(cycles), Report.el("small", {}, Report.percent(cycles / Math.max(1, all)))]} : {text: "0", class: "zero"};
    return [name, ...shown.map(state => cell(of[state])), Report.count(all)];
  });
  Report.table(Report.id("states-table"), head, rows);
};

Report.swatch = name => {
  const dot = Report.el("i", {class: "dot"});
  dot.style.background = `var(--${name})`;
  return dot;
};

Report.everySpan = function* (timeline) {
  for (const row of timeline.rows) {
    for (let index = 0; index < row.pipe.spans.count; ++index) if (!row.pipe.spans.sync[index]) yield {row, index};
  }
};

// Instructions alike but for their addresses, the longest in flight first.
Report.fillHot = (data, timeline) => {
  const groups = new Map(), names = data.codes.map((_, code) => Report.textOf(data, code, false));
  for (const found of Report.everySpan(timeline)) {
    const s = found.row.pipe.spans, text = names[s.code[found.index]], key = `${found.row.name} ${text}`;
    const group = groups.get(key) ?? {text, pipe: found.row.name, count: 0, flight: 0, waited: 0, held: 0};
    group.count += 1;
    group.flight += s.end[found.index] - s.start[found.index] + 1;
    group.waited += s.waitCycles[found.index];
    group.held += s.unitFlag[found.index] + s.bank[found.index];
    groups.set(key, group);
  }
  const rows = [...groups.values()].sort((a, b) => b.flight - a.flight).slice(0, 15).map(g => [
    {text: [Report.swatch(`l-${g.pipe}`), g.pipe]}, {text: Report.el("span", {class: "mono"}, g.text), class: "wide"}, Report.count(g.count),
    Report.count(g.flight), (g.flight / g.count).toFixed(1), Report.count(g.waited), Report.count(g.held)]);
  Report.table(Report.id("hot-table"), ["pipe", {text: "instruction", class: "left"}, "count", "cycles in flight", "mean", "waited before", "held"], rows);
  Report.id("hot-note").textContent = groups.size ? "Instructions of one pipe overlap, so cycles in flight can exceed the run's cycles. Waits count from the start of the instruction before. Held: unit flag and L0C bank." : "No instruction was recorded.";
};

Report.fillWaits = (data, timeline) => {
  const worst = [...Report.everySpan(timeline)].filter(({row, index}) => row.pipe.spans.waitCycles[index] > 0)
    .sort((a, b) => b.row.pipe.spans.waitCycles[b.index] - a.row.pipe.spans.waitCycles[a.index]).slice(0, 12);
  const rows = worst.map(({row, index}) => {
    const s = row.pipe.spans, state = data.states[s.wait[index]];
    return [{text: [Report.swatch(`l-${row.name}`), row.title]}, Report.count(s.number[index]), {text: Report.el("span", {class: "mono"}, Report.textOf(data, s.code[index])), class: "wide"},
            Report.count(s.start[index]), {text: [Report.swatch(`s-${state}`), state.replace("_", " ")]}, Report.count(s.waitCycles[index])];
  });
  const bodies = Report.table(Report.id("wait-table"), ["pipe", "number", {text: "instruction", class: "left"}, "start", "waited for", "cycles"], rows);
  bodies.forEach((node, n) => {
    const go = () => { timeline.select(worst[n], true); Report.id("timeline-section").scrollIntoView({behavior: "smooth"}); };
    node.classList.add("link");
    node.tabIndex = 0;
    node.title = "Show on the timeline";
    node.addEventListener("click", go);
    node.addEventListener("keydown", event => { if (event.key === "Enter") go(); });
  });
};

Report.fillChip = data => {
  Report.id("chip-note").textContent = [data.result.chip, data.chip_description].filter(text => text).join(": ");
  Report.table(Report.id("chip-table"), ["key", "value", "unit", {text: "meaning", class: "left"}],
               data.parameters.map(([key, value, unit, doc]) => [{text: Report.el("span", {class: "mono"}, key)}, Report.count(value), unit, {text: doc, class: "wide"}]));
};

Report.fillHost = ({result}) => {
  const {host, rtl} = result;
  const rows = [["wall time", `${(+host.wall_s).toFixed(2)} s`], ["CPU time", `${(+host.cpu_s).toFixed(2)} s`],
                ["simulated cycles a second", Report.short(+host.simulated_cycles_per_s)], ["peak memory", Report.bytes(host.peak_rss_bytes)],
                ["RTL", rtl.blocks.length ? `${rtl.blocks.join(", ")} (${rtl.variant})` : "none"],
                ["mmads held by a unit flag", Report.count(result.mmads.stalled_by_unit_flag)], ["mmads held by an L0C bank", Report.count(result.mmads.stalled_by_bank)]];
  if (result.host_ops.length) rows.push(["operators on the host", result.host_ops.join(", ")]);
  if (result.waves) rows.push(["waveform", result.waves]);
  Report.table(Report.id("host-table"), ["", ""], rows);
  Report.id("host-table").tHead.remove();
  Report.id("command").textContent = result.command;
  Report.id("footer").textContent = `Vitruvian ${result.version}. The same figures, for programs: result.json; the timeline for Perfetto: trace.json.`;
};
