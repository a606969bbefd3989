// The flags of `tsbuild run`: those of `docker run` that a one-off run in the sandbox can honour.
// https://docs.docker.com/reference/cli/docker/container/run/#options

import type { FlagTable } from "./flag.js";
import { DEBUG, HELP, HOME, NETWORK, OCI_RUNTIME, SNAPSHOTTER } from "./shared-flags.js";

const NO_TERMINAL = "Drop it: the command has neither a terminal nor input.";
const NOT_A_CONTAINER_ENGINE = "Load the image into Docker or Podman, and run it there.";

export const RUN_FLAGS: FlagTable = {
  flags: [
    { name: "entrypoint", kind: "string", value: "COMMAND", help: "run this in place of the image's ENTRYPOINT" },
    { name: "env", short: "e", kind: "list", value: "NAME[=VALUE]", help: "set a variable" },
    { name: "user", short: "u", kind: "string", value: "USER[:GROUP]", help: "run as this user" },
    { name: "workdir", short: "w", kind: "string", value: "DIR", help: "run in this directory" },
    { ...NETWORK, help: "default, none, host or isolated" },
    OCI_RUNTIME,
    SNAPSHOTTER,
    { name: "rm", kind: "bool", help: "always the case: what the run changes is removed at its end" },
    HOME,
    DEBUG,
    HELP,
  ],
  refused: [
    { name: "detach", short: "d", kind: "bool", harmless: ["false"], instead: NOT_A_CONTAINER_ENGINE },
    { name: "interactive", short: "i", kind: "bool", harmless: ["false"], instead: NO_TERMINAL },
    { name: "tty", short: "t", kind: "bool", harmless: ["false"], instead: NO_TERMINAL },
    { name: "publish", short: "p", kind: "string", instead: "Use --network=host." },
    { name: "volume", short: "v", kind: "string", instead: NOT_A_CONTAINER_ENGINE },
    { name: "mount", kind: "string", instead: NOT_A_CONTAINER_ENGINE },
    { name: "name", kind: "string", instead: NOT_A_CONTAINER_ENGINE },
    { name: "memory", short: "m", kind: "string", instead: NOT_A_CONTAINER_ENGINE },
    { name: "privileged", kind: "bool", harmless: ["false"], instead: NOT_A_CONTAINER_ENGINE },
  ],
};
