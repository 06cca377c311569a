// Compresses what Vite has built and writes it where the crate finds it: ../assets and ../src/assets.rs.
// With --check it writes nothing and fails when what is committed is something else.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const MEDIA = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};
// What the pages may add to the program, and what the first view may take.
const ALL_BYTES_MAX = 6_000_000;
const FIRST_VIEW_BYTES_MAX = 600_000;

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(web, "dist");
const assets = join(web, "..", "assets");
const table = join(web, "..", "src", "assets.rs");
const check = process.argv.includes("--check");

function* files(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

const wanted = new Map();
const rows = [];
let total = 0;
const compressed = new Map();
for (const file of [...files(built)].toSorted()) {
  const path = relative(built, file);
  const media = MEDIA[extname(path)];
  if (!media) throw new Error(`${path}: of which media type?`);
  const content = readFileSync(file);
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  let kind;
  if (extname(path) === ".woff2") {
    wanted.set(path, content);
    total += content.length;
    compressed.set(path, content.length);
    kind = "plain";
  } else {
    const brotli = brotliCompressSync(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    });
    const gzip = gzipSync(content, { level: 9 });
    // The tenth byte names the system that it was made on.
    gzip[9] = 255;
    wanted.set(`${path}.br`, brotli);
    wanted.set(`${path}.gz`, gzip);
    total += brotli.length + gzip.length;
    compressed.set(path, gzip.length);
    kind = "coded";
  }
  rows.push(`    ${kind}!("${path}",
        "${media}", "${digest}"),
`);
}
const source = `//! The built files; written by \`web/scripts/embed.mjs\`, which makes this and \`assets/\` anew.

use crate::console::{Asset, Body, coded, plain};

/// Every file, in the order of their paths.
#[rustfmt::skip]
pub(crate) const ASSETS: &[Asset] = &[
${rows.join("")}];
`;

const page = readFileSync(join(built, "index.html"), "utf8");
const first = [...page.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map((match) => match[1]);
const fonts = [...compressed.keys()].filter((path) => path.endsWith(".woff2"));
const firstView = ["index.html", ...first, ...fonts].reduce((sum, path) => sum + (compressed.get(path) ?? 0), 0);
console.log(`${wanted.size} files, ${total} bytes; first view ${firstView} bytes compressed`);
if (total > ALL_BYTES_MAX) throw new Error(`more than ${ALL_BYTES_MAX} bytes`);
if (firstView > FIRST_VIEW_BYTES_MAX) throw new Error(`the first view takes more than ${FIRST_VIEW_BYTES_MAX} bytes`);

if (check) {
  const present = existsSync(assets) ? [...files(assets)].map((file) => relative(assets, file)) : [];
  const differ = [...wanted].filter(([path, content]) => {
    const file = join(assets, path);
    return !existsSync(file) || !readFileSync(file).equals(content);
  });
  const stale = present.filter((path) => !wanted.has(path));
  if (differ.length + stale.length > 0 || readFileSync(table, "utf8") !== source) {
    console.error("the committed assets are not those of this source; run `make console`:");
    for (const path of [...differ.map(([path]) => path), ...stale]) console.error(`  ${path}`);
    process.exit(1);
  }
  console.log("the committed assets are those of this source");
} else {
  rmSync(assets, { recursive: true, force: true });
  for (const [path, content] of wanted) {
    mkdirSync(dirname(join(assets, path)), { recursive: true });
    writeFileSync(join(assets, path), content);
  }
  writeFileSync(table, source);
}
