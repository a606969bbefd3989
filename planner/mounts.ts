// `RUN --mount` as data of the graph.
// https://docs.docker.com/reference/dockerfile/#run---mount

import { basename } from "node:path/posix";
import { DockerfileError, type MountFlag, type RunInstruction, type Word } from "../parser/index.js";
import type { RunMount } from "./graph.js";
import { buildContext } from "./inputs.js";
import { type MountOptions, readMountOptions } from "./mount-options.js";
import { absolutePath, cleanPath } from "./paths.js";
import { isStageIndex, sourceVertex } from "./sources.js";
import { type Planning, type StageState, expand, workingDirectory } from "./state.js";

interface Place {
  readonly flag: MountFlag;
  readonly state: StageState;
  readonly planning: Planning;
}

const SECRET_MODE = 0o400;
const SOCKET_MODE = 0o600;
const CACHE_MODE = 0o755;

/** Of two mounts on one target the later one counts, at the place of the first (S-136). */
export async function planMounts(
  instruction: RunInstruction,
  state: StageState,
  planning: Planning,
): Promise<readonly RunMount[]> {
  const mounts = new Map((planning.options.mounts ?? []).map((mount) => [keyOf(mount, 0), mount]));
  let sockets = 0;
  for (const flag of instruction.mounts) {
    const options = readMountOptions(flag, (word) => expand(word, state, planning));
    const mount = await planMount(options, sockets, { flag, state, planning });
    if (mount.type === "ssh") sockets++;
    mounts.set(keyOf(mount, mounts.size), mount);
  }
  return [...mounts.values()];
}

const keyOf = (mount: RunMount, position: number): string => mount.target ?? `env ${mount.type} ${position}`;

function planMount(options: MountOptions, sockets: number, place: Place): RunMount | Promise<RunMount> {
  switch (options.type) {
    case "bind":
      return bindMount(options, place);
    case "cache":
      return cacheMount(options, place);
    case "tmpfs":
      return {
        type: "tmpfs",
        target: targetOf(options, place),
        ...(options.size !== undefined && { size: options.size }),
      };
    case "secret":
      return secretMount(options, place);
    case "ssh":
      return sshMount(options, sockets, place);
  }
}

/** Read-only unless it says otherwise (S-130). */
async function bindMount(options: MountOptions, place: Place): Promise<RunMount> {
  const { readonly = true } = options;
  const target = targetOf(options, place);
  const input = options.from ? await inputOf(options.from, place) : buildContext(place.flag.span, place.planning);
  return { type: "bind", target, input, source: sourceOf(options), readonly };
}

/** The id is the target as it is written, cleaned, unless one is given (S-131). */
async function cacheMount(options: MountOptions, place: Place): Promise<RunMount> {
  const { sharing = "shared", readonly = false, mode = CACHE_MODE, uid = 0, gid = 0 } = options;
  const target = targetOf(options, place);
  const namespace = place.planning.options.buildArgs?.["BUILDKIT_CACHE_MOUNT_NS"];
  const name = options.id || cleanPath(options.target ?? target);
  const id = namespace ? `${namespace}/${name}` : name;
  const input = options.from && (await inputOf(options.from, place));
  return {
    type: "cache",
    target,
    id,
    sharing,
    source: sourceOf(options),
    readonly,
    mode,
    uid,
    gid,
    ...(input !== undefined && { input }),
  };
}

/** With `env` alone there is no file (S-138). */
function secretMount(options: MountOptions, place: Place): RunMount {
  const { flag } = place;
  const { required = false, mode = SECRET_MODE, uid = 0, gid = 0, env } = options;
  if (options.source && options.id) {
    throw new DockerfileError("bad_flag_value", "expected one of id and source for a secret, found both", flag.span, {
      hint: "Remove source.",
    });
  }
  const id = options.source || options.id || (options.target && basename(options.target));
  if (!id) throw missing("id", "type=secret", flag);
  const path = options.target || (env === undefined ? `/run/secrets/${basename(id)}` : undefined);
  const target = path && absoluteTarget(path, place);
  return { type: "secret", id, required, mode, uid, gid, ...(target && { target }), ...(env !== undefined && { env }) };
}

/** `sockets` counts the ssh mounts before this one (S-139). */
function sshMount(options: MountOptions, sockets: number, place: Place): RunMount {
  const { id = "default", required = false, mode = SOCKET_MODE, uid = 0, gid = 0 } = options;
  const target = absoluteTarget(options.target || `/run/buildkit/ssh_agent.${sockets}`, place);
  return { type: "ssh", id: id || "default", target, required, mode, uid, gid };
}

function targetOf(options: MountOptions, place: Place): string {
  if (!options.target) throw missing("target", `type=${options.type}`, place.flag);
  return absoluteTarget(options.target, place);
}

/** @throws bad_mount for "/", which no mount can hide (S-136), and for what a sandbox has of its own and needs */
function absoluteTarget(text: string, { flag, state }: Place): string {
  const target = absolutePath(workingDirectory(state), text);
  const refuse = (message: string, hint: string): never => {
    throw new DockerfileError("bad_mount", message, flag.span, { hint });
  };
  if (target === "/")
    refuse(`expected a target below "/", found "${text}", which is "/" itself`, "Mount a directory below it.");
  if (target === "/dev")
    refuse('nothing can be mounted at "/dev", where the devices of the step are', "Mount below it.");
  if (/^\/proc(?:\/|$)/.test(target))
    refuse(`nothing can be mounted at "${target}": /proc is the kernel's`, "Name a target that is not in /proc.");
  return target;
}

/** Clamped to the root of what it is taken from (S-135). */
function sourceOf({ source = "" }: MountOptions): string {
  return absolutePath("/", source);
}

/** Stages have no numbers here (S-065). */
async function inputOf(from: Word, { state, planning }: Place): Promise<number> {
  const name = expand(from, state, planning);
  if (!isStageIndex(name)) return sourceVertex(from, state, planning);
  throw new DockerfileError(
    "bad_flag_value",
    `expected the name of a stage or an image, found the number "${name}"`,
    from.span,
    {
      hint: 'Name the stage with "AS" and use its name.',
    },
  );
}

function missing(option: string, type: string, flag: MountFlag): DockerfileError {
  return new DockerfileError("missing_argument", `expected ${option} in a mount of ${type}, found none`, flag.span, {
    hint: `Add "${option}=" and a value.`,
  });
}
