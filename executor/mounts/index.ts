export { type GivenMount, prepareGiven } from "./given.js";
export { mountInputs } from "./inputs.js";
export { selectionLayer } from "./selection.js";
export { prepareMounts, type StepMounts } from "./prepare.js";
export type { PreparedMount } from "./prepared.js";
