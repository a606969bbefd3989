// docs/formats.md says what an index has: the fields of its examples are those that are written.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheMountKey } from "../../cache/index.js";
import { encodeIndex } from "../../shared-cache/format.js";
import { saveTar } from "../../shared-cache/mounts/save.js";
import { MemoryStore } from "../helpers/memory-store.js";
import { sampleIndex } from "./sample-index.js";

const text = readFileSync(new URL("../../docs/formats.md", import.meta.url), "utf8");
const example = (part: string): unknown => {
  const json = text.split("\n").find((line) => line.startsWith('{"version":1') && line.includes(part));
  return JSON.parse(json!);
};

/** The names of fields in place of values. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 && typeof value[0] === "object" ? [shape(value[0])] : [];
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, one]) => [name, shape(one)]),
  );
}

test("docs/formats.md: the index of a shared cache", () => {
  const sample = sampleIndex();
  const inputs = { mediaType: "x", digest: sample.layers[0]!.digest, size: 1 };
  const groups = sample.groups.map((group) => ({ ...group, inputs }));
  const written = JSON.parse(encodeIndex({ ...sample, groups, layers: [] }, true).toString()) as unknown;
  expect(shape(example('"groups"'))).toEqual(shape(written));
});

test("docs/formats.md: the index of cache mounts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tsbuild-formats-"));
  try {
    const tar = join(folder, "tar");
    writeFileSync(tar, "content");
    const mount = { id: "npm", mode: 0o755, uid: 0, gid: 0 };
    const named = { ...mount, key: cacheMountKey(mount), saved: "2026-01-01T00:00:00.000Z" };
    const empty = { version: 1, scope: "", packs: [], mounts: [] } as const;
    const { index } = await saveTar(tar, named, empty, new MemoryStore(), {});
    expect(shape(example('"packs"'))).toEqual(shape(index));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
