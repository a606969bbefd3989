// Flags that several commands have.

import { SNAPSHOTTERS } from "../../internal.js";
import type { Flag } from "./flag.js";

export const HELP: Flag = { name: "help", short: "h", kind: "bool", help: "print this text" };

export const DEBUG: Flag = {
  name: "debug",
  short: "D",
  kind: "bool",
  help: "print stack traces, and warnings in full",
};

export const HOME: Flag = {
  name: "home",
  kind: "string",
  value: "DIR",
  env: ["TSBUILD_HOME"],
  help: "the store",
  details: "The default is `/var/lib/tsbuild` as root, else `$XDG_DATA_HOME/tsbuild` or `~/.local/share/tsbuild`.",
};

export const INSECURE_REGISTRY: Flag = {
  name: "insecure-registry",
  kind: "list",
  value: "HOST[:PORT]",
  help: "speak plain HTTP with this registry",
  details: "Loopback addresses are spoken to in plain HTTP anyway when they do not answer to TLS.",
};

export const NETWORK: Flag = {
  name: "network",
  kind: "string",
  value: "MODE",
  offers: ["default", "none", "host", "isolated", "pasta", "slirp4netns"],
  help: "network of RUN: default, none, host, isolated",
  details:
    "`default` and `host` are this machine's, `none` is a loopback interface only. `isolated` is a network of the step's own, made by slirp4netns or pasta: it reaches what this machine reaches, but nothing on this machine's loopback, and no other step reaches it. `pasta` and `slirp4netns` are `isolated` by that program. `ns:PATH` is a network namespace that is there, for root. It takes the place of `default` in each RUN; `host`, too, needs no `--allow`, as it is the default.",
};

export const OCI_RUNTIME: Flag = {
  name: "oci-runtime",
  other: "runtime",
  kind: "string",
  value: "PATH",
  help: "run steps with crun, runc or another OCI runtime",
};

export const SNAPSHOTTER: Flag = {
  name: "snapshotter",
  rare: true,
  kind: "string",
  value: "NAME",
  choices: SNAPSHOTTERS,
  env: ["TSBUILD_SNAPSHOTTER"],
  help: "how steps get their root: overlay, fuse-overlayfs, copy",
  details:
    "`overlay` is the kernel's, `fuse-overlayfs` the program of that name; `copy` copies the whole image for each step. The default is the first that works. The image is the same. `tsbuild doctor` says which is taken, and why.",
};

export const QUIET: Flag = { name: "quiet", short: "q", kind: "bool", help: "print only the result" };
