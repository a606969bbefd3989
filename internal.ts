// What the command line needs of the rest and users of the library do not: it is not published, and only cli/ may import it.

export { cannotWrite, isReplaceable, replaceFile } from "./cache/index.js";
export { hasStore, registryOfImage, registryOfTransport, rerunInNamespace } from "./commands/index.js";
export { SNAPSHOTTERS } from "./executor/index.js";
export { hostPlatform } from "./oci/index.js";
export { DEVICE_NAME } from "./planner/index.js";
export { printableName } from "./report/index.js";
export { suggest } from "./suggest.js";
