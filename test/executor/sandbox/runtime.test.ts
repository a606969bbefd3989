// The suite of every runtime, over the three that tsbuild knows.

import { chooseRuntime } from "../../../executor/sandbox/index.js";
import { testLauncher } from "../../helpers/launcher.js";
import { runtimeSuite } from "../../suites/runtime.js";

for (const recipe of [
  { requested: "built-in", launcherPath: testLauncher() },
  { requested: "crun" },
  { requested: "runc" },
]) {
  runtimeSuite(await chooseRuntime(recipe), recipe);
}
