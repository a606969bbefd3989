// What this machine gives to steps, why, and the one change that would give more.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import { StepCgroup } from "./cgroup/index.js";
import { ownershipOf } from "./ownership.js";
import {
  BuiltInRuntime,
  findLauncher,
  findOciRuntimes,
  type Privilege,
  readPrivilege,
  subordinateIds,
} from "./sandbox/index.js";

export interface Finding {
  /** `steps`, `owners`, `snapshots`, `runtime`, `limits`. */
  readonly subject: string;
  /** What is in use, or what cannot be had. */
  readonly state: string;
  readonly ok: boolean;
  /** Why it is so. */
  readonly reason: string;
  /** The change that lifts it: one imperative sentence. */
  readonly hint?: string;
}

export interface DiagnoseOptions {
  /** A directory on the filesystem of the store. */
  readonly directory: string;
  /** Whether this process was started anew in a user namespace. @default false */
  readonly inNamespace?: boolean;
}

/** The first that is not ok has the change that matters most. */
export async function diagnose({ directory, inNamespace = false }: DiagnoseOptions): Promise<Finding[]> {
  const privilege = readPrivilege();
  return [
    await stepsOf(privilege),
    ownersOf(privilege, inNamespace),
    await snapshotsOf(privilege, directory),
    runtimesOf(),
    await limitsOf(),
  ];
}

const WHO: { readonly [Kind in Privilege["kind"]]: string } = {
  root: "this process is root of the machine",
  namespace: "this process is root of a user namespace",
  user: "this process is an ordinary user: each step has a user namespace",
};

async function stepsOf(privilege: Privilege): Promise<Finding> {
  const launcher = findLauncher();
  if (launcher === undefined) {
    return {
      subject: "steps",
      ok: findOciRuntimes().length > 0,
      state: "no launcher",
      reason: `none was built for linux-${process.arch}`,
      hint: "Install a C compiler and run npm rebuild tsbuild.",
    };
  }
  const complaint = await new BuiltInRuntime(launcher, privilege).probe();
  if (complaint === undefined) return { subject: "steps", ok: true, state: "can be run", reason: WHO[privilege.kind] };
  return { subject: "steps", ok: false, state: "cannot be run", reason: complaint, hint: namespaceHint(privilege) };
}

function namespaceHint({ kind }: Privilege): string {
  if (kind !== "user") return "Give this process CAP_SYS_ADMIN, for example with docker run --privileged.";
  return "Allow user namespaces, as root: sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0.";
}

function ownersOf(privilege: Privilege, inNamespace: boolean): Finding {
  const kind = ownershipOf(privilege);
  if (kind === "exact") return { subject: "owners", ok: true, state: "any", reason: "root can give files to anybody" };
  if (kind === "mapped")
    return {
      subject: "owners",
      ok: true,
      state: "those of the user namespace",
      reason: inNamespace ? "newuidmap maps your subordinate ids" : WHO.namespace,
    };
  const { missing, hint } = subordinateIds();
  const reason = missing ?? "one id is mapped";
  return {
    subject: "owners",
    ok: false,
    state: "one: chown fails in steps; owners of images are kept in the layer index",
    reason,
    ...(hint !== undefined && { hint }),
  };
}

async function snapshotsOf(privilege: Privilege, directory: string): Promise<Finding> {
  const launcher = findLauncher();
  if (launcher === undefined)
    return {
      subject: "snapshots",
      ok: privilege.kind === "root",
      state: "overlay, by the OCI runtime",
      reason: "there is no launcher to try it with",
    };
  const place = mkdtempSync(join(directory, "doctor-"));
  try {
    const names = ["lower", "upper", "work", "scratch"].map((name) => join(place, name));
    for (const name of names) mkdirSync(name);
    const [lower = "", upper = "", work = "", scratch = ""] = names;
    const complaint = await new BuiltInRuntime(launcher, privilege).probeOverlay(
      { lowers: [lower], upper, work, scratch },
      "overlay",
    );
    const state = privilege.kind === "root" ? "overlay" : "overlay in a user namespace (userxattr)";
    if (complaint === undefined)
      return { subject: "snapshots", ok: true, state, reason: "the kernel mounts it on the filesystem of the store" };
    return {
      subject: "snapshots",
      ok: false,
      state: "none",
      reason: complaint,
      hint: "Put the store on ext4, xfs or btrfs with --home; overlay needs Linux 5.11 for ordinary users.",
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function runtimesOf(): Finding {
  const found = findOciRuntimes();
  const own = findLauncher() === undefined ? [] : ["built-in"];
  const names = [...own, ...found];
  const reason = found.length === 0 ? "crun and runc are not installed" : "found in PATH";
  return {
    subject: "runtimes",
    ok: names.length > 0,
    state: names.join(", ") || "none",
    reason,
    ...(names.length === 0 && { hint: "Install crun: apt-get install crun." }),
  };
}

async function limitsOf(): Promise<Finding> {
  try {
    const cgroup = StepCgroup.make({ limits: { memory: 1 << 30, pids: 1000 } });
    await cgroup?.remove();
    return {
      subject: "limits",
      ok: true,
      state: "can be set",
      reason: `cgroups can be made at ${cgroup!.directories.join(", ")}`,
    };
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
    return {
      subject: "limits",
      ok: false,
      state: "--memory and its like cannot be used",
      reason: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
}
