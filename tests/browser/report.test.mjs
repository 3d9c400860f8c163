// The report's page as its readers use it: by pointer, by keyboard, in the dark, on a telephone, on paper.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import axe from "axe-core";
import { ANONYMOUS, DENIAL, corpus, launch, open, report, row } from "./common.mjs";

let browser;
let path;
const rows = corpus();

before(async () => {
  browser = await launch();
  path = report("corpus", rows, "--group-column", "outlet", "--date-column", "date");
});

after(() => browser.close());

/** Runs `body` with the page open and checks that nothing went wrong and nothing but the page was asked for. */
async function on(file, options, body) {
  const opened = await open(browser, file, options);
  try {
    await body(opened.page, opened);
    assert.deepEqual(opened.seen.errors, []);
    assert.deepEqual(opened.seen.dialogs, []);
    assert.deepEqual(opened.seen.requests, [opened.address]);
  } finally {
    await opened.close();
  }
}

const texts = (page, selector) => page.locator(selector).allTextContents();

test("charts have a bar for every share, as long as the share", async () => {
  await on(path, {}, async (page) => {
    const figures = await page.evaluate(() => figures);
    assert.equal(await page.locator("#chart-labels svg [data-mark=bar] rect").count(), 4);
    const groups = figures.groups.rows;
    assert.equal(groups.length, 5);
    const bars = page.locator("#chart-groups svg [data-mark=bar] rect");
    assert.equal(await bars.count(), 4 * groups.length);
    const widths = await bars.evaluateAll((rects) => rects.map((rect) => Number(rect.getAttribute("width"))));
    const shares = groups.flatMap((group) => group.labels.map(({ share }) => share));
    // One pixel is left between bars.
    const whole = shares.map((share, index) => (share > 0.1 ? (widths[index] + 1) / share : NaN)).filter((width) => width > 0);
    assert.ok(whole.length > 8);
    for (const width of whole) assert.ok(Math.abs(width / whole[0] - 1) < 0.01, `${whole}`);
    const fills = await bars.evaluateAll((rects) => new Set(rects.map((rect) => getComputedStyle(rect).fill)).size);
    assert.equal(fills, 4);
    assert.equal(await page.locator("#chart-group-intervals [data-mark=dot] circle").count(), 4 * groups.length);
    assert.equal(await page.locator("#chart-group-intervals svg").count(), 4);
    assert.equal(await page.locator("#chart-time [data-mark=line] path").count(), 4);
    assert.equal(await page.locator("#chart-time [data-mark=area] path").count(), 4);
    assert.equal(await page.locator("#chart-named [data-mark=bar] rect").count(), figures.named.top.flatMap(({ stances }) => stances.slice(0, 2).filter(Boolean)).length);
    assert.ok((await page.locator("#chart-anonymous [data-mark=bar] rect").count()) >= 3);
  });
});

test("the figures are those of the rows", async () => {
  await on(path, {}, async (page) => {
    const figures = await page.evaluate(() => figures);
    const count = (fits) => rows.filter(fits).length;
    assert.equal(figures.sentences, rows.length);
    assert.equal(figures.documents, new Set(rows.map((row) => row.doc_id)).size);
    assert.equal(figures.all.denials.count, count((row) => row.stance === "deny"));
    assert.equal(figures.all.broad.count, count((row) => row.attribution === "anonymous"));
    assert.equal(figures.all.strict.count, count((row) => row.anonymity === "explicit"));
    assert.equal(figures.all.uncertain.count, count((row) => row.confidence < 0.5));
    const [denials] = await texts(page, ".tiles div:nth-child(3) dd.detail");
    assert.match(denials, new RegExp(`^${figures.all.denials.count} sentences`));
  });
});

