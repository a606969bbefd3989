// Flags of `tsbuild build` that hold for every RUN step: what it may use, see and take.
// https://docs.docker.com/reference/cli/docker/buildx/build/#options and https://docs.podman.io/en/latest/markdown/podman-build.1.html

import type { Flag } from "./flag.js";

const LIMIT_DETAILS =
  "Needs a cgroup that tsbuild may write: as root, or with `systemd-run --user --scope -p Delegate=yes`. Not part of the cache key.";

export const STEP_FLAGS: readonly Flag[] = [
  {
    name: "allow",
    kind: "list",
    value: "ENTITLEMENT",
    help: "let steps ask for network.host, security.insecure, device",
    details:
      "`RUN --network=host`, `RUN --security=insecure` and `RUN --device` are refused without it. `device=NAME` allows one device.",
  },
  {
    name: "add-host",
    kind: "list",
    value: "NAME:ADDRESS",
    help: "a line of /etc/hosts",
    details:
      "The address `host-gateway` is the one by which steps reach this machine. The name is part of the cache key, the address is not.",
  },
  { name: "dns", kind: "list", value: "ADDRESS", help: "a name server, in place of this machine's" },
  { name: "dns-search", kind: "list", value: "DOMAIN", help: "a search domain, in place of this machine's" },
  { name: "dns-option", kind: "list", value: "OPTION", help: "an option of resolv.conf, in place of this machine's" },
  { name: "shm-size", kind: "string", value: "BYTES", help: "size of /dev/shm (default: 64m)" },
  {
    name: "ulimit",
    kind: "list",
    value: "NAME=SOFT[:HARD]",
    help: "a resource limit, such as nofile=1024:2048",
    details: "-1 is no limit. Part of the cache key.",
  },
  { name: "cap-add", kind: "list", value: "CAPABILITY", help: "a capability beyond Docker's; ALL for all" },
  { name: "cap-drop", kind: "list", value: "CAPABILITY", help: "a capability to do without; ALL for all" },
  {
    name: "device",
    kind: "list",
    value: "DEVICE",
    help: "a device of every step: vendor.com/class=name or /dev/NAME",
    details:
      "A CDI name, or a node with its place in the step: `/dev/NAME[:/dev/TARGET]`. It needs no `--allow`. Part of the cache key.",
  },
  {
    name: "security-opt",
    rare: true,
    kind: "list",
    value: "OPTION",
    help: "no-new-privileges, seccomp=FILE, seccomp=unconfined",
    details:
      "`no-new-privileges`: programs of a step gain nothing by setuid bits. `seccomp=FILE`: a profile in Docker's form in place of the default one; `seccomp=unconfined`: no filter of system calls. Part of the cache key. Labels of AppArmor and SELinux are refused.",
  },
  {
    name: "resource",
    rare: true,
    kind: "list",
    value: "LIMIT=VALUE[,…]",
    help: "limits of steps: memory, cpus, cpuset-cpus and so on",
    details: "Another way to write --memory, --cpus, --cpu-shares, --cpuset-cpus and their like.",
  },
  {
    name: "memory",
    short: "m",
    kind: "string",
    value: "BYTES",
    help: "memory that a step may use",
    details: LIMIT_DETAILS,
  },
  {
    name: "memory-swap",
    kind: "string",
    value: "BYTES",
    help: "memory and swap together; -1 for no limit",
    details: LIMIT_DETAILS,
  },
  {
    name: "cpus",
    kind: "string",
    value: "NUMBER",
    help: "processors that a step may use, such as 1.5",
    details: LIMIT_DETAILS,
  },
  {
    name: "cpu-shares",
    short: "c",
    kind: "string",
    value: "NUMBER",
    help: "weight of a step against others (usual: 1024)",
    details: LIMIT_DETAILS,
  },
  {
    name: "cpu-period",
    kind: "string",
    value: "MICROSECONDS",
    help: "period of --cpu-quota (default: 100000)",
    details: LIMIT_DETAILS,
  },
  {
    name: "cpu-quota",
    kind: "string",
    value: "MICROSECONDS",
    help: "processor time of a step in each period",
    details: LIMIT_DETAILS,
  },
  {
    name: "cpuset-cpus",
    kind: "string",
    value: "LIST",
    help: "processors to run on, such as 0-2,7",
    details: LIMIT_DETAILS,
  },
  { name: "cpuset-mems", kind: "string", value: "LIST", help: "memory nodes to use", details: LIMIT_DETAILS },
  {
    name: "pids-limit",
    kind: "string",
    value: "NUMBER",
    help: "processes that a step may have",
    details: LIMIT_DETAILS,
  },
  { name: "cgroup-parent", kind: "string", value: "PATH", help: "the cgroup below which those of steps are made" },
  {
    name: "volume",
    short: "v",
    kind: "list",
    value: "SOURCE:TARGET[:OPTIONS]",
    help: "mount a path of this machine in every step",
    details:
      "OPTIONS are `ro`, `rw`, and, on machines without SELinux, where nothing is to be labelled, `z` and `Z`. What is in SOURCE is not part of the cache key, and not of the image.",
  },
  {
    name: "mount",
    kind: "list",
    value: "type=TYPE,target=PATH[,…]",
    help: "a mount of every step: bind, tmpfs, cache, secret or ssh",
    details:
      "Options are those of `RUN --mount`; the source of a bind is a path of this machine, read-only unless it has `rw`.",
  },
  {
    name: "run-timeout",
    kind: "string",
    value: "DURATION",
    help: "end a step that takes longer, such as 10m or 1h30m",
  },
  {
    name: "allow-secret-in-layer",
    kind: "bool",
    help: "give the image away although a secret is in it",
    details: "Without it the build ends with `secret_leaked` before anything is pushed or written.",
  },
  {
    name: "on-error",
    kind: "string",
    value: "stop|shell|save[=FILE]",
    help: "what to do when a step fails (default: stop)",
    details:
      "`shell` opens a shell in the step's root, as it left it, with its environment, user, mounts and network. `save` writes the root and the command to an OCI archive, without secrets and caches, for `tsbuild replay`.",
  },
  {
    name: "run-retries",
    kind: "int",
    value: "N",
    help: "run a step that failed up to N times more",
    details: "Each time from a clean root.",
  },
];
