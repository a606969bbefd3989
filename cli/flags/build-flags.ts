// The flags of `tsbuild build`: those of `docker build` that have their effect, and tsbuild's own.
// https://docs.docker.com/reference/cli/docker/buildx/build/#options

import { ATTEST_FLAGS } from "./attest-flags.js";
import { CACHE_LIMIT_FLAGS } from "./cache-limit-flags.js";
import { CALL_FLAGS, CHECK } from "./check-flags.js";
import type { Flag, FlagTable } from "./flag.js";
import { DEBUG, HELP, HOME, NETWORK, OCI_RUNTIME, SNAPSHOTTER } from "./shared-flags.js";
import { PLATFORM_FLAGS } from "./platform-flags.js";
import { POLICY_FLAGS } from "./policy-flags.js";
import { credentialsFlag, REGISTRY_FLAGS } from "./registry-flags.js";
import { IMAGE_FLAGS, OUTPUT_FLAGS } from "./output-flags.js";
import { STEP_FLAGS } from "./step-flags.js";
import { WATCH_FLAGS } from "./watch-flags.js";
import { REFUSED_BUILD_FLAGS } from "./refused-build-flags.js";

export const PROGRESS_MODES = ["auto", "plain", "tty", "quiet", "rawjson", "github", "gitlab", "none"] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** Of --pull. */
export const PULL_WORDS = ["always", "missing", "newer", "never", "true", "false"] as const;

const COMMON: readonly Flag[] = [
  { name: "tag", short: "t", kind: "list", value: "NAME[:TAG]", help: "name the image; may be repeated" },
  {
    name: "file",
    short: "f",
    kind: "string",
    value: "FILE",
    help: 'the Dockerfile, "-" for stdin (default: PATH/Dockerfile)',
    details:
      "A path is relative to the working directory; with a URL or an archive as the context, to the context. A URL is downloaded.",
  },
  { name: "target", kind: "string", value: "STAGE", help: "build this stage, and what it needs" },
  {
    name: "build-arg",
    kind: "list",
    value: "NAME[=VALUE]",
    help: "set an ARG; without VALUE it comes from the environment",
    details:
      "A NAME without VALUE that the environment does not have either is left out, so the default of the ARG holds.",
  },
  {
    name: "build-context",
    kind: "list",
    value: "NAME=SOURCE",
    help: "a further context: a folder, URL or oci-layout://DIR",
    details:
      "`COPY --from=NAME` and `FROM NAME` then read SOURCE. A name that is a stage's or an image's replaces it. `docker-image://NAME` names another image. A URL is that of a git repository, an archive or a file.",
  },
  {
    name: "platform",
    kind: "list",
    value: "OS/ARCH[,OS/ARCH]",
    env: ["DOCKER_DEFAULT_PLATFORM"],
    help: "what the image is for (default: this machine's)",
    details:
      "`local` is this machine's. Several platforms give an image index. A stage that begins with `FROM --platform=$BUILDPLATFORM` is built once, on this machine, for all of them. RUN steps for another architecture need an emulator in binfmt_misc: `apt-get install qemu-user-static`.",
  },
  { name: "label", kind: "list", value: "NAME=VALUE", help: "add a label to the image" },
  CHECK,
];

const OUTPUT: readonly Flag[] = [
  ...OUTPUT_FLAGS,
  ...ATTEST_FLAGS,
  { name: "quiet", short: "q", kind: "bool", help: "print only the image ID" },
  {
    name: "progress",
    kind: "string",
    value: "MODE",
    choices: PROGRESS_MODES,
    env: ["TSBUILD_PROGRESS", "BUILDKIT_PROGRESS"],
    help: "how the build is shown (default: auto)",
    details:
      "`auto`, `plain`, `tty`, `quiet`, `rawjson`, `github`, `gitlab` or `none`. `auto` is tty on a terminal, unless CI=true or TERM=dumb; `github` when GITHUB_ACTIONS=true; `gitlab` when GITLAB_CI=true; plain elsewhere. `github` folds the log of each step and annotates the lines that failed or have warnings; `gitlab` folds. `rawjson` prints one JSON object a line in BuildKit's form.",
  },
];

