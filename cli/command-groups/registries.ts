// The commands that move images.

import type { Command } from "../command.js";
import { PLATFORM, storeFlags } from "../flags/command-flags.js";
import { ALL_TAGS, IMAGE_PLATFORM } from "../flags/image-flags.js";
import type { Flag, FlagTable } from "../flags/flag.js";
import { AUTHFILE, CONNECTION_FLAGS, credentialsFlag, REGISTRY_FLAGS } from "../flags/registry-flags.js";
import { DEBUG, HELP, QUIET } from "../flags/shared-flags.js";
import {
  CONTENT_TRUST,
  DIGEST_FILE,
  FORM_FLAGS,
  PLATFORM_PARTS,
  PULL_POLICY,
  REFUSED_PULL_FLAGS,
  REFUSED_PUSH_FLAGS,
} from "../flags/transfer-flags.js";

const CREDS = credentialsFlag("creds", "the registry");

const COPY_FLAGS: readonly Flag[] = [
  {
    name: "platform",
    kind: "string",
    value: "OS/ARCH",
    help: "only this one of the images of an index",
    details: "`docker-archive:` holds one image: without this flag it is this machine's, which a note on stderr says.",
  },
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

const KEY: Flag = {
  name: "key",
  kind: "string",
  value: "FILE",
  help: "the private key: PEM, or as cosign encrypts it; env://NAME",
  details: "The password of an encrypted key is taken from COSIGN_PASSWORD.",
};

const ENTRY_FLAGS: readonly Flag[] = [
  {
    name: "platform",
    kind: "string",
    value: "OS/ARCH",
    help: "what the image is for, in place of what it says itself",
  },
  { name: "os", kind: "string", value: "OS", help: "the system that the image is for" },
  { name: "arch", kind: "string", value: "ARCH", help: "the architecture that the image is for" },
  { name: "variant", kind: "string", value: "VARIANT", help: "the variant of the architecture; empty for none" },
  { name: "annotation", kind: "list", value: "KEY=VALUE", help: "add an annotation to the entry" },
];

const MANIFESTS: readonly Command[] = [
  {
    name: "manifest create",
    summary: "join images of several platforms under one name",
    usage: "manifest create [OPTIONS] NAME [IMAGE...]",
    flags: storeFlags({ name: "amend", kind: "bool", help: "replace what NAME stands for" }, CREDS, ...REGISTRY_FLAGS),
    args: [1, Infinity],
    examples: [
      ["tsbuild manifest create r.example/a:1 r.example/a:1-amd64 r.example/a:1-arm64", "join two"],
      ["tsbuild manifest push r.example/a:1", "push all"],
    ],
    load: async () => (await import("../commands/manifest.js")).runManifestCreate,
  },
  {
    name: "manifest add",
    summary: "add an image to an index, in place of one for the same platform",
    usage: "manifest add [OPTIONS] NAME IMAGE",
    flags: storeFlags(...ENTRY_FLAGS, CREDS, ...REGISTRY_FLAGS),
    args: [2, 2],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestAdd,
  },
  {
    name: "manifest annotate",
    summary: "change what an index says of an image",
    usage: "manifest annotate [OPTIONS] NAME DIGEST|OS/ARCH|IMAGE",
    flags: storeFlags(...ENTRY_FLAGS),
    args: [2, 2],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestAnnotate,
  },
  {
    name: "manifest remove",
    summary: "take an image out of an index",
    usage: "manifest remove NAME DIGEST|OS/ARCH|IMAGE",
    flags: storeFlags(),
    args: [2, 2],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestRemove,
  },
  {
    name: "manifest rm",
    summary: "take the names of indexes from the store",
    usage: "manifest rm NAME...",
    flags: storeFlags(),
    args: [1, Infinity],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestRm,
  },
  {
    name: "manifest inspect",
    summary: "print an index, of the store or of a registry, as JSON",
    usage: "manifest inspect [OPTIONS] NAME",
    flags: storeFlags(CREDS, ...REGISTRY_FLAGS),
    args: [1, 1],
    load: async () => (await import("../commands/manifest.js")).runManifestInspect,
  },
  {
    name: "manifest push",
    summary: "push an index with all its images",
    usage: "manifest push [OPTIONS] NAME [DESTINATION]",
    flags: storeFlags(
      { name: "all", kind: "bool", help: "push all images of the index (the default)" },
      QUIET,
      CREDS,
      ...REGISTRY_FLAGS,
    ),
    args: [1, 2],
    expectsStore: true,
    load: async () => (await import("../commands/manifest.js")).runManifestPush,
  },
];

export const REGISTRIES: readonly Command[] = [
  {
    name: "push",
    summary: "push an image of the store to its registry",
    usage: "push [OPTIONS] IMAGE [DESTINATION]",
    flags: {
      ...storeFlags(
        ALL_TAGS,
        { ...IMAGE_PLATFORM, help: "push one image of an index only" },
        ...FORM_FLAGS,
        DIGEST_FILE,
        CONTENT_TRUST,
        QUIET,
        CREDS,
        ...REGISTRY_FLAGS,
      ),
      refused: REFUSED_PUSH_FLAGS,
    },
    args: [1, 2],
    expectsStore: true,
    examples: [
      ["tsbuild push reg.example/app:1", "by its name"],
      ["tsbuild push app:1 reg.example/app:2", "by another name"],
      ["tsbuild push app:1 oci-archive:app.tar", "as it is, to a place that tsbuild copy knows"],
    ],
    load: async () => (await import("../commands/transfer.js")).runPush,
  },
  {
    name: "pull",
    summary: "pull an image into the store",
    usage: "pull [OPTIONS] NAME[:TAG|@DIGEST] | TRANSPORT:PLACE",
    flags: {
      ...storeFlags(ALL_TAGS, PLATFORM, ...PLATFORM_PARTS, PULL_POLICY, CONTENT_TRUST, QUIET, CREDS, ...REGISTRY_FLAGS),
      refused: REFUSED_PULL_FLAGS,
    },
    args: [1, 1],
    examples: [
      ["tsbuild pull --policy=missing alpine:3", "unless it is there"],
      ["tsbuild pull oci:dir:app", "from an image layout, as app:latest"],
    ],
    load: async () => (await import("../commands/transfer.js")).runPull,
  },
  {
    name: "copy",
    summary: "copy an image between registries, folders and archives, as it is",
    usage: "copy [OPTIONS] SOURCE DESTINATION",
    flags: storeFlags(...COPY_FLAGS, QUIET, ...REGISTRY_FLAGS),
    args: [2, 2],
    examples: [
      ["tsbuild copy reg.example/app:1 mirror.example/app:1", "with all platforms"],
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
  ...MANIFESTS,
  {
    name: "sign",
    summary: "sign an image of a registry with a key, as cosign does",
    usage: "sign --key FILE [OPTIONS] NAME[:TAG|@DIGEST]",
    flags: storeFlags(
      KEY,
      { name: "recursive", short: "r", kind: "bool", help: "sign the images of an index too" },
      {
        name: "annotation",
        short: "a",
        kind: "list",
        value: "KEY=VALUE",
        help: "say this together with the signature",
      },
      CREDS,
      ...REGISTRY_FLAGS,
    ),
    args: [1, 1],
    load: async () => (await import("../commands/sign.js")).runSign,
  },
  {
    name: "verify",
    summary: "verify that a key signed an image of a registry",
    usage: "verify --key FILE [OPTIONS] NAME[:TAG|@DIGEST]",
    flags: storeFlags(
      { ...KEY, help: "the public key in PEM, or env://NAME" },
      { name: "annotation", short: "a", kind: "list", value: "KEY=VALUE", help: "what the signature must say" },
      {
        name: "signed-for",
        kind: "string",
        value: "REPOSITORY",
        help: "where a copied image was signed; or any",
      },
      CREDS,
      ...REGISTRY_FLAGS,
    ),
    args: [1, 1],
    load: async () => (await import("../commands/sign.js")).runVerify,
  },
];

function withoutStore(...flags: readonly Flag[]): FlagTable {
  return { flags: [...flags, DEBUG, HELP], refused: [] };
}
