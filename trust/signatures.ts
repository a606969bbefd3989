// Whether an image has a signature that a requirement of a policy asks for.
// https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md#sigstoresigned

import type { KeyObject } from "node:crypto";
import { TsbuildError } from "../errors.js";
import type { Digest, ImageStore } from "../oci/index.js";
import { claimsBy, publicKey, readPublicKey } from "../signing/index.js";
import { isIdentity, type SignedIdentity } from "./identity.js";
import type { SigstoreRequirement } from "./policy.js";
import type { ImageSource } from "./source.js";

export interface Asked {
  readonly requirement: SigstoreRequirement;
  readonly source: ImageSource;
}

const DEFAULT: SignedIdentity = { type: "matchRepoDigestOrExact" };

/** @param digests the image, and the index that it is of: who signed that, signed the image @returns why not; undefined when it has */
export async function lacking(
  place: ImageStore,
  digests: readonly Digest[],
  asked: Asked,
): Promise<string | undefined> {
  const { requirement, source } = asked;
  const { signedIdentity = DEFAULT } = requirement;
  const claimed = new Set<string>();
  for (const key of keysOf(requirement))
    for (const digest of digests)
      for (const { repository: name } of await claimsBy(place, digest, key)) {
        if (isIdentity(signedIdentity, name, source)) return undefined;
        claimed.add(name);
      }
  if (claimed.size === 0) return "it has no signature by the key";
  return `the signature by the key is for "${[...claimed].join('", "')}", not as ${signedIdentity.type} has it`;
}

/** @throws bad_key, bad_policy */
export function keysOf({ keyPath, keyPaths, keyData, keyDatas }: SigstoreRequirement): KeyObject[] {
  const given = [keyPath, keyPaths, keyData, keyDatas].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new TsbuildError(
      "bad_policy",
      `expected one of keyPath, keyPaths, keyData and keyDatas in a sigstoreSigned requirement, found ${given.length}`,
      { hint: "Name the keys in one of these fields." },
    );
  const data = keyData === undefined ? (keyDatas ?? []) : [keyData];
  const paths = keyPath === undefined ? (keyPaths ?? []) : [keyPath];
  return [...paths.map(publicKey), ...data.map((each) => readPublicKey(Buffer.from(each, "base64").toString("utf8")))];
}
