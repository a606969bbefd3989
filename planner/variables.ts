// ENV and ARG.
// https://docs.docker.com/reference/dockerfile/#arg

import type { ArgInstruction, EnvInstruction, Word } from "../parser/index.js";
import { addVariables } from "./image-draft.js";
import { type Variables, withArg, withVariables } from "./scope.js";
import { type Line, type Planning, type StageState, expand, expandIn, record } from "./state.js";

/** All pairs of the line see the variables as they were before it (S-039). */
export function planEnv({ instruction }: Line<EnvInstruction>, state: StageState, planning: Planning): StageState {
  const pairs = instruction.pairs.map(
    ({ key, value }) => [expand(key, state, planning), expand(value, state, planning)] as const,
  );
  const entries = addVariables(state.entries, pairs);
  return record(
    { ...state, entries, scope: withVariables(state.scope, pairs) },
    ["ENV", ...pairs.map(([name, value]) => `${name}=${value}`)].join(" "),
  );
}

/** Each ARG of the line sees the ones before it (S-060). */
export function planArg({ instruction }: Line<ArgInstruction>, state: StageState, planning: Planning): StageState {
  let scope = state.scope;
  const texts: string[] = [];
  for (const { name, value } of instruction.args) {
    const found = argValue(name.text, value, scope.variables, planning);
    planning.declaredArgs.add(name.text);
    scope = withArg(scope, name.text, found);
    texts.push(found === undefined ? name.text : `${name.text}=${found}`);
  }
  return record({ ...state, scope }, `ARG ${texts.join(" ")}`);
}

/** The build arg, else the default, else the global ARG. A default that is overridden is not even looked at (S-043, S-057). */
function argValue(
  name: string,
  byDefault: Word | undefined,
  variables: Variables,
  planning: Planning,
): string | undefined {
  const { buildArgs = {} } = planning.options;
  if (Object.hasOwn(buildArgs, name)) return buildArgs[name];
  return byDefault ? expandIn(byDefault, variables, planning) : planning.globals.get(name);
}

export interface GlobalArgs {
  readonly automatic: ReadonlyMap<string, string>;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly escape: Planning["escape"];
}

/** The ARGs before the first FROM, over the automatic ones: what FROM lines see, and stages that declare them again (S-050). */
export function globalArgs(
  instructions: readonly ArgInstruction[],
  { automatic, buildArgs, escape }: GlobalArgs,
): ReadonlyMap<string, string> {
  const given = (name: string) => (Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined);
  const globals = new Map(Array.from(automatic, ([name, value]) => [name, given(name) ?? value]));
  for (const { name, value } of instructions.flatMap(({ args }) => args)) {
    const found = given(name.text) ?? (value && expandIn(value, globals, { escape }));
    if (found !== undefined) globals.set(name.text, found);
  }
  return globals;
}
