// The commands that move images.

import type { Command } from "../command.js";
import { PLATFORM, storeFlags } from "../flags/command-flags.js";
import { ALL_TAGS, IMAGE_PLATFORM } from "../flags/image-flags.js";
import type { Flag, FlagTable } from "../flags/flag.js";
import { AUTHFILE, CONNECTION_FLAGS, credentialsFlag, REGISTRY_FLAGS } from "../flags/registry-flags.js";
import { DEBUG, HELP, QUIET } from "../flags/shared-flags.js";

const CREDS = credentialsFlag("creds", "the registry");

const COPY_FLAGS: readonly Flag[] = [
  { name: "platform", kind: "string", value: "OS/ARCH", help: "only this one of the images of an index" },
  { name: "all", short: "a", kind: "bool", help: "all images of an index (the default)" },
  {
    name: "referrers",
    kind: "bool",
    help: "copy signatures and attestations too",
    details: "What the registry, or the image layout, lists as being about the image, and cosign's tags.",
  },
  credentialsFlag("src-creds", "the registry of SOURCE"),
  credentialsFlag("dest-creds", "the registry of DESTINATION"),
];

const LOGIN_FLAGS: readonly Flag[] = [
  { name: "username", short: "u", kind: "string", value: "USER", help: "the user's name; without it, it is asked for" },
  { name: "password", short: "p", kind: "string", value: "PASSWORD", help: "the password, where others can see it" },
  { name: "password-stdin", kind: "bool", help: "read the password from standard input" },
  AUTHFILE,
  ...CONNECTION_FLAGS,
];

export const REGISTRIES: readonly Command[] = [
  {
    name: "push",
    summary: "push an image of the store to its registry",
    usage: "push [OPTIONS] NAME[:TAG]",
    flags: storeFlags(
      ALL_TAGS,
      { ...IMAGE_PLATFORM, help: "push one image of an index only" },
      QUIET,
      CREDS,
      ...REGISTRY_FLAGS,
    ),
    args: [1, 1],
    load: async () => (await import("../commands/transfer.js")).runPush,
  },
  {
    name: "pull",
    summary: "pull an image into the store",
    usage: "pull [OPTIONS] NAME[:TAG|@DIGEST]",
    flags: storeFlags(ALL_TAGS, PLATFORM, QUIET, CREDS, ...REGISTRY_FLAGS),
    args: [1, 1],
    load: async () => (await import("../commands/transfer.js")).runPull,
  },
  {
    name: "copy",
    summary: "copy an image between registries, folders and archives, as it is",
    usage: "copy [OPTIONS] SOURCE DESTINATION",
    flags: storeFlags(...COPY_FLAGS, QUIET, ...REGISTRY_FLAGS),
    args: [2, 2],
    examples: [
      ["tsbuild copy reg.example/app:1 mirror.example/app:1", "all platforms; blobs keep their digests"],
      ["tsbuild copy --platform linux/arm64 alpine oci:alpine", "one platform, into an image layout"],
      ["tsbuild copy oci-archive:app.tar docker://reg.example/app:1", "push an archive"],
      ["tsbuild copy store:app:1 docker-archive:app.tar", "for docker load"],
    ],
    load: async () => (await import("../commands/copy.js")).runCopy,
  },
  {
    name: "login",
    summary: "keep the password of a registry, once the registry accepts it",
    usage: "login [OPTIONS] [REGISTRY]",
    flags: withoutStore(...LOGIN_FLAGS),
    args: [0, 1],
    examples: [["tsbuild login -u ci --password-stdin ghcr.io < token", "log in without a terminal"]],
    load: async () => (await import("../commands/login.js")).runLogin,
  },
  {
    name: "logout",
    summary: "forget the password of a registry",
    usage: "logout [OPTIONS] [REGISTRY]",
    flags: withoutStore(AUTHFILE),
    args: [0, 1],
    load: async () => (await import("../commands/login.js")).runLogout,
  },
];

function withoutStore(...flags: readonly Flag[]): FlagTable {
  return { flags: [...flags, DEBUG, HELP], refused: [] };
}
