// RUN --mount: what a target can be given.
// https://docs.docker.com/reference/dockerfile/#run---mount

import { posix } from "node:path";
import type { Instruction, MountFlag, Span, Word } from "../../parser/index.js";

export interface OutlineMount {
  readonly type: "secret" | "ssh" | "cache";
  /** That of a secret without one is the name of its file, that of a cache its target, that of ssh `default`. */
  readonly id: string;
  readonly required: boolean;
  readonly span: Span;
}

/** The mounts of an instruction that take something from outside the build. */
export function mountsOf(instruction: Instruction, read: (word: Word) => string): OutlineMount[] {
  if (instruction.kind !== "RUN") return [];
  return instruction.mounts.flatMap((mount) => readMount(mount, read));
}

function readMount({ options, span }: MountFlag, read: (word: Word) => string): OutlineMount[] {
  const value = (...keys: readonly string[]): string | undefined => {
    const option = options.find(({ key }) => keys.includes(key));
    return option && (option.value ? read(option.value) : "true");
  };
  const type = value("type");
  if (type !== "secret" && type !== "ssh" && type !== "cache") return [];
  const target = value("target", "dst", "destination") ?? "";
  const fallback = { secret: posix.basename(target), ssh: "default", cache: target }[type];
  const required = ["1", "t", "true"].includes((value("required") ?? "").toLowerCase());
  return [{ type, id: value("id") || fallback, required, span }];
}
