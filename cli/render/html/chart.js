// Live and resident bytes over time, with the limit, its thresholds, the forecast, and what happened when. Drawn by uPlot
// where it was there when memwatch was built, else by plainChart().

function chartModel(process) {
  const history = process.history, last = history[history.length - 1], forecast = process.forecast;
  const most = history.reduce((m, p) => Math.max(m, p.high_bytes, p.live_bytes, p.rss_bytes || 0), 0);
  const model = {
    t: history.map(p => p.seconds), live: history.map(p => p.live_bytes), rss: history.map(p => p.rss_bytes),
    limit: null, thresholds: [], forecast: null, tMost: Math.max(last.seconds, 1e-6), yMost: most || 1, events: [],
  };
  const ahead = forecast.trend === "growing" && forecast.seconds_to_limit !== null
    ? Math.min(forecast.seconds_to_limit, last.seconds * 0.4) : forecast.trend === "growing" ? last.seconds * 0.25 : 0;
  if (ahead > 0) {
    const end = last.live_bytes + ahead * forecast.bytes_per_second;
    model.forecast = [[last.seconds, last.live_bytes], [last.seconds + ahead, end]];
    model.tMost = last.seconds + ahead;
    model.yMost = Math.max(model.yMost, end);
  }
  // a limit far above would press all else to the ground: it is then told below
  if (forecast.limit_bytes && forecast.limit_bytes <= 4 * model.yMost) {
    model.limit = forecast.limit_bytes;
    model.thresholds = [...new Set(process.warnings.map(w => w.level_percent))].map(level => model.limit * level / 100);
    model.yMost = Math.max(model.yMost, model.limit);
  }
  model.yMost *= 1.06;
  const add = (t, kind, text) => model.events.push({t, kind, text});
  for (const w of process.warnings) add(w.seconds, "warning", `${w.level_percent} % of the limit`);
  for (const s of process.scans || []) add(s.seconds, "scan", `leak scan: ${size(s.definite.bytes)} lost, paused ${duration(s.pause_seconds)}`);
  for (const m of process.marks || []) add(m.seconds, "mark", `mark: ${m.name}`);
  for (const g of process.growth) if (g.verdict === "growing" && g.frames.length)
    add(g.since_seconds, "growth", `growth begins: ${frameName(siteFrame(g.frames))}`);
  const kinds = ["scan", "mark", "growth", "warning"]; // later ones are drawn over earlier ones
  model.events.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.t - b.t);
  return model;
}

const eventColors = {warning: "possible", scan: "muted", mark: "accent", growth: "lost"};

function sizeTicks(most) {
  let step = 1;
  while (most / step > 5) step *= 2;
  return Array.from({length: Math.floor(most / step) + 1}, (_, i) => i * step);
}

function timeTicks(most) {
  const nice = [1, 2, 5].flatMap(n => [-6, -5, -4, -3, -2, -1, 0].map(e => n * 10 ** e)).concat([10, 15, 30, 60, 120, 300, 600, 1800, 3600,
    7200, 21600, 43200, 86400, 604800]).sort((a, b) => a - b);
  const step = nice.find(n => most / n <= 8) || most / 4;
  return Array.from({length: Math.floor(most / step + 1e-9) + 1}, (_, i) => i * step);
}

const shortTime = t => t === 0 ? "0" : t < 1 ? `${+(t * 1e3).toPrecision(3)} ms` : t < 120 ? `${+t.toPrecision(4)} s`
  : t < 7200 ? `${+(t / 60).toPrecision(3)} min` : `${+(t / 3600).toPrecision(3)} h`;

// What was so at a time, for the box under the pointer.
function chartTip(model, i) {
  const near = model.events.filter(e => Math.abs(e.t - model.t[i]) < model.tMost / 100).slice(0, 5);
  return [h("b", {}, `after ${duration(model.t[i])}`), h("div", {}, `live ${size(model.live[i])}`),
    model.rss[i] ? h("div", {}, `resident ${size(model.rss[i])}`) : null, ...near.map(e => h("div", {}, e.text))].filter(Boolean);
}

