// Programs that keep passwords: `docker-credential-NAME get|store|erase`.
// https://github.com/docker/docker-credential-helpers#development

import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import type { Environment } from "../net/index.js";
import { type HelperOutput, NoAnswer, runHelper } from "./helper-process.js";
import type { Credentials } from "./keychain.js";
import { oneLine } from "./redact.js";

export interface HelperOptions {
  readonly environment: Environment;
  /** The file that names the helper. */
  readonly origin: string;
  /** Milliseconds. Default: 30000. */
  readonly timeout?: number;
}

const answerSchema = v.object({ Username: v.string(), Secret: v.string() });
/** A user name that says that the secret is an identity token. */
const TOKEN_USER = "<token>";
const NOT_FOUND = "credentials not found in native keychain";

/** Asks the helper `docker-credential-<name>`; undefined when it knows nothing of `server`. @throws unauthorized */
export async function askHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<Credentials | undefined> {
  const program = programOf(name, options);
  const { code, stdout, stderr } = await run(program, "get", `${server}\n`, server, options);
  if (code !== 0 && (stdout + stderr).includes(NOT_FOUND)) return undefined;
  if (code !== 0) throw helperFailed(program, server, oneLine(stderr || stdout) || `exit code ${code}`);
  const answer = v.safeParse(answerSchema, parseJson(stdout));
  if (!answer.success) throw helperFailed(program, server, "expected JSON with Username and Secret");
  const { Username: username, Secret: secret } = answer.output;
  if (username === "" && secret === "") return undefined;
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

/** Gives the helper a password to keep. @throws unauthorized */
export async function storeInHelper(
  name: string,
  server: string,
  { username, password }: { readonly username: string; readonly password: string },
  options: HelperOptions,
): Promise<void> {
  const program = programOf(name, options);
  const entry = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
  const { code, stdout, stderr } = await run(program, "store", entry, server, options);
  if (code !== 0) throw helperFailed(program, server, oneLine(stderr || stdout) || `exit code ${code}`, "kept");
}

/** Makes the helper forget. @returns false when it knew nothing of `server` @throws unauthorized */
export async function eraseFromHelper(name: string, server: string, options: HelperOptions): Promise<boolean> {
  const program = programOf(name, options);
  if ((await askHelper(name, server, options)) === undefined) return false;
  const { code, stdout, stderr } = await run(program, "erase", `${server}\n`, server, options);
  if (code !== 0) throw helperFailed(program, server, oneLine(stderr || stdout) || `exit code ${code}`, "forgot");
  return true;
}

function programOf(name: string, { origin }: HelperOptions): string {
  if (/^[\w.-]+$/.test(name)) return `docker-credential-${name}`;
  throw new TsbuildError(
    "unauthorized",
    `${origin}: expected the name of a credential helper, found "${oneLine(name)}"`,
    { hint: `Write the NAME of docker-credential-NAME in ${origin}.` },
  );
}

async function run(
  program: string,
  action: "get" | "store" | "erase",
  input: string,
  server: string,
  { environment, origin, timeout = 30_000 }: HelperOptions,
): Promise<HelperOutput> {
  try {
    return await runHelper({ program, action, input, environment, timeout });
  } catch (error) {
    if (error instanceof NoAnswer) throw helperFailed(program, server, error.message);
    throw notStarted(program, server, origin, error as NodeJS.ErrnoException);
  }
}

function notStarted(program: string, server: string, origin: string, cause: NodeJS.ErrnoException): TsbuildError {
  const reason = cause.code === "ENOENT" ? "it is not installed" : cause.message;
  const hint = `Install ${program}, or remove it from ${origin}.`;
  return new TsbuildError("unauthorized", `cannot ask ${program} for the credentials of ${server}: ${reason}`, {
    hint,
    cause,
  });
}

function helperFailed(program: string, server: string, reason: string, did = "gave"): TsbuildError {
  return new TsbuildError("unauthorized", `${program} ${did} no credentials of ${server}: ${reason}`, {
    hint: `Try it: echo ${server} | ${program} get.`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
