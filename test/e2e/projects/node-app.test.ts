// A Node application: dependencies from the npm registry, a TypeScript build, a slim final stage.

import { testProject } from "../../suites/project.js";

testProject({
  name: "node-app",
  bases: ["node"],
  output: "3 items as user 1000\n",
  changes: [
    {
      says: "a source file",
      file: "src/main.ts",
      from: " items as user",
      to: " things as user",
      reruns: [
        "[build 3/4] COPY src ./src",
        "[build 4/4] RUN npm run build",
        "[stage-2 6/6] COPY --from=build /app/dist ./dist",
      ],
      output: "3 things as user 1000\n",
    },
  ],
});
