// Pull from where no registry is: archives and image layouts.
// https://github.com/containers/image/blob/main/docs/containers-transports.5.md

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { Places } from "../places.js";
import { openSource, parseTransport } from "../transports/index.js";
import { type ImageTransferOptions, type PulledImage, takeImage } from "./pull.js";

/**
 * Takes an image of an archive or a layout into the store, by its name there; without one it is kept under its ID.
 * @param text `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`
 * @throws bad_reference, usage for `store:`, image_not_found, platform_not_found, bad_archive
 */
export async function pullFromTransport(
  store: Store,
  { openRepository, trust }: Pick<Places, "openRepository" | "trust">,
  text: string,
  options: ImageTransferOptions,
): Promise<PulledImage> {
  const name = parseTransport(text);
  if (name.kind === "store")
    throw new TsbuildError("usage", `"${text}" is in the store already`, {
      hint: "Give it another name with tsbuild tag.",
    });
  const open = () => openSource(name, { store, openRepository, trust, signal: options.signal });
  return takeImage(store, { name: text, open }, options);
}
