// Results as a table for people, or as JSON for programs.

const HEAD = ["workload", "case", "s", "CPU s", "target", "BuildKit", "floor", "× floor", ""];

export function tableOf(results) {
  const rows = [HEAD, ...results.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const line = (cells) =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

export function jsonOf(results) {
  return JSON.stringify(
    results.map(({ floor, ...rest }) => ({ ...rest, floor: floor?.join(" x ") })),
    null,
    2,
  );
}

function row(result) {
  const { workload, name, wall, cpu, target, buildkit, floorSeconds, requests, bytes } = result;
  if (result.memory !== undefined) return memoryRow(result);
  const figures = [wall, cpu, target, buildkit, floorSeconds, wall / floorSeconds].map(
    (value) => value?.toFixed(value < 0.1 ? 4 : 2) ?? "",
  );
  const moved = requests === undefined ? [] : [`${requests} requests, ${Math.round(bytes / 1024)} KiB`];
  return [workload, name, ...figures, [...moved, ...(wall > target ? ["over target"] : [])].join(", ")];
}

function memoryRow({ workload, name, memory, targetMemory }) {
  const mib = (bytes) => `${Math.round(bytes / (1 << 20))} MiB`;
  return [workload, name, mib(memory), "", mib(targetMemory), "", "", "", memory <= targetMemory ? "" : "over target"];
}
