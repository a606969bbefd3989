// A secret of a step: written to a tmpfs that exists in the step's mount namespace only, and that has no name afterwards.

import { ownerInside, type Privilege } from "../privilege.js";
import type { SandboxSecret, SandboxSpec } from "../runtime.js";
import * as linux from "./linux.js";
import { type Operation, mount, operation } from "./operation.js";
import { type TreeSlots, attach } from "./trees.js";

const SAFE = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC;
const READ_ONLY = linux.ATTRIBUTE_RDONLY | linux.ATTRIBUTE_NOSUID | linux.ATTRIBUTE_NODEV | linux.ATTRIBUTE_NOEXEC;

/** Where the tmpfs is mounted while the file is made. */
const STAGE = "/dev/shm";

interface SecretPlace {
  readonly spec: SandboxSpec;
  readonly privilege: Privilege;
  readonly index: number;
  readonly trees: TreeSlots;
}

export function attachSecret(secret: SandboxSecret, { spec, privilege, index, trees }: SecretPlace): Operation[] {
  const { content, mode, target } = secret;
  const { uid, gid } = ownerInside(secret, spec, privilege);
  const [purpose, file, key] = [`write a secret for ${target}`, `${STAGE}/secret`, `secret ${index}`];
  return [
    mount("tmpfs", STAGE, "tmpfs", SAFE, `mode=700,size=${content.length + 4096 * 2}`),
    operation(purpose, "file", file, mode, uid, gid, content.length, content),
    operation(purpose, "tree", trees.add(key), file),
    operation(purpose, "umount", STAGE),
    attach(trees, key, target, READ_ONLY),
  ];
}
