// Tables: sorted by a click on a head, filtered, rows that open; as many rows at first as anyone reads.

const tableRows = 100;

// columns: {name, number, key: row => value to sort by, cell: row => content}; detail: row => content, or null.
function table({columns, rows, detail, sort, empty}) {
  const body = h("tbody"), foot = h("div.foot"), heads = columns.map((column, i) => h(`th${column.number ? ".number" : ""}`, {scope: "col"},
    h("button", {type: "button", onclick: () => sortBy(i)}, column.name)));
  let order = {column: sort, down: true}, shown = rows, most = tableRows;

  function sortBy(i) {
    order = {column: i, down: order.column === i ? !order.down : Boolean(columns[i].number)};
    draw();
  }

  function toggle(row, element) {
    const next = element.nextElementSibling, open = next && next.classList.contains("detail");
    element.setAttribute("aria-expanded", String(!open));
    if (open) next.remove();
    else element.after(h("tr.detail", {}, h("td", {colspan: columns.length}, detail(row))));
  }

  function draw() {
    const key = columns[order.column].key, sign = order.down ? -1 : 1;
    const sorted = shown.map(row => [key(row), row]).sort(([x], [y]) => sign * (x < y ? -1 : x > y ? 1 : 0)).map(([, row]) => row);
    heads.forEach((head, i) => i === order.column ? head.setAttribute("aria-sort", order.down ? "descending" : "ascending")
      : head.removeAttribute("aria-sort"));
    body.replaceChildren(...sorted.slice(0, most).map(row => {
      const open = () => toggle(row, element);
      const element = h(detail ? "tr.row" : "tr", detail ? {tabindex: "0", "aria-expanded": "false", onclick: open,
        onkeydown: event => { if (event.target === element && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); open(); } }} : {},
        columns.map(column => h(`td${column.number ? ".number" : ""}${column.site ? ".site" : ""}`, {}, column.cell(row))));
      return element;
    }));
    const rest = sorted.length - most;
    foot.replaceChildren(...(rest > 0 ? [h("button", {onclick: () => { most += 10 * tableRows; draw(); }},
      `Show ${count(Math.min(rest, 10 * tableRows))} more`), ` ${count(rest)} are not shown`] : sorted.length ? [] : [empty || "Nothing here."]));
  }

  draw();
  return {element: h("div", {}, h("div.scroll", {}, h("table", {}, h("thead", {}, h("tr", {}, heads)), body)), foot),
    filter(rowsLeft) { shown = rowsLeft; most = tableRows; draw(); }};
}

const word = text => h(`span.word.${text}`, {}, text);

function siteCell(frames) {
  const frame = frames.length && siteFrame(frames);
  if (!frame) return "stack not known";
  return [h("span.mono", {}, frameName(frame)), " ", h("span.place", {title: frame.file || frame.module || ""}, framePlace(frame))];
}

function stackList(frames, truncated) {
  return h("ol.stack", {}, frames.map(frame => h("li", {}, frameName(frame), " ",
    h("span.place", {}, [frame.file && `${frame.file}${frame.line ? `:${frame.line}` : ""}`, frame.module && basename(frame.module),
      frame.inlined && "inlined"].filter(Boolean).join(" · ")))), truncated && h("li.place", {}, "… the outer frames are not known"));
}

const stackText = frames => `${frames.map(frame => `${frameName(frame)} (${framePlace(frame) || "?"})`).join("\n")}\n`;

function heldList(held) {
  return held.length > 0 && h("div.held", {}, "Held by", h("ul", {}, held.map(text => h("li.mono", {}, text))));
}

function leakDetail(leak) {
  return h("div", {}, stackList(leak.frames, leak.stack_truncated), heldList(leak.held_by),
    leak.suppressed_by && h("p.held", {}, `Suppressed by ${leak.suppressed_by}`),
    leak.thread_names.length > 0 && h("p.held", {}, `Allocated by ${leak.thread_names.join(", ")}`),
    h("div.buttons", {}, h("button", {onclick: event => copy(suppression(leak), event.target)}, "Copy suppression"),
      h("button", {onclick: event => copy(stackText(leak.frames), event.target)}, "Copy stack")));
}

