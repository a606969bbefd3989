// The registries of an image's names.

import type { KeyObject } from "node:crypto";
import { nameless } from "./check.js";
import { formatReference, type Reference } from "../oci/index.js";
import { signImage } from "../signing/index.js";
import type { PushOptions } from "./output.js";
import { pushImage } from "./push.js";
import type { ImageWriting } from "./write-store.js";

/** The image, and those of its platforms: whoever pulls one of them by its digest can verify it. */
async function sign(name: Reference, { image, openRepository, report }: ImageWriting, key: KeyObject): Promise<void> {
  const repository = await openRepository(name);
  await signImage(repository, name, image.root.descriptor, { key, recursive: true });
  report.status(`signing ${formatReference(name)}`);
}

/** @throws usage when there is no name */
export async function writeToRegistries(output: PushOptions, writing: ImageWriting): Promise<void> {
  const { image, names } = writing;
  if (names.length === 0) throw nameless();
  const manifest = image.root.descriptor;
  for (const name of names) {
    const { tag: _, ...untagged } = name;
    await pushImage({ ...writing, manifest, tag: output.pushByDigest ? untagged : name });
    if (writing.signWith) await sign(name, writing, writing.signWith);
  }
}
