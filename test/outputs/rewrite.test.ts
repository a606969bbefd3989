import { expect, test } from "vitest";
import type { Entry } from "../../filesystem/index.js";
import { describeConfig } from "../../outputs/assemble.js";
import { withClampedTimes } from "../../outputs/layers/images.js";
import { clampTimes } from "../../outputs/layers/rewrite.js";
import { entries, file, hardlink, symlink } from "../helpers/tree.js";
import { Stack } from "./stack.js";

const at = (mtime: number) => ({ mtime });
const EPOCH = 1_500_000_000;

function timesOf(stack: Stack, layer: Parameters<Stack["index"]>[0]) {
  return stack.index(layer).changes.map((change) => [change.path, (change as Entry).mtime, (change as Entry).mtimeNs]);
}

test("S-173: clampTimes() dates what is newer to the epoch, and leaves what is older", async () => {
  const stack = new Stack();
  const [older, ...newer] = entries({
    a: file("old", at(EPOCH - 1)),
    b: file("new", at(EPOCH + 1)),
    c: hardlink("b"),
    d: symlink("b", at(EPOCH + 9)),
  });
  const layer = await stack.layer([{ ...older!, mtimeNs: 5 }, ...newer, { path: "e", type: "whiteout" }], {
    a: "old",
    b: "new",
  });
  const clamped = await clampTimes(layer, { epoch: EPOCH }, { store: stack.store, contents: stack.contents([layer]) });
  expect(timesOf(stack, clamped)).toEqual([
    ["a", EPOCH - 1, 5],
    ["b", EPOCH, 0],
    ["c", EPOCH, 0],
    ["d", EPOCH, 0],
    ["e", undefined, undefined],
  ]);
  expect(clamped.content).toBe(layer.content);
  expect(clamped.diffID).not.toBe(layer.diffID);
});

test("a layer without newer files is the same layer, byte for byte", async () => {
  const stack = new Stack();
  const layer = await stack.layer(entries({ a: file("a", at(7)) }), { a: "a" });
  const clamped = await clampTimes(layer, { epoch: EPOCH }, { store: stack.store, contents: stack.contents([layer]) });
  expect(clamped).toBe(layer);
});

test("files as new as a layer of the cache are as new as the build: the cache does not show", async () => {
  const stack = new Stack();
  const made = EPOCH - 1000;
  const cached = await stack.layer(entries({ a: file("a", at(made + 2)), b: file("b", at(7)) }), { a: "a", b: "b" });
  const fresh = await stack.layer(entries({ a: file("a", at(EPOCH + 50)), b: file("b", at(7)) }), { a: "a", b: "b" });
  const options = { store: stack.store, contents: stack.contents([]) };
  const one = await clampTimes(cached, { epoch: EPOCH, made }, options);
  const other = await clampTimes(fresh, { epoch: EPOCH, made: EPOCH }, options);
  expect(one.diffID).toBe(other.diffID);
});

test("S-173: layers of the base stay as they are, whatever their times", async () => {
  const stack = new Stack();
  const literal = entries({ a: file("a", at(EPOCH + 1)) });
  const base = await stack.layer(literal, { a: "a" });
  const own = await stack.layer(entries({ b: file("b", at(EPOCH + 1)) }), { b: "b" });
  const diff_ids = [base.diffID, own.diffID];
  const config = describeConfig({
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids },
    history: [],
  });
  const image = { ...config, layers: [base, own], base: 1, made: [undefined, undefined] };
  const clamped = await withClampedTimes(image, EPOCH, { store: stack.store, contents: stack.contents([]) });
  expect(clamped.layers[0]).toBe(base);
  expect(timesOf(stack, clamped.layers[1]!)).toEqual([["b", EPOCH, 0]]);
  expect(clamped.config.rootfs.diff_ids).toEqual(clamped.layers.map(({ diffID }) => diffID));
  expect(clamped.configDescriptor).not.toEqual(image.configDescriptor);
});
