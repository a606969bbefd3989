// The policies of one build, put to all that it takes from elsewhere.

import { TsbuildError } from "../errors.js";
import type { Digest } from "../oci/index.js";
import { DockerfileError, type Span } from "../parser/index.js";
import type { ResolveImage } from "../planner/index.js";
import { type GitSource, type HttpSource, redactUrl } from "../remote/index.js";
import { evaluate, matches, type PolicyRule } from "./evaluate.js";
import { identityOfImage, identityOfRepository, identityOfUrl, imageOf, repositoryOf, urlOf } from "./identity.js";
import { isPinned } from "./lock-file.js";
import type { Policy, SourceIdentity } from "./policy.js";

export class SourceRules {
  readonly #policies: readonly Policy[];

  /** @param policies are asked in their order. None: everything is taken as it is named */
  constructor(policies: readonly Policy[]) {
    this.#policies = policies;
  }

  /**
   * The image that is to be taken for one: a reference. Layouts of this machine are nobody else's affair.
   * @throws source_denied, not_locked, bad_policy, bad_reference
   */
  image(name: string): string {
    if (this.#policies.length === 0 || name.startsWith("oci-layout://")) return name;
    const given = identityOfImage(name);
    const source = this.#allowed(given);
    return source === given ? name : converted(given, source, () => imageOf(source));
  }

  /**
   * The file or the repository that is to be taken for one.
   * @throws source_denied, not_locked, bad_policy, bad_git_source
   */
  readonly source = <Source extends HttpSource | GitSource>(source: Source): Source => {
    if (this.#policies.length === 0) return source;
    return ("url" in source ? this.#url(source) : this.#repository(source)) as Source;
  };

  /** `resolve` for what the policies make of each image. It throws what they say. */
  resolving(resolve: ResolveImage): ResolveImage {
    return async (name, platform, span) => {
      const image = this.image(name);
      const resolved = await resolve(image, platform, span);
      this.#checkDigest(image, resolved.manifest.digest);
      if (resolved.root) this.#checkDigest(image, resolved.root);
      return resolved;
    };
  }

  /** `source`; where the policies deny it, the error points at its place. */
  readonly resolveSource = <Source extends HttpSource | GitSource>(source: Source, span: Span): Source =>
    located(span, () => this.source(source));

  #url(given: HttpSource): HttpSource {
    const identity = identityOfUrl(given);
    const source = this.#allowed(identity, isPinned(given));
    return source === identity ? given : converted(identity, source, () => urlOf(source, given));
  }

  #repository(given: GitSource): GitSource {
    const identity = identityOfRepository(given);
    const source = this.#allowed(identity, isPinned(given));
    return source === identity ? given : converted(identity, source, () => repositoryOf(source, given));
  }

  /** What says itself what it is, no lock file changes. */
  #allowed(given: SourceIdentity, pinned = false): SourceIdentity {
    const policies = pinned ? this.#policies.filter(({ isLock }) => !isLock) : this.#policies;
    const { source, deniedBy } = evaluate(policies, given);
    if (deniedBy) throw denied(given, source, deniedBy);
    return source;
  }

  /** A rule about a digest holds for tags that stand for it too. Rules that knew the tag have been asked. */
  #checkDigest(name: string, digest: Digest): void {
    if (this.#policies.length === 0 || name.startsWith("oci-layout://") || name.includes("@")) return;
    const given = identityOfImage(name);
    const pinned = { identifier: `${given.identifier}@${digest}`, attrs: {} };
    for (const policy of this.#policies) {
      const number = policy.rules.findLastIndex((rule) => matches(rule, pinned) && !matches(rule, given)) + 1;
      if (policy.rules[number - 1]?.action === "DENY") throw denied(pinned, pinned, { policy, number });
    }
  }
}

/** Runs `work`; what it throws points at a place in the Dockerfile. */
export function located<Value>(span: Span, work: () => Value): Value {
  try {
    const value = work();
    return value instanceof Promise ? (value.catch((error: unknown) => throwAt(span, error)) as Value) : value;
  } catch (error) {
    return throwAt(span, error);
  }
}

function throwAt(span: Span, error: unknown): never {
  if (!(error instanceof TsbuildError) || error instanceof DockerfileError) throw error;
  throw new DockerfileError(error.code, error.message, span, {
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}

function denied(given: SourceIdentity, source: SourceIdentity, { policy, number }: PolicyRule): TsbuildError {
  const name = describe(given, source);
  if (policy.isLock) {
    const hint = "Run tsbuild lock with the options of this build, and look at what changed.";
    return new TsbuildError("not_locked", `${name} is not in the lock file "${policy.file}"`, { hint });
  }
  return new TsbuildError(
    "source_denied",
    `${name} is denied by rule ${number} of the source policy "${policy.file}"`,
    {
      hint: `Take another source, or change rule ${number} of ${policy.file}.`,
    },
  );
}

/** What `read` makes of a source that was converted. @throws bad_policy when that is nothing of its kind */
function converted<Value>(given: SourceIdentity, source: SourceIdentity, read: () => Value | undefined): Value {
  try {
    const value = read();
    if (value !== undefined) return value;
  } catch (error) {
    if (error instanceof TsbuildError) throw otherKind(given, source, error);
    throw error;
  }
  throw otherKind(given, source);
}

function otherKind(given: SourceIdentity, source: SourceIdentity, cause?: TsbuildError): TsbuildError {
  const reason = cause === undefined ? "it cannot take its place" : cause.message;
  return new TsbuildError("bad_policy", `a source policy converts ${describe(given, source)}: ${reason}`, {
    hint: "Convert images to docker-image://…, files to http://… or https://…, repositories to git://…, with whole checksums.",
    cause,
  });
}

function describe({ identifier: given }: SourceIdentity, { identifier }: SourceIdentity): string {
  return given === identifier ? `"${redactUrl(given)}"` : `"${redactUrl(given)}" to "${redactUrl(identifier)}"`;
}
