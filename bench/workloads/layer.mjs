// One layer of 2 GiB, built and pushed: how much memory that takes.

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { numbers, text } from "../generate.mjs";

const MIB = 1 << 20;

export const layer = {
  name: "a layer of 2 GiB",
  prepare(context) {
    const next = numbers(4);
    const chunk = Buffer.concat([text(12 * MIB, next), Buffer.from(Uint32Array.from({ length: MIB }, next).buffer)]);
    const file = openSync(join(context, "big"), "w");
    for (let i = 0; i < 128; i++) writeSync(file, chunk);
    closeSync(file);
    writeFileSync(join(context, "Dockerfile"), "FROM busybox\nCOPY big /big\n");
  },
  cases: [{ name: "peak memory, pushed", targetMemory: 200 * MIB, push: true, memory: true }],
};
