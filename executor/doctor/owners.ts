// Which owners files of steps can have.

import { ownershipOf } from "../ownership.js";
import { type Privilege, subordinateIds } from "../sandbox/index.js";
import type { Finding } from "./finding.js";

export interface Namespace {
  readonly inNamespace: boolean;
  readonly refused?: string | undefined;
}

export function ownersOf(privilege: Privilege, { inNamespace, refused }: Namespace): Finding {
  const kind = ownershipOf(privilege);
  if (kind === "exact") return { subject: "owners", ok: true, state: "any", reason: "root can give files to anybody" };
  if (kind === "mapped") {
    const reason = inNamespace ? "newuidmap maps your subordinate ids" : "they are those of this process";
    return { subject: "owners", ok: true, state: "those of the user namespace", reason };
  }
  const { missing, hint = "Check the ranges of /etc/subuid and /etc/subgid." } = subordinateIds();
  return {
    subject: "owners",
    ok: false,
    state: "one: what steps set is kept beside their files, by the built-in runtime only; su to another user fails",
    reason: missing ?? refused ?? "one id is mapped",
    hint,
  };
}
