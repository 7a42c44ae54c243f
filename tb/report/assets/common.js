// SPDX-License-Identifier: Apache-2.0
// Small helpers of the page. Text from the run goes into the document as text nodes only.
"use strict";
const Report = {};

Report.el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) node.append(child);
  return node;
};

Report.id = name => document.getElementById(name);

Report.count = n => Math.round(n).toLocaleString("en-US");

// Three significant digits, with a suffix: 16.8 M.
Report.short = n => {
  const steps = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const step = steps.find(([size]) => Math.abs(n) >= size);
  return step ? `${(n / step[0]).toPrecision(3)} ${step[1]}` : String(+n.toPrecision(3));
};

Report.percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

Report.bytes = n => {
  const steps = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]];
  const step = steps.find(([size]) => n >= size);
  return step ? `${(n / step[0]).toPrecision(3)} ${step[1]}` : `${n} B`;
};

// A colour of the style sheet, as the page shows it now (light, dark or print).
Report.color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

Report.pairs = rows => {
  const list = Report.el("dl", {class: "pairs"});
  for (const [term, text] of rows) list.append(Report.el("dt", {}, term), Report.el("dd", {}, text));
  return list;
};

// Fills a table. Cells are text, or nodes, or {text, class}.
Report.table = (table, head, rows) => {
  const cell = (tag, value) => {
    const plain = typeof value !== "object" || value instanceof Node;
    return plain ? Report.el(tag, {}, value) : Report.el(tag, {class: value.class || ""}, ...[value.text].flat());
  };
  const body = Report.el("tbody");
  for (const row of rows) body.append(Report.el("tr", {}, ...row.map(value => cell("td", value))));
  table.replaceChildren(Report.el("thead", {}, Report.el("tr", {}, ...head.map(value => cell("th", value)))), body);
  return [...body.children];
};

// Calls `draw` whenever the colours change: system theme, print.
Report.onColors = draw => {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const printing = on => () => { document.documentElement.classList.toggle("printing", on); draw(); };
  addEventListener("beforeprint", printing(true));
  addEventListener("afterprint", printing(false));
};
