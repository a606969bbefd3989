// The registries of an image's names.

import { TsbuildError } from "../errors.js";
import type { PushOptions } from "./output.js";
import { pushImage } from "./push.js";
import type { ImageWriting } from "./write-store.js";

/** @throws usage when there is no name */
export async function writeToRegistries(output: PushOptions, writing: ImageWriting): Promise<void> {
  const { image, names } = writing;
  if (names.length === 0)
    throw new TsbuildError("usage", "an image that is pushed needs a name", {
      hint: "Add -t REGISTRY/REPOSITORY:TAG.",
    });
  const manifest = image.root.descriptor;
  for (const name of names) {
    const { tag: _, ...untagged } = name;
    await pushImage({ ...writing, manifest, tag: output.pushByDigest ? untagged : name });
  }
}
