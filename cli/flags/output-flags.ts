// The flags of `tsbuild build` that say where the image goes, and what it looks like there.
// https://docs.docker.com/reference/cli/docker/buildx/build/#output

import type { Flag } from "./flag.js";

export const OUTPUT_FLAGS: readonly Flag[] = [
  { name: "push", kind: "bool", help: "push every tag to its registry; short for -o type=registry" },
  { name: "load", kind: "bool", help: "load the image into docker or podman; short for -o type=docker" },
  {
    name: "output",
    short: "o",
    kind: "list",
    value: "SPEC",
    help: "where to: DIR, -, or type=TYPE[,dest=PATH]; may be repeated",
    details: [
      "`type=image` keeps the image in the store under its tags; it is the default. `type=registry` pushes it; `type=image,push=true` does both, `store=false` leaves out the store.",
      "`type=oci,dest=FILE` writes an OCI image layout as a tar, `type=oci,dest=DIR,tar=false` as a folder.",
      "`type=docker,dest=FILE` writes an archive for `docker load`; without `dest`, docker loads it at once, or podman where docker is not there or does not answer.",
      "`type=local,dest=DIR`, or DIR alone, writes the files of the image; they are yours, and nothing is written through a symlink. `mode=delete` removes what else is in DIR.",
      "`type=tar,dest=FILE`, or - alone, writes them as a tar. `type=cacheonly` writes nothing. `dest=-` is stdout; with CI=true in the environment it has to be written out.",
      "Of several platforms, the files are below folders such as `linux_arm64`. With `--provenance` and `--sbom`, `provenance.json` and `sbom.spdx.json` are among the files; `attestation-prefix=PREFIX` stands before these names.",
      "Images take `name=NAME` (in place of the tags), `compression=uncompressed|gzip|estargz|zstd` (uncompressed in the store and for Docker, else gzip), `compression-level=N`,",
      "`force-compression=true` (layers of the base too), `oci-mediatypes=false` (Docker's), `rewrite-timestamp=true`, `annotation[-TYPE].KEY=VALUE`; pushes `push-by-digest=true`, `name-canonical=true` and `registry.insecure=true` (plain HTTP, as by `--insecure-registry`); `type=image` `dangling-name-prefix=NAME` (an image without a name is then NAME@DIGEST); `type=docker` `context=NAME` (of docker).",
    ].join(" "),
  },
];

/** What the image looks like, and files that tell of it. --help does not list them. */
export const IMAGE_FLAGS: readonly Flag[] = [
  {
    name: "manifest",
    kind: "string",
    value: "NAME",
    help: "add the image to this index of the store, which is made if need be",
    details: "An image of the same platform is replaced in it. `tsbuild manifest push NAME` pushes it.",
  },
  {
    name: "annotation",
    kind: "list",
    value: "[TYPE:]KEY=VALUE",
    help: "annotate the manifest, or what TYPE says",
    details:
      "TYPE is manifest, index, manifest-descriptor or index-descriptor, or several with commas; `manifest[linux/arm64]` is for one platform. An index is made for several platforms.",
  },
  {
    name: "squash",
    kind: "string",
    value: "LAYERS",
    implied: "new",
    help: "join layers: new, all, or numbers such as 2-4",
    details:
      "Without a value, or with `new`, all layers above the base image become one; with `all` those of the base as well. Layers are counted from the lowest, which is 1. The history stays whole.",
  },
  { name: "unsetenv", kind: "list", value: "NAME", help: "leave this environment variable out of the image" },
  {
    name: "unsetlabel",
    kind: "list",
    value: "NAME",
    help: "leave this label out of the image, unless --label sets it",
  },
  {
    name: "inherit-labels",
    kind: "string",
    value: "BOOL",
    choices: ["true", "false"],
    implied: "true",
    help: "whether the labels of base images are taken over (default: true)",
  },
  {
    name: "inherit-annotations",
    kind: "string",
    value: "BOOL",
    choices: ["true", "false"],
    implied: "true",
    help: "whether those of the base image's manifest are taken over (default: false)",
  },
  {
    name: "unsetannotation",
    kind: "list",
    value: "KEY",
    help: "leave this annotation of the base image out, with --inherit-annotations",
  },
  {
    name: "layers",
    kind: "bool",
    help: "keep a layer for each step (default: true)",
    details:
      "With `--layers=false`, as with --squash, all layers above the base image become one. Steps come from the cache all the same.",
  },
  {
    name: "skip-unused-stages",
    kind: "string",
    value: "BOOL",
    choices: ["true", "false"],
    implied: "true",
    help: "build only stages that are needed (default: true); false is refused",
  },
  { name: "omit-history", kind: "bool", help: "leave out of the image what made it" },
  {
    name: "created-annotation",
    kind: "bool",
    help: "annotate manifests with org.opencontainers.image.created",
  },
  { name: "identity-label", kind: "bool", help: "label the image io.tsbuild.version=VERSION" },
  {
    name: "source-date-epoch",
    kind: "string",
    value: "SECONDS",
    help: "the time that image, history and made files carry",
    details: "Over the environment variable SOURCE_DATE_EPOCH, and a build argument of that name.",
  },
  {
    name: "timestamp",
    kind: "string",
    value: "SECONDS",
    help: "the time of the image, its history and all files of new layers",
    details:
      "Older files get it too, unlike with --rewrite-timestamp, and steps see no SOURCE_DATE_EPOCH. It excludes --source-date-epoch.",
  },
  {
    name: "rewrite-timestamp",
    kind: "bool",
    help: "date files of new layers that are newer to SOURCE_DATE_EPOCH",
    details:
      "The layers of the base image stay as they are. The same input then gives the same digest on any machine. Short for rewrite-timestamp=true in each output.",
  },
  {
    name: "verify-reproducible",
    kind: "bool",
    help: "build twice under other conditions; fail when the images differ",
    details:
      "The second build uses no cache, one job, another host name, and starts at another time. Implies --rewrite-timestamp, so what is verified is what is written; without SOURCE_DATE_EPOCH, both builds have the time at which the first began, and a build of another time has another digest. The first file that differs is named; the exit code is 1.",
  },
  { name: "iidfile", rare: true, kind: "string", value: "FILE", help: "write the image ID to FILE" },
  {
    name: "iidfile-raw",
    kind: "string",
    value: "FILE",
    help: "write the image ID to FILE, without sha256: before it",
    details: "Of several platforms there is none: that is an error.",
  },
  {
    name: "digestfile",
    other: "digest-file",
    kind: "string",
    value: "FILE",
    help: "write the digest of the manifest to FILE",
    details:
      "That of the index, where there is one. Of several outputs, of the last one that is pushed, else of images.",
  },
  {
    name: "metadata-file",
    kind: "string",
    value: "FILE",
    help: "write digest, descriptor and names to FILE as JSON",
    details:
      "Keys: `buildx.build.provenance` (SLSA v0.2; BUILDX_METADATA_PROVENANCE is min, max or disabled; of several platforms `buildx.build.provenance/PLATFORM`), `buildx.build.ref`, `containerimage.config.digest`, `containerimage.descriptor`, `containerimage.digest`, `image.name`; those of images are left out when only files are written.",
  },
];