const CACHE: readonly Flag[] = [
  {
    name: "cache-from",
    kind: "list",
    value: "SPEC",
    help: "read a shared cache: REF or type=registry|local|s3|gha",
    details: [
      "A name alone is `type=registry,ref=NAME`: a cache, or an image that was built with an inline cache. `type=local,src=DIR[,tag=TAG|,digest=DIGEST]`.",
      "`type=s3,bucket=NAME[,region=][,prefix=][,name=][,endpoint_url=][,use_path_style=][,access_key_id=,secret_access_key=]`. Keys are those of the environment otherwise (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`). `type=gha[,scope=]`.",
      "May be repeated: the first that has a step counts. One that is missing or cannot be read is a warning.",
      "`scope=NAME` reads what was written with this scope. Layers are fetched when a step stands on them.",
    ].join(" "),
  },
  {
    name: "cache-to",
    kind: "list",
    value: "SPEC",
    help: "write one: REF or type=inline|registry|local|s3|gha",
    details: [
      "As `--cache-from`, with `dest=DIR` for `type=local`. `type=inline` puts the cache into the config of the image.",
      "`mode=min` (default) has the layers of the image, `mode=max` those of all steps. `ignore-error=true` makes failures warnings.",
      "`compression=gzip|zstd|uncompressed`, `compression-level=N` and `force-compression=true` say how layers are compressed.",
      "`scope=NAME` keeps what a branch writes apart from what others read.",
    ].join(" "),
  },
  {
    name: "cache-mounts-from",
    rare: true,
    kind: "list",
    value: "SPEC",
    help: "begin cache mounts with what is kept there: REF or type=registry|local",
    details:
      "`RUN --mount=type=cache` then begins with what another machine left, when this one has nothing; it is fetched before the first step that uses the mount. `type=local,src=DIR`. `scope=NAME` as for `--cache-from`. What goes wrong is a warning.",
  },
  {
    name: "cache-mounts-to",
    rare: true,
    kind: "list",
    value: "SPEC",
    help: "keep cache mounts there: REF or type=registry|local",
    details:
      "After the build the mounts that its steps used are saved; only parts that are new travel. `type=local,dest=DIR`. `max-size=SIZE` (default 2g) leaves larger mounts out. What goes wrong is a warning.",
  },
  {
    name: "cache",
    rare: true,
    kind: "string",
    value: "auto",
    choices: ["auto"],
    help: "auto: read and write the cache beside the image",
    details:
      "Reads and writes `type=registry,mode=max,ref=REPOSITORY:buildcache,ignore-error=true` in the repository of the first tag.",
  },
  { name: "no-cache", kind: "bool", help: "run every step again" },
  {
    name: "no-cache-filter",
    rare: true,
    kind: "list",
    value: "STAGE[,STAGE]",
    help: "run the steps of these stages again",
  },
  {
    name: "pull",
    kind: "string",
    value: "POLICY",
    implied: "always",
    choices: PULL_WORDS,
    help: "ask registries for base images: always, missing, newer, never",
    details:
      "`--pull` alone is `always`, `--pull=false` and no flag `missing`. `newer` asks too, and uses what is here when the registry does not answer. `never` uses only what is here.",
  },
];

const EXECUTION: readonly Flag[] = [
  {
    name: "secret",
    kind: "list",
    value: "id=ID[,src=FILE|,env=NAME]",
    help: "let steps mount a secret",
    details:
      "`RUN --mount=type=secret,id=ID` then reads it, from memory only. `HTTP_AUTH_TOKEN_<host>`, `HTTP_AUTH_HEADER_<host>`, `GIT_AUTH_TOKEN[.<host>]` and `GIT_AUTH_HEADER[.<host>]` say who fetches what ADD and contexts name. Of an ID alone the environment variable of that name is meant, when there is one, else the file.",
  },
  {
    name: "ssh",
    kind: "list",
    value: "ID[=SOCKET|KEY,...]",
    help: "let steps use an ssh agent (default: $SSH_AUTH_SOCK)",
    details:
      "`RUN --mount=type=ssh,id=ID` then reaches it, to list keys and to sign. Of files with private keys tsbuild itself is the agent. `default` is used for git repositories too.",
  },
  {
    name: "jobs",
    short: "j",
    kind: "int",
    value: "N",
    help: "steps that run at once (default: 2 per CPU, at least 8)",
  },
  ...WATCH_FLAGS,
  NETWORK,
  OCI_RUNTIME,
  SNAPSHOTTER,
  HOME,
  DEBUG,
  HELP,
];

/** Accepted, with a note why: docker's own builder has no use for them either. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  rm: "tsbuild keeps no intermediate containers",
  "force-rm": "tsbuild keeps no intermediate containers",
  compress: "the context is read in place, nothing is sent",
};

const LEGACY: readonly Flag[] = Object.entries(WITHOUT_EFFECT).map(([name, why]) => ({
  name,
  kind: "bool",
  help: `nothing: ${why} (prints a note)`,
}));

export const BUILD_FLAGS: FlagTable = {
  flags: [
    ...inGroup("Common", COMMON),
    ...inGroup("Output", OUTPUT),
    ...inGroup("Cache", CACHE),
    ...inGroup("Execution", EXECUTION),
    ...PLATFORM_FLAGS,
    ...IMAGE_FLAGS,
    ...STEP_FLAGS,
    ...CACHE_LIMIT_FLAGS,
    ...POLICY_FLAGS,
    ...CALL_FLAGS,
    ...REGISTRY_FLAGS,
    credentialsFlag("creds", "the registries of the tags"),
    ...LEGACY,
  ],
  refused: REFUSED_BUILD_FLAGS,
};

function inGroup(group: string, flags: readonly Flag[]): Flag[] {
  return flags.map((flag) => ({ ...flag, group }));
}
