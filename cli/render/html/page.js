// The page: the verdict first, then how it came to be, then details.

function section(id, title, note, ...content) {
  return h("section", {id, "aria-labelledby": `${id}-title`}, h("h2", {id: `${id}-title`}, title, note && h("small", {}, note)), ...content);
}

// What of it grows, by its own course: blocks that can still be reached may be a leak, too.
function growthLine(process) {
  const growing = process.growth.filter(one => one.verdict === "growing");
  return !growing.length ? null : `${plural(growing.length, "call stack")} ${growing.length === 1 ? "grows" : "grow"}, by ` +
    `${size(growing.reduce((sum, one) => sum + one.bytes_per_second, 0))} a second: see Growth.`;
}

function headline(process) {
  const verdicts = process.verdicts, lost = verdicts.definite.bytes + verdicts.indirect.bytes;
  const blocks = verdicts.definite.blocks + verdicts.indirect.blocks;
  if (!verdicts.scanned) return ["unsure", process.totals.live_blocks ? `${size(process.totals.live_bytes)} in ` +
    `${plural(process.totals.live_blocks, "block")} live, not judged` : "Nothing is live", verdicts.why_not];
  if (blocks) return ["bad", `${size(lost)} lost in ${plural(blocks, "block")}`, null];
  if (verdicts.possible.blocks) return ["unsure", `${size(verdicts.possible.bytes)} possibly lost in ` +
    `${plural(verdicts.possible.blocks, "block")}`, "Only pointers into their middle lead to them."];
  const grows = growthLine(process);
  return [grows ? "unsure" : "good", grows ? "Nothing is lost, but memory grows" : "No leaks", verdicts.reachable.blocks ? `${size(verdicts.reachable.bytes)} in ` +
    `${plural(verdicts.reachable.blocks, "block")} can still be reached.` : "Everything was freed."];
}

function gateLine(gate) {
  if (gate.failures.length) return h("div.gate.failed", {}, h("b", {}, "Gate failed"),
    h("ul", {}, gate.failures.map(failure => h("li", {}, `${failure.rule}: ${failure.message}`))));
  return h("p.gate.muted", {}, !gate.passed ? "Gate failed." : gate.rules === 0 ? "No gate was set." : gate.rules ? "Gate passed." : "Gate passed, or none was set.");
}

function verdictBox(process, gate) {
  const [kind, text, note] = headline(process);
  return h(`div.verdict.${kind}`, {role: "status"}, h("strong", {}, text), note && h("p.muted", {}, note),
    growthLine(process) && h("p", {}, growthLine(process)),
    !process.completeness.complete && h("p", {}, "The record is not complete: see Completeness."), gateLine(gate));
}

function tiles(process) {
  const {verdicts, totals} = process;
  const tile = (name, value, more, kind) => h(`div.tile${kind ? `.${kind}` : ""}`, {}, h("div.name", {}, name), h("div.value", {}, value),
    h("div.more", {}, more));
  const amount = (name, one, kind) => tile(name, size(one.bytes), plural(one.blocks, "block"), one.blocks ? kind : "");
  const list = verdicts.scanned ? [amount("Definitely lost", verdicts.definite, "lost"), amount("Indirectly lost", verdicts.indirect, "lost"),
    amount("Possibly lost", verdicts.possible, "possible"), amount("Still reachable", verdicts.reachable)]
    : [amount("Live", {bytes: totals.live_bytes, blocks: totals.live_blocks})];
  if (verdicts.suppressed.blocks) list.push(amount("Suppressed", verdicts.suppressed));
  list.push(tile("Peak", size(totals.peak_live_bytes), `after ${duration(totals.peak_seconds)}`),
    tile("Allocations", count(totals.allocations), `${size(totals.allocated_bytes)}, ${count(totals.temporary_allocations)} temporary`));
  return h("div.tiles", {}, list);
}

function exitText(exit) {
  if (exit.kind === "exit") return exit.code === null ? "ended" : `exited with status ${exit.code}`;
  if (exit.kind === "signal") return `killed by ${exit.signal || "a signal"}`;
  return exit.kind === "exec" ? "replaced by another program" : "still running";
}

function bars(rows, text) {
  const most = Math.max(1, ...rows.map(row => row.value));
  return h("div.bars", {}, rows.map(row => {
    const bar = h("div.bar");
    bar.style.width = `${row.value / most * 100}%`;
    return [h("span.name", {}, row.name), h("span", {}, bar), h("span.n", {}, text(row))];
  }));
}

function fields(pairs) {
  return h("dl.fields", {}, pairs.map(([name, value, title]) => h("div", {title}, h("dt", {}, name), h("dd", {}, value))));
}

const memstatBytes = /Alloc$|Sys$|SysMax$|Idle$|Inuse$|Released$|Trimmable$|RSS|VSZ|Self|Limit|NextGC|Bytes/;

function memstat(name, n) {
  if (typeof n !== "number") return String(n);
  if (name === "LastGC") return dateTime(new Date(n / 1e6).toISOString());
  if (/Ns$/.test(name)) return nanoseconds(n);
  if (/Seconds$/.test(name)) return duration(n);
  return memstatBytes.test(name) ? size(n) : Number.isInteger(n) ? count(n) : n.toFixed(3);
}

