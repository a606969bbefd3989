// `tsbuild run`: a command of an image in the sandbox, to see whether the image works. What it writes is thrown away.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Store, stagedName } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { BlobStore, Descriptor, ImageConfig } from "../oci/index.js";
import type { ImageOrigin, NetworkMode } from "../planner/index.js";
import { type FileTree, tryRemoveTree } from "../filesystem/index.js";
import { Background } from "./background.js";
import { type Layer, LayerAccess } from "./layers/index.js";
import { layersOf } from "./ops/image.js";
import { type GivenMount, prepareGiven } from "./mounts/index.js";
import type { RunSettings } from "./run/settings.js";
import { shellArgs } from "./run/shell.js";
import { runCommand } from "./run/run.js";
import { Scaffolds } from "./run/scaffold.js";
import { prepareRoot } from "./snapshot/index.js";
import type { ExitStatus, SandboxRuntime, SignalSource } from "./sandbox/index.js";

export interface RunImageOptions {
  readonly store: Store;
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  /** Where the layers are. @default the store */
  readonly origin?: ImageOrigin;
  readonly runtime: () => Promise<SandboxRuntime>;
  /** Replaces the image's Cmd. */
  readonly args?: readonly string[];
  /** Replaces the image's Entrypoint. */
  readonly entrypoint?: readonly string[];
  /** `NAME=value`, over the image's. */
  readonly env?: readonly string[];
  readonly user?: string;
  readonly cwd?: string;
  readonly network?: NetworkMode;
  /** Files and directories of this machine, and tmpfs. @default [] */
  readonly mounts?: readonly GivenMount[];
  readonly onOutput: (stream: 1 | 2, data: Uint8Array) => void;
  readonly signal: AbortSignal;
  /** @default {} */
  readonly settings?: RunSettings;
  /** The command has the streams of this process. @default false */
  readonly terminal?: boolean;
  /** Whether the command can write only to what is mounted. @default false */
  readonly readonlyRoot?: boolean;
  /** For the command, as they come. @default none */
  readonly signals?: SignalSource;
  /** Runs a shell in place of the image's command. @default false */
  readonly shell?: boolean;
}

/** @throws usage when the image has no command and none is given */
export function runImage(
  image: { readonly layers: readonly Descriptor[]; readonly config: ImageConfig },
  options: RunImageOptions,
): Promise<ExitStatus> {
  return runSnapshot({ layers: layersOf(image.layers, image.config, options.origin), config: image.config }, options);
}

/** As `runImage`, for layers that are known already. */
export async function runSnapshot(
  image: { readonly layers: readonly Layer[]; readonly config: ImageConfig },
  options: RunImageOptions,
): Promise<ExitStatus> {
  const { store, openOrigin, runtime, signal, onOutput } = options;
  const layers = new LayerAccess(store, { openOrigin, signal, willRun: true });
  const snapshot = { layers: image.layers };
  const directory = stagedName(join(store.scratch(), "run"));
  mkdirSync(directory);
  try {
    const tree = await layers.tree(snapshot);
    const { terminal = false, settings = {} } = options;
    const scaffolds = new Scaffolds(() => store.scratch());
    const running = { store, layers, runtime, signal, settings, scaffolds, background: new Background() };
    const { mounts, points } = prepareGiven(options.mounts ?? []);
    const command = { ...commandOf(image.config, tree, options), mounts };
    return await runCommand(running, command, {
      snapshot,
      tree,
      directory,
      root: await prepareRoot(running, { snapshot, tree, directory, points }),
      onOutput,
      terminal,
      signals: options.signals,
      readonlyRoot: options.readonlyRoot ?? false,
    });
  } finally {
    tryRemoveTree(directory);
  }
}

function commandOf({ config }: ImageConfig, tree: FileTree, options: RunImageOptions) {
  const entrypoint = options.entrypoint ?? config.Entrypoint ?? [];
  const args = options.shell
    ? shellArgs(tree)
    : [...entrypoint, ...(options.args ?? (options.entrypoint ? [] : config.Cmd) ?? [])];
  if (args.length === 0)
    throw new TsbuildError("usage", "the image has no command", {
      hint: "Give one after the image: tsbuild run IMAGE COMMAND.",
    });
  return {
    args,
    env: [
      ...(options.terminal ? [`TERM=${process.env.TERM ?? "dumb"}`] : []),
      ...(config.Env ?? []),
      ...(options.env ?? []),
    ],
    cwd: options.cwd ?? (config.WorkingDir || "/"),
    user: options.user ?? config.User ?? "",
    network: options.network ?? ("default" as const),
  };
}
