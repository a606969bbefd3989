// Runs once before the end-to-end tests: they drive what `npm run build` made, so it must be there.

import { existsSync } from "node:fs";

export default function setup(): void {
  if (!existsSync("dist/cli.cjs")) throw new Error("dist/cli.cjs is missing: run npm run build");
}
