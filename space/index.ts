export { chooseUnits, type Limits, type Selection } from "./choose.js";
export { SpaceKeeper } from "./keeper.js";
export { hintAtSpace } from "./full.js";
export { parseFilter, type UnitFilter } from "./filter.js";
export { readPolicies } from "./policy.js";
export { freeBytes, prunable, prune, pruneBesides, type Pruned } from "./prune.js";
export { type Unit, type UnitKind, type UnitType } from "./unit.js";
export { type Finding as StoreFinding, type Verified, verifyStore, type VerifyOptions } from "./verify.js";
export { diskUsage, type Usage, type UsageKind, type UsageRow } from "./usage.js";
