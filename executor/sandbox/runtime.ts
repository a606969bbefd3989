// One interface, several runtimes: the built-in launcher, crun, runc, any OCI runtime. test/suites/runtime.ts holds for all.

import type { Capability, Resource } from "./policy.js";

/** overlay: the kernel's overlayfs. fuse-overlayfs: the program of that name. copy: a whole root for each step. */
export const SNAPSHOTTERS = ["overlay", "fuse-overlayfs", "copy"] as const;

export type SnapshotterName = (typeof SNAPSHOTTERS)[number];

/** What a RUN step needs. All paths on the host are absolute. */
export interface SandboxSpec {
  /** How `lowers` and `upper` become the root. With `copy`, `upper` is it, and `lowers` and `work` do not count. @default "overlay" */
  readonly snapshotter?: SnapshotterName;
  /** Unpacked layers, topmost FIRST, as overlayfs orders its lower directories. At least one. */
  readonly lowers: readonly string[];
  /**
   * Empty directories on one filesystem. After the run `upper` holds the changes, in overlayfs's form. What is in `work` may keep
   * its own owner out: `removeTree` removes it.
   */
  readonly upper: string;
  readonly work: string;
  /** A directory for the runtime's own files, removed by the caller after the run. */
  readonly scratch: string;
  /** args[0] is looked up in PATH of `env`, inside the root, when it has no slash (S-115). */
  readonly args: readonly string[];
  /** `NAME=value`. Nothing of the host's environment is added. */
  readonly env: readonly string[];
  /** Absolute, inside the root; it exists. */
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly hostname: string;
  /** Files on the host that are mounted read-only at /etc/hosts and /etc/resolv.conf. */
  readonly hosts: string;
  readonly resolvConf: string;
  /** Whether the root cannot be written to, but for what is mounted in it. @default false */
  readonly readonlyRoot?: boolean;
  /** In order; a later one may be below an earlier one. Mount points exist in the root. */
  readonly mounts: readonly SandboxMount[];
  /** host: the network namespace of the caller. none: a new one with only loopback, up (S-126). */
  readonly network: "host" | "none";
  /** False only for an insecure step: then all capabilities, no seccomp, nothing masked. */
  readonly confined: boolean;
  readonly noNewPrivileges: boolean;
  /** Of a confined step: no filter of system calls, or an own profile in Docker's form. @default Docker's default profile */
  readonly seccomp?: SeccompChoice;
  /** Bytes of /dev/shm. @default 64 MiB */
  readonly shmBytes?: number;
  /** Of a confined step; an insecure one has all. @default Docker's */
  readonly capabilities?: readonly Capability[];
  /** In place of the limits that every step has. @default [] */
  readonly limits?: readonly ResourceLimit[];
  /** Of runtimes with `runsHooks` only. @default [] */
  readonly hooks?: readonly SandboxHook[];
  /**
   * Where one id is all that there is: owners that the step sets are kept as attributes of its files and shown to it, and those of
   * files that can have no attributes are lines of this new file (launcher/owner-records.c). @default owners cannot be set
   */
  readonly ownerNotes?: string;
  /** Directories of cgroups that the command is put into, one for each hierarchy. The caller removes them. @default [] */
  readonly cgroups?: readonly string[];
}

/** `profile`: the path of its file. */
export type SeccompChoice = "unconfined" | { readonly profile: string };

/** https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks */
export const HOOKS = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
] as const;

/** A program that an OCI runtime runs at a moment of the step's life. */
export interface SandboxHook {
  readonly hookName: (typeof HOOKS)[number];
  readonly path: string;
  readonly args?: readonly string[] | undefined;
  readonly env?: readonly string[] | undefined;
  /** Seconds. */
  readonly timeout?: number | undefined;
}

/** man 2 setrlimit; -1 is no limit. */
export interface ResourceLimit {
  readonly resource: Resource;
  readonly soft: number;
  readonly hard: number;
}

export type SandboxMount =
  | SandboxBind
  | SandboxOverlay
  | SandboxSecret
  | { readonly type: "tmpfs"; readonly target: string; readonly size?: number; readonly mode?: number };

