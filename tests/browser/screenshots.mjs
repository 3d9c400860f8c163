// Draws docs/images/: an invented article, and an invented corpus on a desktop, in the dark and on a telephone.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { corpus, folder, launch, open, report, root, sayso } from "./common.mjs";

const images = join(root, "docs/images");
mkdirSync(images, { recursive: true });

const browser = await launch();

async function draw(name, path, options, prepare) {
  const { page, close } = await open(browser, path, options);
  const clip = await prepare(page);
  await page.screenshot({ path: join(images, `${name}.png`), ...(clip ? { clip } : {}) });
  await close();
}

/** Opens the document with an id, and puts the focus on one of its sentences. */
async function read(page, id, sentence) {
  await page.getByRole("button", { name: id, exact: true }).click();
  await page.locator(".text .sentence").nth(sentence).focus();
  await page.locator("#reader").evaluate((reader) => reader.scrollIntoView({ block: "start" }));
}

copyFileSync(join(root, "examples/wire-story.txt"), join(folder, "wire-story.txt"));
sayso("label", "wire-story.txt", "-q", "-o", "wire-story.csv");
sayso("report", "wire-story.csv", "-q", "-o", "wire-story.html");
const story = join(folder, "wire-story.html");
const rows = report("articles", corpus(), "-q", "--group-column", "outlet", "--date-column", "date");

const around = async (page, selector) => {
  const { x, y, width, height } = await page.locator(selector).boundingBox();
  return { x: x - 8, y: y - 8, width: width + 16, height: Math.min(height + 16, 1010) };
};

await draw("report-story", story, { viewport: { width: 980, height: 1040 } }, async (page) => {
  await read(page, "wire-story.txt", 9);
  return around(page, "#reader");
});
await draw("report-desktop", rows, { viewport: { width: 1180, height: 1000 } }, async () => {});
await draw("report-dark", rows, { viewport: { width: 1180, height: 1000 }, colorScheme: "dark" }, async (page) => {
  await page.locator("#groups").evaluate((section) => section.scrollIntoView({ block: "start" }));
});
const phone = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true };
await draw("report-phone", story, phone, (page) => read(page, "wire-story.txt", 9));
await browser.close();
