// WORKDIR.
// https://docs.docker.com/reference/dockerfile/#workdir

import type { WorkdirInstruction } from "../parser/index.js";
import { configure } from "./config.js";
import { describeLine } from "./describe.js";
import { absolutePath } from "./paths.js";
import { type Line, type Planning, type StageState, addStep, expand, record, workingDirectory } from "./state.js";

/** Makes the directory at once, owned by the current user; only "/" makes no layer (S-142, S-143). */
export function planWorkdir(line: Line<WorkdirInstruction>, state: StageState, planning: Planning): StageState {
  const path = absolutePath(workingDirectory(state), expand(line.instruction.path, state, planning));
  const next = { ...state, image: configure(state.image, { WorkingDir: path }) };
  if (path === "/") return record(next, `WORKDIR ${path}`);
  const op = { kind: "mkdir", parent: state.vertex, path, user: state.image.config.User ?? "" } as const;
  const made = addStep(line, op, describeLine(line.instruction, state, planning), next, planning);
  return record(made, `WORKDIR ${path}`, made.vertex);
}