test("the table sorts by its headings and filters by words and kind", async () => {
  await on(path, {}, async (page) => {
    const column = async (index) => (await texts(page, `#document-table tbody tr td:nth-child(${index})`)).map(Number);
    assert.equal(await page.locator("#document-table tbody tr").count(), 200);
    const denials = page.getByRole("columnheader", { name: "Denials" });
    await denials.getByRole("button").click();
    assert.equal(await denials.getAttribute("aria-sort"), "descending");
    const sorted = await column(5);
    assert.deepEqual(sorted, [...sorted].sort((left, right) => right - left));
    assert.ok(sorted[0] > sorted.at(-1));
    await denials.getByRole("button").click();
    assert.equal(await denials.getAttribute("aria-sort"), "ascending");
    assert.deepEqual(await column(5), [...sorted].reverse());

    const heading = page.getByRole("columnheader", { name: "Document" });
    await heading.getByRole("button").click();
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    const ids = await texts(page, "#document-table tbody th");
    assert.deepEqual(ids, [...ids].sort((left, right) => left.localeCompare(right, "en", { numeric: true })));

    await page.getByLabel("Show", { exact: true }).selectOption("with explicit anonymity");
    const explicit = await column(7);
    assert.ok(explicit.length > 0 && explicit.length < 200 && explicit.every((count) => count > 0));
    await page.getByLabel("Words in text or columns").fill("harbour radio");
    const outlets = await texts(page, "#document-table tbody tr td:nth-child(2)");
    assert.ok(outlets.length > 0 && outlets.every((outlet) => outlet === "Harbour Radio"));
    assert.match(await page.getByRole("status").textContent(), new RegExp(`^${outlets.length} of 200 documents$`));
    await page.getByLabel("Words in text or columns").fill("no such words");
    assert.equal(await page.locator("#document-table tbody tr").count(), 0);
  });
});

test("a document is opened, read and closed by the keyboard alone", async () => {
  await on(path, {}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the documents");
    await page.keyboard.press("Enter");
    const isOn = (selector) => page.evaluate((selector) => document.activeElement.matches(selector), selector);
    for (let presses = 0; !(await isOn("button.open")); presses += 1) {
      assert.ok(presses < 30, "no document is reached");
      await page.keyboard.press("Tab");
    }
    const id = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Enter");
    assert.ok(await isOn("#reader"));
    assert.equal(await page.locator("#reader-heading").textContent(), id);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.ok(await isOn(".sentence"));
    const own = rows.filter((row) => row.doc_id === id);
    assert.equal(await page.locator(".text .sentence").count(), own.length);
    for (const [index, expected] of own.entries()) {
      if (index > 0) await page.keyboard.press(index % 2 === 0 ? "ArrowRight" : "ArrowDown");
      const sentence = page.locator(":focus");
      const uncertain = expected.confidence < 0.5 ? ", uncertain" : "";
      assert.equal(await sentence.textContent(), `${expected.label}${uncertain}: ${expected.text}`);
      const details = page.locator("#sentence-details");
      assert.ok(await details.isVisible());
      assert.equal(await sentence.getAttribute("aria-describedby"), "sentence-details");
      const verdict = await details.locator(".verdict").textContent();
      assert.ok(verdict.includes(`${expected.label} ${expected.confidence.toFixed(2)}`), verdict);
      assert.equal(await details.locator(".chosen th").first().textContent(), expected.stance);
      assert.equal(await sentence.locator("use").getAttribute("href"), `#mark-${expected.label}`);
      if (expected.source !== null) {
        assert.equal(await sentence.locator(".source").textContent(), expected.source);
        assert.equal(await sentence.locator(".cue").textContent(), expected.cue);
      }
      assert.equal((await sentence.evaluate((node) => getComputedStyle(node).backgroundImage)) !== "none", uncertain !== "");
    }
    await page.keyboard.press("Home");
    assert.equal(await page.locator(":focus").getAttribute("data-index"), "0");
    await page.keyboard.press("Escape");
    assert.ok(await page.locator("#reader").isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.textContent), id, "focus goes back to where it was");
  });
});

