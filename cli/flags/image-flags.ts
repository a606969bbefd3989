// The flags of the commands on images of the store.
// https://docs.docker.com/reference/cli/docker/image/

import type { Flag, RefusedFlag } from "./flag.js";

export const IMAGE_PLATFORM: Flag = {
  name: "platform",
  kind: "string",
  value: "OS/ARCH",
  help: "which image of an index (default: this machine's)",
};

export const FILTER_IMAGES: Flag = {
  name: "filter",
  short: "f",
  kind: "list",
  value: "KEY=VALUE",
  help: "reference=, dangling=, label=, before=, since=, until=, id=",
  details:
    "`reference=app*` takes the patterns of docker, `dangling=true` shows images without a name, `label=name` or `label=name=value` looks at the config, `before=` and `since=` compare with the time of another image, `until=` with a time (`2026-11-21`, `2026-11-21T10:00:00Z`, seconds since 1970) or an age (`24h`), `id=` is the beginning of an ID, and `readonly=` is false for all images. References are alternatives, all else must hold together.",
};

export const FORMAT_ROWS: Flag = {
  name: "format",
  kind: "string",
  value: "FORMAT",
  help: "table, json, or a Go template",
  details:
    "`{{.Repository}}:{{.Tag}}` is printed for each row, `table {{.ID}}\\t{{.Size}}` in columns, `json` as a line of JSON for each row. A field that is not there is an error that lists those that are.",
};

export const FORMAT_VALUE: Flag = {
  name: "format",
  short: "f",
  kind: "string",
  value: "FORMAT",
  help: "json, or a Go template: {{.Id}}",
  details:
    "Templates have fields, variables, `if`, `with`, `range`, pipes, and the functions of docker: `json`, `join`, `split`, `index`, `len`, `println`, `upper`, `lower`, `title`, `pad`, `truncate`, `printf`, `html`, `js`, `urlquery`, `eq` and its like; `define`, `template` and `block` name parts.",
};

export const NO_TRUNC: Flag = { name: "no-trunc", kind: "bool", help: "print everything in full" };
export const DIGESTS: Flag = { name: "digests", kind: "bool", help: "show the digests that registries have" };
export const ONLY_IDS: Flag = { name: "quiet", short: "q", kind: "bool", help: "print IDs only" };

export const ALL_IMAGES: Flag = {
  name: "all",
  short: "a",
  kind: "bool",
  help: "always the case: there are no hidden images",
};

export const JSON_IMAGES: Flag = { name: "json", kind: "bool", help: "print all as one JSON array, as buildah does" };
export const NO_HEADING: Flag = {
  name: "noheading",
  short: "n",
  kind: "bool",
  help: "print a table without its headings",
};
export const REMOVE_ALL: Flag = { name: "all", short: "a", kind: "bool", help: "remove all images" };
export const REMOVE_UNNAMED: Flag = {
  name: "prune",
  short: "p",
  kind: "bool",
  help: "remove the images that have no name",
};

export const HUMAN: Flag = {
  name: "human",
  short: "H",
  kind: "bool",
  help: "sizes and times for people (--human=false: bytes, dates)",
};

export const FORCE_REMOVE: Flag = {
  name: "force",
  short: "f",
  kind: "bool",
  help: "remove all that have an ID, and let a missing image pass",
};

export const NO_PRUNE: Flag = {
  name: "no-prune",
  kind: "bool",
  always: "Remove what nothing needs any more: tsbuild prune.",
  help: "always the case: blobs stay until the store is pruned",
};

export const TYPE: Flag = {
  name: "type",
  kind: "string",
  value: "TYPE",
  choices: ["image"],
  help: "image: nothing else is kept in the store",
};

export const RAW: Flag = { name: "raw", kind: "bool", help: "print the manifest or index, byte for byte" };

export const SIZE: Flag = {
  name: "size",
  short: "s",
  kind: "bool",
  help: "always the case: Size is among the fields",
};

export const DIFF_EXIT_CODE: Flag = {
  name: "exit-code",
  kind: "bool",
  help: "end with 1 when the images differ, as git diff does",
};

export const ALL_TAGS: Flag = { name: "all-tags", short: "a", kind: "bool", help: "all tags of the repository" };

export const SAVE_OUTPUT: Flag = {
  name: "output",
  short: "o",
  kind: "string",
  value: "FILE",
  help: "write to this file (default: standard output)",
};

export const SAVE_FORMAT: Flag = {
  name: "format",
  kind: "string",
  value: "FORMAT",
  choices: ["docker", "oci", "docker-archive", "oci-archive", "oci-dir"],
  help: "docker (default), oci or oci-dir",
  details:
    "`docker` is for `docker load` and holds one platform of each image; `oci` is an image layout with every blob as the store has it, all platforms of an index included, and `oci-dir` is one in the folder that -o names.",
};

export const LOAD_INPUT: Flag = {
  name: "input",
  short: "i",
  kind: "string",
  value: "FILE",
  help: "read an archive, or a folder with a layout (default: stdin)",
};

export const MANY_IMAGES: Flag = {
  name: "multi-image-archive",
  short: "m",
  kind: "bool",
  always: "Save one image to have an archive of one.",
  help: "always the case: an archive may have several images",
};

export const LOAD_QUIET: Flag = { name: "quiet", short: "q", kind: "bool", help: "print names and IDs only" };

export const REPORT_OUTPUT: Flag = { ...SAVE_OUTPUT, value: "FILE.html" };

export const AGAINST: Flag = {
  name: "against",
  kind: "string",
  value: "IMAGE",
  help: "compare with this image: what was before",
};

export const LOAD_PLATFORM: Flag = { ...IMAGE_PLATFORM, help: "take one image of an index only (default: all)" };

export const REFUSED_LOAD_FLAGS: readonly RefusedFlag[] = [
  {
    name: "signature-policy",
    kind: "string",
    reason: "has no effect on archives that are loaded, which are trusted",
    instead: "Take the image by tsbuild pull docker-archive:FILE --signature-policy=FILE.",
  },
];

export const REFUSED_SAVE_FLAGS: readonly RefusedFlag[] = [
  {
    name: "compress",
    kind: "bool",
    harmless: ["false"],
    instead: "Push to a folder of layers that are compressed: tsbuild copy docker://NAME oci:DIR.",
  },
  { name: "uncompressed", kind: "bool", harmless: ["true"], instead: "Leave it out: layers are written as they are." },
];
