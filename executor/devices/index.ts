export { prepareDevices } from "./prepare.js";
