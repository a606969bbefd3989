// Starts this program anew as root of a user namespace, when an ordinary user runs it who has subordinate ids.

import { findLauncher, runInNamespace, type SignalSource, subordinateIds } from "../executor/index.js";
import { defaultHome } from "../inputs/index.js";

/** Set in the program that runs in the namespace. */
export const MARK = "TSBUILD_IN_NAMESPACE";

/** A terminal sends these to both. */
const OF_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGWINCH"];

/**
 * Runs the command line of this process once more, in a user namespace where files can have any owner.
 * @param signals of this process, which are for it
 * @returns its exit code; undefined when this process can go on itself: it is root, or there is nothing to map
 */
export async function rerunInNamespace(signals: SignalSource): Promise<number | undefined> {
  if (process.geteuid?.() === 0 || process.env[MARK] !== undefined) return undefined;
  const launcher = findLauncher();
  const { maps } = subordinateIds();
  if (launcher === undefined || !maps) return undefined;
  let child: number | undefined;
  const forward = (signal: NodeJS.Signals): void => {
    if (child !== undefined && !OF_TERMINAL.includes(signal)) process.kill(child, signal);
  };
  const stop = signals(forward);
  const env = { ...process.env, [MARK]: "1", TSBUILD_HOME: defaultHome() };
  const { code } = await runInNamespace([process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    launcher,
    maps,
    env,
    onProcess: (pid) => (child = pid),
  }).finally(stop);
  return code;
}
