// Tries again what may succeed later: overloaded servers, broken connections (S-209).

import { setTimeout as sleep } from "node:timers/promises";
import { TsbuildError } from "../errors.js";
import { throwIfInterrupted } from "../oci/index.js";
import { unmetHost } from "./reached.js";
import { isSilence } from "./reason.js";

export interface RetryOptions {
  /** Tries in all. Default: 5. */
  readonly attempts?: number;
  /**
   * Tries in all while a host refuses connections that gave no answer in this process before.
   * Default: `attempts` as they are given, else 3 on loopback, where it is rather a typo.
   */
  readonly attemptsUnmet?: number;
  /** Milliseconds before the second try; doubled for each further one, and varied by a quarter. Default: 300. */
  readonly delay?: number;
  /** Milliseconds after which an attempt that met with silence is the last one. Default: 120000. */
  readonly patience?: number;
}

const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const TRANSIENT_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ERR_STREAM_PREMATURE_CLOSE",
  "HPE_INVALID_EOF_STATE",
]);
const ATTEMPTS = 5;
const ATTEMPTS_UNMET = 3;
const PATIENCE = 120_000;
const LONGEST_DELAY = 10_000;
/** A server that asks for more patience than this many milliseconds gets none. */
const LONGEST_WAIT = 60_000;

/** What errors for answers say besides what all say. */
interface Answered {
  readonly status?: number;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter?: number;
}

/** Whether the same request may succeed later: by the answer's `status` if the error has one, else by the system's code. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { status, retryAfter = 0 } = error as Answered;
  if (status !== undefined) return TRANSIENT_STATUS.has(status) && retryAfter <= LONGEST_WAIT;
  const { code } = ((error instanceof TsbuildError ? error.cause : error) ?? {}) as { code?: unknown };
  return typeof code === "string" && TRANSIENT_CODES.has(code);
}

/** Runs `attempt` until it succeeds, fails for good, or has failed too often; the last failure is thrown. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions & { readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const { signal } = options;
  const since = performance.now();
  for (let tried = 1; ; tried++) {
    try {
      throwIfInterrupted(signal);
      return await attempt();
    } catch (error) {
      throwIfInterrupted(signal);
      if (!isTransient(error) || !mayTryAgain(error, { tried, since }, options)) throw error;
      await pause(tried, error, options);
    }
  }
}

/** Attempts that failed, and when the first of them began (`performance.now()`). */
export interface Tries {
  readonly tried: number;
  readonly since: number;
}

/** Whether there were not too many attempts yet, and too much silence. */
export function mayTryAgain(error: unknown, { tried, since }: Tries, options: RetryOptions): boolean {
  const { patience = PATIENCE } = options;
  return tried < attemptsFor(error, options) && !(isSilence(error) && performance.now() - since >= patience);
}

function attemptsFor(error: unknown, { attempts, attemptsUnmet }: RetryOptions): number {
  const unmet = unmetHost(error);
  if (unmet === undefined) return attempts ?? ATTEMPTS;
  return attemptsUnmet ?? attempts ?? (unmet.isLoopback ? ATTEMPTS_UNMET : ATTEMPTS);
}

/** Waits as long as the server asked, or longer with each try. */
export async function pause(
  tried: number,
  error: unknown,
  { delay = 300, signal }: RetryOptions & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const backoff = Math.min(delay * 2 ** (tried - 1), LONGEST_DELAY) * (0.75 + Math.random() / 2);
  const { retryAfter: asked = 0 } = error as Answered;
  await sleep(Math.max(backoff, asked), undefined, signal ? { signal } : {}).catch(() => throwIfInterrupted(signal));
}

/** Milliseconds that a Retry-After header asks for: seconds, or a date. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
