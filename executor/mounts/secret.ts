// RUN --mount=type=secret and type=ssh (S-138, S-139). Values are in memory only: the runtime writes them to a
// tmpfs of the step's own mount namespace.

import { existsSync, statSync } from "node:fs";
import { TsbuildError } from "../../errors.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution } from "../context.js";
import { NOTHING, type PreparedMount } from "./prepared.js";

export type SecretMount = Extract<RunMount, { type: "secret" | "ssh" }>;

export function prepareSecret(execution: Execution, mount: SecretMount): PreparedMount {
  return mount.type === "ssh" ? prepareSocket(execution, mount) : prepareValue(execution, mount);
}

function prepareValue({ secrets }: Execution, mount: SecretMount): PreparedMount {
  const value = secrets.value(mount.id);
  if (value === undefined) return missing(mount, `--secret id=${mount.id},src=FILE`);
  const env = mount.env === undefined ? [] : [`${mount.env}=${Buffer.from(value).toString("utf8")}`];
  if (mount.target === undefined) return { ...NOTHING, env };
  const { target, mode, uid, gid } = mount;
  return { mounts: [{ type: "secret", content: value, target, mode, uid, gid }], points: [{ path: target, type: "file" }], env };
}

function prepareSocket({ secrets }: Execution, mount: SecretMount): PreparedMount {
  const socket = secrets.socket(mount.id);
  if (socket === undefined) return missing(mount, `--ssh ${mount.id}=SOCKET`);
  if (!existsSync(socket) || !statSync(socket).isSocket()) {
    throw new TsbuildError("secret_not_found", `expected the socket of an ssh agent at "${socket}"`, { hint: "Start ssh-agent, and pass its SSH_AUTH_SOCK." });
  }
  return {
    mounts: [{ type: "bind", source: socket, target: mount.target!, readonly: false }],
    points: [{ path: mount.target!, type: "file" }],
    env: [`SSH_AUTH_SOCK=${mount.target}`],
  };
}

function missing({ type, id, required }: SecretMount, flag: string): PreparedMount {
  if (!required) return NOTHING;
  throw new TsbuildError("secret_not_found", `the step needs the ${type === "ssh" ? "ssh agent" : "secret"} "${id}"`, { hint: `Pass it with ${flag}.` });
}
