// The flags that say what a build may take from elsewhere.
// https://docs.docker.com/build/building/variables/#experimental_buildkit_source_policy

import type { Flag } from "./flag.js";

export const POLICY_FLAGS: readonly Flag[] = [
  {
    name: "locked",
    kind: "bool",
    help: "take images, files and repositories as the lock file has them",
    details:
      "`tsbuild lock` writes the file. What is not in it, and not pinned by the Dockerfile itself, fails the build. Folders and image layouts of this machine are not locked.",
  },
  {
    name: "lock-file",
    kind: "string",
    value: "FILE",
    help: "the lock file (default: the Dockerfile's name with .lock)",
  },
  {
    name: "source-policy",
    other: "source-policy-file",
    kind: "string",
    value: "FILE",
    env: ["EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"],
    help: "allow, deny and convert sources by these rules",
    details:
      "BuildKit's JSON, for images, files behind URLs and git repositories, build contexts included. docs/formats.md has the rules.",
  },
];
