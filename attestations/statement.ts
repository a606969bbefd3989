// What is said of an image: predicates, and the statements that tie them to it.
// https://github.com/in-toto/attestation/blob/main/spec/v0.1.0/statement.md

import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  formatFamiliar,
  formatPlatform,
  hexOf,
  type Platform,
  type Reference,
} from "../oci/index.js";

export const PredicateType = {
  provenance: "https://slsa.dev/provenance/v1",
  provenance02: "https://slsa.dev/provenance/v0.2",
  sbom: "https://spdx.dev/Document",
} as const;

export interface Predicate {
  /** https://github.com/in-toto/attestation/tree/main/spec/predicates */
  readonly type: string;
  readonly content: unknown;
  /** What a file of it is called. @default `provenance.json` or `sbom.spdx.json`, as BuildKit has it */
  readonly file?: string;
  /** Not for outputs of files. @default false */
  readonly inlineOnly?: boolean;
}

export function fileOf({ type, file }: Predicate): string {
  return file ?? (type === PredicateType.sbom ? "sbom.spdx.json" : "provenance.json");
}

export interface Subject {
  /** A package URL; `_` for an image without a name. */
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

export interface StatementOptions {
  /** Spaces before what is nested. @default 0, all on one line */
  readonly indent?: number;
}

/** The statement as bytes of JSON, for the media type application/vnd.in-toto+json. */
export function statementOf(
  { type, content }: Predicate,
  subject: readonly Subject[],
  { indent = 0 }: StatementOptions = {},
): Uint8Array {
  const statement = {
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType: type,
    subject,
    predicate: content,
  };
  return Buffer.from(JSON.stringify(statement, undefined, indent));
}

/** The predicate of a statement. @throws bad_manifest for what is none */
export function parsePredicate(statement: Uint8Array): Predicate {
  try {
    const { predicateType, predicate } = JSON.parse(Buffer.from(statement).toString("utf8")) as Record<string, unknown>;
    if (typeof predicateType === "string" && predicate !== undefined)
      return { type: predicateType, content: predicate };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new TsbuildError("bad_manifest", "expected an in-toto statement as an attestation, found something else");
}

/** One subject for each name. @param manifest of the platform's image */
export function subjectsOf(manifest: Descriptor, names: readonly Reference[], platform: Platform): Subject[] {
  const digest = { sha256: hexOf(manifest.digest) };
  if (names.length === 0) return [{ name: "_", digest }];
  return names.map((name) => ({ name: imageUrl(name, platform), digest }));
}

/**
 * `pkg:oci/base@sha256%3A…?platform=linux%2Famd64`: an image of a layout, which no registry is known to have.
 * https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst#oci
 */
export function layoutUrl(name: string, digest: Digest, platform: Platform): string {
  const [, last = name] = /([^/:@]+)(?::[^/:]*)?(?:@.*)?$/.exec(name) ?? [];
  const version = encodeURIComponent(digest);
  return `pkg:oci/${encodeURIComponent(last.toLowerCase())}@${version}?platform=${encodeURIComponent(formatPlatform(platform))}`;
}

/**
 * `pkg:docker/org/app@1?platform=linux%2Famd64`
 * https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst#docker
 */
export function imageUrl(reference: Reference, platform: Platform): string {
  const { tag = "latest", digest, ...unnamed } = reference;
  const name = formatFamiliar({ ...unnamed, tag: "_" }).replace(/:_$/, "");
  const qualifiers = [
    ...(digest === undefined ? [] : [`digest=${digest}`]),
    `platform=${encodeURIComponent(formatPlatform(platform))}`,
  ];
  return `pkg:docker/${name.split("/").map(encodeURIComponent).join("/")}@${tag}?${qualifiers.join("&")}`;
}
