// The flags of `tsbuild manifest`.
// https://github.com/containers/buildah/blob/main/docs/buildah-manifest.1.md

import type { Flag, RefusedFlag } from "./flag.js";

export const AMEND: Flag = { name: "amend", kind: "bool", help: "replace what NAME stands for" };
export const ALL_OF_SOURCES: Flag = {
  name: "all",
  kind: "bool",
  always: "Name one of the images: NAME@DIGEST.",
  help: "always the case: all images of an index",
};
export const WHOLE_INDEX: Flag = { name: "index", kind: "bool", help: "annotate the index itself, not an image of it" };
export const ALL_OF_INDEX: Flag = {
  name: "all",
  kind: "bool",
  always: "Push one of the images: tsbuild push --platform.",
  help: "always the case: all images of the index are pushed",
};

export const REMOVE_AFTER: Flag = {
  name: "rm",
  other: "purge",
  kind: "bool",
  help: "take the name from the store when all is pushed",
};

export const INDEX_ANNOTATION: Flag = {
  name: "annotation",
  kind: "list",
  value: "KEY=VALUE",
  help: "add an annotation to the index",
};

export const ENTRY_FLAGS: readonly Flag[] = [
  {
    name: "platform",
    kind: "string",
    value: "OS/ARCH",
    help: "what the image is for, in place of what it says itself",
  },
  { name: "os", kind: "string", value: "OS", help: "the system that the image is for" },
  { name: "arch", kind: "string", value: "ARCH", help: "the architecture that the image is for" },
  { name: "variant", kind: "string", value: "VARIANT", help: "the variant of the architecture; empty for none" },
  { name: "os-version", kind: "string", value: "VERSION", help: "the version of the system; empty for none" },
  { name: "os-features", kind: "list", value: "NAME[,NAME]", help: "what the system has to have; empty for nothing" },
  { name: "annotation", kind: "list", value: "KEY=VALUE", help: "add an annotation to the entry" },
];

export const REFUSED_ENTRY_FLAGS: readonly RefusedFlag[] = [
  { name: "features", kind: "list", instead: "Leave it out: the image specification reserves the field." },
];

export const REFUSED_INSPECT_FLAGS: readonly RefusedFlag[] = [
  {
    name: "verbose",
    short: "v",
    kind: "bool",
    harmless: ["false"],
    instead: "Look at each image: tsbuild inspect --raw docker://NAME@DIGEST.",
  },
];

export const REFUSED_INDEX_FLAGS: readonly RefusedFlag[] = [
  {
    name: "format",
    short: "f",
    kind: "string",
    harmless: ["oci"],
    instead: "Push the images with tsbuild push --format docker, and join these.",
  },
  { name: "sign-by", kind: "string", instead: "Sign the index when it is pushed: tsbuild sign --key FILE -r NAME." },
];
