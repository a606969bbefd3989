// EXPOSE.
// https://docs.docker.com/reference/dockerfile/#expose

import { DockerfileError, type ExposeInstruction, type Word, expandWords, mapAll } from "../parser/index.js";
import { plainList } from "./go-format.js";
import { addKeys } from "./image-draft.js";
import { parsePorts } from "./ports.js";
import { type Line, type Planning, type StageState, record } from "./state.js";

/** A variable may hold several ports (S-047). The list is sorted, and each port is in it once (S-151). */
export function planExpose(
  { instruction }: Line<ExposeInstruction>,
  state: StageState,
  planning: Planning,
): StageState {
  const ports = [...new Set(mapAll(instruction.ports, (word) => portsOf(word, state, planning)).flat())].sort();
  return record({ ...state, entries: addKeys(state.entries, "ports", ports) }, `EXPOSE ${plainList(ports)}`);
}

function portsOf(word: Word, { scope }: StageState, { escape }: Planning): readonly string[] {
  const { words } = expandWords(word, (name) => scope.variables.get(name), { escape });
  return mapAll(words, (text) => {
    const found = parsePorts(text);
    if ("ports" in found) return found.ports;
    throw new DockerfileError("bad_value", found.problem, word.span, {
      hint: 'Write a port as "8080", "8080/udp" or "8000-8010".',
    });
  }).flat();
}
