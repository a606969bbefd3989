// Every kind of write of a build fails once, and all that follow it: a disk that is full, a store that became read-only (row
// 357). The build fails in the user's words or goes without what only saves time; the store stays whole, and the next build is right.

import fs, { mkdtempSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { build, TsbuildError, verifyCache } from "../../index.js";
import { tree } from "../helpers/tree.js";

const root = mkdtempSync(join(tmpdir(), "tsbuild-faults-"));
const context = tree(join(root, "context"), {
  Dockerfile: "FROM scratch AS one\nCOPY a /a\nWORKDIR /w\nFROM scratch\nCOPY --from=one /a /b\nWORKDIR /c\n",
  a: "a".repeat(5000),
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The functions of node:fs that builds write with, and which of their arguments names the place. */
const WRITES = {
  mkdirSync: 0,
  openSync: 0,
  renameSync: 1,
  writeFileSync: 0,
  utimesSync: 0,
  linkSync: 1,
  write: 0,
  writev: 0,
  writeSync: 0,
  writevSync: 0,
} as const;
type Name = keyof typeof WRITES;

const originals = Object.fromEntries(Object.keys(WRITES).map((name) => [name, fs[name as Name]]));
const files = new Map<unknown, string>();
let diffIds: readonly string[];
let count = 0;
/** Told of each write below `root`: what it is of. @returns what it fails with */
let onWrite: (kind: string) => Error | undefined = () => undefined;

/** What is as old as the build itself is not remembered of a context. */
beforeAll(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 }));
afterAll(() => void vi.useRealTimers());

/** Node's own modules are patched, so that whoever imports them writes through this. */
beforeAll(() => {
  for (const [name, position] of Object.entries(WRITES)) {
    const original = originals[name] as (...args: unknown[]) => unknown;
    const patched = (...args: unknown[]) => {
      const place = args[position];
      const path = String(typeof place === "number" ? (files.get(place) ?? "") : place);
      const isReading = name === "openSync" && !/[wa+]/.test(String(args[1] ?? "r"));
      const error = path.startsWith(root) && !isReading ? onWrite(kindOf(path)) : undefined;
      const done = args.at(-1);
      if (error && typeof done === "function") return process.nextTick(() => (done as (error: Error) => void)(error));
      if (error) throw error;
      const result = original(...args);
      if (name === "openSync") files.set(result, path);
      return result;
    };
    Object.assign(fs, { [name]: patched });
  }
  syncBuiltinESMExports();
});
afterAll(() => {
  Object.assign(fs, originals);
  syncBuiltinESMExports();
});
afterEach(() => void (onWrite = () => undefined));

/** `records/k1`, `blobs`, `tmp`: names that differ from build to build are left out. */
function kindOf(path: string): string {
  const [place = "", first = "", second = ""] = path.slice(root.length + 1).split("/");
  const name = first === "records" ? `${first}/${second}` : first;
  return `${place.replace(/-\d+$/, "")}:${name.replace(/\.\d.*tmp$/, "")}`;
}

/** What a build writes into its store: docs/formats.md. */
const KINDS = [
  "",
  "blobs",
  "builds",
  "contexts",
  "index.json",
  "indexes",
  "journal",
  "locks",
  "oci-layout",
  "records/",
  "records/compressed1",
  "records/content1",
  "records/k1",
  "records/steps3",
  "tmp",
  "tsbuild-store",
  "users",
].map((name) => `home:${name}`);

const homeOf = (number: number) => join(root, `home-${number}`);
const building = (number: number) =>
  build({
    context,
    home: homeOf(number),
    sourceDateEpoch: 0,
    tags: ["app:1"],
    cacheTo: [{ type: "local", directory: join(root, `cache-${number}`), mode: "max", ignoreError: false }],
    outputs: [{ type: "image" }, { type: "oci", dest: join(root, `out-${number}`), tar: false }],
  });

/** The kinds of write of a build into an empty store, one for each write. */
async function rehearse(): Promise<readonly string[]> {
  const kinds: string[] = [];
  onWrite = (kind) => void kinds.push(kind) as undefined;
  diffIds = (await building(++count)).config.rootfs.diff_ids;
  onWrite = () => undefined;
  return kinds;
}

test.each([
  ["a disk that is full", "ENOSPC", (kinds: readonly string[], kind: string) => kinds.indexOf(kind)],
  ["a store that became read-only", "EROFS", (kinds: readonly string[], kind: string) => kinds.lastIndexOf(kind)],
])(
  "%s, from each kind of write on: the store stays whole, and the next build is right",
  async (_, code, positionOf) => {
    const kinds = await rehearse();
    const own = [...new Set(kinds.filter((kind) => kind.startsWith("home:")))];
    expect(own.sort()).toEqual(KINDS);
    for (const kind of new Set(kinds)) {
      const number = ++count;
      let left = positionOf(kinds, kind);
      onWrite = () =>
        left-- > 0 ? undefined : Object.assign(new Error(`${code}: injected`), { code, syscall: "write" });
      const failure = await building(number).catch((error: unknown) => error);
      onWrite = () => undefined;
      if (failure instanceof Error) expect([kind, failure]).toEqual([kind, expect.any(TsbuildError)]);
      if (!kind.startsWith("home:")) continue;
      expect([kind, (await verifyCache({ home: homeOf(number) })).findings]).toEqual([kind, []]);
      expect((await building(number)).config.rootfs.diff_ids).toEqual(diffIds);
    }
  },
  60_000,
);
