// Named contexts stand for stages and images (S-069).
// https://docs.docker.com/build/concepts/context/#named-contexts

import { TsbuildError } from "../errors.js";
import { formatReference, parseReference } from "../oci/index.js";
import type { NamedContext } from "./options.js";

export interface FoundContext {
  /** As the user named it. */
  readonly name: string;
  readonly context: NamedContext;
}

export class NamedContexts {
  readonly #byName: ReadonlyMap<string, FoundContext>;

  constructor(contexts: Readonly<Record<string, NamedContext>> = {}) {
    this.#byName = new Map(Object.entries(contexts).map(([name, context]) => [normalize(name), { name, context }]));
  }

  /** `alpine`, `alpine:latest` and `docker.io/library/alpine` are one name. `scratch` and `context` never are names. */
  find(name: string): FoundContext | undefined {
    return /^(scratch|context)$/i.test(name) ? undefined : this.#byName.get(normalize(name));
  }
}

/** A name that may be a stage's counts in any case of letters. What is no reference can only be equal to itself. */
function normalize(name: string): string {
  try {
    return formatReference(parseReference(/^[\w.-]+$/.test(name) ? name.toLowerCase() : name));
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "bad_reference") return name;
    throw error;
  }
}
