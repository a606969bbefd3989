// Writes a project of the model to disk, with times that differ from those of the last writing.

import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { outputFileSync } from "fs-extra/esm";
import { dockerfileOf, type Project } from "./project.js";

/** The Dockerfile and its own text are no part of `COPY .`. */
export function writeProject(directory: string, project: Project): void {
  for (const folder of ["a", "b"]) rmSync(join(directory, folder), { recursive: true, force: true });
  outputFileSync(join(directory, "Dockerfile"), dockerfileOf(project));
  outputFileSync(join(directory, ".dockerignore"), "Dockerfile\n.dockerignore\n");
  for (const [name, { content, mode }] of Object.entries(project.files)) {
    outputFileSync(join(directory, name), content);
    chmodSync(join(directory, name), mode);
  }
}
