// Programs that steps can use, where they are installed.

import { findLauncher, findOciRuntimes, findProgram } from "../sandbox/index.js";
import type { Finding } from "./finding.js";

export function runtimesOf(): Finding {
  const found = findOciRuntimes();
  const names = [...(findLauncher() === undefined ? [] : ["built-in"]), ...found];
  return {
    subject: "runtimes",
    ok: names.length > 0,
    state: names.join(", ") || "none",
    reason: found.length === 0 ? "crun and runc are not installed" : "found in PATH",
    ...(names.length === 0 && { hint: "Install crun: apt-get install crun." }),
  };
}

/** In the order in which they are taken. */
const NETWORKS = ["slirp4netns", "pasta"];

export function networkOf(): Finding {
  const program = NETWORKS.find((name) => findProgram(name) !== undefined);
  const found = { subject: "network", ok: program !== undefined };
  if (program !== undefined)
    return { ...found, state: "this machine's, none, or isolated", reason: `${program} serves isolated networks` };
  return {
    ...found,
    state: "this machine's or none, not isolated",
    reason: "neither slirp4netns nor pasta is installed",
    hint: "Install one of them: apt-get install slirp4netns.",
  };
}
