// The suite of every runtime again, for ordinary users: one with subordinate ids, and one with a single id. OCI runtimes are root of
// a namespace for both, so the harder case stands for them.

import { afterAll } from "vitest";
import { testLauncher } from "../../helpers/launcher.js";
import { UserRuntime } from "../../helpers/user-runtime.js";
import { UserBench } from "../../helpers/users.js";
import { runtimeSuite } from "../../suites/runtime.js";

const users = new UserBench({ withPackage: false });

for (const [person, requested] of [
  ["mapped", "built-in"],
  ["single", "built-in"],
  ["single", "crun"],
  ["single", "runc"],
] as const) {
  const recipe = { requested, launcherPath: testLauncher() };
  const runtime = new UserRuntime(users, person, recipe);
  const hasManyIds = person === "mapped";
  // runc wants root in every user namespace, and there is one id only
  runtimeSuite(runtime, recipe, { isRoot: false, hasManyIds, hasOtherUsers: hasManyIds || requested !== "runc" });
  afterAll(() => runtime.close());
}
afterAll(() => users.close());
