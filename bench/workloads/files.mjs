// One RUN that writes 20,000 files of 300 MB together.

import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manyFiles } from "../generate.mjs";

export const files = {
  name: "a RUN of 20,000 files",
  prepare(context) {
    manyFiles(join(context, "files"), 20_000, 15_000);
    execFileSync("tar", ["-cf", join(context, "deps.tar"), "-C", join(context, "files"), "."]);
    rmSync(join(context, "files"), { recursive: true });
    const step = "RUN --mount=type=bind,source=deps.tar,target=/deps.tar mkdir /files && tar xf /deps.tar -C /files";
    writeFileSync(join(context, "Dockerfile"), `FROM busybox\n${step}\n`);
  },
  cases: [{ name: "cold", target: 6, floor: ["unpack", 1] }],
};
