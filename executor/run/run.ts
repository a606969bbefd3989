// One command in a sandbox: layers unpacked, mount points, user and environment worked out, then run.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../../errors.js";
import { type FileTree, removeTree } from "../../filesystem/index.js";
import type { NetworkMode } from "../../planner/index.js";
import type { Platform } from "../../oci/index.js";
import { type MadeCgroup, StepCgroup } from "../cgroup/index.js";
import type { Running } from "../context.js";
import type { Snapshot } from "../layers/index.js";
import { type IsolatedNetwork, openIsolatedNetwork } from "../network/index.js";
import { ownership } from "../ownership.js";
import { noteOwners } from "./owners.js";
import { readTextFile } from "../root-files.js";
import {
  CommandError,
  type ExitStatus,
  type NetworkNamespace,
  readPrivilege,
  resolveUser,
  SANDBOX_HOSTNAME,
  type SandboxHook,
  type SandboxMount,
  type SandboxSpec,
  type SignalSource,
} from "../sandbox/index.js";
import type { StepRoot } from "../snapshot/index.js";
import { runEnvironment } from "./environment.js";
import { explainForeign } from "./foreign-program.js";
import { watchMemory } from "./memory.js";
import { StepClock } from "./clock.js";
import { capabilitiesOf, dnsOf, extraHosts, type RunSettings } from "./settings.js";
import { makeWorkingDirectory } from "./working-directory.js";
import type { MountPoint } from "./scaffold.js";

export interface Command {
  readonly args: readonly string[];
  /** `NAME=value`; a later one wins. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** `user[:group]` by name or number; "" for root. */
  readonly user: string;
  readonly network: NetworkMode;
  /** insecure: all capabilities, no filter, nothing hidden. @default "sandbox" */
  readonly security?: "sandbox" | "insecure";
  /** What its programs are for. @default this machine */
  readonly platform?: Platform;
  /** @default none */
  readonly mounts?: readonly SandboxMount[];
  /** Places that the mounts need. @default none */
  readonly points?: readonly MountPoint[];
  /** What an OCI runtime runs around the command. @default none */
  readonly hooks?: readonly SandboxHook[];
  /** Supplementary groups beside those of the user. @default none */
  readonly groups?: readonly number[];
}

export interface Place {
  readonly snapshot: Snapshot;
  readonly tree: FileTree;
  /** Made ready with the points that the command's mounts need; afterwards its `upper` holds what the command changed. */
  readonly root: StepRoot;
  /** A directory for what is needed while the command runs; the caller removes it. */
  readonly directory: string;
  readonly onOutput: (stream: 1 | 2, data: Uint8Array) => void;
  /** The command has the streams of this process. @default false */
  readonly terminal?: boolean;
  /** Whether the command can write only to what is mounted. @default false */
  readonly readonlyRoot?: boolean;
  /** For the command, as they come. @default none */
  readonly signals?: SignalSource | undefined;
  /** The root has changes that the command goes on from. @default false */
  readonly goOn?: boolean;
}

export interface CommandEnd extends ExitStatus {
  /** The kernel killed something of the step, or something else at that time, for want of memory. */
  readonly outOfMemory: boolean;
  /** Who it ran as. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** Why it did not come to an end of its own: it cannot be started, or its time was over. */
  readonly failure?: TsbuildError;
}

/** As `endOfCommand`. @throws command_not_found, run_failed and timed_out too */
export async function runCommand(execution: Running, command: Command, place: Place): Promise<CommandEnd> {
  const end = await endOfCommand(execution, command, place);
  if (end.failure) throw end.failure;
  return end;
}

/** @throws unknown_user, sandbox_failed, sandbox_unavailable, unsupported, interrupted */
export async function endOfCommand(execution: Running, command: Command, place: Place): Promise<CommandEnd> {
  const paths = makeDirectories(place);
  const directory = paths.scratch;
  const { networkProgram: program } = execution.settings;
  const network = command.network === "isolated" ? await openIsolatedNetwork({ directory, program }) : undefined;
  try {
    return await runInSandbox(execution, command, { ...place, paths, network });
  } finally {
    await network?.close();
  }
}

interface Sandbox extends Place {
  readonly paths: ReturnType<typeof makeDirectories>;
  readonly network: IsolatedNetwork | undefined;
}

