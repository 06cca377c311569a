import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

import { utf8 } from "../aws/bytes";
import { crc32, zip } from "./zip";

it("has the check value of CRC-32", () => {
  expect(crc32(utf8("123456789"))).toBe(0xcbf43926);
});

it("makes archives that another program reads", () => {
  const folder = mkdtempSync(join(tmpdir(), "trent-zip-"));
  try {
    const file = join(folder, "a.zip");
    writeFileSync(file, zip([{ name: "a.bin", content: Uint8Array.from([0, 255, 7]) }, { name: "README.txt", content: utf8("hé\n") }], new Date(2026, 1, 3, 4, 5, 6)));
    const script = "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(z.namelist(), z.read('a.bin').hex(), z.read('README.txt').decode().strip(), z.getinfo('a.bin').date_time)";
    const said = execFileSync("python3", ["-c", script, file], { encoding: "utf8", env: { ...process.env, PYTHONIOENCODING: "utf-8" } });
    expect(said.trim()).toBe("['a.bin', 'README.txt'] 00ff07 hé (2026, 2, 3, 4, 5, 6)");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
