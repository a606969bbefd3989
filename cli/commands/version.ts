// `tsbuild version`, `tsbuild --version`

import { version } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";

export async function runVersion(_call: Call, { stdout }: Io): Promise<number> {
  stdout.write(`tsbuild ${version}\n`);
  return ExitCode.success;
}
