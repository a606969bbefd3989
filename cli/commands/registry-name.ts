// Names of images in registries, also as podman and skopeo write them.
// https://github.com/containers/image/blob/main/docs/containers-transports.5.md

/** Without `docker://`. */
export function registryName(word: string): string {
  return word.replace(/^docker:\/\//, "");
}
