// The first file in which two layers differ, and what of it differs.

import { type Entry, isMark, type LayerChange } from "../../filesystem/index.js";

export interface FileDifference {
  readonly path: string;
  /** In words: `content`, `mode 644 and 600`. */
  readonly what: string;
}

/** Undefined when the layers say the same. */
export function firstDifference(
  one: readonly LayerChange[],
  other: readonly LayerChange[],
): FileDifference | undefined {
  const [ones, others] = [byPath(one), byPath(other)];
  const paths = [...new Set([...ones.keys(), ...others.keys()])].sort();
  for (const path of paths) {
    const [a, b] = [ones.get(path), others.get(path)];
    const what = a && b ? differencesOf(a, b) : `is only in the ${a ? "first" : "second"} build`;
    if (what !== undefined) return { path, what };
  }
  return undefined;
}

/** A directory can be there and hide what is below it as well. */
function byPath(changes: readonly LayerChange[]): Map<string, LayerChange> {
  return new Map(changes.map((change) => [isMark(change) ? `${change.path} (${change.type})` : change.path, change]));
}

function differencesOf(one: LayerChange, other: LayerChange): string | undefined {
  if (isMark(one) || isMark(other)) return undefined;
  if (one.type !== other.type) return `is a ${one.type} in the first build, a ${other.type} in the second`;
  const found = ASPECTS.flatMap(([name, aspect]) => {
    const [a, b] = [aspect(one), aspect(other)];
    return a === b ? [] : [name === "content" ? name : `${name} (${a} and ${b})`];
  });
  return found.length > 0 ? `differs in ${found.join(", ")}` : undefined;
}

const ASPECTS: readonly (readonly [name: string, aspect: (entry: Entry) => string | number | undefined])[] = [
  ["content", ({ digest }) => digest],
  ["size", ({ size }) => size],
  ["mode", ({ mode }) => mode.toString(8)],
  ["owner", ({ uid, gid }) => `${uid}:${gid}`],
  ["target", ({ target }) => target],
  ["hard link", ({ hardlink }) => hardlink],
  ["device", ({ device }) => device && `${device.major}:${device.minor}`],
  [
    "extended attributes",
    ({ xattrs }) =>
      [...(xattrs ?? [])]
        .map(([name, value]) => `${name}=${hex(value)}`)
        .sort()
        .join(" "),
  ],
  ["time", ({ mtime, mtimeNs }) => new Date(mtime * 1000 + mtimeNs / 1e6).toISOString()],
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
