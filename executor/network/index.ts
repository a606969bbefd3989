// A network of a step's own.

export { type IsolatedNetwork, openIsolatedNetwork } from "./isolated.js";
