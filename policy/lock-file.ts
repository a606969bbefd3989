// The lock file: what names stood for when it was written, as a source policy that BuildKit reads too.

import { existsSync, statSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { TsbuildError } from "../errors.js";
import type { Digest } from "../oci/index.js";
import type { GitSource, HttpSource } from "../remote/index.js";
import { GIT_CHECKSUM, HTTP_CHECKSUM, identityOfImage, identityOfRepository, identityOfUrl } from "./identity.js";
import type { Policy, Rule } from "./policy.js";
import { parsePolicy, readPolicy } from "./read-policy.js";

/** A rule as a lock file has it. */
export interface Pin {
  readonly action: "CONVERT";
  readonly selector: { readonly identifier: string; readonly matchType?: "EXACT" };
  readonly updates: { readonly identifier?: string; readonly attrs?: Readonly<Record<string, string>> };
}

export interface LockChange {
  readonly kind: "added" | "changed" | "removed";
  /** As policies name it: `docker-image://docker.io/library/alpine:3`. */
  readonly source: string;
  /** Digest, checksum or commit before; absent for what was added. */
  readonly from?: string;
  /** Absent for what was removed. */
  readonly to?: string;
}

/** @param digest what the tag of `name` stands for: an index, or a manifest */
export function pinOfImage(name: string, digest: Digest): Pin {
  const { identifier } = identityOfImage(name);
  return { action: "CONVERT", selector: { identifier }, updates: { identifier: `${identifier}@${digest}` } };
}

export function pinOfUrl(source: HttpSource, digest: Digest): Pin {
  const { identifier } = identityOfUrl(source);
  return { action: "CONVERT", selector: selectorOf(identifier), updates: { attrs: { [HTTP_CHECKSUM]: digest } } };
}

export function pinOfRepository(source: GitSource, commit: string): Pin {
  const { identifier } = identityOfRepository(source);
  const pinned = identityOfRepository({ ...source, ref: commit }).identifier;
  return { action: "CONVERT", selector: selectorOf(identifier), updates: { identifier: pinned } };
}

/** Characters that a wildcard or a template would read otherwise stand for themselves. */
function selectorOf(identifier: string): Pin["selector"] {
  return /[*$]/.test(identifier) ? { identifier, matchType: "EXACT" } : { identifier };
}

/** Whether a source says itself, to the last digit, what it is. */
export function isPinned(source: HttpSource | GitSource): boolean {
  return "url" in source ? source.checksum !== undefined : isCommit(source.ref) || isCommit(source.checksum);
}

function isCommit(text: string | undefined): boolean {
  return text !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** In the same order on all machines. */
export function formatLock(pins: readonly Pin[]): string {
  const sorted = pins.toSorted((a, b) => (a.selector.identifier < b.selector.identifier ? -1 : 1));
  return `${JSON.stringify({ version: 1, rules: sorted }, undefined, 2)}\n`;
}

/** What a build with `--locked` asks: what is neither pinned by the file nor by itself is denied. @throws not_locked, bad_policy */
export function readLock(file: string): Policy {
  const rules = readRules(file);
  if (rules) return { file, rules: [...rules, ...DENY_THE_REST.rules], isLock: true };
  throw new TsbuildError("not_locked", `there is no lock file "${file}"`, {
    hint: "Run tsbuild lock with the options of this build.",
  });
}

/** Undefined when there is no such file. @throws bad_policy for what is no lock file: it is not written over either */
export function readRules(file: string): readonly Rule[] | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readPolicy(file).rules;
  } catch (cause) {
    if (!(cause instanceof TsbuildError)) throw cause;
    const hint = "Mend it, or delete it: tsbuild lock makes it anew.";
    throw new TsbuildError("bad_policy", `cannot use the lock file: ${cause.message}`, { cause, hint });
  }
}

const DENY_THE_REST = parsePolicy(
  JSON.stringify({
    rules: [
      { action: "DENY", selector: { identifier: "*" } },
      { action: "ALLOW", selector: { identifier: "docker-image://*@sha256:*" } },
      { action: "ALLOW", selector: { identifier: "http*", constraints: [matching(HTTP_CHECKSUM, "^sha256:")] } },
      {
        action: "ALLOW",
        selector: { identifier: "git://*", constraints: [matching(GIT_CHECKSUM, "^([0-9a-f]{40}|[0-9a-f]{64})$")] },
      },
      {
        action: "ALLOW",
        selector: { identifier: "^git://[^#]*#([0-9a-f]{40}|[0-9a-f]{64})(:|$)", matchType: "REGEX" },
      },
    ],
  }),
  "tsbuild",
);

function matching(key: string, value: string): object {
  return { condition: "MATCHES", key, value };
}

/** What `pins` would change in a lock file; all of them are added where there is none. @throws bad_policy */
export function changesOf(file: string, pins: readonly Pin[]): LockChange[] {
  const before = new Map((readRules(file) ?? []).map((rule) => [rule.selector.identifier, pinIn(rule)]));
  const after = new Map(pins.map((pin) => [pin.selector.identifier, pinIn(pin)]));
  const sources = [...new Set([...before.keys(), ...after.keys()])].sort();
  return sources.flatMap((source) => changeOf(source, before.get(source), after.get(source)) ?? []);
}

function changeOf(source: string, from: string | undefined, to: string | undefined): LockChange | undefined {
  if (from === to) return undefined;
  if (from === undefined) return { kind: "added", source, to: to! };
  return to === undefined ? { kind: "removed", source, from } : { kind: "changed", source, from, to };
}

/** Digest, checksum or commit. */
function pinIn({ updates }: Pin | Rule): string {
  const [, pinned] = /[@#]((?:sha256:)?[0-9a-f]{40,64})(?::|$)/.exec(updates?.identifier ?? "") ?? [];
  return pinned ?? updates?.attrs?.[HTTP_CHECKSUM] ?? updates?.attrs?.[GIT_CHECKSUM] ?? JSON.stringify(updates ?? {});
}

/** Whole or not at all. @throws output_failed */
export async function writeLock(file: string, pins: readonly Pin[]): Promise<void> {
  const staged = `${file}.${process.pid}.tmp`;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new TsbuildError("output_failed", `cannot write the lock file "${file}": it is there, and is no file`, {
      hint: "Name another place with --lock-file.",
    });
  try {
    await writeFile(staged, formatLock(pins), { flag: "wx" });
    await rename(staged, file);
  } catch (cause) {
    await rm(staged, { force: true });
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TsbuildError("output_failed", `cannot write the lock file "${file}": ${reason}`, {
      hint: "Name another place with --lock-file.",
      cause,
    });
  }
}
