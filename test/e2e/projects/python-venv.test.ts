// A Python application in a virtual environment.

import { testProject } from "../../suites/project.js";

testProject({
  name: "python-venv",
  bases: ["python"],
  output: "be 2\nnot 1\nor 1\nto 2\n",
  changes: [
    {
      says: "the module",
      file: "src/tally/__init__.py",
      from: "{word} {count}",
      to: "{word}: {count}",
      reruns: [
        "[build 5/6] COPY src ./src",
        "[build 6/6] RUN /opt/venv/bin/pip install --no-index --no-deps --no-build-isolation .",
        "[stage-1 2/2] COPY --from=build /opt/venv /opt/venv",
      ],
      output: "be: 2\nnot: 1\nor: 1\nto: 2\n",
    },
  ],
});
