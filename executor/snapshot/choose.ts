// Which snapshotter this machine gives: the kernel's overlayfs, else fuse-overlayfs, else copies.

import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { removeTree } from "../../filesystem/index.js";
import type { Running } from "../context.js";
import type { SandboxRuntime, SnapshotterName } from "../sandbox/index.js";

const chosen = new WeakMap<Store, Map<string, Promise<SnapshotterName>>>();

/**
 * The snapshotter of the steps on this store; found out once.
 * @throws sandbox_unavailable when the one that was asked for cannot be had
 */
export async function snapshotterOf({ store, settings, runtime }: ChooseOptions): Promise<SnapshotterName> {
  const { snapshotter: requested } = settings;
  const sandbox = await runtime();
  const known = chosen.get(store) ?? new Map<string, Promise<SnapshotterName>>();
  chosen.set(store, known);
  const key = `${sandbox.name} ${requested}`;
  const choice = known.get(key) ?? choose(sandbox, store.scratch(), requested);
  known.set(key, choice);
  return choice;
}

type ChooseOptions = Pick<Running, "store" | "settings" | "runtime">;

async function choose(
  runtime: SandboxRuntime,
  directory: string,
  requested: SnapshotterName | undefined,
): Promise<SnapshotterName> {
  if (requested === "copy") return requested;
  if (requested === undefined) return (await findSnapshotter(runtime, directory)).name;
  const complaint = await tryOverlay(runtime, directory, requested);
  if (complaint === undefined) return requested;
  throw new TsbuildError("sandbox_unavailable", `steps cannot be run on ${requested}: ${complaint}`, {
    hint: "Leave --snapshotter out to take what works here, or put the store on another filesystem with --home.",
  });
}

export interface FoundSnapshotter {
  readonly name: SnapshotterName;
  /** Why those cannot be had that would be better. */
  readonly complaints: Partial<Record<SnapshotterName, string>>;
}

/** @param directory on the filesystem of the store */
export async function findSnapshotter(runtime: SandboxRuntime, directory: string): Promise<FoundSnapshotter> {
  const complaints: Partial<Record<SnapshotterName, string>> = {};
  for (const name of ["overlay", "fuse-overlayfs"] as const) {
    const complaint = await tryOverlay(runtime, directory, name);
    if (complaint === undefined) return { name, complaints };
    complaints[name] = complaint;
  }
  return { name: "copy", complaints };
}

async function tryOverlay(
  runtime: SandboxRuntime,
  directory: string,
  name: Exclude<SnapshotterName, "copy">,
): Promise<string | undefined> {
  const place = mkdtempSync(join(directory, "probe-"));
  try {
    const [lower = "", upper = "", work = "", scratch = ""] = ["lower", "upper", "work", "scratch"].map((part) =>
      join(place, part),
    );
    for (const path of [lower, upper, work, scratch]) mkdirSync(path);
    return await runtime.probeOverlay({ lowers: [lower], upper, work, scratch }, name);
  } catch (error) {
    if (error instanceof TsbuildError) return error.message; // the program is not there
    throw error;
  } finally {
    removeTree(place);
  }
}
