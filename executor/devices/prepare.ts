// RUN --device: device nodes, files and variables of a step, as the devices' specifications say.
// https://docs.docker.com/reference/dockerfile/#run---device

import { statSync } from "node:fs";
import { TsbuildError } from "../../errors.js";
import type { RunDevice } from "../../planner/index.js";
import type { PreparedMount } from "../mounts/index.js";
import { CDI_DIRECTORIES, type CdiSpec, type ContainerEdits, readSpecs } from "./cdi.js";

/** @throws source_not_found for a device that is required and not there, unsupported for what a sandbox cannot give */
export async function prepareDevices(
  devices: readonly RunDevice[],
  directories: readonly string[] = CDI_DIRECTORIES,
): Promise<PreparedMount> {
  if (devices.length === 0) return { mounts: [], points: [] };
  const specs = await readSpecs(directories);
  const prepared = devices.flatMap((device) => editsOf(device, specs)).map(applied);
  return {
    mounts: prepared.flatMap(({ mounts }) => mounts),
    points: prepared.flatMap(({ points }) => points),
    env: prepared.flatMap(({ env = [] }) => env),
    hooks: prepared.flatMap(({ hooks = [] }) => hooks),
    groups: prepared.flatMap(({ groups = [] }) => groups),
  };
}

/** The device's own, then those of its class. */
function editsOf({ name, required }: RunDevice, specs: readonly CdiSpec[]): ContainerEdits[] {
  if (name.startsWith("/")) return [nodeEdits(name)];
  const [kind = "", wanted] = name.split("=");
  const found = specs.filter((spec) => spec.kind === kind).reverse();
  const all = found.flatMap((spec) => spec.devices.map((device) => ({ ...device, spec })));
  const chosen =
    wanted === "*" ? all : all.filter((device) => wanted === undefined || device.name === wanted).slice(0, 1);
  if (chosen.length === 0 && required) throw notFound(name, specs);
  return [
    ...chosen.map(({ containerEdits }) => containerEdits),
    ...new Set(chosen.map(({ spec }) => spec.containerEdits)),
  ];
}

/** `/dev/fuse`, `/dev/fuse:/dev/other`, `/dev/fuse:/dev/other:rwm`; two words may also be a path and permissions. */
function nodeEdits(text: string): ContainerEdits {
  const [hostPath = "", ...more] = text.split(":");
  const permissions = more.find((word) => /^[rwm]+$/.test(word));
  const path = more.find((word) => word.startsWith("/")) ?? hostPath;
  const node = { path, hostPath, ...(permissions !== undefined && { permissions }) };
  return { env: [], deviceNodes: [node], mounts: [], hooks: [], additionalGids: [] };
}

function notFound(name: string, specs: readonly CdiSpec[]): TsbuildError {
  const known = specs.flatMap(({ kind, devices }) => devices.map((device) => `${kind}=${device.name}`));
  const hint =
    known.length > 0 ? `Use one of ${known.join(", ")}.` : "Install the specification of the device in /etc/cdi.";
  return new TsbuildError("source_not_found", `this machine has no device "${name}"`, { hint });
}

const SUPPORTED = ["env", "deviceNodes", "mounts", "hooks", "additionalGids"];

function applied(edits: ContainerEdits): PreparedMount {
  const other = Object.keys(edits).find((key) => !SUPPORTED.includes(key));
  if (other !== undefined) throw unsupported(`${other} of a device is not supported`);
  const nodes = edits.deviceNodes.map(nodeMount);
  const files = edits.mounts.map(fileMount);
  return {
    mounts: [...nodes, ...files].map(({ mount }) => mount),
    points: files.map(({ point }) => point),
    env: edits.env,
    hooks: edits.hooks,
    groups: edits.additionalGids,
  };
}

function nodeMount({ path, hostPath = path, permissions = "rwm" }: ContainerEdits["deviceNodes"][number]) {
  if (!/r/.test(permissions) || !/w/.test(permissions))
    throw unsupported(`permissions "${permissions}" of the device "${path}" are not supported`);
  const stats = statSync(hostPath, { throwIfNoEntry: false });
  if (!stats?.isCharacterDevice() && !stats?.isBlockDevice())
    throw new TsbuildError("source_not_found", `expected a device node at "${hostPath}"`, {
      hint: "Load the driver of the device.",
    });
  return { mount: { type: "bind", source: hostPath, target: path, readonly: false, device: true } as const };
}

function fileMount({ hostPath, containerPath, options }: ContainerEdits["mounts"][number]) {
  const stats = statSync(hostPath, { throwIfNoEntry: false });
  if (!stats)
    throw new TsbuildError("source_not_found", `"${hostPath}", which a device needs, is not on this machine`, {
      hint: "Correct the specification of the device.",
    });
  const type = stats.isDirectory() ? ("directory" as const) : ("file" as const);
  return {
    mount: { type: "bind", source: hostPath, target: containerPath, readonly: options.includes("ro") } as const,
    point: { path: containerPath, type },
  };
}

const unsupported = (message: string): TsbuildError =>
  new TsbuildError("unsupported", message, {
    hint: "Use a device whose specification has device nodes, mounts, hooks, groups and variables only.",
  });
