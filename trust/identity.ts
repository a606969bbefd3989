// Whose image a signature must claim to be.
// https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md#signedby

import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import { formatReference, parseReference } from "../oci/index.js";
import { type ImageSource, repositoryOf } from "./source.js";

const prefix = v.pipe(v.string(), v.regex(/^[^@]+$/, "expected a registry, a namespace or a repository"));

export const identitySchema = v.variant("type", [
  v.strictObject({ type: v.literal("matchExact") }),
  v.strictObject({ type: v.literal("matchRepoDigestOrExact") }),
  v.strictObject({ type: v.literal("matchRepository") }),
  v.strictObject({ type: v.literal("exactReference"), dockerReference: v.string() }),
  v.strictObject({ type: v.literal("exactRepository"), dockerRepository: v.string() }),
  v.strictObject({ type: v.literal("remapIdentity"), prefix, signedPrefix: prefix }),
]);

export type SignedIdentity = v.InferOutput<typeof identitySchema>;

/** A name in a registry, as a signature or a user writes it. */
interface Name {
  /** In full: `docker.io/library/alpine`. */
  readonly repository: string;
  /** With tag or digest, or both; undefined for one that has neither: signatures of cosign. */
  readonly whole: string | undefined;
  readonly hasTag: boolean;
}

/** @param signed what the signature says: a reference, with or without a tag */
export function isIdentity(wanted: SignedIdentity, signed: string, source: ImageSource): boolean {
  const found = nameOf(signed);
  if (found === undefined) return false;
  if (wanted.type === "exactReference") return isExactly(found, nameOf(wanted.dockerReference));
  if (wanted.type === "exactRepository") return found.repository === nameOf(wanted.dockerRepository)?.repository;
  if (source.transport !== "docker") return false;
  const intended = formatReference(source.reference);
  if (wanted.type === "remapIdentity") return isTagOrRepository(found, nameOf(remapped(intended, wanted)));
  if (wanted.type === "matchRepository") return found.repository === repositoryOf(source.reference);
  return wanted.type === "matchExact" ? isExactly(found, nameOf(intended)) : isTagOrRepository(found, nameOf(intended));
}

/** With a tag the very same name, with a digest alone the same repository. */
function isTagOrRepository(found: Name, intended: Name | undefined): boolean {
  if (intended?.whole === undefined) return false;
  return intended.hasTag ? found.whole === intended.whole : found.repository === intended.repository;
}

function isExactly(found: Name, wanted: Name | undefined): boolean {
  return found.whole !== undefined && found.whole === wanted?.whole;
}

function remapped(
  name: string,
  { prefix: from, signedPrefix: to }: SignedIdentity & { type: "remapIdentity" },
): string {
  const isUnder = name.startsWith(from) && /^(?:$|[/:@])/.test(name.slice(from.length));
  const isHost = !from.includes("/") && name.slice(from.length).startsWith(":"); // another port is another host
  return isUnder && !isHost ? to + name.slice(from.length) : name;
}

/** Undefined for what is no reference. */
function nameOf(text: string): Name | undefined {
  try {
    const reference = parseReference(text);
    const hasDigest = reference.digest !== undefined;
    const hasTag = /:[\w.-]+$/.test(text.replace(/@.*$/, "").slice(text.lastIndexOf("/") + 1));
    const repository = repositoryOf(reference);
    return { repository, whole: hasTag || hasDigest ? formatReference(reference) : undefined, hasTag };
  } catch (error) {
    if (error instanceof TsbuildError) return undefined;
    throw error;
  }
}
