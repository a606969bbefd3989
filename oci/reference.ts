// Image references: `registry/repository:tag@digest`, with Docker's defaults (S-199).
// https://pkg.go.dev/github.com/distribution/reference

import { TsbuildError } from "../errors.js";
import { type Digest, isDigest } from "./digest.js";

export interface Reference {
  /** Host and port: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path in the registry: `library/alpine`. */
  readonly repository: string;
  /** Absent only when a digest is given. */
  readonly tag?: string;
  readonly digest?: Digest;
}

const HUB = "docker.io";
const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const REGISTRY = new RegExp(String.raw`^(?:${LABEL}(?:\.${LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$`);
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const LONGEST_NAME = 255;
const HIGHEST_PORT = 65_535;

/**
 * Reads a reference in its short or full form: `alpine` is `docker.io/library/alpine:latest`. A name with a digest and
 * no tag gets no tag.
 * @throws bad_reference
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf("@");
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const { registry, repository } = splitName(colon < 0 ? named : named.slice(0, colon), text);
  const tag = colon < 0 ? undefined : parseTag(named.slice(colon + 1), text);
  if (at < 0) return { registry, repository, tag: tag ?? "latest" };
  const digest = parseReferenceDigest(text.slice(at + 1), text);
  return { registry, repository, ...(tag !== undefined && { tag }), digest };
}

/** The full form: `docker.io/library/alpine:latest`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** The form that users write: without `docker.io/library/`, but always with the tag or digest. */
export function formatFamiliar(reference: Reference): string {
  const { registry, repository } = reference;
  if (registry !== HUB) return formatReference(reference);
  const short = repository.replace(/^library\/(?=[^/]+$)/, "");
  return namesRegistry(short) ? formatReference(reference) : short + suffix(reference);
}

/** Whether `text` can be a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
}

function splitName(name: string, text: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const given = namesRegistry(name) ? name.slice(0, slash) : HUB;
  const registry = given === "index.docker.io" ? HUB : given;
  const repository = namesRegistry(name) ? name.slice(slash + 1) : name;
  checkName(registry, repository, text);
  return { registry, repository: registry === HUB && !repository.includes("/") ? `library/${repository}` : repository };
}

/** The first word is a registry when it could not be a user of Docker Hub. */
function namesRegistry(name: string): boolean {
  const first = name.slice(0, Math.max(0, name.indexOf("/")));
  return /[.:A-Z]/.test(first) || first === "localhost";
}

function checkName(registry: string, repository: string, text: string): void {
  if (text === "") throw bad(text, "an image name", "nothing");
  if (!REGISTRY.test(registry)) throw bad(text, "a registry such as ghcr.io or localhost:5000", `"${registry}"`);
  const [, port] = /:([0-9]+)$/.exec(registry) ?? [];
  if (Number(port ?? 1) > HIGHEST_PORT) throw bad(text, `a port up to ${HIGHEST_PORT}`, `"${port}"`);
  if (/[A-Z]/.test(repository))
    throw bad(text, "a repository in lower case", `"${repository}"`, `Write "${repository.toLowerCase()}".`);
  if (!REPOSITORY.test(repository))
    throw bad(text, "a repository of a-z, 0-9 and single . _ - / between them", `"${repository}"`);
  if (registry.length + 1 + repository.length > LONGEST_NAME)
    throw bad(text, `a name of at most ${LONGEST_NAME} characters`, `${text.length}`);
  if (/^[0-9a-f]{64}$/.test(text)) throw bad(text, "a name", "64 hex digits", `Write "<repository>@sha256:${text}".`);
}

function parseTag(tag: string, text: string): string {
  if (isTag(tag)) return tag;
  throw bad(text, "a tag of at most 128 letters, digits, _ . -", `"${tag}"`);
}

function parseReferenceDigest(digest: string, text: string): Digest {
  if (isDigest(digest)) return digest;
  throw bad(text, 'a digest "sha256:<64 hex digits>"', `"${digest}"`);
}

function bad(text: string, expected: string, found: string, hint?: string): TsbuildError {
  return new TsbuildError(
    "bad_reference",
    `image reference "${text}": expected ${expected}, found ${found}`,
    hint === undefined ? {} : { hint },
  );
}
