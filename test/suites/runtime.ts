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

/** What whoever runs the steps can do. */
export interface Abilities {
  /** Root of the machine: the test's own process runs the steps. */
  readonly isRoot: boolean;
  /** Files and groups of a step can be those of others than its user. */
  readonly hasManyIds: boolean;
  /** A step can be another user than root. */
  readonly hasOtherUsers: boolean;
}

const ROOT: Abilities = { isRoot: true, hasManyIds: true, hasOtherUsers: true };

export function runtimeSuite(runtime: SandboxRuntime, recipe: RuntimeRecipe, abilities = ROOT): void {
  describe(`the runtime ${runtime.name}`, () => {
    let bench: StepBench;
    beforeAll(() => void (bench = new StepBench()));
    afterAll(() => bench.close());
    const subject = (): RuntimeUnderTest => ({ runtime, bench, recipe });

    commandTests(subject, abilities);
    identityTests(subject, abilities);
    optionTests(subject, abilities);
    rootTests(subject);
    isolationTests(subject, abilities);
    endTests(subject, abilities);
  });
}
