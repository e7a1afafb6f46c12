// Uses the HTML report as a reader does, in headless Chromium. Arguments: the folder of node_modules, a page of a
// leaking program, its JSON report, a page with thousands of stacks, one of a program whose memory grows, a folder for
// pictures.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";

const [modules, small, json, large, growing, pictures] = process.argv.slice(2);
const {chromium} = createRequire(`${modules}/`)("playwright-core");
const report = JSON.parse(readFileSync(json, "utf8"));
const leaks = report.processes[0].leaks;

const browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: ["--no-sandbox",
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync"]});
const problems = [], requests = [];

async function open(file, colorScheme) {
  const context = await browser.newContext({colorScheme, viewport: {width: 1280, height: 1000}});
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.on("console", message => { if (["error", "warning"].includes(message.type())) problems.push(message.text()); });
  page.on("pageerror", error => problems.push(error.stack));
  page.on("request", request => {
    if (![small, large, growing].map(name => `file://${name}`).includes(request.url())) requests.push(request.url());
  });
  if (file) {
    await page.goto(`file://${file}`);
    await page.waitForSelector("#completeness");
  }
  return page;
}

const rows = page => page.locator("#leaks tbody tr.row");

async function checkSmall() {
  const page = await open(small, "light");
  assert.equal(await page.title(), "leaky");
  assert.match(await page.locator(".verdict strong").textContent(), /^54\.0 KiB lost in 910 blocks$/);
  assert.equal(await rows(page).count(), leaks.length);

  // sort: a click turns the order round
  const sites = () => rows(page).locator("td.site .mono").allTextContents();
  const byBytes = await sites();
  await page.click("#leaks th:has-text('Bytes') button");
  assert.deepEqual(await sites(), byBytes.reverse());
  await page.click("#leaks th:has-text('Bytes') button");

  // filter, and a row that opens with the keyboard
  await page.fill("#leaks input[type=search]", "copy_text");
  const expected = leaks.filter(leak => leak.frames.some(frame => frame.function === "copy_text"));
  assert.equal(await rows(page).count(), expected.length);
  await page.selectOption("#leaks select", "definite");
  assert.equal(await rows(page).count(), 1);
  await rows(page).first().focus();
  await page.keyboard.press("Enter");
  assert.match(await page.locator("tr.detail ol.stack").textContent(), /copy_text.*load_user.*answer_request.*main/s);
  await page.click("tr.detail button:has-text('Copy suppression')");
  await page.waitForSelector("tr.detail button:has-text('Copied')");
  const suppression = (await page.evaluate(() => navigator.clipboard.readText())).split("\n").map(line => line.trim());
  assert.match(suppression[1], /^leak-[0-9a-f]{16}$/);
  assert.deepEqual([suppression[0], ...suppression.slice(2)], ["{", "Memcheck:Leak", "match-leak-kinds: definite",
    "fun:malloc", "fun:copy_text", "fun:load_user", "fun:answer_request", "fun:main", "}", ""]);
  await rows(page).first().focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("tr.detail").count(), 0);
  await page.fill("#leaks input[type=search]", "no such thing");
  assert.match(await page.locator("#leaks .foot").textContent(), /Nothing matches/);
  await page.fill("#leaks input[type=search]", "");
  await page.selectOption("#leaks select", "");

  // flame graph: search by '/', zoom by click and by keyboard
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("load_user");
  assert.match(await page.locator("#flame .status").textContent(), /^1 box match, with 17\.1 KiB, 28\.0 % of all$/);
  await page.fill("#flame input[type=search]", "");
  const canvas = page.locator("#flame canvas"), showAll = page.locator("#flame button:has-text('Show all')");
  assert.equal(await showAll.isDisabled(), true);
  await canvas.click({position: {x: 20, y: 2 * 19 + 8}});
  assert.match(await page.locator("#flame .status").textContent(), /^answer_request · 57\.1 KiB/);
  await showAll.click();
  assert.equal(await showAll.isDisabled(), true);
  await canvas.focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
  assert.match(await page.locator("#flame .status").textContent(), /^__printf|^_?printf|^puts/);
  await page.keyboard.press("Enter");
  assert.equal(await showAll.isDisabled(), false);
  await page.keyboard.press("Escape");
  await page.selectOption("#flame select", "blocks");
  await canvas.hover({position: {x: 20, y: 8}});
  assert.match(await page.locator("#tip").textContent(), /leaky.*1,111 blocks, 100\.0 %/);

  await page.selectOption("#flame select", "allocations");
  await canvas.hover({position: {x: 21, y: 8}});
  const calls = report.processes[0].totals.allocations.toLocaleString("en-US");
  assert.ok((await page.locator("#tip").textContent()).includes(`${calls} calls, 100.0 %`));
  await page.selectOption("#flame select", "blocks");

  // figures in their units
  const memstat = name => page.locator(`#memstats dt:text-is("${name}") + dd`).textContent();
  assert.match(await memstat("HeapSysMax"), /^[0-9.]+ [KM]iB$/);
  assert.match(await memstat("LastGC"), /^20[0-9]{2}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2} UTC$/);
  assert.match(await memstat("PauseNs"), /^[0-9.]+ (ms|s)$/);

  // an earlier report to compare with, and a file that is none
  await page.locator("h1").hover();
  await page.screenshot({path: `${pictures}/light.png`, fullPage: true});
  await page.setInputFiles("#flame input[type=file]", json);
  await page.waitForSelector("#flame .key:has-text('grew')");
  await canvas.hover({position: {x: 40, y: 8}});
  assert.match(await page.locator("#tip").textContent(), /1,111 blocks before: \+0 blocks/);
  await page.selectOption("#flame select", "allocated"); // which a JSON report does not have
  await page.selectOption("#flame select", "blocks");
  await page.setInputFiles("#flame input[type=file]", small);
  await page.waitForSelector("#flame .status:has-text('is not a JSON report')");
  const dark = await open(small, "dark");
  assert.notEqual(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  await dark.screenshot({path: `${pictures}/dark.png`, fullPage: true});
}

