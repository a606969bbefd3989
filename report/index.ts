export { type Comparison, describeImage, type ImageReport, type ReportedImage, type ReportedLayer } from "./model.js";
export { reportPage } from "./page/page.js";
export { printableName } from "./printable.js";
