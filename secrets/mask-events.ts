// Masks everything that a build says: events and errors.

import type { BuildFact } from "../progress.js";
import { MaskedStream, maskText } from "./mask.js";
import { maskPatterns, type Pattern, type SecretValues } from "./patterns.js";

export class Masking {
  readonly #patterns: readonly Pattern[];
  readonly #streams = new Map<string, MaskedStream>();
  readonly #files = new WeakMap<SourceLines, SourceLines>();

  constructor(values: SecretValues) {
    this.#patterns = maskPatterns(values);
  }

  /** The fact without secrets; before the end of a step also what was held back of its output. */
  facts(fact: BuildFact): readonly BuildFact[] {
    if (this.#patterns.length === 0) return [fact];
    if (fact.type === "output") return this.#output(fact);
    const masked = this.#withSpan(maskStrings(fact, FACT_TEXTS, this.#patterns));
    return "vertex" in fact && fact.type !== "status" && fact.type !== "started"
      ? [...this.#rest(fact.vertex), masked]
      : [masked];
  }

  /** Masks the messages of an error and of its causes, in place: it is still the same error. */
  error(error: unknown): unknown {
    if (this.#patterns.length === 0) return error;
    for (let one = error; one instanceof Error; one = one.cause) this.#maskError(one);
    return error;
  }

  #maskError(error: Error & Located): void {
    const { message, stack, hint, step } = error;
    const texts = maskStrings({ message, stack, ...(hint !== undefined && { hint }) }, ERROR_TEXTS, this.#patterns);
    const masked = step && this.#withSpan(maskStrings(step, STEP_TEXTS, this.#patterns));
    const { span } = this.#withSpan(error as Located);
    Object.assign(error, texts, span && { span }, masked && { step: masked });
  }

  /** A span brings its file along, of which lines are shown. */
  #withSpan<Value extends object>(value: Value): Value {
    const { span } = value as Located;
    if (!span) return value;
    const { file } = span;
    const masked = this.#files.get(file) ?? {
      ...file,
      lines: file.lines.map((line) => maskText(line, this.#patterns)),
    };
    this.#files.set(file, masked);
    return { ...value, span: { ...span, file: masked } };
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

interface SourceLines {
  readonly lines: readonly string[];
}

/** What facts, and errors of steps and of Dockerfiles, may have besides. */
interface Located {
  readonly hint?: string;
  readonly span?: { readonly file: SourceLines };
  readonly step?: Located;
}

const streamKey = (vertex: string, stream: number): string => `${stream} ${vertex}`;

/** Fields whose texts people read. Ids and digests are left as they are. */
const FACT_TEXTS = ["name", "message", "why"];
const ERROR_TEXTS = ["message", "stack", "hint"];
const STEP_TEXTS = ["vertex", "logTail"];

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