function nearest(times, t) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < t) low = middle + 1; else high = middle;
  }
  return low && t - times[low - 1] < times[low] - t ? low - 1 : low;
}

function plainChart(model) {
  const W = 1140, H = 280, left = 78, right = 14, top = 10, bottom = 26;
  const x = t => left + t / model.tMost * (W - left - right), y = v => H - bottom - v / model.yMost * (H - top - bottom);
  const path = values => model.t.map((t, i) => values[i] === null ? "" : `${x(t).toFixed(1)},${y(values[i]).toFixed(1)}`)
    .filter(Boolean).map((point, i) => (i ? "L" : "M") + point).join("");
  const line = (name, x1, y1, x2, y2) => svg("line", {class: name, x1, y1, x2, y2});
  const label = (text, at, anchor, lx, ly) => { const e = svg("text", {"text-anchor": anchor, x: lx, y: ly}); e.append(text); return e; };
  const chart = svg("svg", {viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": "Live and resident bytes over time"});
  for (const tick of sizeTicks(model.yMost))
    chart.append(line("grid", left, y(tick), W - right, y(tick)), label(size(tick), 0, "end", left - 10, y(tick) + 4));
  for (const tick of timeTicks(model.tMost)) chart.append(label(shortTime(tick), 0, "middle", x(tick), H - 6));
  const live = path(model.live), last = model.t[model.t.length - 1];
  if (live) chart.append(svg("path", {class: "area", d: `${live}L${x(last)},${y(0)}L${x(model.t[0])},${y(0)}Z`}));
  for (const threshold of model.thresholds) chart.append(line("threshold", left, y(threshold), W - right, y(threshold)));
  if (model.limit) chart.append(line("limit", left, y(model.limit), W - right, y(model.limit)));
  for (const event of model.events) {
    const mark = line("event", x(event.t), top, x(event.t), H - bottom), dot = svg("circle", {class: "dot", cx: x(event.t), cy: H - bottom, r: 4});
    dot.style.fill = `var(--${eventColors[event.kind]})`;
    chart.append(mark, dot);
  }
  chart.append(svg("path", {class: "rss", d: path(model.rss)}), svg("path", {class: "live", d: live}));
  if (model.forecast) {
    const [[t0, v0], [t1, v1]] = model.forecast;
    chart.append(line("forecast", x(t0), y(v0), x(t1), y(v1)));
  }
  const cursor = line("cursor", 0, top, 0, H - bottom);
  cursor.style.display = "none";
  chart.append(cursor);
  chart.addEventListener("mousemove", event => {
    const bounds = chart.getBoundingClientRect(), t = ((event.clientX - bounds.left) / bounds.width * W - left) / (W - left - right) * model.tMost;
    const i = nearest(model.t, t);
    cursor.setAttribute("x1", x(model.t[i]));
    cursor.setAttribute("x2", x(model.t[i]));
    cursor.style.display = "";
    tip.show(event.clientX, event.clientY, ...chartTip(model, i));
  });
  chart.addEventListener("mouseleave", () => { cursor.style.display = "none"; tip.hide(); });
  return chart;
}

// Dragging zooms, a double click shows all.
function uplotChart(model, UPlot) {
  const holder = h("div.uplot-holder");
  const end = model.forecast ? model.forecast[1] : null, times = end ? [...model.t, end[0]] : model.t;
  const padded = values => end ? [...values, null] : values;
  const ahead = end ? [...model.t.map((_, i) => i === model.t.length - 1 ? model.live[i] : null), end[1]] : null;
  const axis = {stroke: () => color("muted"), grid: {stroke: () => color("line"), width: 1}, ticks: {show: false}, font: "11px system-ui"};
  const across = (u, value, name, dash) => {
    const y = u.valToPos(value, "y", true);
    u.ctx.save();
    u.ctx.strokeStyle = color(name);
    u.ctx.setLineDash(dash);
    u.ctx.beginPath();
    u.ctx.moveTo(u.bbox.left, y);
    u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
    u.ctx.stroke();
    u.ctx.restore();
  };
  const events = u => {
    const {ctx, bbox} = u;
    ctx.save();
    for (const event of model.events) {
      const x = u.valToPos(event.t, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = color(eventColors[event.kind]);
      ctx.globalAlpha = 0.45;
      ctx.setLineDash([2, 5]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.beginPath();
      ctx.arc(x, bbox.top + bbox.height, 4 * devicePixelRatio, 0, 7);
      ctx.fill();
    }
    ctx.restore();
  };
  const options = {
    width: 800, height: 290, legend: {show: false}, cursor: {y: false, points: {size: 6}},
    scales: {x: {time: false}, y: {range: [0, model.yMost]}},
    axes: [{...axis, size: 34, values: (u, ticks) => ticks.map(shortTime)},
      {...axis, size: 84, splits: (u, i, low, high) => sizeTicks(high), values: (u, ticks) => ticks.map(size)}],
    series: [{}, {stroke: () => color("muted"), width: 1.3}, {stroke: () => color("accent"), width: 1.8, fill: () => `${color("accent")}18`},
      ...(ahead ? [{stroke: () => color("accent"), width: 1.3, dash: [5, 5]}] : [])],
    hooks: {
      draw: [u => {
        for (const threshold of model.thresholds) across(u, threshold, "possible", [2, 4]);
        if (model.limit) across(u, model.limit, "lost", []);
        events(u);
      }],
      setCursor: [u => {
        const {left, top, idx} = u.cursor;
        if (left < 0 || idx === null || idx >= model.t.length) return tip.hide();
        const bounds = u.over.getBoundingClientRect();
        tip.show(bounds.left + left, bounds.top + top, ...chartTip(model, idx));
      }],
    },
  };
  const plot = new UPlot(options, [times, padded(model.rss), padded(model.live), ...(ahead ? [ahead] : [])], holder);
  new ResizeObserver(() => plot.setSize({width: Math.max(240, holder.clientWidth), height: 290})).observe(holder);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
  return holder;
}

function forecastSentence(process) {
  const forecast = process.forecast, limit = forecast.limit_bytes
    ? `Limit ${size(forecast.limit_bytes)} (${forecast.limit_source}).` : "No limit is known.";
  if (forecast.trend !== "growing") return `${forecast.trend === "steady" ? "Live bytes are steady." : "No trend."} ${limit}`;
  const when = forecast.seconds_to_limit !== null ? ` The limit is reached in about ${duration(forecast.seconds_to_limit)}.` : "";
  return `Live bytes grow by ${size(forecast.bytes_per_second)} a second (R² ${forecast.r2.toFixed(2)}).${when} ${limit}`;
}

function chartSection(process) {
  if (process.history.length < 2) return null;
  const model = chartModel(process), UPlot = typeof uPlot === "undefined" ? null : uPlot;
  const key = (name, text, kind) => { const box = h(`i${kind}`); box.style.background = `var(--${name})`; return h("span", {}, box, text); };
  const kinds = new Set(model.events.map(e => e.kind));
  return section("time", "Over time", forecastSentence(process), h("div.chart", {}, UPlot ? uplotChart(model, UPlot) : plainChart(model),
    h("div.key", {}, key("accent", "live", ".stroke"), model.rss.some(Boolean) && key("muted", "resident", ".stroke"),
      model.limit && key("lost", "limit", ".stroke"), kinds.has("scan") && key("muted", "leak scan", ""),
      kinds.has("warning") && key("possible", "warning", ""), kinds.has("mark") && key("accent", "mark", ""),
      kinds.has("growth") && key("lost", "growth begins", ""))));
}