test("the pointer shows a sentence's probabilities as well", async () => {
  await on(path, {}, async (page) => {
    await page.locator("button.open").first().click();
    const sentence = page.locator(".text .sentence").nth(1);
    await sentence.hover();
    assert.ok(await page.locator("#sentence-details").isVisible());
    assert.equal((await texts(page, "#sentence-details caption")).join(), "Stance,Attribution");
    await page.mouse.move(2, 2);
    assert.ok(await page.locator("#sentence-details").isHidden());
    await page.getByRole("button", { name: "Close" }).click();
    assert.ok(await page.locator("#reader").isHidden());
  });
});

test("the dark page is dark, and its charts with it", async () => {
  const colours = async (page) =>
    page.evaluate(() => {
      const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
      return { ground: of("body", "backgroundColor"), text: of("#chart-groups svg", "color"), bar: of(".ground-anonymous", "fill") };
    });
  const lightness = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  const found = {};
  for (const colorScheme of ["light", "dark"]) {
    await on(path, { colorScheme }, async (page) => {
      found[colorScheme] = await colours(page);
    });
  }
  assert.ok(lightness(found.light.ground) > 0.9 && lightness(found.light.text) < 0.2);
  assert.ok(lightness(found.dark.ground) < 0.15 && lightness(found.dark.text) > 0.8);
  assert.notEqual(found.light.bar, found.dark.bar);
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360]]) {
  test(`axe finds nothing to object to: ${colorScheme}, ${width} pixels wide`, async () => {
    // The policy would keep axe out as well.
    const opened = await open(browser, path, { colorScheme, bypassCSP: true, viewport: { width, height: 800 } });
    const { page } = opened;
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    await page.locator("button.open").first().click();
    await page.locator(".text .sentence").first().focus();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    await opened.close();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`).join(" | ")}`);
    assert.deepEqual(found, []);
  });
}

test("a telephone needs no scrolling sideways", async () => {
  for (const width of [320, 390]) {
    await on(path, { viewport: { width, height: 780 }, isMobile: true, hasTouch: true }, async (page) => {
      await page.locator("button.open").first().tap();
      await page.locator(".text .sentence").nth(2).tap();
      assert.ok(await page.locator("#sentence-details").isVisible());
      const box = await page.locator("#sentence-details").boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= width && Math.abs(box.y + box.height - 780) < 2, JSON.stringify(box));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      for (const chart of await page.locator(".chart").all()) {
        const { x, width: wide } = await chart.boundingBox();
        assert.ok(x >= 0 && x + wide <= width + 0.5);
      }
    });
  }
});

test("paper has everything that can be printed", async () => {
  await on(path, { colorScheme: "dark" }, async (page) => {
    await page.locator("button.open").first().click();
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator(".filters").isHidden());
    assert.ok(await page.locator(".text").isVisible());
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator("details:not([open])").count(), 0);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator("details[open]").count(), 0);
    assert.ok((await page.pdf()).length > 50_000);
  });
});

test("without scripts the figures are there all the same", async () => {
  await on(path, { javaScriptEnabled: false }, async (page) => {
    assert.ok(await page.locator("noscript .warning").isVisible());
    assert.ok((await page.locator("#overview table").first().textContent()).includes("assertion"));
  });
});

const HOSTILE = [
  "<script>window.pwned = 1; alert(1)</script>",
  "</script><script>window.pwned = 2</script>",
  "<img src=x onerror=\"window.pwned = 3\">",
  "\"'><svg onload='window.pwned = 4'>",
  "javascript:window.pwned=5",
  "<!--<script>",
  "]]>{{ 7 * 7 }}{% raw %}${7 * 7}",
  "<style>body { display: none }</style>",
  "<base href='https://example.org/'><meta http-equiv=refresh content='0;url=https://example.org/'>",
  "&lt;b&gt; &amp; &#x3c;script&#x3e;",
  "\u202edelrever\u202c \u2066isolated",
];

