// A failed step as an image that can be taken elsewhere: `--on-error=save` writes it, `tsbuild replay` opens it. Any program
// that reads OCI archives can run it as well: the command that failed is its Cmd.

import { createReadStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Layout, stagedName, Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { chooseRuntime, type FailedStep, runImage, type RunSettings } from "../executor/index.js";
import { unpackLayer } from "../filesystem/index.js";
import { defaultHome } from "../inputs/index.js";
import { type ImageConfig, platformOfConfig, readImage } from "../oci/index.js";
import { openPlaces, type Places } from "../places.js";
import { describeConfig, newLayers, writeOutput } from "../outputs/index.js";
import type { BuildGraph } from "../planner/index.js";
import { refuseSecrets, type SecretValues } from "../secrets/index.js";

export interface SaveStepOptions {
  readonly graph: BuildGraph;
  readonly store: Store;
  readonly places: Places;
  /** What may not be in it. */
  readonly secrets: SecretValues;
  readonly signal?: AbortSignal;
}

/** @throws secret_leaked, output_failed, store_full */
export async function saveFailedStep(
  failed: FailedStep,
  file: string,
  { graph, store, places, secrets, signal }: SaveStepOptions,
): Promise<void> {
  const layers = await failed.layers();
  const platform = platformOfConfig(graph.image.config);
  const { args, env, cwd, user } = failed.command;
  const config: ImageConfig = {
    ...platform,
    config: { Env: [...env], WorkingDir: cwd, User: user, Cmd: [...args], Labels: { [LABEL]: failed.error.message } },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffID }) => diffID) },
    history: [],
  };
  const image = { ...describeConfig(config), layers };
  await refuseSecrets({ config, layers: newLayers(image, graph, store) }, secrets);
  const report = { status: () => {}, transfer: () => {} };
  await writeOutput(
    [{ platform, image }],
    { type: "oci", dest: file, tar: true },
    { ...places, store, tags: [], report, ...(signal && { signal }) },
  );
}

/** The label of the message that the step failed with. */
const LABEL = "tsbuild.failure";

export interface ReplayOptions {
  /** A command in place of a shell. */
  readonly args?: readonly string[];
  /** Run the command that failed, in place of a shell. @default false */
  readonly again?: boolean;
  /** The store. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  /** `built-in`, the name or the path of an OCI runtime. @default the best there is */
  readonly ociRuntime?: string;
  /** @default {} */
  readonly settings?: RunSettings;
  /** Told what failed, and why, before anything runs. */
  readonly onReady?: (failed: { readonly args: readonly string[]; readonly message: string }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Opens a shell in a failed step that was saved.
 * @returns its exit code
 * @throws bad_archive, bad_manifest, command_not_found
 */
export async function replayStep(file: string, options: ReplayOptions = {}): Promise<number> {
  const store = Store.openAt(options.home ?? defaultHome());
  const places = openPlaces(store, options);
  const directory = stagedName(join(store.scratch(), "replay"));
  try {
    mkdirSync(directory);
    await unpackLayer(createReadStream(file), directory);
    const layout = new Layout(directory);
    const [root] = layout.names.manifests();
    if (!root)
      throw new TsbuildError("bad_manifest", `"${file}" holds no image`, {
        hint: "Give a file that --on-error=save wrote.",
      });
    const { manifest, config } = await readImage(layout, root);
    const failed = config.config.Cmd ?? [];
    options.onReady?.({ args: failed, message: config.config.Labels?.[LABEL] ?? "" });
    const args = options.again ? failed : options.args;
    const runtime = async () =>
      chooseRuntime(options.ociRuntime === undefined ? {} : { requested: options.ociRuntime });
    const place = { store, origin: { kind: "layout", directory } as const, openOrigin: places.openOrigin, runtime };
    const { settings = {} } = options;
    const command = { settings, terminal: true, shell: args === undefined, ...(args && { args }), onOutput: () => {} };
    const signal = options.signal ?? new AbortController().signal;
    return (await runImage({ layers: manifest.layers, config }, { ...place, ...command, signal })).code;
  } finally {
    rmSync(directory, { recursive: true, force: true });
    await places.close();
    store.close();
  }
}
