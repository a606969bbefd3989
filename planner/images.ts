// The images that a plan needs: each is resolved once, and as early as it is known.

import { type Platform, formatPlatform, formatReference, parseReference } from "../oci/index.js";
import type { Span } from "../parser/index.js";
import type { ResolvedImage } from "./graph.js";
import type { ResolveImage } from "./options.js";

export class Images {
  readonly #resolveImage: ResolveImage;
  readonly #found = new Map<string, Promise<ResolvedImage>>();

  constructor(resolveImage: ResolveImage) {
    this.#resolveImage = resolveImage;
  }

  /**
   * Resolving the same image for the same platform again gives the same answer, whatever the spelling.
   * @throws bad_reference, and whatever `resolveImage` throws
   */
  async resolve(name: string, platform: Platform, span: Span): Promise<ResolvedImage> {
    const key = `${canonicalName(name)} ${formatPlatform(platform)}`;
    const found = this.#found.get(key) ?? this.#resolveImage(name, platform, span);
    this.#found.set(key, found);
    return found;
  }

  /** Starts to resolve an image that will be asked for. Its failure is told to whoever asks. */
  prefetch(name: string, platform: Platform, span: Span): void {
    this.resolve(name, platform, span).catch(() => {});
  }
}

const LAYOUT = "oci-layout://";

/** The name of a layout's image as `resolveImage` takes it. */
export function layoutName(directory: string, reference: string | undefined): string {
  if (!reference) return `${LAYOUT}${directory}`;
  return `${LAYOUT}${directory}${reference.startsWith("sha256:") ? "@" : ":"}${reference}`;
}

function canonicalName(name: string): string {
  return name.startsWith(LAYOUT) ? name : formatReference(parseReference(name));
}
