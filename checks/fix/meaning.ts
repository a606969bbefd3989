// What a Dockerfile means, without how it is written: equal for texts that give the same image, and the same label in
// place of MAINTAINER.

import {
  type Dockerfile,
  DockerfileError,
  type Instruction,
  parseWord,
  type Word,
  type WordPart,
} from "../../parser/index.js";
import { AUTHORS } from "./maintainer.js";

type Escape = "\\" | "`";

export function meaningOf({ directives, instructions }: Dockerfile): string {
  const escape = directives.find(({ name }) => name === "escape")?.value === "`" ? "`" : "\\";
  return JSON.stringify([
    directives.map(({ name, value }) => [name, value]),
    instructions.map((instruction) => plain(normal(instruction, escape))),
  ]);
}

function normal(instruction: Instruction, escape: Escape): object {
  switch (instruction.kind) {
    case "MAINTAINER":
      return { kind: "LABEL", comments: instruction.comments, pairs: [[[AUTHORS], [instruction.name]]] };
    case "ENV":
    case "LABEL": {
      const { kind, comments, pairs } = instruction;
      return { kind, comments, pairs: pairs.map(({ key, value }) => [wordOf(key, escape), wordOf(value, escape)]) };
    }
    case "EXPOSE": {
      const { kind, comments, ports } = instruction;
      return {
        kind,
        comments,
        ports: ports.map(({ text }) => text.replace(/\/[A-Za-z]+$/, (protocol) => protocol.toLowerCase())),
      };
    }
    case "FROM": {
      const { kind, comments, image, platform, as } = instruction;
      const isDefault = /^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform?.text ?? "");
      return { kind, comments, image, platform: isDefault ? undefined : platform, as: as?.name.toLowerCase() };
    }
    default:
      return instruction;
  }
}

/** The parts of a word, with neighbouring texts joined; a word that cannot be read is what is written. */
function wordOf(word: Word, escape: Escape): unknown {
  try {
    return joined(parseWord(word, { escape }));
  } catch (error) {
    if (error instanceof DockerfileError) return word.text;
    throw error;
  }
}

function joined(parts: readonly WordPart[]): unknown[] {
  const all: unknown[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if ("name" in part)
      all.push([part.name, part.operator, joined(part.word), part.replacement && joined(part.replacement)]);
    else if (typeof last === "string") all[all.length - 1] = last + part.text;
    else if (part.text !== "") all.push(part.text);
  }
  return all;
}

/** How something is written and where. The text of an instruction is told by its fields. */
const WRITTEN = ["span", "keyword", "startLine", "endLine", "text", "flags", "emptyLines"];

function plain(node: unknown, depth = 0): unknown {
  if (Array.isArray(node)) return node.map((item) => plain(item, depth + 1));
  if (typeof node !== "object" || node === null) return node;
  const fields = Object.entries(node).filter(([key]) => !WRITTEN.includes(key) || (key === "text" && depth > 0));
  return Object.fromEntries(fields.map(([key, value]) => [key, plain(value, depth + 1)]));
}