async function runInSandbox(execution: Running, command: Command, place: Sandbox): Promise<CommandEnd> {
  const runtime = await execution.runtime();
  if (command.hooks?.length && !runtime.runsHooks) throw noHooks();
  const { limits = {}, cgroupParent: parent } = execution.settings;
  const spec = await sandboxSpec(execution, command, place);
  const user = { uid: spec.uid, gid: spec.gid };
  const onMake = (made: MadeCgroup) => execution.store.noteCgroup(made);
  const cgroup = StepCgroup.make({ limits, onMake, ...(parent !== undefined && { parent }) });
  const clock = new StepClock(execution.settings.timeout, execution.signal);
  try {
    const running = runtime.run(
      { ...spec, cgroups: cgroup?.directories ?? [] },
      {
        onOutput: place.onOutput,
        signal: clock.signal,
        terminal: place.terminal ?? false,
        signals: place.signals,
        networkOf: place.network ?? namespaceOf(execution, command),
      },
    );
    const memory = watchMemory(cgroup); // no command is out of memory before its sandbox is made
    execution.background.work();
    const status = await running;
    return { ...status, outOfMemory: status.code !== 0 && memory.hasRunOut(), user };
  } catch (error) {
    return failedEnd(explainForeign(clock.explain(error), command.platform), user);
  } finally {
    clock.stop();
    await cgroup?.remove();
  }
}

/** What timeout(1) ends with. */
const TIMED_OUT = 124;

/** @throws the error, when it is none of the command's */
function failedEnd(error: unknown, user: CommandEnd["user"]): CommandEnd {
  if (error instanceof CommandError) return { code: error.exitCode, outOfMemory: false, user, failure: error };
  const isTimeOver = error instanceof TsbuildError && error.code === "timed_out";
  if (isTimeOver) return { code: TIMED_OUT, outOfMemory: false, user, failure: error };
  throw error;
}

/** @throws sandbox_unavailable for who is not root, whom the kernel does not let enter it */
function namespaceOf({ settings }: Running, { network }: Command): NetworkNamespace | undefined {
  const { networkNamespace: path } = settings;
  if (path === undefined || network !== "default") return undefined;
  if (readPrivilege().kind === "root") return { path };
  throw new TsbuildError("sandbox_unavailable", `only root may use the network namespace ${path}`, {
    hint: "Use --network=isolated, or start tsbuild as root.",
  });
}

function noHooks(): TsbuildError {
  return new TsbuildError("unsupported", "a device of this step has hooks, which the built-in runtime does not run", {
    hint: "Run the steps with --oci-runtime=crun or --oci-runtime=runc.",
  });
}

async function sandboxSpec(execution: Running, command: Command, place: Sandbox): Promise<SandboxSpec> {
  const { snapshot, tree, paths, root } = place;
  const { settings } = execution;
  if (!place.goOn) makeWorkingDirectory(root.upper, tree, command.cwd);
  const [passwd, group] = await Promise.all(
    ["etc/passwd", "etc/group"].map((path) => readTextFile(execution, snapshot, path)),
  );
  const network = command.network === "none" ? "none" : "host";
  const hosts = extraHosts(settings, command.network);
  const { resolver } = place.network ?? {};
  const { hostname = SANDBOX_HOSTNAME } = settings;
  const { uid, gid, groups, home } = resolveUser(command.user, { passwd, group });
  return {
    snapshotter: root.snapshotter,
    lowers: root.lowers,
    upper: root.upper,
    ...paths,
    args: command.args,
    env: runEnvironment(command.env, home),
    cwd: command.cwd,
    uid,
    gid,
    groups: [...new Set([...groups, ...(command.groups ?? [])])],
    ...(command.hooks && { hooks: command.hooks }),
    hostname,
    ...execution.scaffolds.networkFiles({ network, hostname, resolver, extraHosts: hosts, dns: dnsOf(settings) }),
    mounts: command.mounts ?? [],
    readonlyRoot: place.readonlyRoot ?? false,
    network,
    confined: command.security !== "insecure",
    noNewPrivileges: settings.noNewPrivileges ?? false,
    ...(settings.seccomp && { seccomp: settings.seccomp }),
    ...(ownership() === "recorded" && { ownerNotes: noteOwners(place) }),
    ...limitsOf(settings),
  };
}

function limitsOf(settings: RunSettings): Pick<SandboxSpec, "capabilities" | "shmBytes" | "limits"> {
  const capabilities = capabilitiesOf(settings);
  const { shmBytes, ulimits } = settings;
  return {
    ...(capabilities && { capabilities }),
    ...(shmBytes !== undefined && { shmBytes }),
    ...(ulimits && { limits: ulimits }),
  };
}

function makeDirectories({ directory, goOn }: Place) {
  const [work = "", scratch = ""] = ["work", "scratch"].map((name) => join(directory, name));
  for (const path of [work, scratch]) {
    if (goOn) removeTree(path);
    mkdirSync(path);
  }
  return { work, scratch };
}
