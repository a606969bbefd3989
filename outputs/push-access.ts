// Whether the registries of an image's names let us push, asked while the build goes on: nobody waits for a long build to
// learn of a password that is wrong.

import { TsbuildError } from "../errors.js";
import { formatReference, type ImageStore, type Reference } from "../oci/index.js";
import { namesOf } from "./names.js";
import { type ImageSpec, type OutputSpec, writesImage } from "./output.js";

export interface PushAccessOptions {
  readonly outputs: readonly OutputSpec[];
  /** The names of the build. */
  readonly tags: readonly Reference[];
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
}

/** A place that can say whether it will be written to. */
type Asked = ImageStore & { tryPush?(options: { readonly signal: AbortSignal }): Promise<void> };

export class PushAccess {
  readonly #repositories: readonly Reference[];
  readonly #openRepository: PushAccessOptions["openRepository"];
  readonly #ended = new AbortController();
  readonly #refused = new AbortController();
  #asked: Promise<void> | undefined;
  #refusal: TsbuildError | undefined;

  constructor({ outputs, tags, openRepository }: PushAccessOptions) {
    this.#repositories = repositoriesOf(outputs.filter(pushes), tags);
    this.#openRepository = openRepository;
  }

  /** Aborted when a registry refuses: the build is in vain. */
  get signal(): AbortSignal {
    return this.#refused.signal;
  }

  /** What the registry said. */
  get refusal(): TsbuildError | undefined {
    return this.#refusal;
  }

  /** Begins to ask, at the first call. */
  ask(): void {
    this.#asked ??= this.#askAll();
  }

  /** Ends what is under way. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#asked;
  }

  async #askAll(): Promise<void> {
    await Promise.all(this.#repositories.map((repository) => this.#ask(repository)));
  }

  /** What may be different when the image is there is no refusal: a registry that does not answer, or is busy. */
  async #ask(reference: Reference): Promise<void> {
    try {
      const repository: Asked = await this.#openRepository(reference);
      await repository.tryPush?.({ signal: this.#ended.signal });
    } catch (error) {
      const isRefused = error instanceof TsbuildError && ["unauthorized", "registry_blocked"].includes(error.code);
      if (!isRefused || this.#ended.signal.aborted) return;
      this.#refusal ??= error;
      this.#refused.abort();
    }
  }
}

function pushes(output: OutputSpec): output is ImageSpec {
  return writesImage(output) && (output.type === "registry" || (output.type === "image" && output.push === true));
}

/** Without tags, each once. */
function repositoriesOf(outputs: readonly ImageSpec[], tags: readonly Reference[]): Reference[] {
  const names = outputs.flatMap((output) => namesOf(output, tags));
  const untagged = names.map(({ registry, repository }) => ({ registry, repository }));
  return [...new Map(untagged.map((name) => [formatReference(name), name])).values()];
}
