// RUN --mount=type=secret (S-138). Values are in memory only: the runtime writes them to a
// tmpfs of the step's own mount namespace.

import type { RunMount } from "../../planner/index.js";
import type { Execution } from "../context.js";
import { missing } from "./missing.js";
import { NOTHING, type PreparedMount } from "./prepared.js";

type SecretMount = Extract<RunMount, { type: "secret" | "ssh" }>;

/** @throws secret_not_found */
export function prepareSecret({ secrets }: Execution, mount: SecretMount): PreparedMount {
  const value = secrets.value(mount.id);
  if (value === undefined) return missing(mount, `--secret id=${mount.id},src=FILE`);
  const env = mount.env === undefined ? [] : [`${mount.env}=${Buffer.from(value).toString("utf8")}`];
  if (mount.target === undefined) return { ...NOTHING, env };
  const { target, mode, uid, gid } = mount;
  return {
    mounts: [{ type: "secret", content: value, target, mode, uid, gid }],
    points: [{ path: target, type: "file" }],
    env,
  };
}
