// What the browser tests share: the program, tables to report on, and pages opened in Chromium.

import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const folder = mkdtempSync(join(tmpdir(), "sayso-browser-"));

const program = process.env.SAYSO ?? join(root, "target/release/sayso");

export function sayso(...args) {
  return execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A page of `sayso report` on a table; returns its path. */
export function report(name, rows, ...args) {
  const table = `${name}.jsonl`;
  writeFileSync(join(folder, table), rows.map((row) => JSON.stringify(row) + "\n").join(""));
  sayso("report", table, "-o", `${name}.html`, ...args);
  return join(folder, `${name}.html`);
}

const PROBABILITIES = { p_assert: 0.97, p_deny: 0.02, p_no_comment: 0, p_named: 0.01, p_anonymous: 0.01, p_unspecified: 0 };

/** A row of `sayso label`, an assertion unless `changes` say otherwise. */
export function row(document, sentence, text, changes = {}) {
  const plain = { label: "assertion", confidence: 0.97, stance: "assert", attribution: "none", anonymity: null, source: null, cue: null };
  const place = { doc_id: document, sentence, start: 100 * sentence, end: 100 * sentence + 99, text };
  return { ...place, ...plain, ...PROBABILITIES, ...changes };
}

export const DENIAL = { label: "denial", stance: "deny", attribution: "named", p_assert: 0.05, p_deny: 0.9, p_named: 0.95 };
export const ANONYMOUS = { label: "anonymous", attribution: "anonymous", anonymity: "role", p_anonymous: 0.9 };
export const NONE = { label: "none", stance: "none", confidence: 0.9, p_assert: 0.1 };

/** Numbers in 0..1, the same in every run. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const OUTLETS = ["Ostby Courier", "Kestavo Evening Post", "Meridian", "The Velm Dispatch and Lessing Sound Advertiser", "Harbour Radio"];

/** An invented corpus of five outlets over a year. */
export function corpus(documents = 240) {
  const next = random(7);
  const rows = [];
  for (let document = 0; document < documents; document += 1) {
    const outlet = OUTLETS[Math.floor(next() ** 2 * OUTLETS.length)];
    const day = new Date(Date.UTC(2025, 0, 1 + Math.floor(next() * 360))).toISOString().slice(0, 10);
    const isDispute = next() < 0.25 + 0.1 * OUTLETS.indexOf(outlet);
    const kept = { outlet, date: day };
    const sentences = 6 + Math.floor(next() * 14);
    for (let sentence = 0; sentence < sentences; sentence += 1) {
      const chance = next();
      const at = `paragraph ${sentence + 1} of report ${document + 1}`;
      if (chance < (isDispute ? 0.22 : 0.02)) {
        const source = ["The ministry", "Mayor Ilse Brønlund", "a lawyer for the ferry company"][Math.floor(next() * 3)];
        rows.push(row(`report-${document + 1}`, sentence, `${source} denied what stands in ${at}.`, { ...DENIAL, source, cue: "denied", confidence: 0.4 + 0.6 * next(), ...kept }));
      } else if (chance < (isDispute ? 0.4 : 0.1)) {
        const source = ["two senior officials", "people familiar with the matter", "residents"][Math.floor(next() * 3)];
        const anonymity = source.startsWith("people") ? "explicit" : "role";
        rows.push(row(`report-${document + 1}`, sentence, `So much is known of ${at}, ${source} said.`, { ...ANONYMOUS, anonymity, source, cue: "said", ...kept }));
      } else if (chance < 0.62) {
        const source = chance < 0.5 ? "the port authority" : "she";
        rows.push(row(`report-${document + 1}`, sentence, `A boat is named in ${at}, ${source} said.`, { attribution: "named", p_named: 0.9, source, cue: "said", ...kept }));
      } else if (chance < 0.72) {
        rows.push(row(`report-${document + 1}`, sentence, "Who pays for the hours on the ferry?", { ...NONE, ...kept }));
      } else {
        rows.push(row(`report-${document + 1}`, sentence, `The sound was calm in ${at}.`, kept));
      }
    }
  }
  return rows;
}

/** A Chromium that asks nobody for anything, with a profile of its own. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens a page from disk; `seen` gathers what went wrong and what was asked for. */
export async function open(browser, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const seen = { errors: [], requests: [], dialogs: [] };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("dialog", (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const address = pathToFileURL(path).href;
  await page.goto(address, { waitUntil: "load" });
  // Charts are drawn when their width is known.
  await page.waitForTimeout(300);
  return { page, seen, address, close: () => context.close() };
}
