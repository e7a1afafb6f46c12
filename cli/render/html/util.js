// Elements, numbers and names. Text from the report comes into the page as text only, never as markup.

const $ = (selector, root = document) => root.querySelector(selector);

// h("td.number", {title: "x"}, "text", element, …)
function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const count = n => Math.round(n).toLocaleString("en-US");
const plural = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

function size(bytes) {
  const sign = bytes < 0 ? "−" : "";
  let value = Math.abs(bytes), unit = 0;
  if (value < 1024) return sign + (Number.isInteger(value) ? plural(value, "byte") : `${value.toFixed(1)} bytes`);
  for (value /= 1024; value >= 1023.95 && unit < 5; unit++) value /= 1024;
  return `${sign}${value.toFixed(1)} ${["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][unit]}`;
}

function duration(seconds) {
  const pad = n => String(n).padStart(2, "0"), whole = Math.round(seconds);
  if (!(seconds >= 0.00005)) return "0 s";
  if (seconds < 0.09995) return `${(seconds * 1e3).toFixed(1)} ms`;
  if (seconds < 59.995) return `${seconds.toFixed(2)} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${pad(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${pad(Math.floor(whole / 3600) % 24)} h`;
}

const nanoseconds = n => n >= 99950 ? duration(n / 1e9) : n >= 999.5 ? `${(n / 1e3).toFixed(1)} µs` : `${n.toFixed(0)} ns`;

// Of 2026-01-31T12:00:00.5Z
const dateTime = text => text.replace("T", " ").replace(/\.\d+Z$/, " UTC");

function percent(part, whole) {
  const value = whole ? part * 100 / whole : 0;
  return part && value < 0.1 ? "< 0.1 %" : `${value.toFixed(1)} %`;
}

const basename = path => path.slice(path.lastIndexOf("/") + 1);
const frameName = frame => frame.function || (frame.module ? `${basename(frame.module)}+0x${frame.offset.toString(16)}`
  : `0x${frame.offset.toString(16)}`);
const framePlace = frame => frame.file ? basename(frame.file) + (frame.line ? `:${frame.line}` : "")
  : frame.module ? basename(frame.module) : "";

// Where the system's files are: not where a reader looks first.
const isSystem = frame => /^\/(usr\/)?(lib|lib64|libexec)\//.test(frame.module || "/lib/") ||
  /^\/usr\/(include|lib)\//.test(frame.file || "");
const siteFrame = frames => frames.find(frame => !isSystem(frame)) || frames[0];

const starts = new Set(["_start", "__libc_start_main", "__libc_start_call_main", "start_thread", "clone", "clone3", "__clone",
  "__clone3", "thread_start"]);

// Without the outermost frames that only start main() or a thread.
function withoutStart(frames) {
  let n = frames.length;
  while (n > 1 && frames[n - 1].function && starts.has(frames[n - 1].function.replace(/@.*/, ""))) n--;
  return frames.slice(0, n);
}

async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", {"aria-hidden": "true"});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1500);
}

const tip = {
  element: null,
  show(x, y, ...content) {
    if (!this.element) document.body.append(this.element = h("div", {id: "tip", role: "tooltip", hidden: true}));
    const box = this.element;
    box.replaceChildren(...content);
    box.hidden = false;
    const left = Math.max(8, Math.min(x + 14, innerWidth - box.offsetWidth - 8));
    const below = y + 18 + box.offsetHeight < innerHeight;
    box.style.left = `${left}px`;
    box.style.top = `${below ? y + 18 : Math.max(8, y - box.offsetHeight - 10)}px`;
  },
  hide() { if (this.element) this.element.hidden = true; },
};

const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
