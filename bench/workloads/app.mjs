// An application in the shape of a Node project: 5,600 dependencies' files made by a RUN, then the sources and a build step.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manyFiles } from "../generate.mjs";

const DOCKERFILE = `FROM busybox AS build
WORKDIR /app
COPY package.json ./
RUN --mount=type=bind,source=deps.tar,target=/deps.tar tar xf /deps.tar
COPY src ./src
RUN cat src/* >bundle.js
FROM busybox
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bundle.js ./
CMD ["cat", "bundle.js"]
`;

const writeSource = (context, round) => writeFileSync(join(context, "src/main.js"), `console.log("round ${round}");\n`);

export const app = {
  name: "a Node application",
  prepare(context) {
    const dependencies = join(context, "dependencies");
    manyFiles(join(dependencies, "node_modules"), 5600, 5000, 2);
    execFileSync(
      "tar",
      ["--create", "--file=deps.tar", "--sort=name", "--mtime=@0", "--directory=dependencies", "node_modules"],
      { cwd: context },
    );
    rmSync(dependencies, { recursive: true });
    manyFiles(join(context, "src/lib"), 60, 2000, 3);
    mkdirSync(join(context, "src"), { recursive: true });
    writeSource(context, "first");
    writeFileSync(join(context, "package.json"), '{ "name": "app" }\n');
    writeFileSync(join(context, "Dockerfile"), DOCKERFILE.replace("cat src/*", "cat src/*.js"));
  },
  cases: [
    { name: "cold", buildkit: 2.9, target: 1.5, floor: ["unpack", 1] },
    { name: "unchanged", buildkit: 0.11, target: 0.11, floor: ["node", 1] },
    { name: "source changed", buildkit: 1.1, target: 1.1, floor: ["node", 1], change: writeSource },
    { name: "cold, pushed", buildkit: 5.1, target: 5.1, floor: ["unpack", 1], push: true },
  ],
};
