// What nobody can be faster than, measured on this machine in the same run: the kernel's and other programs' part of the work.

import { median, time } from "./measure.mjs";

const repeatOf = (command, repeat, options) =>
  median(
    repeat,
    () => {},
    () => time(command, options),
  ).wall;

/** Seconds by name. A workload names those that it is held against, with a factor. */
export const FLOORS = {
  /** Node's own start. */
  node: () => repeatOf([process.execPath, "-e", "0"], 7),
  /** Namespaces and a fork, with no root, no overlay and no seccomp filter. */
  sandbox: () => repeatOf(["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "true"], 7),
  /** Each byte read and hashed once. */
  tar: (context) => repeatOf(["bash", "-c", `tar c -C "$0" . | openssl dgst -sha256`, context], 3),
  /** Each file looked at once. */
  find: (context) => repeatOf(["bash", "-c", `find "$0" -printf '%p %s %T@ %m\n' | wc -l`, context], 3),
  /** The files of a context's deps.tar, made by GNU tar. */
  unpack: (context) =>
    repeatOf(["bash", "-c", `mkdir "$0.new" && tar xf "$0/deps.tar" -C "$0.new"; rm -rf "$0.new"`, context], 1),
  /** What the steps themselves wait for. */
  second: () => 1,
};
