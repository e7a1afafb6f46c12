// The report, as the JSON report has it: in the page as it is, or deflated and in base64 when it is large.

async function readReport() {
  const element = $("#report");
  if (element.type === "application/json") return JSON.parse(element.textContent);
  const bytes = Uint8Array.from(atob(element.textContent.trim()), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const lostVerdicts = new Set(["definite", "indirect"]);
const verdictOrder = ["definite", "indirect", "possible", "unclassified", "reachable", "suppressed"];
const leakVerdict = leak => leak.suppressed_by ? "suppressed" : leak.verdict;
const leakBytes = leak => leak.bytes + leak.indirect_bytes;

// What a flame graph can show: name, unit, and what each stack counts.
function metricsOf(process) {
  const live = value => process.leaks.map(leak => ({frames: leak.frames, value: value(leak), verdict: leakVerdict(leak)}));
  const sites = value => process.sites.map(site => ({frames: site.frames, value: value(site), verdict: "reachable"}));
  const metrics = [{id: "live", name: "Live bytes", text: size, stacks: () => live(leak => leak.bytes)},
    {id: "blocks", name: "Live blocks", text: n => plural(n, "block"), stacks: () => live(leak => leak.blocks)}];
  if (process.verdicts.scanned)
    metrics.push({id: "lost", name: "Lost bytes", text: size,
      stacks: () => live(leak => ["definite", "indirect", "possible"].includes(leakVerdict(leak)) ? leak.bytes : 0)});
  if (process.peak.length)
    metrics.push({id: "peak", name: "Bytes at the peak", text: size, stacks: () => process.peak.map(peak =>
      ({frames: peak.frames, value: peak.live_bytes, verdict: "reachable"}))});
  if (process.sites && process.sites.length && process.sites[0].allocated_bytes !== undefined) {
    metrics.push({id: "allocated", name: "Allocated bytes", text: size, stacks: () => sites(site => site.allocated_bytes)});
    metrics.push({id: "allocations", name: "Allocations", text: n => plural(n, "call"), stacks: () => sites(site => site.allocations)});
  }
  return metrics;
}

// A tree of frames, outermost first. `old`: the same metric of an earlier report.
function buildTree(name, stacks, old) {
  const root = {name, frame: null, children: new Map(), value: 0, old: 0, lost: 0, possible: 0, depth: 0, parent: null};
  const add = (stack, isOld) => {
    const frames = withoutStart(stack.frames);
    const path = [root];
    for (let i = frames.length - 1, node = root; i >= 0; i--) {
      const key = `${frameName(frames[i])}\n${frames[i].module || ""}`;
      let child = node.children.get(key);
      if (!child) {
        child = {name: frameName(frames[i]), frame: frames[i], children: new Map(), value: 0, old: 0, lost: 0, possible: 0,
          depth: node.depth + 1, parent: node};
        node.children.set(key, child);
      }
      path.push(node = child);
    }
    for (const node of path) {
      if (isOld) {
        node.old += stack.value;
        continue;
      }
      node.value += stack.value;
      if (lostVerdicts.has(stack.verdict)) node.lost += stack.value;
      if (stack.verdict === "possible") node.possible += stack.value;
    }
  };
  for (const stack of stacks) if (stack.value > 0) add(stack, false);
  for (const stack of old || []) if (stack.value > 0) add(stack, true);
  settle(root, Boolean(old));
  return root;
}

// Widths, and children by width. In a comparison a box is as wide as the larger of both, so that what is gone is seen.
function settle(node, comparing) {
  node.kids = [...node.children.values()];
  node.system = Boolean(node.frame) && isSystem(node.frame);
  node.children = null;
  let below = 0;
  for (const kid of node.kids) {
    settle(kid, comparing);
    below += kid.width;
  }
  node.width = Math.max(comparing ? Math.max(node.value, node.old) : node.value, below);
  node.kids.sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));
  node.height = 1 + node.kids.reduce((most, kid) => Math.max(most, kid.height), 0);
}

// A suppression in Valgrind's syntax, as --gen-suppressions writes it.
function suppression(leak) {
  const heads = {malloc: "fun:malloc", calloc: "fun:calloc", memalign: "fun:memalign", realloc: "fun:realloc",
    reallocarray: "...\n   fun:reallocarray", posix_memalign: "...\n   fun:posix_memalign", aligned_alloc: "fun:*align*",
    valloc: "...\n   fun:valloc", pvalloc: "...\n   fun:pvalloc", new: "...\n   fun:_Znw*", "new[]": "...\n   fun:_Zna*"};
  const plain = text => text.replace(/[^ -~]/g, "?").replace(/^ | $/g, "?");
  const lines = [`leak-${leak.id}`, "Memcheck:Leak"];
  if (leak.verdict !== "unclassified") lines.push(`match-leak-kinds: ${leak.verdict}`);
  lines.push(heads[leak.allocator] || "obj:*");
  for (const frame of withoutStart(leak.frames)) {
    const name = frame.symbol || frame.function, file = frame.module && frame.module.includes("/") && basename(frame.module);
    if (name) lines.push(`fun:${plain(name)}`);
    else lines.push(file ? `obj:*/${plain(file)}${file.includes(".so") ? "*" : ""}` : "obj:*");
  }
  return `{\n   ${lines.join("\n   ")}\n}\n`;
}
