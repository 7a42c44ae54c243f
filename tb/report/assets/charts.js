// SPDX-License-Identifier: Apache-2.0
// The two charts, drawn by the inlined chart library.
"use strict";

Report.charts = [];

Report.drawCharts = data => {
  for (const chart of Report.charts) chart.destroy();
  Chart.defaults.color = Report.color("soft");
  Chart.defaults.borderColor = Report.color("line");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Report.charts = [Report.statesChart(data), Report.useChart(data)];
};

// [state, cycles] of a pipe of result.json, busy first.
Report.statesOf = pipe => [["busy", pipe.busy], ...Object.entries(pipe.stalls)];
Report.total = pipe => Report.statesOf(pipe).reduce((sum, [, cycles]) => sum + cycles, 0);

Report.statesChart = data => {
  const pipes = Object.entries(data.result.pipes);
  const order = ["busy", ...data.states.filter(state => state !== "busy")];
  const datasets = order.map(state => ({
    label: state.replace("_", " "), backgroundColor: Report.color(`s-${state}`), borderWidth: 0, barPercentage: 0.78, categoryPercentage: 0.95,
    data: pipes.map(([, pipe]) => 100 * Object.fromEntries(Report.statesOf(pipe))[state] / Math.max(1, Report.total(pipe))),
  })).filter(set => set.data.some(share => share > 0));
  const cycles = item => Object.fromEntries(Report.statesOf(pipes[item.dataIndex][1]))[item.dataset.label.replace(" ", "_")];
  return new Chart(Report.id("states-chart"), {
    type: "bar", data: {labels: pipes.map(([name]) => name), datasets},
    options: {
      indexAxis: "y",
      scales: {x: {stacked: true, max: 100, ticks: {callback: value => `${value} %`}, grid: {drawBorder: false}}, y: {stacked: true, grid: {display: false}, ticks: {color: Report.color("ink")}}},
      plugins: {legend: {position: "bottom", labels: {boxWidth: 12, boxHeight: 12}}, tooltip: {callbacks: {label: item => ` ${item.dataset.label}: ${item.parsed.x.toFixed(2)} %, ${Report.count(cycles(item))} cycles`}}},
    },
  });
};

// Mean over the cores that own the pipe, per window.
Report.busyShares = (data, name) => {
  const owners = data.cores.flatMap(core => core.pipes.filter(pipe => pipe.name === name));
  return Array.from({length: Math.ceil(data.end / data.window)}, (_, w) => {
    const length = Math.min(data.window, data.end - w * data.window);
    return 100 * owners.reduce((sum, pipe) => sum + (pipe.busy[w] ?? 0), 0) / owners.length / length;
  });
};

Report.useChart = data => {
  const cubes = data.cores.filter(core => core.utilisation.length);
  const line = (label, color, values, more) => ({label, data: values, borderColor: color, backgroundColor: color, borderWidth: 1.5, pointRadius: 0, stepped: false, tension: 0, ...more});
  const datasets = [];
  if (cubes.length) {
    const accent = Report.color("accent");
    const values = cubes[0].utilisation.map((_, w) => cubes.reduce((sum, core) => sum + core.utilisation[w], 0) / cubes.length / 10);
    datasets.push(line("cube utilisation", accent, values, {fill: true, backgroundColor: accent + "33", borderWidth: 2.2}));
  }
  const names = [...new Set(data.cores.flatMap(core => core.pipes.map(pipe => pipe.name)))].filter(name => name !== "S");
  for (const name of names) datasets.push(line(`${name} busy`, Report.color(`l-${name}`), Report.busyShares(data, name), {borderDash: name === "M" ? [5, 3] : []}));
  const labels = Array.from({length: Math.ceil(data.end / data.window)}, (_, w) => w * data.window);
  return new Chart(Report.id("use-chart"), {
    type: "line", data: {labels, datasets},
    options: {
      interaction: {mode: "index", intersect: false},
      scales: {x: {title: {display: true, text: "cycle"}, ticks: {maxTicksLimit: 12, maxRotation: 0, callback(value) { return Report.count(this.getLabelForValue(value)); }}, grid: {display: false}},
               y: {min: 0, max: 100, ticks: {callback: value => `${value} %`}, grid: {drawBorder: false}}},
      plugins: {legend: {position: "bottom", labels: {boxWidth: 14, boxHeight: 3}}, tooltip: {callbacks: {title: items => `cycle ${Report.count(labels[items[0].dataIndex])} on`, label: item => ` ${item.dataset.label}: ${item.parsed.y.toFixed(1)} %`}}},
    },
  });
};
