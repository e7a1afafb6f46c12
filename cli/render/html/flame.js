// The flame graph: boxes on a canvas, the outermost function on top. Click or Enter zooms, arrows move, Escape goes back.

const flameRow = 19;

class Flame {
  constructor(canvas, frame, status, onZoom) {
    Object.assign(this, {canvas, frame, status, onZoom, root: null, zoom: null, selected: null, query: null, boxes: []});
    canvas.addEventListener("mousemove", event => this.point(event));
    canvas.addEventListener("mouseleave", () => { tip.hide(); this.hover(null); });
    canvas.addEventListener("click", event => { const node = this.at(event); if (node) this.zoomTo(node); });
    canvas.addEventListener("keydown", event => this.key(event));
    canvas.addEventListener("blur", () => { this.selected = null; this.draw(); });
    new ResizeObserver(() => this.draw()).observe(frame);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(root, metric, comparing) {
    Object.assign(this, {root, metric, comparing, zoom: root, selected: null, hovered: null});
    this.search(this.text || "");
    this.onZoom(false);
  }

  zoomTo(node) {
    this.zoom = node;
    this.selected = null;
    this.onZoom(node !== this.root);
    this.draw();
    this.say(node);
  }

  // Marks what matches and says how much it is: a match inside of another counts once.
  search(text) {
    this.text = text;
    try { this.query = text ? new RegExp(text, "i") : null; } catch { this.query = new RegExp(text.replace(/\W/g, "\\$&"), "i"); }
    let sum = 0, found = 0;
    const visit = (node, inside) => {
      node.matches = Boolean(this.query && node.frame && this.query.test(node.name));
      if (node.matches) {
        found++;
        if (!inside) sum += node.value;
      }
      for (const kid of node.kids) visit(kid, inside || node.matches);
    };
    visit(this.root, false);
    this.status.textContent = this.query ? (found ? `${plural(found, "box").replace("boxs", "boxes")} match, with ` +
      `${this.metric.text(sum)}, ${percent(sum, this.root.value)} of all` : "Nothing matches.") : "";
    this.draw();
  }

  fill(node) {
    if (this.query) return node.matches ? "match" : "same";
    if (this.comparing) return node.value === node.old ? "same" : node.value > node.old ? "grew" : "shrank";
    if (node.lost && node.lost * 2 >= node.value) return "lost-fill";
    return node.possible && (node.lost + node.possible) * 2 >= node.value ? "possible-fill" : "kept-fill";
  }

  draw() {
    if (!this.root) return;
    const width = Math.max(200, this.frame.clientWidth - 16), ratio = devicePixelRatio || 1;
    const height = (this.zoom.depth + this.zoom.height) * flameRow;
    Object.assign(this.canvas, {width: Math.round(width * ratio), height: Math.round(height * ratio)});
    this.canvas.style.height = `${height}px`;
    const context = this.context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = "11px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
    context.textBaseline = "middle";
    this.char = this.char || context.measureText("mmmmmmmmmm").width / 10;
    this.colors = Object.fromEntries(["text", "bg", "accent", "lost-fill", "possible-fill", "kept-fill", "match", "same", "grew", "shrank"]
      .map(name => [name, color(name)]));
    this.boxes = [];
    for (let node = this.zoom.parent; node; node = node.parent) this.box(node, 0, width, true);
    this.place(this.zoom, 0, width);
  }

  place(node, x, width) {
    this.box(node, x, width, false);
    const scale = node.width ? width / node.width : 0;
    for (const kid of node.kids) {
      const part = kid.width * scale;
      if (part < 0.4) break; // the rest is narrower still
      this.place(kid, x, part);
      x += part;
    }
  }

  box(node, x, width, above) {
    const context = this.context, y = node.depth * flameRow;
    (this.boxes[node.depth] = this.boxes[node.depth] || []).push({node, x, width});
    context.globalAlpha = above ? 0.45 : node.system ? 0.65 : 1;
    context.fillStyle = this.colors[this.fill(node)];
    context.fillRect(x, y, Math.max(width - 0.8, 0.4), flameRow - 1);
    context.globalAlpha = 1;
    if (node === this.selected || node === this.hovered) {
      context.strokeStyle = node === this.selected ? this.colors.accent : this.colors.text;
      context.lineWidth = node === this.selected ? 2 : 1;
      context.strokeRect(x + 1, y + 1, Math.max(width - 2.8, 1), flameRow - 3);
    }
    const room = Math.floor((width - 8) / this.char);
    if (room < 3) return;
    context.fillStyle = this.colors.text;
    context.fillText(node.name.length > room ? `${node.name.slice(0, room - 1)}…` : node.name, x + 4, y + flameRow / 2);
  }

  at(event) {
    const bounds = this.canvas.getBoundingClientRect(), x = event.clientX - bounds.left;
    const row = this.boxes[Math.floor((event.clientY - bounds.top) / flameRow)] || [];
    const box = row.find(one => x >= one.x && x < one.x + Math.max(one.width, 1));
    return box && box.node;
  }

  lines(node) {
    const lines = [`${this.metric.text(node.value)}, ${percent(node.value, this.root.value)} of all`];
    if (this.comparing) {
      const change = node.value - node.old;
      lines.push(`${this.metric.text(node.old)} before: ${change < 0 ? "−" : "+"}${this.metric.text(Math.abs(change))}`);
    } else if (node.lost || node.possible) {
      lines.push(`${this.metric.text(node.lost)} lost, ${this.metric.text(node.possible)} possibly lost`);
    }
    if (node.frame) lines.push([framePlace(node.frame), node.frame.module].filter(Boolean).join(" in "));
    return lines;
  }

  hover(node) {
    if (this.hovered === node) return;
    this.hovered = node;
    this.draw();
  }

  point(event) {
    const node = this.at(event);
    this.hover(node || null);
    if (!node) return tip.hide();
    tip.show(event.clientX, event.clientY, h("b", {}, node.name), ...this.lines(node).map(line => h("div", {}, line)));
  }

  say(node) { this.status.textContent = [node.name, ...this.lines(node)].join(" · "); }

  key(event) {
    const node = this.selected || this.zoom, siblings = node.parent ? node.parent.kids : [node], i = siblings.indexOf(node);
    const moves = {ArrowDown: node.kids[0], ArrowUp: node.parent, ArrowRight: siblings[i + 1], ArrowLeft: siblings[i - 1]};
    if (event.key === "Enter" || event.key === " ") this.zoomTo(node);
    else if (event.key === "Escape") this.zoomTo(this.root);
    else if (!(event.key in moves)) return;
    else if (moves[event.key]) this.select(moves[event.key]);
    event.preventDefault();
  }

  select(node) {
    let inside = false;
    for (let at = node; at; at = at.parent) inside = inside || at === this.zoom;
    if (!inside) this.zoom = node.parent || node;
    this.selected = node;
    this.onZoom(this.zoom !== this.root);
    this.draw();
    this.say(node);
    const frame = this.frame, y = node.depth * flameRow;
    if (y < frame.scrollTop || y + 2 * flameRow > frame.scrollTop + frame.clientHeight) frame.scrollTop = y - frame.clientHeight / 2;
  }
}

function flameSection(process) {
  const metrics = metricsOf(process);
  if (!process.leaks.length && metrics.length < 3) return null;
  const canvas = h("canvas", {tabindex: "0", role: "img", "aria-label": "Flame graph: arrows move, Enter zooms, Escape shows all"});
  const status = h("div.status", {role: "status", "aria-live": "polite"});
  const reset = h("button", {disabled: true, onclick: () => flame.zoomTo(flame.root)}, "Show all");
  const frame = h("div.flame", {}, canvas);
  const flame = new Flame(canvas, frame, status, zoomed => { reset.disabled = !zoomed; });
  const choose = h("select", {"aria-label": "What the widths are", onchange: () => show()},
    metrics.map(metric => h("option", {value: metric.id}, metric.name)));
  const find = h("input", {type: "search", placeholder: "Search functions (/)", "aria-label": "Search functions",
    oninput: () => flame.search(find.value)});
  const open = h("input", {type: "file", accept: ".json,application/json", "aria-label": "Compare with an earlier JSON report",
    onchange: () => compare(open.files[0])});
  const key = h("div.key"), keys = entries => entries.map(([name, text]) => {
    const box = h("i");
    box.style.background = `var(--${name})`;
    return h("span", {}, box, text);
  });
  let old = null;

  function show() {
    const metric = metrics.find(one => one.id === choose.value);
    const before = old && metricsOf(old).find(one => one.id === metric.id);
    const root = buildTree(process.exe ? basename(process.exe) : "all", metric.stacks(), old ? before ? before.stacks() : [] : null);
    key.replaceChildren(...old ? keys([["grew", "grew"], ["shrank", "shrank"], ["same", "the same"]])
      : process.verdicts.scanned && metric.id !== "peak" ? keys([["lost-fill", "mostly lost"], ["possible-fill", "possibly lost"],
        ["kept-fill", "in use"]]) : []);
    flame.show(root, metric, Boolean(old));
  }

  async function compare(file) {
    old = null;
    try {
      const report = file && JSON.parse(await file.text());
      if (report) old = report.processes.find(one => one.exe && process.exe && basename(one.exe) === basename(process.exe)) ||
        report.processes[0];
      metricsOf(old);
    } catch {
      old = null;
    }
    show();
    if (file && !old) status.textContent = `${file.name} is not a JSON report of memwatch.`;
  }

  requestAnimationFrame(show);
  return section("flame", "Where it was allocated", null,
    h("div.tools", {}, choose, find, reset, h("label.file", {}, h("span", {}, "Compare with …"), open), h("span.grow"), key),
    frame, status);
}
