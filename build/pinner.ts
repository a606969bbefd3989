// Stands where a build resolves its sources, and notes what each stands for.

import { fetcher, type FetchOptions, imageNotFound } from "../inputs/index.js";
import { type Digest, formatReference, type ImageStore, parseReference, type Reference } from "../oci/index.js";
import type { Span } from "../parser/index.js";
import type { ResolveImage } from "../planner/index.js";
import {
  isPinned,
  located,
  type Pin,
  pinOfImage,
  pinOfRepository,
  pinOfUrl,
  type SourceRules,
} from "../policy/index.js";
import type { GitSource, HttpSource } from "../remote/index.js";

export interface PinnerOptions extends FetchOptions {
  /** What is put to every source first. */
  readonly rules: SourceRules;
  readonly resolveImage: ResolveImage;
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
}

export class Pinner {
  readonly #options: PinnerOptions;
  readonly #fetch: ReturnType<typeof fetcher>;
  /** By what is pinned. */
  readonly #pins = new Map<string, Promise<Pin>>();
  readonly #digests = new Map<string, Promise<Digest>>();

  constructor(options: PinnerOptions) {
    this.#options = options;
    this.#fetch = fetcher(options);
  }

  /** All that was met, once each. @throws the first failure, at its place in the Dockerfile */
  async pins(): Promise<readonly Pin[]> {
    await Promise.allSettled(this.#pins.values());
    const pins = await Promise.all(this.#pins.values());
    return [...new Map(pins.map((pin) => [pin.selector.identifier, pin])).values()];
  }

  /** The image that the tag stands for now. */
  get resolveImage(): ResolveImage {
    return this.#options.rules.resolving(async (name, platform, span) => {
      const { resolveImage } = this.#options;
      if (name.startsWith("oci-layout://") || name.includes("@")) return resolveImage(name, platform, span);
      const full = formatReference(parseReference(name));
      const digest = await once(this.#digests, full, () => this.#digestOf(full));
      this.#note(full, async () => pinOfImage(full, digest));
      return resolveImage(`${full}@${digest}`, platform, span);
    });
  }

  /** Notes a source that is fetched later. */
  readonly resolveSource = <Source extends HttpSource | GitSource>(given: Source, span: Span): Source => {
    const source = this.#options.rules.resolveSource(given, span);
    if (!isPinned(source)) this.#note(keyOf(source), () => located(span, () => this.#pin(source)));
    return source;
  };

  /** What is fetched now. */
  readonly pinned = async <Source extends HttpSource | GitSource>(given: Source): Promise<Source> => {
    const source = this.#options.rules.source(given);
    if (!isPinned(source)) await this.#note(keyOf(source), () => this.#pin(source));
    return source;
  };

  #note(key: string, pin: () => Promise<Pin>): Promise<Pin> {
    const noted = once(this.#pins, key, pin);
    noted.catch(() => {}); // told by `pins`
    return noted;
  }

  async #pin(source: HttpSource | GitSource): Promise<Pin> {
    if ("url" in source) return pinOfUrl(source, (await this.#fetch.http(source, {})).digest);
    return pinOfRepository(source, (await this.#fetch.git(source, {})).commit);
  }

  async #digestOf(name: string): Promise<Digest> {
    const reference = parseReference(name);
    const root = await (await this.#options.openRepository(reference)).resolve(reference.tag!);
    if (!root) throw imageNotFound(name);
    return root.digest;
  }
}

function keyOf(source: HttpSource | GitSource): string {
  return JSON.stringify(source);
}

function once<Value>(made: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}