test("what the corpus says stays text", async () => {
  const rows = HOSTILE.flatMap((text, index) => [
    row(text, 0, text, { ...DENIAL, source: text, cue: text, outlet: text, date: text }),
    row(text, 1, `${text} again`, { ...ANONYMOUS, source: `${text} ${index}`, outlet: text, date: text }),
  ]);
  const hostile = report("hostile", rows, "--group-column", "outlet", "--date-column", "date", "--title", HOSTILE[1]);
  await on(hostile, {}, async (page) => {
    assert.equal(await page.title(), HOSTILE[1]);
    const shown = (text) => text.replaceAll("\u202e", "[U+202E]").replaceAll("\u202c", "[U+202C]").replaceAll("\u2066", "[U+2066]");
    const ids = await texts(page, "#document-table tbody th");
    assert.deepEqual(new Set(ids), new Set(HOSTILE.map(shown)));
    for (const [index, id] of ids.entries()) {
      await page.locator("button.open").nth(index).click();
      const [first] = await texts(page, ".text .sentence");
      assert.equal(first, `denial: ${id}`);
      assert.equal(await page.locator(".text .source").first().textContent(), id);
    }
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.equal(await page.locator("#reader img, #reader script, #reader style, main script, main style:not(.chart style)").count(), 0);
    const tags = await page.evaluate(() => [...document.querySelectorAll("base, iframe, object, embed, img, link")].length);
    assert.equal(tags, 0);
    const links = await page.evaluate(() => [...document.links].map((link) => link.protocol));
    assert.ok(links.every((protocol) => protocol === "file:" || protocol === "https:"), `${links}`);
  });
});

test("the policy stops a script that gets on to the page nevertheless", async () => {
  const opened = await open(browser, path);
  const { page } = opened;
  await page.evaluate(() => {
    const script = document.createElement("script");
    try {
      script.textContent = "window.pwned = 1";
      document.body.append(script);
    } catch {
      // Trusted types refuse the text itself.
    }
    const image = document.createElement("img");
    image.src = "https://example.org/beacon.png";
    document.body.append(image);
  });
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.ok(opened.seen.errors.some((error) => error.includes("Content Security Policy")), `${opened.seen.errors}`);
  await opened.close();
});

test("ten megabytes of text make a page that opens", async () => {
  const long = report("long", [
    row("one sentence", 0, "<&>".repeat(3_500_000)),
    ...Array.from({ length: 20_000 }, (_, sentence) => row("many sentences", sentence, `<b>${"word ".repeat(100)}</b>`)),
  ]);
  assert.ok(statSync(long).size < 5_000_000);
  await on(long, {}, async (page) => {
    assert.equal(await page.locator("#document-table tbody tr").count(), 2);
    await page.getByRole("button", { name: "many sentences" }).click();
    assert.match(await page.locator("#reader .note").textContent(), /sentences of it are left out/);
  });
});

test("no rows make a page as well", async () => {
  const [header] = ["doc_id,sentence,start,end,text,label,confidence,stance,p_assert,p_deny,p_no_comment,attribution,p_named,p_anonymous,p_unspecified,anonymity,source,cue,outlet,date\n"];
  const { writeFileSync } = await import("node:fs");
  const { folder, sayso } = await import("./common.mjs");
  writeFileSync(`${folder}/empty.csv`, header);
  sayso("report", "empty.csv", "-o", "empty.html", "--group-column", "outlet", "--date-column", "date");
  await on(`${folder}/empty.html`, {}, async (page) => {
    assert.ok(await page.getByText("No document is shown.").isVisible());
  });
});

test("the page is under its limit and says what it left out", async () => {
  const small = report("small", rows, "--max-page-bytes", "400000");
  const { size } = statSync(small);
  assert.ok(size < 400_000 && size > 380_000, `${size}`);
  assert.ok(readFileSync(small, "utf8").includes("left no room for more"));
});
