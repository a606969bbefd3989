// What every sandbox runtime must do. See executor/sandbox/runtime.ts.

import { afterAll, beforeAll, describe } from "vitest";
import type { SandboxRuntime } from "../../executor/sandbox/index.js";
import type { RuntimeRecipe } from "../helpers/caller.js";
import { StepBench } from "../helpers/step.js";
import { commandTests } from "./runtime/command.js";
import { endTests } from "./runtime/end.js";
import { identityTests } from "./runtime/identity.js";
import { isolationTests } from "./runtime/isolation.js";
import { optionTests } from "./runtime/options.js";
import { rootTests } from "./runtime/root.js";

export interface RuntimeUnderTest {
  readonly runtime: SandboxRuntime;
  readonly bench: StepBench;
  /** How a program that is started anew makes the same runtime. */
  readonly recipe: RuntimeRecipe;
}

export function runtimeSuite(runtime: SandboxRuntime, recipe: RuntimeRecipe): void {
  describe(`the runtime ${runtime.name}`, () => {
    let bench: StepBench;
    beforeAll(() => void (bench = new StepBench()));
    afterAll(() => bench.close());
    const subject = (): RuntimeUnderTest => ({ runtime, bench, recipe });

    commandTests(subject);
    identityTests(subject);
    optionTests(subject);
    rootTests(subject);
    isolationTests(subject);
    endTests(subject);
  });
}