function leakSection(process) {
  const leaks = process.leaks, scanned = process.verdicts.scanned;
  if (!leaks.length) return null;
  const verdicts = verdictOrder.filter(verdict => leaks.some(leak => leakVerdict(leak) === verdict));
  const list = table({
    rows: leaks, sort: 1, detail: leakDetail, empty: "Nothing matches.",
    columns: [
      {name: "Verdict", key: leak => verdictOrder.indexOf(leakVerdict(leak)), cell: leak => word(leakVerdict(leak))},
      {name: "Bytes", number: true, key: leakBytes, cell: leak => h("span", {title: leak.indirect_bytes
        ? `${count(leak.bytes)} itself, ${count(leak.indirect_bytes)} held only by it` : `${count(leak.bytes)} bytes`}, size(leakBytes(leak)))},
      {name: "Blocks", number: true, key: leak => leak.blocks + leak.indirect_blocks, cell: leak => count(leak.blocks + leak.indirect_blocks)},
      {name: "Site", site: true, key: leak => leak.frames.length ? frameName(siteFrame(leak.frames)) : "", cell: leak => siteCell(leak.frames)},
      {name: "By", key: leak => leak.allocator || "", cell: leak => leak.allocator || ""},
      {name: "First", number: true, key: leak => leak.first_seconds, cell: leak => duration(leak.first_seconds)},
      {name: "Last", number: true, key: leak => leak.last_seconds, cell: leak => duration(leak.last_seconds)},
    ],
  });
  const text = leaks.map(leak => leak.frames.map(frame => `${frameName(frame)} ${frame.file || ""} ${frame.module || ""}`).join("\n")
    .concat("\n", leak.id, "\n", leak.thread_names.join("\n")).toLowerCase());
  const index = new Map(leaks.map((leak, i) => [leak, i]));
  const left = h("span.muted", {role: "status"});
  const find = h("input", {type: "search", placeholder: "Filter: function, file, module, thread", "aria-label": "Filter leaks", oninput: apply});
  const choose = h("select", {"aria-label": "Verdict", onchange: apply}, h("option", {value: ""}, "All verdicts"),
    verdicts.map(verdict => h("option", {value: verdict}, verdict)));
  function apply() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = leaks.filter(leak => (!choose.value || leakVerdict(leak) === choose.value) &&
      words.every(one => text[index.get(leak)].includes(one)));
    left.textContent = `${plural(rows.length, "record")}, ${size(rows.reduce((sum, leak) => sum + leak.bytes, 0))}`;
    list.filter(rows);
  }
  apply();
  return section("leaks", scanned ? "Leaks and live blocks" : "Live blocks", null,
    h("div.tools", {}, find, verdicts.length > 1 && choose, left), list.element);
}

function growthSection(process) {
  if (!process.growth.length) return null;
  const order = ["growing", "unclear", "bounded"];
  const list = table({
    rows: process.growth, sort: 1,
    detail: growth => h("div", {}, growth.why && h("p.held", {}, growth.why), stackList(growth.frames), heldList(growth.held_by || [])),
    columns: [
      {name: "Verdict", key: growth => -order.indexOf(growth.verdict), cell: growth => word(growth.verdict)},
      {name: "Per second", number: true, key: growth => growth.bytes_per_second, cell: growth => growth.verdict === "growing"
        ? size(growth.bytes_per_second) : "–"},
      {name: "Live", number: true, key: growth => growth.live_bytes, cell: growth => size(growth.live_bytes)},
      {name: "Survive", number: true, key: growth => growth.survivor_ratio, cell: growth => `${(growth.survivor_ratio * 100).toFixed(0)} %`},
      {name: "Since", number: true, key: growth => growth.since_seconds, cell: growth => duration(growth.since_seconds)},
      {name: "Sure", number: true, key: growth => growth.confidence, cell: growth => `${(growth.confidence * 100).toFixed(0)} %`},
      {name: "Site", site: true, key: growth => growth.frames.length ? frameName(siteFrame(growth.frames)) : "",
        cell: growth => siteCell(growth.frames)},
    ],
  });
  return section("growth", "Growth", "what survives, by call stack", list.element);
}

function mismatchSection(process) {
  if (!process.mismatches.length) return null;
  const list = table({
    rows: process.mismatches, sort: 1,
    detail: one => h("div", {}, [["Freed at", one.free_frames], ["Allocated at", one.alloc_frames], ["First freed at", one.first_free_frames]]
      .filter(([, frames]) => frames && frames.length).map(([title, frames]) => [h("p.muted", {}, title), stackList(frames)])),
    columns: [
      {name: "Kind", key: one => one.kind, cell: one => word(one.kind)},
      {name: "Count", number: true, key: one => one.count, cell: one => count(one.count)},
      {name: "Allocated by", key: one => one.allocator || "", cell: one => one.allocator || "–"},
      {name: "Freed by", key: one => one.deallocator || "", cell: one => one.deallocator || "–"},
      {name: "Freed at", site: true, key: one => one.free_frames.length ? frameName(siteFrame(one.free_frames)) : "",
        cell: one => siteCell(one.free_frames)},
    ],
  });
  return section("mismatches", "Frees that do not fit", null, list.element);
}
