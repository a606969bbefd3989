// The commands around building, each opening the store, doing its work and closing it.

import { Store } from "./cache/index.js";
import { chooseRuntime, runImage as runInSandbox } from "./executor/index.js";
import * as images from "./images/index.js";
import { defaultHome } from "./inputs/index.js";
import { type Descriptor, readImage } from "./oci/index.js";
import { openPlaces, type Places } from "./places.js";
import type { NetworkMode } from "./planner/index.js";
import type { BuildFact, OnEvent } from "./progress.js";

export interface CommandOptions {
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  readonly signal?: AbortSignal;
}

export interface RegistryCommandOptions extends CommandOptions {
  /** Registries spoken to without TLS, or with a certificate that is not checked: `HOST[:PORT]`. @default [] */
  readonly insecureRegistries?: readonly string[];
  readonly onEvent?: OnEvent;
  /** For pull: which image of an index. @default this machine's */
  readonly platform?: string;
}

export interface RunOptions extends RegistryCommandOptions {
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
  readonly onOutput: (stream: 1 | 2, data: Uint8Array) => void;
}

export const listImages = (options: CommandOptions = {}): Promise<readonly images.ImageSummary[]> =>
  withStore(options, images.listImages);

/** @throws image_not_found */
export const inspectImage = (name: string, options: CommandOptions = {}): Promise<images.ImageDetails> =>
  withStore(options, (store) => images.inspectImage(store, name));

/** @throws image_not_found, bad_reference */
export const tagImage = (source: string, target: string, options: CommandOptions = {}): Promise<void> =>
  withStore(options, (store) => images.tagImage(store, source, target));

/** @throws image_not_found */
export const removeImage = (name: string, options: CommandOptions = {}): Promise<void> =>
  withStore(options, (store) => images.removeImage(store, name));

/** @throws image_not_found, RegistryError */
export const pullImage = (name: string, options: RegistryCommandOptions = {}): Promise<Descriptor> =>
  withStore(options, (store, places) => images.pullImage(store, places, name, transfer(options)));

/** @throws image_not_found, RegistryError */
export const pushImage = (name: string, options: RegistryCommandOptions = {}): Promise<Descriptor> =>
  withStore(options, (store, places) => images.pushImage(store, places, name, transfer(options)));

/**
 * Runs a command of an image of the store in a sandbox.
 * @returns its exit code
 * @throws image_not_found, command_not_found, sandbox_unavailable
 */
export const runImage = (name: string, options: RunOptions): Promise<number> =>
  withStore(options, async (store, { openOrigin }) => {
    const { manifest, config } = await readImage(store, images.find(store, name).descriptor);
    const runtime = async () =>
      chooseRuntime(options.ociRuntime === undefined ? {} : { requested: options.ociRuntime });
    const signal = options.signal ?? new AbortController().signal;
    const status = await runInSandbox(
      { layers: manifest.layers, config },
      { ...options, store, openOrigin, runtime, signal },
    );
    return status.code;
  });

function transfer({ onEvent, platform, signal }: RegistryCommandOptions) {
  const emit = (fact: BuildFact) => onEvent?.({ time: Date.now(), ...fact });
  return { emit, ...(platform !== undefined && { platform }), ...(signal && { signal }) };
}

async function withStore<Value>(
  options: RegistryCommandOptions,
  work: (store: Store, places: Places) => Promise<Value>,
): Promise<Value> {
  const store = Store.openAt(options.home ?? defaultHome());
  const places = openPlaces(store, options);
  try {
    return await work(store, places);
  } finally {
    await places.close();
    store.close();
  }
}
