// What is remembered of the blobs that registries have.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoredBlobPlaces } from "../blob-places.js";
import { Store } from "../cache/index.js";
import { type Descriptor, sha256 } from "../oci/index.js";

let directory: string;
let store: Store;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsbuild-places-"));
  store = Store.openAt(directory);
});
afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

const blob = (text: string): Descriptor => ({ mediaType: "x", digest: sha256(text), size: text.length });

test("repositories of a registry are known at once, and to the next process; the latest first", () => {
  const places = new StoredBlobPlaces(store);
  places.note(blob("a"), "one.example", "old");
  places.note(blob("a"), "two.example", "other");
  expect(places.find(blob("a"), "one.example")).toEqual(["old"]);
  places.save();
  const later = new StoredBlobPlaces(store);
  later.note(blob("a"), "one.example", "new");
  later.note(blob("b"), "one.example", "old");
  expect(later.find(blob("a"), "one.example")).toEqual(["new", "old"]);
  later.save();
  const last = new StoredBlobPlaces(store);
  expect(last.find(blob("a"), "one.example")).toEqual(["old", "new"]);
  expect(last.find(blob("b"), "one.example")).toEqual(["old"]);
  expect(last.find(blob("a"), "two.example")).toEqual(["other"]);
  expect(last.find(blob("a"), "three.example")).toEqual([]);
});

test("of many blobs and repositories the latest are remembered", () => {
  const places = new StoredBlobPlaces(store);
  for (let at = 0; at < 501; at++) places.note(blob(`${at}`), "one.example", "big");
  for (let at = 0; at < 100; at++) places.note(blob("shared"), "one.example", `r${at}`);
  places.save();
  const later = new StoredBlobPlaces(store);
  expect(later.find(blob("500"), "one.example")).toEqual([]); // "big" was the oldest of 101
  expect(later.find(blob("shared"), "one.example")).toHaveLength(100);
  later.note(blob("x"), "two.example", "big");
  for (let at = 0; at < 500; at++) later.note(blob(`${at}`), "two.example", "big");
  later.save();
  expect(new StoredBlobPlaces(store).find(blob("x"), "two.example")).toEqual([]);
  expect(new StoredBlobPlaces(store).find(blob("499"), "two.example")).toEqual(["big"]);
});
