export { ownedName, removeDeadOfRuntimes } from "./owner.js";
export type { CgroupLimits } from "./limits.js";
export { type CgroupRequest, type MadeCgroup, StepCgroup } from "./step-cgroup.js";
