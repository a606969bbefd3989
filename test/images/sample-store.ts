// A store with images of small layers, made without a build.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { readFileSync } from "node:fs";
import { stagedName, Store } from "../../cache/index.js";
import { compareNames, type LayerChange, packChanges } from "../../filesystem/index.js";
import {
  type ContainerConfig,
  type Descriptor,
  type Digest,
  formatReference,
  MediaType,
  parseReference,
  type Platform,
  sha256,
} from "../../oci/index.js";
import { entries, type TreeLiteral } from "../helpers/tree.js";

export interface SampleLayer {
  readonly tree?: TreeLiteral;
  /** Paths that it deletes. */
  readonly deletes?: readonly string[];
  /** Directories whose lower content it hides. */
  readonly hides?: readonly string[];
  /** The instruction. @default its number */
  readonly by?: string;
}

export interface SampleImage {
  readonly names?: readonly string[];
  readonly layers?: readonly SampleLayer[];
  readonly config?: ContainerConfig;
  readonly created?: string;
  readonly platform?: Platform;
  /** Layers are kept compressed, as after a pull. @default false */
  readonly compressed?: boolean;
}

export class SampleStore {
  readonly path = mkdtempSync(join(tmpdir(), "tsbuild-images-"));
  readonly home = join(this.path, "home");
  readonly store = Store.openAt(this.home);

  constructor() {
    onTestFinished(() => {
      this.store.close();
      rmSync(this.path, { recursive: true, force: true });
    });
  }

  /** @returns the manifest, and the ID */
  async image(image: SampleImage = {}): Promise<{ readonly descriptor: Descriptor; readonly imageId: Digest }> {
    const { names = [], layers = [{ tree: { a: "a" } }], platform = { os: "linux", architecture: "amd64" } } = image;
    const packed = [];
    for (const layer of layers) packed.push(await this.#layer(layer, image.compressed ?? false));
    const created = image.created ?? "2026-01-02T03:04:05Z";
    const config = {
      ...platform,
      created,
      config: image.config ?? {},
      rootfs: { type: "layers", diff_ids: packed.map(({ diffID }) => diffID) },
      history: [
        ...layers.map(({ by }, position) => ({ created, created_by: by ?? `RUN step ${position + 1}` })),
        { created, created_by: 'CMD ["a"]', empty_layer: true },
      ],
    };
    const configBlob = await this.put(JSON.stringify(config), MediaType.config);
    const manifest = { config: configBlob, layers: packed.map(({ blob }) => blob) };
    const descriptor = await this.#manifest(MediaType.manifest, manifest);
    await this.#name(descriptor, names);
    return { descriptor, imageId: configBlob.digest };
  }

  /** An index over images, each with its platform. */
  async index(names: readonly string[], manifests: readonly Descriptor[]): Promise<Descriptor> {
    const descriptor = await this.#manifest(MediaType.index, { manifests });
    await this.#name(descriptor, names);
    return descriptor;
  }

  async put(content: string | Uint8Array, mediaType: string): Promise<Descriptor> {
    const bytes = Buffer.from(content);
    const blob = { mediaType, digest: sha256(bytes), size: bytes.length };
    await this.store.put(blob, Readable.from([bytes]));
    return blob;
  }

  async #name(descriptor: Descriptor, names: readonly string[]): Promise<void> {
    await this.store.names.keep(descriptor);
    for (const name of names) await this.store.nameImage(formatReference(parseReference(name)), descriptor);
  }

  async #manifest(mediaType: string, fields: object): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }));
    const descriptor = { mediaType, digest: sha256(bytes), size: bytes.length };
    await this.store.putManifest(descriptor, bytes);
    return descriptor;
  }

  async #layer({ tree = {}, deletes = [], hides = [] }: SampleLayer, isCompressed: boolean) {
    const marks: LayerChange[] = [
      ...deletes.map((path) => ({ path, type: "whiteout" as const })),
      ...hides.map((path) => ({ path, type: "opaque" as const })),
    ];
    const changes = [...marks, ...entries(tree)].sort((a, b) => compareNames(a.path, b.path));
    const output = stagedName(join(this.store.scratch(), "layer"));
    const index = await packChanges(changes, { output, contentOf: ({ path }) => contentOf(tree, path) });
    const { diffID } = index;
    if (isCompressed) {
      const bytes = gzipSync(readFileSync(output));
      rmSync(output);
      return { diffID, blob: await this.put(bytes, MediaType.layerGzip) };
    }
    this.store.blobs.adopt(output, diffID);
    return { diffID, blob: { mediaType: MediaType.layer, digest: diffID, size: index.size } };
  }
}

/** Of a file that is written as text, or with attributes. */
function contentOf(tree: TreeLiteral, path: string): Uint8Array {
  let value: unknown = tree;
  for (const name of path.split("/")) {
    const { children = value } = value as { readonly children?: unknown };
    value = (children as TreeLiteral)[name];
  }
  if (typeof value === "string" || value instanceof Uint8Array) return Buffer.from(value);
  return (value as { readonly content: Uint8Array }).content;
}
