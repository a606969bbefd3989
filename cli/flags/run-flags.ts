// The flags of `tsbuild run`: those of `docker run` that a one-off run in the sandbox can honour.
// https://docs.docker.com/reference/cli/docker/container/run/#options

import type { Flag, FlagTable } from "./flag.js";
import { IMAGE_PLATFORM } from "./image-flags.js";
import { DEBUG, HELP, HOME, NETWORK, OCI_RUNTIME, SNAPSHOTTER } from "./shared-flags.js";
import { STEP_FLAGS } from "./step-flags.js";

const NOT_A_CONTAINER_ENGINE = "Load the image into Docker or Podman, and run it there.";

/** What makes sense for a command that is no step of a build. */
const OF_STEPS = ["add-host", "dns", "dns-search", "dns-option", "shm-size", "ulimit", "cap-add", "cap-drop"];
const LIMITS = ["memory", "memory-swap", "cpus", "cpu-shares", "cpu-period", "cpu-quota", "cpuset-cpus", "cpuset-mems"];
const SHARED = STEP_FLAGS.filter(({ name }) =>
  [...OF_STEPS, ...LIMITS, "pids-limit", "cgroup-parent", "resource", "security-opt"].includes(name),
);

export const RUN_FLAGS: FlagTable = {
  flags: [
    { name: "entrypoint", kind: "string", value: "COMMAND", help: "run this in place of the image's ENTRYPOINT" },
    { name: "env", short: "e", kind: "list", value: "NAME[=VALUE]", help: "set a variable" },
    { name: "env-file", kind: "list", value: "FILE", help: "set the variables of a file, a line each" },
    { name: "interactive", short: "i", kind: "bool", help: "give the command the standard input" },
    { name: "tty", short: "t", kind: "bool", help: "give the command a terminal; implies -i" },
    { name: "user", short: "u", kind: "string", value: "USER[:GROUP]", help: "run as this user" },
    { name: "workdir", short: "w", kind: "string", value: "DIR", help: "run in this directory" },
    {
      name: "volume",
      short: "v",
      kind: "list",
      value: "SOURCE:TARGET[:ro]",
      help: "mount a path of this machine",
      details: "SOURCE has to exist. What the command writes there stays.",
    },
    {
      name: "mount",
      kind: "list",
      value: "type=TYPE,target=PATH[,…]",
      help: "a mount: bind or tmpfs",
      details: "The source of a bind is a path of this machine, read-only unless it has `rw`.",
    },
    {
      name: "tmpfs",
      kind: "list",
      value: "PATH[:size=SIZE,mode=MODE]",
      help: "mount an empty folder in memory",
    },
    { name: "read-only", kind: "bool", help: "let the command write to mounts only" },
    {
      name: "hostname",
      rare: true,
      kind: "string",
      value: "NAME",
      help: "the name of the machine that the command sees",
    },
    { ...NETWORK, help: "default, none, host or isolated" },
    IMAGE_PLATFORM,
    OCI_RUNTIME,
    SNAPSHOTTER,
    {
      name: "rm",
      rare: true,
      kind: "bool",
      always: "Mount a folder to keep files: -v DIR:/PATH.",
      help: "always the case: what the run changes is removed at its end",
    },
    ...SHARED.map(withoutKeys),
    HOME,
    DEBUG,
    HELP,
  ],
  refused: [
    { name: "detach", short: "d", kind: "bool", harmless: ["false"], instead: NOT_A_CONTAINER_ENGINE },
    { name: "publish", short: "p", kind: "list", instead: "Use --network=host." },
    { name: "name", kind: "string", instead: NOT_A_CONTAINER_ENGINE },
    { name: "privileged", kind: "bool", harmless: ["false"], instead: NOT_A_CONTAINER_ENGINE },
    { name: "restart", kind: "string", harmless: ["no"], instead: NOT_A_CONTAINER_ENGINE },
  ],
};

/** A run has no cache key, and one step. */
function withoutKeys({ details, ...flag }: Flag): Flag {
  const kept = details?.replace(/ ?(?:Not p|P)art of the cache key\./, "").replace(/ The name is part of .*$/, "");
  const help = flag.help.replace(/a step may/, "it may").replace(/of a step(?= |$)/, "of it");
  return { ...flag, help, ...(kept ? { details: kept } : {}) };
}
