// Sources as policies name them, and back.
// https://github.com/moby/buildkit/blob/master/client/llb/source.go

import { posix } from "node:path";
import { TsbuildError } from "../errors.js";
import { type Digest, formatReference, isDigest, parseReference } from "../oci/index.js";
import { type GitSource, type HttpSource, isHttpUrl, parseGitSource } from "../remote/index.js";
import type { SourceIdentity } from "./policy.js";

export const HTTP_CHECKSUM = "http.checksum";
export const GIT_CHECKSUM = "git.checksum";
/** What git fetches from: identifiers of repositories have no protocol. */
const GIT_URL = "git.fullurl";
const KEEP_GIT_DIR = "git.keepgitdir";

/** What constraints may ask for, and updates may set. */
export const ATTRIBUTES: readonly string[] = [HTTP_CHECKSUM, GIT_CHECKSUM, GIT_URL, KEEP_GIT_DIR];

const IMAGE = "docker-image://";
const GIT = "git://";

/** @throws bad_reference */
export function identityOfImage(name: string): SourceIdentity {
  return { identifier: IMAGE + formatReference(parseReference(name)), attrs: {} };
}

/** Undefined for what is no image. @throws bad_reference */
export function imageOf({ identifier }: SourceIdentity): string | undefined {
  return identifier.startsWith(IMAGE) ? formatReference(parseReference(identifier.slice(IMAGE.length))) : undefined;
}

/** Spellings of one URL have one identifier. It has no user and no password. */
export function identityOfUrl({ url, checksum }: HttpSource): SourceIdentity {
  return { identifier: canonicalUrl(url), attrs: checksum === undefined ? {} : { [HTTP_CHECKSUM]: checksum } };
}

/** `given` with what a policy made of it; undefined for what is no file behind a URL, or has a checksum that cannot be. */
export function urlOf({ identifier, attrs }: SourceIdentity, given: HttpSource): HttpSource | undefined {
  const checksum = attrs[HTTP_CHECKSUM];
  if (!isHttpUrl(identifier) || (checksum !== undefined && !isDigest(checksum))) return undefined;
  const url = identifier === canonicalUrl(given.url) ? given.url : identifier;
  return { ...given, url, ...(checksum !== undefined && { checksum: checksum as Digest }) };
}

/** `git://HOST/PATH#REF:DIRECTORY`, whatever protocol it is fetched by. */
export function identityOfRepository(source: GitSource): SourceIdentity {
  const { remote, ref = "", subdir, checksum, keepGitDir } = source;
  const directory = subdir === undefined ? "" : `:${subdir}`;
  const fragment = ref + directory === "" ? "" : `#${ref}${directory}`;
  return {
    identifier: GIT + placeOf(remote) + fragment,
    attrs: {
      [GIT_URL]: withoutUser(remote),
      ...(checksum !== undefined && { [GIT_CHECKSUM]: checksum }),
      ...(keepGitDir && { [KEEP_GIT_DIR]: "true" }),
    },
  };
}

/** `given` with what a policy made of it; undefined for what is no repository. @throws bad_git_source */
export function repositoryOf({ identifier, attrs }: SourceIdentity, given: GitSource): GitSource | undefined {
  if (!identifier.startsWith(GIT)) return undefined;
  const [place = "", fragment = ""] = identifier.slice(GIT.length).split(/#(.*)/s, 2);
  const remote = remoteOf(place, attrs[GIT_URL], given.remote);
  const named = parseGitSource(fragment === "" ? remote : `${remote}#${fragment}`);
  if (!named) return undefined;
  const { ref: _, subdir: __, checksum: ___, keepGitDir: ____, ...rest } = given;
  const checksum = attrs[GIT_CHECKSUM];
  const keepGitDir = attrs[KEEP_GIT_DIR] === "true" || undefined;
  return { ...rest, ...named, ...(checksum !== undefined && { checksum }), ...(keepGitDir && { keepGitDir }) };
}

/** A place that was converted is fetched by https, unless the rule says by what. */
function remoteOf(place: string, url: string | undefined, given: string): string {
  if (url !== undefined && url !== withoutUser(given)) return url;
  return place === placeOf(given) ? given : `https://${place}`;
}

/** Host and path. */
function placeOf(remote: string): string {
  const [, scpHost, scpPath] = URL.canParse(remote) ? [] : (/^(?:[^@]*@)?([^:/]+):(.*)$/s.exec(remote) ?? []);
  if (scpHost !== undefined) return scpHost.toLowerCase() + posix.join("/", scpPath!);
  const { host, pathname } = new URL(remote);
  return host.toLowerCase() + posix.join("/", pathname);
}

function withoutUser(remote: string): string {
  return remote.replace(/^(https?:\/\/)[^/?#]*@/i, "$1");
}

function canonicalUrl(text: string): string {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  url.hash = "";
  return url.href;
}

/**
 * How tsbuild writes an identifier without patterns; undefined for what no source can be called.
 * @throws bad_reference
 */
export function canonicalIdentifier(identifier: string): string | undefined {
  if (identifier.startsWith(IMAGE)) return identityOfImage(identifier.slice(IMAGE.length)).identifier;
  if (isHttpUrl(identifier)) return canonicalUrl(identifier);
  if (!identifier.startsWith(GIT)) return undefined;
  if (!URL.canParse(identifier))
    throw new TsbuildError("bad_git_source", `expected git://HOST/PATH, found "${identifier}"`, {
      hint: "Write the repository as git://HOST/PATH, whatever it is fetched by.",
    });
  return identifier;
}
