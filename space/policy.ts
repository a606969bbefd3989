// Which limits hold for builds: `--cache-max`, or the policies of the store's `gc.json`.
// https://docs.docker.com/build/cache/garbage-collection/

import * as v from "valibot";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import type { Store } from "../cache/index.js";
import type { Selection } from "./choose.js";
import { durationOf, parseFilter } from "./filter.js";

const UNITS = "bkmgtp";

const bytes = v.union([
  v.pipe(v.number(), v.minValue(0)),
  v.pipe(v.string(), v.regex(/^\d+(?:\.\d+)?\s*[bkmgtp]?(?:i?b)?$/i)),
]);
const duration = v.pipe(
  v.string(),
  v.check((text) => durationOf(text) !== undefined, "no duration such as 48h"),
);

const fileSchema = v.strictObject({
  policies: v.array(
    v.strictObject({
      all: v.exactOptional(v.boolean()),
      filter: v.exactOptional(v.array(v.string())),
      keepDuration: v.exactOptional(duration),
      maxUsedSpace: v.exactOptional(bytes),
      reservedSpace: v.exactOptional(bytes),
      minFreeSpace: v.exactOptional(bytes),
    }),
  ),
});

type Policy = v.InferOutput<typeof fileSchema>["policies"][number];

/** The policies of `gc.json`, in order; nothing when there is no such file. @throws bad_value */
export function readPolicies({ paths }: Store): readonly Selection[] {
  const path = join(paths.root, "gc.json");
  const text = readIfThere(path);
  if (text === undefined) return [];
  try {
    return v.parse(fileSchema, JSON.parse(text)).policies.map(selectionOf);
  } catch (error) {
    const message = v.isValiError(error)
      ? `${error.message} at ${v.getDotPath(error.issues[0]) ?? "its top"}`
      : (error as Error).message;
    throw new TsbuildError("bad_value", `"${path}": ${message.toLowerCase()}`, {
      hint: 'Write {"policies":[{"maxUsedSpace":"20GB"}]}; docs/cli.md has all fields.',
    });
  }
}

function selectionOf({ all, filter = [], keepDuration, maxUsedSpace, reservedSpace, minFreeSpace }: Policy): Selection {
  return {
    ...(all !== undefined && { all }),
    filters: filter.map((word) => parseFilter(word, Date.now())),
    ...(keepDuration !== undefined && { unusedFor: durationOf(keepDuration)! }),
    ...(maxUsedSpace !== undefined && { maxUsed: bytesOf(maxUsedSpace) }),
    ...(reservedSpace !== undefined && { reserved: bytesOf(reservedSpace) }),
    ...(minFreeSpace !== undefined && { minFree: bytesOf(minFreeSpace) }),
  };
}

function bytesOf(size: number | string): number {
  if (typeof size === "number") return size;
  const [, number, unit = ""] = /^([\d.]+)\s*([a-z]?)/i.exec(size)!;
  return Math.floor(Number(number) * 1024 ** Math.max(0, UNITS.indexOf(unit.toLowerCase() || "b")));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
