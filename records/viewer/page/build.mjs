// Builds ../static from the sources beside this file: page.js, page.css and the digest of what they
// were built from. The same sources and the same lockfile give the same bytes.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const to = join(here, "..", "static");

// What the digest is over, in the order of the names: `name`, a zero byte, the bytes, a zero byte.
const names = [
  "build.mjs",
  "package-lock.json",
  "package.json",
  ...readdirSync(join(here, "src")).map((name) => `src/${name}`),
  "tsconfig.json",
].sort();
const hash = createHash("sha256");
for (const name of names) {
  hash.update(`${name}\0`).update(readFileSync(join(here, name))).update("\0");
}

const common = { absWorkingDir: here, bundle: true, minify: true, charset: "utf8", write: false };
const [script, style] = await Promise.all([
  build({
    ...common,
    entryPoints: ["src/main.tsx"],
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    banner: { js: "/* Preact, (c) Jason Miller, MIT licence */" },
  }),
  build({ ...common, entryPoints: ["src/page.css"] }),
]);

// Inline in a page, nothing may end the element that it stands in.
const inline = (text) => text.replaceAll(/<\/(script|style)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");
const made = { "page.css": inline(style.outputFiles[0].text), "page.js": inline(script.outputFiles[0].text) };
const built = {};
for (const [name, text] of Object.entries(made)) {
  writeFileSync(join(to, name), text);
  built[name] = createHash("sha256").update(text).digest("hex");
}
const digests = { built, sources: names, sources_sha256: hash.digest("hex") };
writeFileSync(join(to, "build.json"), `${JSON.stringify(digests, null, 2)}\n`);