// Nothing is lost, and yet all is not well.
async function checkGrowing() {
  const page = await open(growing, "light");
  assert.equal(await page.locator(".verdict.unsure strong").textContent(), "Nothing is lost, but memory grows");
  assert.match(await page.locator(".verdict").textContent(), /2 call stacks grow, by [0-9.]+ KiB a second: see Growth/);
}

// Milliseconds of CPU that the page's thread has used.
async function used(client) {
  const {metrics} = await client.send("Performance.getMetrics");
  return 1000 * metrics.find(metric => metric.name === "TaskDuration").value;
}

// The same for what `action` does, up to the picture of it.
async function busy(page, client, action) {
  const before = await used(client);
  await action();
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  return await used(client) - before;
}

async function checkLarge() {
  const page = await open(null, "light"), client = await page.context().newCDPSession(page), times = {};
  await client.send("Performance.enable", {timeDomain: "threadTicks"});
  times.open = await busy(page, client, async () => {
    await page.goto(`file://${large}`);
    await page.waitForSelector("#completeness");
  });
  assert.match(await page.locator("#leaks [role=status]").textContent(), /^5,0\d\d records/);
  assert.equal(await rows(page).count(), 100);
  times.filter = await busy(page, client, () => page.fill("#leaks input[type=search]", "step_7"));
  times.sort = await busy(page, client, () => page.click("#leaks th:has-text('Site') button"));
  times.search = await busy(page, client, () => page.fill("#flame input[type=search]", "step_9"));
  times.zoom = await busy(page, client, () => page.locator("#flame canvas").click({position: {x: 40, y: 5 * 19}}));
  for (const [what, ms] of Object.entries(times)) console.log(`${what} ${ms.toFixed(0)} ms of CPU`);
  for (const [what, ms] of Object.entries(times))
    assert.ok(ms < (what === "open" ? 4000 : 500), `${what} took ${ms} ms`);
}

try {
  await checkSmall();
  await checkGrowing();
  await checkLarge();
} finally {
  await browser.close();
}
assert.deepEqual(problems, []);
assert.deepEqual(requests, []);
