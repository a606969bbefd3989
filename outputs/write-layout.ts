// OCI image layouts and archives for `docker load`, as tars, as folders, or handed to docker or podman at once.

import { join } from "node:path";
import type { Writable } from "node:stream";
import { LIST_OF_IMAGES, namedRoot, tagName, writeArchive } from "../archives/index.js";
import { Layout, writeFileAtomic } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { copyImage } from "../oci/index.js";
import { dockerArchive, dockerList, ociArchive } from "./archive-entries.js";
import { refuseIndex } from "./check.js";
import { loadArchive } from "./load.js";
import type { DockerOutput, OciOutput } from "./output.js";
import type { ImageWriting } from "./write-store.js";

/** @throws usage, unsupported, output_failed */
export async function writeLayout(output: OciOutput | DockerOutput, writing: ImageWriting): Promise<void> {
  const { image, names, source, signal } = writing;
  const isDocker = output.type === "docker";
  if (isDocker) refuseIndex(image.platforms.length);
  const { dest, tar = true } = output;
  const archive = () => (isDocker ? dockerArchive(image, names, source) : ociArchive(image, names, source));
  if (dest === undefined) return loadArchive(archive(), { ...writing, ...contextOf(output) });
  if (tar) return writeArchive(archive(), dest, signal);
  await writeFolder(output, folderOf(dest), writing);
}

function contextOf(output: OciOutput | DockerOutput): Pick<DockerOutput, "context"> {
  return "context" in output && output.context !== undefined ? { context: output.context } : {};
}

function folderOf(dest: string | Writable): string {
  if (typeof dest === "string") return dest;
  throw new TsbuildError("usage", "an image layout cannot be written to a stream", {
    hint: "Name a directory with dest=…, or use tar=true.",
  });
}

async function writeFolder(output: OciOutput | DockerOutput, dest: string, writing: ImageWriting): Promise<void> {
  const { image, names, source, signal } = writing;
  const layout = Layout.create(dest);
  const { descriptor } = image.root;
  const aborting = signal ? { signal } : {};
  if (names.length === 0) await copyImage(descriptor, source, layout, { tag: "latest", ...aborting });
  for (const name of names)
    await copyImage(namedRoot(descriptor, name), source, layout, { tag: tagName(name), ...aborting });
  if (output.type === "docker") writeFileAtomic(join(dest, LIST_OF_IMAGES.docker), dockerList(image, names));
}
