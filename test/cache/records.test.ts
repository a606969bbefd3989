// Cache records on disk: a look-up reads the first line, whatever wrote the record; what follows is for who explains.

import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { MediaType, sha256 } from "../../oci/index.js";

const KEY = "ab".repeat(32);
const blob = { mediaType: MediaType.layer, digest: sha256("blob"), size: 9 };
const layer = { diffID: sha256("tar"), content: sha256("content"), size: 3, created: "2026-01-01T00:00:00.000Z" };
const head = { version: 1 as const, layer: { ...layer, blob }, duration: 1, made: layer.created, source: "here, }\n" };
const record = { ...head, inputs: { args: ["a,\nb"], root: Array.from({ length: 500 }, (_, n) => sha256(`${n}`)) } };

let store: Store;
let path: string;
beforeEach(() => {
  store = Store.openAt(mkdtempSync(join(tmpdir(), "tsbuild-records-")));
  path = store.paths.fact("k1", KEY);
});
afterEach(() => {
  store.close();
  rmSync(store.paths.root, { recursive: true, force: true });
});

test("a record is one JSON value; its head is all of it but the inputs", () => {
  store.records.put(KEY, record);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(record);
  expect(store.records.get(KEY)).toEqual(record);
  expect(store.records.useHead(KEY)).toEqual(head);
});

test("a head is found in a record of one line, as other versions write it, and in one with a head of any length", () => {
  expect(store.records.useHead(KEY)).toBeUndefined();
  store.records.put(KEY, record);
  writeFileSync(path, `${JSON.stringify(record)}\n`);
  expect(store.records.useHead(KEY)).toMatchObject(head);
  const long = { ...record, source: "s".repeat(5000) };
  store.records.put(KEY, long);
  expect(store.records.useHead(KEY)).toMatchObject({ source: long.source, layer: head.layer });
});

test("looking up dates the record, so that prune leaves it to the build (S-198)", () => {
  store.records.put(KEY, record);
  utimesSync(path, 1, 1);
  store.records.useHead(KEY);
  expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
});

test("a head that is damaged is not known", () => {
  store.records.put(KEY, record);
  const text = readFileSync(path, "utf8");
  for (const damaged of [text.slice(0, 40), text.replace('"size":3', '"size":"3"'), `,\n${text}`, ""]) {
    writeFileSync(path, damaged);
    expect(store.records.useHead(KEY)).toBeUndefined();
  }
});

test("a store that forgets knows nothing of what was written, and writes nothing", () => {
  store.records.put(KEY, record);
  const forgetful = Store.openAt(store.paths.root, { forget: true });
  expect(forgetful.records.useHead(KEY)).toBeUndefined();
  forgetful.records.put(KEY, { ...record, duration: 2 });
  expect(forgetful.records.useHead(KEY)).toMatchObject({ duration: 2 });
  expect(store.records.useHead(KEY)).toMatchObject({ duration: 1 });
  forgetful.close();
});
