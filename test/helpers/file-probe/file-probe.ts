// The program that changes and tells trees, see file-probe.c, and random scripts for it.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { compiled } from "../compile.js";

/** The path of the program. */
export const fileProbe = (): string => compiled(join(import.meta.dirname, "file-probe.c"));

/** What a tree on this machine holds. */
export function scanWithProbe(root: string): string[] {
  return linesOf(execFileSync(fileProbe(), ["scan", root], { encoding: "latin1", maxBuffer: 1 << 28 }));
}

export const linesOf = (output: string): string[] => output.split("\n").filter((line) => line !== "");

/** Sorted lines, in which hard links are told by the first name of their file in place of an inode. */
export function normalized(lines: readonly string[]): string[] {
  const sorted = lines.toSorted();
  const first = new Map<string, string>();
  const counts = new Map<string, number>();
  const inode = (line: string) => / links=\d+:(\d+)/.exec(line)?.[1];
  for (const line of sorted) {
    const key = inode(line);
    if (key === undefined) continue;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (!first.has(key)) first.set(key, line.split(" ")[0]!);
  }
  return sorted.map((line) =>
    line.replace(/ links=(\d+):(\d+)/, (_, links: string, key: string) =>
      Number(links) > 1 && counts.get(key)! > 1 ? ` file=${first.get(key)}` : "",
    ),
  );
}

/** Lines without what links them: names of a lower file that was copied up may still share an inode number there. */
export const withoutLinks = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/ links=\d+:\d+/, "")).sort();

/** The same numbers for the same seed (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

const NAMES = [
  "a",
  "b",
  "c",
  "d",
  "sp ace",
  "ünï",
  "new\nline",
  ".hidden",
  "-dash",
  "quo'te\"",
  "n".repeat(255),
  "\\back",
].map((name) => Buffer.from(name));
const ODD_NAMES = [Buffer.from([0xff, 0xfe]), Buffer.from([0xc3]), Buffer.from([1, 127, 32])];

/** Operations on a small set of names, so that they meet each other. Empty xattrs are not among them: PAX has none. */
export function randomScript(seed: number, length: number): string {
  const random = randomNumbers(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)]!;
  const path = () => {
    const depth = random(12) === 0 ? 6 : 1 + random(3);
    const names = Array.from({ length: depth }, () => (random(8) === 0 ? pick(ODD_NAMES) : pick(NAMES)));
    return names.map((name) => name.toString("hex")).join("2f");
  };
  const size = () => pick([0, 1, 100, 4096, 5000, 70_000]);
  const make: readonly (() => string)[] = [
    () => `file ${path()} ${size()} ${random(250)}`,
    () => `file ${path()} ${size()} ${random(250)}`,
    () => `overwrite ${path()} ${size()} ${random(250)}`,
    () => `append ${path()} ${1 + random(50)} ${random(250)}`,
    () => `sparse ${path()} ${pick([0, 10_000, 3_000_000])}`,
    () => `mkdir ${path()}`,
    () => `mkdir ${path()}`,
    () => `mkdir ${path()}`,
    () => `remove ${path()}`,
    () => `rename ${path()} ${path()}`,
    () => `rename ${path()} ${path()}`,
    () => `chmod ${path()} 0${pick(["0", "111", "644", "700", "755", "2755", "4755", "1777", "7777"])}`,
    () => `chown ${path()} ${pick([0, 1, 1000, 65_534, 300_000, 4_000_000_000])} ${pick([0, 5, 100_000])}`,
    () => `touch ${path()} ${pick([0, -5, 1_000_000_000, 4_000_000_000])} ${pick([0, 1, 999_999_999])}`,
    () => `link ${path()} ${path()}`,
    () => `link ${path()} ${path()}`,
    () =>
      `symlink ${pick([path(), Buffer.from("/absolute/../x").toString("hex"), "2e2e2f2e2e", "66".repeat(200)])} ${path()}`,
    () => `fifo ${path()}`,
    () => `character ${path()} ${pick(["1 3", "10 229", "511 1048575"])}`,
    () => `block ${path()} ${pick(["7 0", "259 300000"])}`,
    () => `socket ${path()}`,
    () => `xattr ${path()} user.${pick(["a", "b", "long".repeat(20)])} ${pick(["00ff0a", "61".repeat(1000)])}`,
    () => `unxattr ${path()} user.a`,
    () => `capability ${path()}`,
  ];
  return Array.from({ length }, () => `${pick(make)()}\n`).join("");
}

const DEEP = Array.from({ length: 400 }, (_, depth) =>
  Array.from({ length: depth + 1 }, () => Buffer.from("deep").toString("hex")).join("2f"),
);

/** A chain of directories, half as deep as a path may be long; then a part of it goes. */
export const DEEP_SCRIPTS: readonly string[] = [
  [...DEEP.map((path) => `mkdir ${path}\n`), `file ${DEEP.at(-1)}2f66 10 1\n`].join(""),
  `remove ${DEEP[300]}\nchmod ${DEEP[299]} 0700\nfile ${DEEP[299]}2f66 10 2\n`,
];
