// Commands of docker, podman, buildah and skopeo that are none of tsbuild's: what tsbuild has in their place.

const CONTAINERS = "Load the image into Docker or Podman, and run it there; tsbuild run runs one command of it.";
const BY_HAND = "Write the steps into a Dockerfile, and build it: tsbuild build.";
const SETTINGS =
  "Write it into a Dockerfile with FROM IMAGE, and build it; tsbuild build --label, --unsetlabel and --unsetenv need no line.";

const INSTEAD: Readonly<Record<string, string>> = {
  // Of Docker and Podman.
  attach: CONTAINERS,
  commit: `${BY_HAND} A failed step is kept with --on-error=save.`,
  compose: "Build the services one by one: tsbuild build -f FILE --target STAGE.",
  container: CONTAINERS,
  cp: "Write the files of an image into a folder: tsbuild build -o DIR, of a Dockerfile with FROM IMAGE.",
  create: CONTAINERS,
  events: "Read what a build does from tsbuild build --progress=rawjson.",
  exec: "Look into a step with tsbuild shell, or run a command of an image with tsbuild run.",
  export: "Write the files of an image into an archive: tsbuild build -o type=tar,dest=FILE.",
  image: "Leave the word out: tsbuild images, inspect, history, tag, rmi, save, load, push, pull, prune.",
  import: "Write a Dockerfile with FROM scratch and ADD ARCHIVE /, and build it.",
  info: "Use tsbuild doctor: it tells what this machine gives to builds.",
  kill: CONTAINERS,
  ls: "Use tsbuild images for images, tsbuild builds for past builds.",
  network: "Give a step a network with tsbuild build --network.",
  ps: "Use tsbuild builds: it lists the builds that run, and past ones.",
  rename: "Use tsbuild tag, and tsbuild rmi for the old name.",
  restart: CONTAINERS,
  rm: "Use tsbuild rmi for images, tsbuild prune for what nothing uses.",
  search: "Look on the site of the registry: registries have no search that all of them answer.",
  secret: "Give a secret to a build: tsbuild build --secret id=NAME,src=FILE.",
  start: CONTAINERS,
  stop: CONTAINERS,
  system: "Use tsbuild du, tsbuild prune and tsbuild doctor.",
  top: "Use tsbuild builds: it lists the builds that run.",
  trust: "Use tsbuild sign and tsbuild verify.",
  volume: "Use tsbuild cache mounts: what is kept between steps are cache mounts.",
  wait: "Leave it out: tsbuild run and tsbuild build end when their work does.",
  // Of buildx.
  bake: "Build the targets one by one: tsbuild build --target STAGE.",
  buildx: "Leave the word out: tsbuild build, du, prune; imagetools is tsbuild manifest.",
  builder: "Leave the word out: tsbuild build, tsbuild prune.",
  debug: "Use tsbuild shell, or tsbuild build --on-error=shell.",
  dial: "Leave it out: there is no daemon to speak to.",
  imagetools: "Use tsbuild manifest create and push for its create, tsbuild manifest inspect for its inspect.",
  install: "Leave it out: tsbuild needs no plugin of Docker.",
  use: "Leave it out: there are no builder instances.",
  // Of Buildah.
  bud: "Use tsbuild build.",
  "build-using-dockerfile": "Use tsbuild build.",
  add: BY_HAND,
  config: SETTINGS,
  containers: "Use tsbuild builds: past builds are what is kept beside images.",
  from: BY_HAND,
  mount: "Write the files into a folder with tsbuild build -o DIR, or look at them with tsbuild shell or tsbuild run.",
  umount: "Leave it out: nothing stays mounted.",
  unmount: "Leave it out: nothing stays mounted.",
  unshare: "Leave it out: tsbuild enters a user namespace by itself.",
  // Of skopeo, crane and others.
  delete: "Delete the image by the tools of the registry; tsbuild rmi takes names from the store.",
  digest: "Use tsbuild inspect --format '{{.Descriptor.digest}}' docker://NAME.",
  "generate-sigstore-key": "Make keys with cosign generate-key-pair or openssl; tsbuild sign takes them.",
  "list-tags": "Pull all of them with tsbuild pull --all-tags, or ask the registry.",
  "manifest-digest": "Use sha256sum: the digest of a manifest is that of its bytes.",
  "standalone-sign": "Use tsbuild sign.",
  "standalone-verify": "Use tsbuild verify.",
  sync: "Copy the images one by one: tsbuild copy.",
};

/** What to do where another program has the command `word`; undefined for what is none. One imperative sentence or two. */
export function insteadOfCommand(word: string): string | undefined {
  return Object.hasOwn(INSTEAD, word) ? INSTEAD[word] : undefined;
}
