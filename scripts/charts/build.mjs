// Bundles what charts use of Observable Plot, with the licences of all that is in it, into src/report/vendor.
// `npm ci && npm run build` in this folder; the lock file fixes every version and its hash.

import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "../../src/report/vendor");

const bundle = await build({
  absWorkingDir: here,
  entryPoints: ["plot.js"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "Plot",
  target: "es2020",
  charset: "ascii",
  legalComments: "none",
  metafile: true,
  write: false,
});
const [{ contents }] = bundle.outputFiles;
if (/<\/script|<!--/i.test(Buffer.from(contents).toString())) {
  throw new Error("the bundle would end the element that it stands in");
}

// The packages of which at least a byte is in the bundle.
const [{ inputs }] = Object.values(bundle.metafile.outputs);
const names = new Set();
for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
  const name = path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
  if (name !== undefined && bytesInOutput > 0) names.add(name);
}

const packages = [];
for (const name of [...names].sort()) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  const text = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
  packages.push({ name, version, license, text });
}
const licences = packages.map(({ name, version, license, text }) => {
  const heading = `${name} ${version} (${license})`;
  return `${heading}\n${"-".repeat(heading.length)}\n\n${text}\n`;
});
const hash = createHash("sha256").update(contents).digest("hex");
await writeFile(join(vendor, "plot.js"), contents);
await writeFile(
  join(vendor, "LICENSES.txt"),
  `plot.js holds code of these packages, each under its own licence.\n\n${licences.join("\n")}`,
);
await writeFile(
  join(vendor, "plot.json"),
  JSON.stringify(
    {
      file: "plot.js",
      bytes: contents.length,
      sha256: hash,
      packages: Object.fromEntries(packages.map(({ name, version, license }) => [name, `${version} ${license}`])),
    },
    null,
    2,
  ) + "\n",
);
console.log(`plot.js: ${contents.length} bytes, sha256 ${hash}, ${packages.length} packages`);
