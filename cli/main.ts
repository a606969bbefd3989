// The entry of the command line: signals in, exit code out.

import { ExitCode } from "./exit-code.js";
import { runCommandLine } from "./command-line.js";

const EXIT_CODES = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated, SIGHUP: 129 } as const;

const aborter = new AbortController();
let signalCode: number | undefined;

for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.on(signal, () => {
    if (signalCode !== undefined) process.exit(code);
    signalCode = code;
    aborter.abort();
  });
}

// Whoever reads the result may stop reading: `tsbuild images | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(signalCode ?? ExitCode.failed);
});

const { stdin, stdout, stderr, env, argv } = process;
const code = await runCommandLine(argv.slice(2), { stdin, stdout, stderr, env, signal: aborter.signal });
process.exit(signalCode ?? code);
