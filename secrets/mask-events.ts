// Masks everything that a build says: events and errors.

import type { BuildFact } from "../progress.js";
import { MaskedStream, maskText } from "./mask.js";
import { maskPatterns, type Pattern, type SecretValues } from "./patterns.js";

export class Masking {
  readonly #patterns: readonly Pattern[];
  readonly #streams = new Map<string, MaskedStream>();

  constructor(values: SecretValues) {
    this.#patterns = maskPatterns(values);
  }

  /** The fact without secrets; before the end of a step also what was held back of its output. */
  facts(fact: BuildFact): readonly BuildFact[] {
    if (this.#patterns.length === 0) return [fact];
    if (fact.type === "output") return this.#output(fact);
    const masked = maskStrings(fact, FACT_TEXTS, this.#patterns);
    return "vertex" in fact && fact.type !== "status" && fact.type !== "started"
      ? [...this.#rest(fact.vertex), masked]
      : [masked];
  }

  /** Masks the messages of an error and of its causes, in place: it is still the same error. */
  error(error: unknown): unknown {
    if (this.#patterns.length === 0) return error;
    for (let one = error; one instanceof Error; one = one.cause) maskError(one, this.#patterns);
    return error;
  }

  #output(fact: Extract<BuildFact, { type: "output" }>): BuildFact[] {
    const key = streamKey(fact.vertex, fact.stream);
    const stream = this.#streams.get(key) ?? new MaskedStream(this.#patterns);
    this.#streams.set(key, stream);
    const data = stream.write(fact.data);
    return data.length === 0 ? [] : [{ ...fact, data }];
  }

  #rest(vertex: string): BuildFact[] {
    return ([1, 2] as const).flatMap((stream) => {
      const data = this.#streams.get(streamKey(vertex, stream))?.end();
      return data && data.length > 0 ? [{ type: "output" as const, vertex, stream, data }] : [];
    });
  }
}

const streamKey = (vertex: string, stream: number): string => `${stream} ${vertex}`;

/** Fields whose texts people read. Ids, digests and source files are left as they are. */
const FACT_TEXTS = ["name", "message", "why"];
const ERROR_TEXTS = ["message", "stack", "hint"];
const STEP_TEXTS = ["vertex", "logTail"];

function maskError(error: Error & { readonly step?: object }, patterns: readonly Pattern[]): void {
  const { message, stack, hint } = error as Error & { readonly hint?: string };
  const texts = maskStrings({ message, stack, ...(hint !== undefined && { hint }) }, ERROR_TEXTS, patterns);
  Object.assign(error, texts, error.step && { step: maskStrings(error.step, STEP_TEXTS, patterns) });
}

function maskStrings<Value extends object>(
  value: Value,
  names: readonly string[],
  patterns: readonly Pattern[],
): Value {
  const fields = Object.entries(value).map(([name, field]) => {
    return [name, typeof field === "string" && names.includes(name) ? maskText(field, patterns) : field];
  });
  return Object.fromEntries(fields) as Value;
}
