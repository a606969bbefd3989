// What a registry answered when it should have answered something else.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes

import { type ErrorCode, TsbuildError, type TsbuildErrorOptions } from "../errors.js";
import { oneLine, redactUrl } from "./redact.js";

export interface Answer {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  /** The body, as far as it was read. */
  readonly text: string;
  /** Milliseconds that the registry asks to wait. */
  readonly retryAfter?: number;
}

export interface RegistryErrorOptions extends TsbuildErrorOptions {
  readonly method: string;
  /** May hold secrets: only a redacted form is kept. */
  readonly url: URL;
  readonly status?: number;
  readonly codes?: readonly string[];
  readonly retryAfter?: number;
}

/** A failed exchange with a registry, or with the server of its tokens. */
export class RegistryError extends TsbuildError {
  override readonly name = "RegistryError";
  readonly method: string;
  /** Without user, password and signatures. */
  readonly url: string;
  /** Absent when there was no answer. */
  readonly status?: number;
  /** As the registry names what is wrong: `DENIED`, `TOOMANYREQUESTS`. */
  readonly codes: readonly string[];
  /** Milliseconds that the registry asks to wait. */
  readonly retryAfter?: number;

  constructor(code: ErrorCode, message: string, options: RegistryErrorOptions) {
    super(code, message, options);
    this.method = options.method;
    this.url = redactUrl(options.url);
    this.codes = options.codes ?? [];
    if (options.status !== undefined) this.status = options.status;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

/** Whether a registry says that it was sent other content than was announced. */
export function deniesContent(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  return error.codes.includes("DIGEST_INVALID") || (error.codes.includes("SIZE_INVALID") && error.status === 400);
}

/** For a registry that has something else than it was sent, when that was whole. */
export function storedOther(request: Omit<RegistryErrorOptions, "hint">, said: string): RegistryError {
  const { host } = request.url;
  const hint = `What was sent is whole: tell whoever runs ${host}, or what stands in front of it.`;
  return new RegistryError("registry_error", `${host} did not store what it was sent: ${said}`, { ...request, hint });
}

/** The error that an unexpected answer means. */
export function unexpected(answer: Answer): RegistryError {
  const { method, url, status, text } = answer;
  const details = readDetails(text);
  const codes = details.map(({ code }) => code);
  const said = details.map(({ code, message }) => (message ? `${code}: ${message}` : code)).join("; ") || plain(text);
  const message = `${url.host} answered ${status} to ${method} ${redactUrl(url)}${said ? `: ${oneLine(said)}` : ""}`;
  return new RegistryError(codeOf(status), message, { ...answer, codes, ...hintFor(status, url.host) });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "unauthorized";
  return "registry_error";
}

function hintFor(status: number, host: string): { hint?: string } {
  const hub = host.endsWith(".docker.io");
  if (status !== 429) return {};
  return {
    hint: hub
      ? "Log in with tsbuild login, which raises the limit of Docker Hub, or use a mirror."
      : "Wait, or log in with an account that has a higher limit.",
  };
}

function readDetails(text: string): { code: string; message?: string }[] {
  const { errors } = (parseJson(text) ?? {}) as { errors?: unknown };
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 5).flatMap((entry: unknown) => {
    const { code, message } = (entry ?? {}) as { code?: unknown; message?: unknown };
    return typeof code === "string" ? [{ code, ...(typeof message === "string" && { message }) }] : [];
  });
}

/** A body that is no page for a browser. */
function plain(text: string): string {
  return text.trimStart().startsWith("<") ? "" : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
