// Where a finished image goes.
// https://docs.docker.com/reference/cli/docker/buildx/build/#output

import type { Writable } from "node:stream";

export type OutputSpec =
  /** The local store, under the tags of the build. */
  | { readonly type: "image" }
  /** The registries of the tags. */
  | { readonly type: "registry" }
  /** An OCI image layout: a tar, or a directory when `tar` is false. */
  | { readonly type: "oci"; readonly dest: string | Writable; readonly tar?: boolean }
  /** An archive for `docker load`. */
  | { readonly type: "docker"; readonly dest: string | Writable };
