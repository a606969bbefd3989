import { expect, test } from "vitest";
import { parseReference } from "../../oci/index.js";
import { checkOutputs } from "../../outputs/check.js";
import type { OutputSpec } from "../../outputs/output.js";

const check = (isAttested: boolean, ...outputs: OutputSpec[]) =>
  checkOutputs(outputs, { tags: [parseReference("r.example/app:1")], platforms: [], isAttested });

test.each<[last: OutputSpec, message: string]>([
  [{ type: "registry", ociMediaTypes: false }, "oci-mediatypes=false: Docker's media types have no attestations"],
  [{ type: "docker", dest: "app.tar" }, "an archive for docker load has no place for attestations"],
])("what the last of several outputs has no place for is told before anything is built: %j", (last, message) => {
  const first: OutputSpec = { type: "registry" };
  expect(() => check(true, first, last)).toThrow(expect.objectContaining({ code: "usage", message }));
  check(false, first, last);
});

test("S-175: a form that cannot be had is told of each output", () => {
  const last: OutputSpec = { type: "oci", dest: "a.tar", compression: "zstd", ociMediaTypes: false };
  expect(() => check(false, { type: "registry" }, last)).toThrow(
    "oci-mediatypes=false: Docker's media types have no zstd",
  );
});
