// The instructions that change only the image config. Each writes one history entry without a layer (S-157).
// https://docs.docker.com/reference/dockerfile/

import {
  type CmdInstruction,
  DockerfileError,
  type EntrypointInstruction,
  type LabelInstruction,
  type MaintainerInstruction,
  type OnbuildInstruction,
  type ShellInstruction,
  type StopsignalInstruction,
  type UserInstruction,
  type VolumeInstruction,
  mapAll,
} from "../parser/index.js";
import { configure, withShell, withoutConfig } from "./config.js";
import { closest } from "./error.js";
import { plainList, quoteList } from "./go-format.js";
import { addKeys } from "./image-draft.js";
import { SIGNAL_NAMES, isSignal } from "./signals.js";
import { type Line, type Planning, type StageState, expand, record } from "./state.js";

export function planCmd({ instruction }: Line<CmdInstruction>, state: StageState): StageState {
  const args = commandOf(instruction, state);
  const image = configure(state.image, { Cmd: args, ArgsEscaped: true });
  return record({ ...state, image, cmdSet: true }, `CMD ${quoteList(args)}`);
}

/** An ENTRYPOINT drops the CMD of the base image, but not one of this stage (S-146). `ENTRYPOINT []` drops itself (S-023). */
export function planEntrypoint({ instruction }: Line<EntrypointInstruction>, state: StageState): StageState {
  const args = commandOf(instruction, state);
  const inherited = state.cmdSet ? state.image : withoutConfig(state.image, "Cmd");
  const image = args.length > 0 ? configure(inherited, { Entrypoint: args }) : withoutConfig(inherited, "Entrypoint");
  return record({ ...state, image }, `ENTRYPOINT ${quoteList(args)}`);
}

function commandOf({ command }: CmdInstruction | EntrypointInstruction, { image }: StageState): readonly string[] {
  return command.form === "exec" ? command.args : withShell(image, command.text);
}

export function planShell({ instruction }: Line<ShellInstruction>, state: StageState): StageState {
  const image = configure(state.image, { Shell: instruction.args });
  return record({ ...state, image }, `SHELL ${plainList(instruction.args)}`);
}

export function planLabel({ instruction }: Line<LabelInstruction>, state: StageState, planning: Planning): StageState {
  const pairs = instruction.pairs.map(
    ({ key, value }) => [expand(key, state, planning), expand(value, state, planning)] as const,
  );
  const entries = { ...state.entries, labels: state.entries.labels.with(pairs) };
  return record({ ...state, entries }, ["LABEL", ...pairs.map(([key, value]) => `${key}=${value}`)].join(" "));
}

export function planUser({ instruction }: Line<UserInstruction>, state: StageState, planning: Planning): StageState {
  const user = expand(instruction.user, state, planning);
  return record({ ...state, image: configure(state.image, { User: user }) }, `USER ${user}`);
}

/** @throws bad_value when a variable makes a path empty */
export function planVolume(
  { instruction }: Line<VolumeInstruction>,
  state: StageState,
  planning: Planning,
): StageState {
  const paths = mapAll(instruction.paths, (word) => {
    const path = expand(word, state, planning, instruction);
    if (path !== "") return path;
    throw new DockerfileError("bad_value", `expected a path, found ${word.text}, which is empty`, word.span, {
      hint: word.text.includes("$") ? "Give the variable a value before this line." : "Remove it, or write a path.",
    });
  });
  return record({ ...state, entries: addKeys(state.entries, "volumes", paths) }, `VOLUME ${plainList(paths)}`);
}

/** @throws bad_value (S-150) */
export function planStopsignal(
  { instruction }: Line<StopsignalInstruction>,
  state: StageState,
  planning: Planning,
): StageState {
  const signal = expand(instruction.signal, state, planning);
  if (isSignal(signal))
    return record({ ...state, image: configure(state.image, { StopSignal: signal }) }, `STOPSIGNAL ${signal}`);
  throw new DockerfileError(
    "bad_value",
    `expected the name or the number of a signal, found "${signal}"`,
    instruction.signal.span,
    {
      ...(closest(signal.toUpperCase(), SIGNAL_NAMES) ?? { hint: "Use a name such as SIGTERM." }),
    },
  );
}

export function planMaintainer({ instruction }: Line<MaintainerInstruction>, state: StageState): StageState {
  const image = { ...state.image, author: instruction.name };
  return record({ ...state, image }, `MAINTAINER ${instruction.name}`);
}

/** The trigger is kept as it is written, and leaves no history (S-074, S-157). */
export function planOnbuild({ instruction }: Line<OnbuildInstruction>, state: StageState): StageState {
  const triggers = [...(state.image.config.OnBuild ?? []), instruction.trigger];
  return { ...state, image: configure(state.image, { OnBuild: triggers }) };
}
