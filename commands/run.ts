// `run`: an image of the store in the sandbox that builds use.

import { chooseRuntime, runImage as runInSandbox, type RunSettings, type SignalSource } from "../executor/index.js";
import { chooseImage, findImage, withIntactBlobs } from "../images/index.js";
import { type CommandOptions, withExistingStore } from "./with-store.js";
import type { NetworkMode, RunMount } from "../planner/index.js";

export interface RunOptions extends CommandOptions {
  /** Which image of an index. @default this machine's */
  readonly platform?: string;
  /** Replaces the image's Cmd. */
  readonly args?: readonly string[];
  /** Replaces the image's Entrypoint. */
  readonly entrypoint?: readonly string[];
  /** `NAME=value`, over the image's. */
  readonly env?: readonly string[];
  readonly user?: string;
  readonly cwd?: string;
  readonly network?: NetworkMode;
  /** `built-in`, the name or the path of an OCI runtime. @default the best there is */
  readonly ociRuntime?: string;
  /** Files and directories of this machine, and tmpfs. @default [] */
  readonly mounts?: readonly Extract<RunMount, { type: "host" | "tmpfs" }>[];
  /** Limits, hosts, capabilities. @default Docker's */
  readonly settings?: RunSettings;
  /** The command has the streams of this process; on a terminal, one of its own. @default false */
  readonly terminal?: boolean;
  /** Whether the command can write only to its mounts, /dev and /proc. @default false */
  readonly readonlyRoot?: boolean;
  /** Signals for the command, as they come: those that would end any other process end it too. @default none */
  readonly signals?: SignalSource;
  /** Not called with `terminal`. */
  readonly onOutput: (stream: 1 | 2, data: Uint8Array) => void;
}

/**
 * Runs a command of an image of the store in a sandbox. What it writes is thrown away.
 * @returns its exit code
 * @throws image_not_found, command_not_found, bad_mount, sandbox_unavailable
 */
export const runImage = (image: string, options: RunOptions): Promise<number> =>
  withExistingStore(options, async (store, { openOrigin }) => {
    const { descriptor } = await findImage(store, image);
    const { ociRuntime, signal = new AbortController().signal } = options;
    const runtime = async () => chooseRuntime(ociRuntime === undefined ? {} : { requested: ociRuntime });
    return withIntactBlobs(image, async () => {
      const { manifest, config } = await chooseImage(store, descriptor, options.platform);
      const running = { ...options, store, openOrigin, runtime, signal };
      const { code } = await runInSandbox({ layers: manifest.layers, config }, running);
      return code;
    });
  });
