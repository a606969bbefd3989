// `tsbuild plan`: what a build would do.

import { predictBuild } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { json } from "../report/json-parts.js";
import { predictionText } from "../report/plan.js";
import { buildInput } from "./build-input.js";
import { buildOptions } from "./build-options.js";

/** @throws what a build throws before a step runs */
export async function runPlan({ flags, args }: Call, io: Io): Promise<number> {
  const input = await buildInput(args[0]!, flags.text("file"), io);
  const prediction = await predictBuild({ ...buildOptions(flags, io), ...input, signal: io.signal });
  io.stdout.write(flags.text("format") === "json" ? json(prediction) : predictionText(prediction));
  return ExitCode.success;
}
