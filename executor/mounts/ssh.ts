// RUN --mount=type=ssh (S-139): a socket of the step's own, with the mode and owner that it asks for, behind which is the
// user's agent, or keys of files.

import { chmodSync, chownSync, statSync } from "node:fs";
import { TsbuildError } from "../../errors.js";
import type { RunMount } from "../../planner/index.js";
import { openAgent } from "../../ssh-agent/index.js";
import type { Execution } from "../context.js";
import { missing } from "./missing.js";
import { ownership } from "../ownership.js";
import type { PreparedMount } from "./prepared.js";

type SshMount = Extract<RunMount, { type: "secret" | "ssh" }>;

/** @throws secret_not_found, bad_value, sandbox_unavailable when this user may not give the socket to the owner asked for */
export async function prepareAgent(
  { secrets }: Execution,
  mount: SshMount,
  directory: string,
  name: string,
): Promise<PreparedMount> {
  const sources = secrets.agent(mount.id);
  if (sources === undefined) return missing(mount, `--ssh ${mount.id}=SOCKET`);
  const { path, close } = await openAgent(directory, name, sources);
  try {
    own(path, mount);
  } catch (error) {
    close();
    throw error;
  }
  const target = mount.target!;
  return {
    mounts: [{ type: "bind", source: path, target, readonly: false }],
    points: [{ path: target, type: "file" }],
    env: [`SSH_AUTH_SOCK=${target}`],
    release: close,
  };
}

function own(path: string, { mode, uid, gid }: SshMount): void {
  chmodSync(path, mode);
  const { uid: ownUid, gid: ownGid } = statSync(path);
  if (ownership() === "recorded" && uid === 0 && gid === 0) return;
  if (uid === ownUid && gid === ownGid) return;
  try {
    chownSync(path, uid, gid);
  } catch (cause) {
    const hint = "Leave out uid and gid of the mount, or build as root.";
    throw new TsbuildError(
      "sandbox_unavailable",
      `the socket of an ssh agent cannot be given to ${uid}:${gid} by an ordinary user`,
      { hint, cause },
    );
  }
}