export interface SandboxBind {
  readonly type: "bind";
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** The source is a device node that the step may open. @default false */
  readonly device?: boolean;
}

/** A read-only file that is in memory, and in the step's own mount namespace only: it is gone with the step, however that ends. */
export interface SandboxSecret {
  readonly type: "secret";
  readonly content: Uint8Array;
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A directory or file of a stack of layers. What is written to it goes to `upper`, which the caller throws away. */
export interface SandboxOverlay {
  readonly type: "overlay";
  /** @default "overlay" */
  readonly snapshotter?: Exclude<SnapshotterName, "copy">;
  /** As `SandboxSpec.lowers`. */
  readonly lowers: readonly string[];
  /** Empty directories on one filesystem. */
  readonly upper: string;
  readonly work: string;
  /** A directory for the mount itself, below which short names of the lowers are made. */
  readonly scratch: string;
  /** Canonical path in the stack: no leading "/", no symlink in it; "" for all of it. */
  readonly source: string;
  readonly isDirectory: boolean;
  readonly target: string;
  readonly readonly: boolean;
}

/** Has `deliver` told of each signal, until the function that it returns is called. */
export type SignalSource = (deliver: (signal: NodeJS.Signals) => void) => () => void;

export interface SandboxOptions {
  readonly onOutput: (stream: 1 | 2, data: Uint8Array) => void;
  /** Kills everything in the sandbox. `run` then rejects with `interrupted`. */
  readonly signal?: AbortSignal;
  /** The command has the streams of this process, for a person to use it; `onOutput` is not called. @default false */
  readonly terminal?: boolean;
  /** Signals for the command. One that it does not mind, and that ends other processes, ends it too. @default none */
  readonly signals?: SignalSource | undefined;
  /** Whose network namespace `SandboxSpec.network` "host" stands for. @default the caller's */
  readonly networkOf?: NetworkHolder | NetworkNamespace | undefined;
}

/** A network namespace that somebody keeps. */
export interface NetworkNamespace {
  readonly path: string;
}

/** A process that holds a network namespace. */
export interface NetworkHolder {
  readonly pid: number;
  /** The namespace belongs to a user namespace of the holder's, which must be entered with it. */
  readonly ownsUser: boolean;
}

export interface ExitStatus {
  /** 0 to 255; 128 + signal when it was killed by one (S-128). */
  readonly code: number;
  /** `SIGKILL`, when a signal ended the step. */
  readonly signal?: string;
  /** Why owners could not be kept, as a reason, though `ownerNotes` asked for it: the step's chown failed, if it called it. */
  readonly unkeptOwners?: string;
}

/** The directories of an overlay: see `SandboxSpec`. */
export type OverlayDirectories = Pick<SandboxOverlay, "lowers" | "upper" | "work" | "scratch">;

export interface SandboxRuntime {
  /** `built-in`, `crun`, `runc`, or the path that the user gave. */
  readonly name: string;
  /** Whether `SandboxSpec.hooks` are run. */
  readonly runsHooks: boolean;
  /**
   * Mounts the root, runs the command to its end, kills whatever it left running, and leaves no mount, process or
   * stub file. What the command did is in `upper`.
   * @throws command_not_found when args[0] is not in the root; sandbox_failed when the sandbox cannot be made; interrupted
   */
  run(spec: SandboxSpec, options: SandboxOptions): Promise<ExitStatus>;
  /**
   * Lets go of what was kept ready for further steps. Settles when nothing is left of it, and of the steps that have ended. Another
   * step may be run afterwards. @default nothing is kept
   */
  rest?(): Promise<void>;
  /** Why sandboxes cannot be made here; undefined when they can. */
  probe(): Promise<string | undefined>;
  /** Why no overlay of these directories can be mounted; undefined when it can. */
  probeOverlay(
    directories: OverlayDirectories,
    snapshotter: Exclude<SnapshotterName, "copy">,
  ): Promise<string | undefined>;
}
