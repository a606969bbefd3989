// Flags of `docker build` that tsbuild does not honour. Each is refused by name, with what to do instead.

import type { RefusedFlag } from "./flag.js";

/** A switch whose absence, or `=false`, is what tsbuild does. */
function off(name: string, instead: string, short?: string): RefusedFlag {
  return { name, kind: "bool", harmless: ["false"], instead, ...(short !== undefined && { short }) };
}

function valued(name: string, instead: string, harmless: readonly string[] = []): RefusedFlag {
  return { name, kind: "string", harmless, instead };
}

export const REFUSED_BUILD_FLAGS: readonly RefusedFlag[] = [
  valued("builder", "Drop it: tsbuild has no builder instances."),
  valued("policy", "Pin base images by digest in the Dockerfile."),
  valued("layer-label", "Use --label: there are no intermediate images."),
  valued("compression-format", "Write it into the output: -o type=registry,compression=zstd."),
  valued("compression-level", "Write it into the output: -o type=registry,compression-level=9."),
  off("force-compression", "Write it into the output: -o type=registry,force-compression=true."),
  off("disable-compression", "Write it into the output: -o type=oci,dest=FILE,compression=uncompressed."),
  off("cw", "Convert the image that is written with another program."),
  valued("encryption-key", "Encrypt the image that is written with another program: skopeo copy --encryption-key."),
  valued("decryption-key", "Decrypt the base image with another program before: skopeo copy --decryption-key."),
  valued("isolation", "Use --oci-runtime to choose what isolates the steps: a step is isolated in any case.", [
    "default",
  ]),
  valued("hooks-dir", "Write the hooks into the CDI specification of a device, and use --device."),
  valued("userns", "Start tsbuild as an ordinary user: then steps have a user namespace."),
  valued("userns-uid-map", "Start tsbuild as an ordinary user: then steps have a user namespace."),
  valued("userns-gid-map", "Start tsbuild as an ordinary user: then steps have a user namespace."),
  valued("pid", "Drop it: what a step leaves running is ended with its own process namespace.", ["private"]),
  valued("ipc", "Drop it: each step has an IPC namespace of its own.", ["private"]),
  valued("uts", "Drop it: each step has a UTS namespace of its own.", ["private"]),
  valued("cgroupns", "Drop it: each step has a cgroup namespace of its own.", ["private"]),
  valued("server-config", "Drop it: there is no server."),
  valued("root", "Use --home to choose where the store is."),
  off("detach", "Start tsbuild in the background: there is no server to detach from."),
  off("dry-run", "Use tsbuild plan: it tells which steps a build would run."),
  valued("print", "Use --call, its new name."),
  valued("invoke", 'Build the stage with --target and start it with "tsbuild run".'),
];
