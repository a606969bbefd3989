// The values of one command line, read by name.

import type { Flag, FlagKind, FlagTable } from "./flag.js";
import { usageError } from "./usage-error.js";

type Value = string | number | boolean | string[];

export class FlagValues {
  readonly #flags: readonly Flag[];
  /** Of those that are refused as well. */
  readonly #kinds: ReadonlyMap<string, FlagKind>;
  readonly #values = new Map<string, Value>();
  /** Flags that are absent: their value is that of a variable. */
  readonly #filled = new Set<string>();

  /** A flag that the table refuses is absent. */
  constructor({ flags, refused }: FlagTable) {
    this.#flags = flags;
    this.#kinds = new Map([...flags, ...refused].map(({ name, kind }) => [name, kind]));
  }

  /** False when the flag is absent. */
  bool(name: string): boolean {
    return this.#get(name, "bool") === true;
  }

  /** Undefined when the flag is absent. */
  boolIfGiven(name: string): boolean | undefined {
    return this.#get(name, "bool") as boolean | undefined;
  }

  text(name: string): string | undefined {
    return this.#get(name, "string") as string | undefined;
  }

  /** The value of a flag that accepts these words only. */
  word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    const word = words.find((each) => each === text);
    if (text !== word) throw new Error(`--${name} accepts "${text}", which is none of ${words.join(", ")}`);
    return word;
  }

  int(name: string): number | undefined {
    return this.#get(name, "int") as number | undefined;
  }

  /** In the order given; empty when the flag is absent. */
  list(name: string): readonly string[] {
    return (this.#get(name, "list") as string[] | undefined) ?? [];
  }

  /** Whether the command line itself has the flag, and no variable stands for it. */
  isOnLine(name: string): boolean {
    return this.#values.has(name) && !this.#filled.has(name);
  }

  /** What the command line itself says, and no variable for it. */
  textOfLine(name: string): string | undefined {
    return this.#filled.has(name) ? undefined : this.text(name);
  }

  /** The last one wins. */
  set(flag: Flag, value: Value): void {
    this.#values.set(flag.name, value);
  }

  add(flag: Flag, value: string): void {
    this.#values.set(flag.name, [...this.list(flag.name), value]);
  }

  /** Gives absent flags the value of their environment variable. @throws usage */
  fillFrom(env: Readonly<Record<string, string | undefined>>): void {
    for (const flag of this.#flags) {
      const variable = flag.env?.find((name) => env[name]);
      if (variable === undefined || this.#values.has(flag.name)) continue;
      const value = env[variable]!;
      if (flag.choices && !flag.choices.includes(value)) {
        throw usageError(`invalid value "${value}" of ${variable}: expected one of ${flag.choices.join(", ")}`);
      }
      this.set(flag, flag.kind === "list" ? [value] : value);
      this.#filled.add(flag.name);
    }
  }

  #get(name: string, kind: FlagKind): Value | undefined {
    if (this.#kinds.get(name) !== kind) throw new Error(`no ${kind} flag is named ${name}`);
    return this.#values.get(name);
  }
}
