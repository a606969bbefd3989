// The commands that move images.

import type { Command } from "../command.js";
import { PLATFORM, storeFlags } from "../flags/command-flags.js";
import { ALL_TAGS, IMAGE_PLATFORM } from "../flags/image-flags.js";
import type { Flag, FlagTable, RefusedFlag } from "../flags/flag.js";
import { AUTHFILE, CONNECTION_FLAGS, CREDS, credentialsFlag, REGISTRY_FLAGS } from "../flags/registry-flags.js";
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
import { MANIFESTS } from "./manifests.js";

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
  {
    name: "multi-arch",
    kind: "string",
    value: "CHOICE",
    choices: ["all", "system"],
    help: "all images of an index (the default), or this machine's",
  },
  { name: "override-os", kind: "string", value: "OS", help: "only the image for this system" },
  { name: "override-arch", kind: "string", value: "ARCH", help: "only the image for this architecture" },
  { name: "override-variant", rare: true, kind: "string", value: "VARIANT", help: "the variant of the architecture" },
  { name: "preserve-digests", kind: "bool", help: "fail where digests cannot stay what they are" },
  { name: "remove-signatures", rare: true, kind: "bool", help: "always the case without --referrers" },
  { name: "src-tls-verify", kind: "bool", help: "check certificates of SOURCE's registry (default: true)" },
  { name: "dest-tls-verify", kind: "bool", help: "check certificates of DESTINATION's registry (default: true)" },
  DIGEST_FILE,
  credentialsFlag("src-creds", "the registry of SOURCE"),
  credentialsFlag("dest-creds", "the registry of DESTINATION"),
];

const CONVERT = "Pull the image, and push it with --format, --compression-format or --compression-level.";

const REFUSED_COPY_FLAGS: readonly RefusedFlag[] = [
  { name: "format", short: "f", kind: "string", instead: CONVERT },
  { name: "dest-compress", kind: "bool", harmless: ["false"], instead: CONVERT },
  { name: "dest-decompress", kind: "bool", harmless: ["false"], instead: "Copy to docker-archive:FILE." },
  { name: "dest-compress-format", kind: "string", instead: CONVERT },
  { name: "dest-compress-level", kind: "string", instead: CONVERT },
  { name: "dest-force-compress-format", kind: "bool", harmless: ["false"], instead: CONVERT },
  { name: "additional-tag", kind: "list", instead: "Copy the image once for each name." },
  { name: "sign-by", kind: "string", instead: "Sign the copy: tsbuild sign --key FILE NAME." },
  { name: "sign-by-sigstore-private-key", kind: "string", instead: "Sign the copy: tsbuild sign --key FILE NAME." },
  { name: "encryption-key", kind: "list", instead: "Encrypt the image with another program: skopeo copy." },
  { name: "decryption-key", kind: "list", instead: "Decrypt the image with another program: skopeo copy." },
];

const LOGIN_FLAGS: readonly Flag[] = [
  { name: "username", short: "u", kind: "string", value: "USER", help: "the user's name; without it, it is asked for" },
  { name: "password", short: "p", kind: "string", value: "PASSWORD", help: "the password, where others can see it" },
  { name: "get-login", kind: "bool", help: "print the user's name that is kept, and ask nobody" },
  { name: "verbose", short: "v", kind: "bool", help: "print where the password is kept" },
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
    flags: { ...storeFlags(...COPY_FLAGS, QUIET, ...REGISTRY_FLAGS), refused: REFUSED_COPY_FLAGS },
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
    flags: withoutStore(
      { name: "all", short: "a", kind: "bool", help: "forget the passwords of all registries that the file knows" },
      AUTHFILE,
    ),
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
