// Whether an image may be taken from where it is: what the policy of this machine says of it.
// https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md

import { TsbuildError } from "../errors.js";
import { type Descriptor, type Digest, type ImageStore, isIndex, parseIndex, readBlob, sha256 } from "../oci/index.js";
import {
  findPolicy,
  type Requirement,
  type SigstoreRequirement,
  type TrustPolicy,
  unverifiedFields,
} from "./policy.js";
import { expectAllowed, type RegistrySources, readRegistrySources } from "./registry-sources.js";
import { keysOf, lacking } from "./signatures.js";
import { type ImageSource, nameOf, scopesOf } from "./source.js";
import { WatchedStore } from "./watched-store.js";

/** Leave to take an image from a source. */
export interface Permit {
  /** Says what the image must be signed with: equal while the policy says the same of the source. Absent when nothing is asked. */
  readonly seal?: Digest;
  /**
   * Looks whether an image is signed as it must be. An index that is not asks it of each of its images that is opened then.
   * @returns the place to read the image from
   * @throws not_signed
   */
  admit(place: ImageStore, root: Descriptor): Promise<ImageStore>;
}

/** Decides of images before they are taken. */
export interface Trust {
  /** Asks nothing of the source itself. @throws source_denied, bad_policy, bad_key */
  permit(source: ImageSource): Promise<Permit>;
}

/** Where the requirements for an image are in a policy. */
interface Rule {
  readonly requirements: readonly Requirement[];
  /** As in messages: `the default of "FILE"`. */
  readonly name: string;
}

export interface TrustOptions {
  /** The policy. Default: the user's, else this machine's, else none. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws bad_policy */
export function loadTrust({ file, environment }: TrustOptions): Trust {
  return new PolicyTrust(findPolicy(file), readRegistrySources(environment));
}

const ANYTHING: Permit = { admit: async (place) => place };

class PolicyTrust implements Trust {
  readonly #policy: TrustPolicy | undefined;
  readonly #registries: RegistrySources;

  constructor(policy: TrustPolicy | undefined, registries: RegistrySources) {
    this.#policy = policy;
    this.#registries = registries;
  }

  async permit(source: ImageSource): Promise<Permit> {
    if (source.transport === "docker") expectAllowed(source.reference.registry, this.#registries);
    if (this.#policy === undefined) return ANYTHING;
    const rule = ruleFor(source, this.#policy);
    const asked = rule.requirements.flatMap((requirement) => verifiable(requirement, source, rule));
    if (asked.length === 0) return ANYTHING;
    return { seal: sealOf(asked), admit: (place, root) => admit({ asked, source, rule }, place, root) };
  }
}

function ruleFor(source: ImageSource, { file, transports, default: otherwise }: TrustPolicy): Rule {
  const scopes = transports[source.transport] ?? {};
  const scope = scopesOf(source).find((each) => Object.hasOwn(scopes, each));
  if (scope === undefined) return { requirements: otherwise, name: `the default of the signature policy "${file}"` };
  const what = scope === "" ? `what holds for ${source.transport}` : `the scope "${scope}" of ${source.transport}`;
  return { requirements: scopes[scope]!, name: `${what} in the signature policy "${file}"` };
}

/** None for a requirement that any image meets. @throws source_denied, bad_policy */
function verifiable(requirement: Requirement, source: ImageSource, { name }: Rule): SigstoreRequirement[] {
  if (requirement.type === "insecureAcceptAnything") return [];
  if (requirement.type === "reject")
    throw new TsbuildError("source_denied", `"${nameOf(source)}" is rejected by ${name}`, {
      hint: "Take another image, or name another policy with --signature-policy.",
    });
  const isGpg = requirement.type === "signedBy";
  const unknown = isGpg ? "signedBy, a signature by GPG" : unverifiedFields(requirement).join(", ");
  if (!isGpg && unknown === "") return [requirement];
  throw new TsbuildError("bad_policy", `"${nameOf(source)}": ${name} asks for ${unknown}, which is not verified here`, {
    hint: "Ask for sigstoreSigned with the file of a key, or name another policy with --signature-policy.",
  });
}

/** @throws bad_key, bad_policy */
function sealOf(asked: readonly SigstoreRequirement[]): Digest {
  const said = asked.map(({ signedIdentity, ...requirement }) => ({
    signedIdentity,
    keys: keysOf(requirement).map((key) => key.export({ type: "spki", format: "pem" })),
  }));
  return sha256(JSON.stringify(said));
}

interface Admission {
  readonly asked: readonly SigstoreRequirement[];
  readonly source: ImageSource;
  readonly rule: Rule;
}

async function admit(admission: Admission, place: ImageStore, root: Descriptor): Promise<ImageStore> {
  const reason = await reasonAgainst(admission, place, [root.digest]);
  if (reason === undefined) return place;
  if (!isIndex(root.mediaType)) throw notSigned(admission, root, reason);
  const images = parseIndex(await readBlob(place, root)).manifests.map(({ digest }) => digest);
  return new WatchedStore(place, new Set(images), async (image) => {
    const missing = await reasonAgainst(admission, place, [image.digest]);
    if (missing !== undefined) throw notSigned(admission, image, missing);
  });
}

async function reasonAgainst(
  { asked, source }: Admission,
  place: ImageStore,
  digests: readonly Digest[],
): Promise<string | undefined> {
  for (const requirement of asked) {
    const reason = await lacking(place, digests, { requirement, source });
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function notSigned({ source, rule }: Admission, { digest }: Descriptor, reason: string): TsbuildError {
  const message = `"${nameOf(source)}" (${digest}) is not signed as ${rule.name} asks: ${reason}`;
  const isForAll = reason.includes("matchRepoDigestOrExact") || reason.includes("matchExact");
  return new TsbuildError("not_signed", message, {
    hint: isForAll
      ? 'Signatures of cosign name a repository and no tag: accept them by "signedIdentity": {"type": "matchRepository"}.'
      : "Do not use the image before you know who made it.",
  });
}
