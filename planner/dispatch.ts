// Which file plans which instruction.

import { planTransfer } from "./copy.js";
import { planExpose } from "./expose.js";
import { planHealthcheck } from "./healthcheck.js";
import {
  planCmd,
  planEntrypoint,
  planLabel,
  planMaintainer,
  planOnbuild,
  planShell,
  planStopsignal,
  planUser,
  planVolume,
} from "./metadata.js";
import { planRun } from "./run.js";
import type { Line, Planning, StageState } from "./state.js";
import type { StageInstruction } from "./stages.js";
import { planArg, planEnv } from "./variables.js";
import { planWorkdir } from "./workdir.js";

type PlanLine<Instruction extends StageInstruction> = (
  line: Line<Instruction>,
  state: StageState,
  planning: Planning,
) => StageState | Promise<StageState>;

const PLAN: { readonly [Kind in StageInstruction["kind"]]: PlanLine<Extract<StageInstruction, { kind: Kind }>> } = {
  ADD: planTransfer,
  ARG: planArg,
  CMD: planCmd,
  COPY: planTransfer,
  ENTRYPOINT: planEntrypoint,
  ENV: planEnv,
  EXPOSE: planExpose,
  HEALTHCHECK: planHealthcheck,
  LABEL: planLabel,
  MAINTAINER: planMaintainer,
  ONBUILD: planOnbuild,
  RUN: planRun,
  SHELL: planShell,
  STOPSIGNAL: planStopsignal,
  USER: planUser,
  VOLUME: planVolume,
  WORKDIR: planWorkdir,
};

/** The state after one line. */
export function planLine(line: Line, state: StageState, planning: Planning): StageState | Promise<StageState> {
  const planKind = PLAN[line.instruction.kind] as PlanLine<StageInstruction>;
  return planKind(line, state, planning);
}
