// Device nodes, fifos and exact times: what Node's own functions cannot make.
// https://man7.org/linux/man-pages/man2/mknod.2.html

import { lutimesSync } from "node:fs";
import type { EntryType } from "./entry.js";
import { hostPath } from "./path-bytes.js";
import { cPath, libc, runTool } from "./sys.js";

export interface Device {
  readonly major: number;
  readonly minor: number;
}

export type NodeType = Extract<EntryType, "character" | "block" | "fifo">;

const FORMAT: Record<NodeType, number> = { fifo: 0o010000, character: 0o020000, block: 0o060000 };
const LETTER: Record<NodeType, string> = { fifo: "p", character: "c", block: "b" };
const CURRENT_DIRECTORY = -100;
const NO_FOLLOW = 0x100;

/** Makes a device node or fifo that only its owner may use. The whiteout of overlayfs is the character device 0/0. */
export function makeNode(path: string, type: NodeType, device: Device = { major: 0, minor: 0 }): void {
  const c = libc();
  if (c) c.call("mknod", path, cPath(path), FORMAT[type] | 0o600, deviceNumber(device));
  else
    runTool("mknod", [
      "-m",
      "600",
      path,
      LETTER[type],
      ...(type === "fifo" ? [] : [String(device.major), String(device.minor)]),
    ]);
}

/**
 * Sets both times of a file or symlink. Fractions of a second need koffi to be exact: Node's own call rounds them to
 * a quarter of a microsecond.
 */
export function setTimes(path: string, mtime: number, mtimeNs: number): void {
  const c = mtimeNs === 0 && mtime >= 0 ? undefined : libc();
  if (!c) return lutimesSync(hostPath(path), mtime + mtimeNs / 1e9, mtime + mtimeNs / 1e9);
  const time = [BigInt(mtime), BigInt(mtimeNs)];
  c.call("utimensat", path, CURRENT_DIRECTORY, cPath(path), BigInt64Array.from([...time, ...time]), NO_FOLLOW);
}

/** The numbers in `st_rdev`. */
export function deviceOf(rdev: bigint): Device {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

function deviceNumber({ major, minor }: Device): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (low & 0xffn) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | ((high & 0xfffff000n) << 32n);
}
