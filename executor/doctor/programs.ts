// Programs that steps can use, where they are installed.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../../errors.js";
import { openIsolatedNetwork } from "../network/index.js";
import { findLauncher, findOciRuntimes } from "../sandbox/index.js";
import type { Finding } from "./finding.js";

export function runtimesOf(): Finding {
  const found = findOciRuntimes();
  const own = findLauncher() === undefined ? [] : ["built-in"];
  const names = [...own, ...found];
  const missing = own.length === 0 ? "there is no sandbox launcher, and crun and runc" : "crun and runc";
  return {
    subject: "runtimes",
    ok: names.length > 0,
    state: names.join(", ") || "none",
    reason: found.length === 0 ? `${missing} are not installed` : `${found.join(" and ")} found in PATH`,
    ...(names.length === 0 && { hint: "Install crun: apt-get install crun." }),
  };
}

/** Makes an isolated network, as a step would have it. @param parent a directory for its files */
export async function networkOf(parent: string): Promise<Finding> {
  const directory = join(parent, "network");
  mkdirSync(directory, { recursive: true });
  try {
    const network = await openIsolatedNetwork({ directory });
    await network.close();
    const reason = `${network.program} serves isolated networks`;
    return { subject: "network", ok: true, state: "this machine's, none, or isolated", reason };
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
    const { message: reason, hint } = error;
    const state = "this machine's or none, not isolated";
    return { subject: "network", ok: false, state, reason, ...(hint !== undefined && { hint }) };
  }
}
