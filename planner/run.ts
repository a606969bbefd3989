// RUN.
// https://docs.docker.com/reference/dockerfile/#run

import { DockerfileError, type RunInstruction, type Word } from "../parser/index.js";
import { withShell } from "./config.js";
import { describeRun } from "./describe.js";
import type { RunDevice, RunMount, RunOp } from "./graph.js";
import { planMounts } from "./mounts.js";
import type { Entitlement } from "./options.js";
import { proxyEnvironment } from "./platform-args.js";
import { declaredArgs, environment } from "./scope.js";
import { commandOf } from "./script.js";
import { type Line, type Planning, type StageState, addStep, expand, record, workingDirectory } from "./state.js";

export async function planRun(line: Line<RunInstruction>, state: StageState, planning: Planning): Promise<StageState> {
  const { instruction } = line;
  const { args, scripts } = commandOf(instruction, (command) => withShell(state.image, command));
  const mounts = await planMounts(instruction, state, planning);
  const op: RunOp = {
    kind: "run",
    parent: state.vertex,
    args,
    env: withAgent(environment(state.scope), mounts),
    proxyEnv: proxyEnvironment(planning.options.buildArgs ?? {}),
    cwd: workingDirectory(state),
    user: state.image.config.User ?? "",
    network: networkOf(instruction, planning),
    security: securityOf(instruction, planning),
    mounts,
    ...devicesOf(instruction, state, planning),
    scripts,
    platform: state.platform,
  };
  const ran = addStep(line, op, describeRun(instruction, mounts, state, planning), state, planning);
  return record(ran, `RUN ${historyText(args, state)} # buildkit`, ran.vertex);
}

/** `|2 A=1 B=2 /bin/sh -c make` (S-059) */
function historyText(args: readonly string[], { scope }: StageState): string {
  const declared = declaredArgs(scope);
  const prefix = declared.length > 0 ? [`|${declared.length}`, ...declared] : [];
  return [...prefix, ...args].join(" ");
}

/** Tells programs where the first ssh agent is, unless a variable of the stage does (S-139). */
function withAgent(env: readonly string[], mounts: readonly RunMount[]): readonly string[] {
  const agent = mounts.find(({ type }) => type === "ssh")?.target;
  const known = env.some((variable) => variable.startsWith("SSH_AUTH_SOCK="));
  return agent === undefined || known ? env : [...env, `SSH_AUTH_SOCK=${agent}`];
}

function networkOf({ network }: RunInstruction, { options }: Planning): RunOp["network"] {
  if (network?.text === "none") return "none";
  if (network?.text !== "host") return options.network ?? "default";
  if (options.network !== "host") demand("network.host", network, options.entitlements);
  return "host";
}

function securityOf({ security }: RunInstruction, { options }: Planning): RunOp["security"] {
  if (security?.text !== "insecure") return "sandbox";
  demand("security.insecure", security, options.entitlements);
  return "insecure";
}

function devicesOf({ devices: words }: RunInstruction, state: StageState, planning: Planning): Pick<RunOp, "devices"> {
  const own = words.map((word) => planDevice(word, state, planning));
  const devices = [...(planning.options.devices ?? []), ...own];
  return devices.length > 0 ? { devices } : {};
}

/** @throws entitlement_denied, bad_flag_value */
function planDevice(word: Word, state: StageState, planning: Planning): RunDevice {
  const [first = "", ...options] = expand(word, state, planning).split(",");
  const name = first.replace(/^name=/, "");
  const unknown = options.find((option) => !/^required(?:=(?:true|false|1|0))?$/.test(option));
  if (unknown !== undefined || !DEVICE_NAME.test(name)) {
    throw new DockerfileError(
      "bad_flag_value",
      `expected a device such as "vendor.com/class=name,required", found "${word.text}"`,
      word.span,
      {
        hint: "Name the device as its CDI specification does.",
      },
    );
  }
  if (!planning.options.entitlements?.includes("device")) demand(`device=${name}`, word, planning.options.entitlements);
  return { name, required: options.some((option) => !/=(?:false|0)$/.test(option)) };
}

/** https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md#kind */
export const DEVICE_NAME = /^[A-Za-z][\w.-]*\/[A-Za-z][\w.-]*(?:=(?:[\w.:-]+|\*))?$/;

/** @throws entitlement_denied when the user did not allow it */
function demand(entitlement: Entitlement, { span }: Word, allowed: readonly Entitlement[] = []): void {
  if (allowed.includes(entitlement)) return;
  const message = `this step asks for ${entitlement}, which this build does not allow`;
  throw new DockerfileError("entitlement_denied", message, span, {
    hint: `Remove the flag, or allow it for the whole build with --allow ${entitlement}.`,
  });
}
