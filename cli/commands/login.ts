// `tsbuild login`, `tsbuild logout`

import { checkLogin, loggedInAs, login, type LoginOptions, logout, logoutOfAll, TsbuildError } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { usageError } from "../flags/usage-error.js";
import { type Io, readAll } from "../io.js";
import { ask } from "./ask.js";
import { connectionOptions, warnOfPassword } from "./registry-options.js";
import { given } from "./store-options.js";

const HUB = "docker.io";
const OTHERWISE = "Give -u USER --password-stdin, and the password on standard input.";

export async function runLogin({ flags, args }: Call, io: Io): Promise<number> {
  const registry = args[0] ?? HUB;
  if (flags.bool("get-login")) return tellLogin(registry, flags, io);
  const options = { ...connectionOptions(flags), ...authFile(flags), signal: io.signal };
  if (await knowsUs(registry, flags, options, io)) return ExitCode.success;
  const password = await givenPassword(flags, io);
  const username = flags.text("username") ?? (await ask("Username: ", io, { otherwise: OTHERWISE })).trim();
  const asked = password ?? (await ask("Password: ", io, { hidden: true, otherwise: OTHERWISE }));
  const place = await login(registry, { username, password: asked }, options);
  io.stderr.write(`The password is kept in ${place}.\n`);
  if (flags.bool("verbose")) io.stdout.write(`Used: ${place}\n`);
  io.stdout.write("Login Succeeded\n");
  return ExitCode.success;
}

/** As podman has it. */
async function tellLogin(registry: string, flags: FlagValues, { stdout, stderr }: Io): Promise<number> {
  const username = await loggedInAs(registry, authFile(flags));
  if (username === undefined) stderr.write(`ERROR: not logged in to ${registry}\n`);
  else stdout.write(`${username}\n`);
  return username === undefined ? ExitCode.failed : ExitCode.success;
}

export async function runLogout({ flags, args }: Call, { stdout }: Io): Promise<number> {
  if (flags.bool("all")) {
    if (args.length > 0) throw usageError("--all is for all registries, found one more", "Leave the registry out.");
    const count = await logoutOfAll(authFile(flags));
    stdout.write(`Removed login credentials for ${count} ${count === 1 ? "registry" : "registries"}\n`);
    return ExitCode.success;
  }
  const registry = args[0] ?? HUB;
  const wasKept = await logout(registry, authFile(flags));
  stdout.write(wasKept ? `Removing login credentials for ${registry}\n` : `Not logged in to ${registry}\n`);
  return ExitCode.success;
}

/** When nothing is given, and what is kept is right, there is nothing to ask. */
async function knowsUs(registry: string, flags: FlagValues, options: LoginOptions, io: Io): Promise<boolean> {
  const isGiven = flags.text("username") ?? flags.text("password") ?? (flags.bool("password-stdin") || undefined);
  if (isGiven !== undefined) return false;
  const isRight = await checkLogin(registry, options).catch(falseIfRefused);
  if (isRight) io.stdout.write("Login Succeeded with the credentials that are kept\n");
  return isRight;
}

function falseIfRefused(error: unknown): false {
  if (error instanceof TsbuildError && error.code === "unauthorized") return false;
  throw error;
}

async function givenPassword(flags: FlagValues, io: Io): Promise<string | undefined> {
  const password = flags.text("password");
  if (!flags.bool("password-stdin")) {
    if (password !== undefined) warnOfPassword("--password", io);
    return password;
  }
  if (password !== undefined) throw usageError("--password and --password-stdin exclude each other");
  if (flags.text("username") === undefined) throw usageError("--password-stdin needs --username", "Add -u USER.");
  return (await readAll(io.stdin)).toString("utf8").replace(/\r?\n$/, "");
}

function authFile(flags: FlagValues): Pick<LoginOptions, "authFile"> {
  return given({ authFile: flags.text("authfile") });
}