function memstatsSection(process) {
  const known = Object.entries(process.memstats).filter(([name, field]) => name !== "BySize" && field.value !== null);
  if (!known.length) return null;
  return section("memstats", "MemStats", "by Go's names; ~ is estimated", fields(known.map(([name, field]) =>
    [name, `${field.estimated ? "~ " : ""}${memstat(name, field.value)}`, field.source])));
}

function sizesSection(process) {
  const classes = process.memstats.BySize && process.memstats.BySize.value.filter(one => one.Mallocs);
  if (!classes || !classes.length) return null;
  return section("sizes", "Sizes", "allocations by size asked for", bars(classes.map(one => ({name: `≤ ${size(one.Size)}`, value: one.Mallocs,
    live: one.LiveBytes})), row => `${count(row.value)}${row.live ? `, ${size(row.live)} live` : ""}`));
}

function threadsSection(process) {
  const threads = new Map();
  for (const leak of process.leaks) for (const name of leak.thread_names.length ? leak.thread_names : ["not known"]) {
    const thread = threads.get(name) || {name, value: 0, records: 0};
    thread.value += leak.bytes / Math.max(1, leak.thread_names.length);
    thread.records++;
    threads.set(name, thread);
  }
  if (!threads.size) return null;
  const rows = [...threads.values()].sort((a, b) => b.value - a.value);
  return section("threads", "Threads", "live bytes; what several allocated is shared out", bars(rows.slice(0, 20),
    row => `${size(Math.round(row.value))} in ${plural(row.records, "stack")}`));
}

function poolsSection(process) {
  if (!process.pools || !process.pools.length) return null;
  return section("pools", "Pools", "the program's own, in none of the totals", table({rows: process.pools, sort: 1, columns: [
    {name: "Pool", key: pool => pool.name, cell: pool => pool.name},
    {name: "Live", number: true, key: pool => pool.live_bytes, cell: pool => size(pool.live_bytes)},
    {name: "Blocks", number: true, key: pool => pool.live_blocks, cell: pool => count(pool.live_blocks)},
    {name: "Peak", number: true, key: pool => pool.peak_live_bytes, cell: pool => size(pool.peak_live_bytes)},
    {name: "Allocations", number: true, key: pool => pool.allocations, cell: pool => count(pool.allocations)}]}).element);
}

function completenessSection(process) {
  const {completeness, overhead, totals, verdicts} = process;
  return section("completeness", "Completeness", completeness.complete ? "every call was seen" : "not complete", fields([
    ["Records", count(completeness.records)], ["Lost records", count(completeness.lost_records)],
    ["Unknown frees", count(completeness.unknown_frees)], ["Truncated stacks", count(completeness.truncated_stacks)],
    ["Failed allocations", count(totals.failed_allocations)], ["Leak scans", count(verdicts.scans)],
    ["Paused by scans", duration(verdicts.pause_ns_total / 1e9)], ["memwatch in the program", size(overhead.shim_bytes)],
    ["memwatch beside it", size(overhead.reporter_bytes)], ["CPU of the reporter", duration(overhead.reporter_cpu_seconds)]]),
    completeness.reasons.length > 0 && h("ul.reasons", {}, completeness.reasons.map(reason => h("li", {}, reason))));
}

function show(report, index) {
  const process = report.processes[index], content = $("#content");
  content.replaceChildren(...[verdictBox(process, report.gate), tiles(process), chartSection(process), flameSection(process),
    leakSection(process), growthSection(process), mismatchSection(process), memstatsSection(process),
    h("div.two", {}, sizesSection(process), threadsSection(process)), poolsSection(process), completenessSection(process)].filter(Boolean));
  $("#about").textContent = `${process.argv.join(" ")}`;
  $("#how").textContent = `pid ${process.pid}, ${exitText(process.exit)} after ${duration(process.duration_seconds)}, started ` +
    dateTime(process.start_time);
  $("h1").textContent = document.title = process.exe ? basename(process.exe) : "memwatch report";
}

function page(report) {
  const name = process => `${process.exe ? basename(process.exe) : "?"} (pid ${process.pid}) · ${size(process.totals.live_bytes)} live`;
  const first = Math.max(0, report.processes.findIndex(process => !process.shell));
  const choose = h("select", {"aria-label": "Process", onchange: () => show(report, Number(choose.value))},
    report.processes.map((process, i) => h("option", {value: i, selected: i === first}, name(process))));
  $("#page").replaceChildren(h("header", {}, h("h1"), h("p.line.mono", {id: "about"}), h("p.line", {id: "how"}),
    report.processes.length > 1 && choose), h("main", {id: "content"}), h("footer", {}, `memwatch ${report.memwatch_version || ""}`));
  if (report.processes.length) show(report, first);
  else $("#content").append(h("p.notice", {}, "No process was watched."));
}

document.addEventListener("keydown", event => {
  const target = event.target;
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
    const field = $("#flame input[type=search]") || $("#leaks input[type=search]");
    if (field) { field.focus(); event.preventDefault(); }
  }
});

readReport().then(page).catch(error => { $("#page").replaceChildren(h("p.notice", {}, `The report cannot be shown: ${error.message}`)); });
