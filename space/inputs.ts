// The inputs of a cache record, for people, and what they stand on.

type Inputs = Readonly<Record<string, unknown>>;

/** `RUN npm ci`, `COPY . /app/`, `WORKDIR /app` */
export function describeInputs(inputs: unknown): string {
  const { op, args, destination, path, sources } = inputs as Inputs;
  switch (op) {
    case "run":
      return `RUN ${command(texts(args))}`;
    case "copy":
      return `COPY ${(Array.isArray(sources) ? sources : []).map(sourceName).join(" ")} ${String(destination)}`;
    case "mkdir":
      return `WORKDIR ${String(path)}`;
    default:
      return String(op);
  }
}

/** Content digests of all layers that the step read as a root filesystem. */
export function rootsOf(inputs: unknown): readonly string[] {
  const { root, sources } = inputs as Inputs;
  const copied = Array.isArray(sources) ? sources.flatMap((source: Inputs) => texts(source["root"])) : [];
  return [...texts(root), ...copied];
}

function command(args: readonly string[]): string {
  const text = args.length === 3 && args[1] === "-c" ? args[2]! : args.join(" ");
  return text.replace(/\s+/g, " ");
}

function sourceName(source: Inputs): string {
  return String(source["path"] ?? source["name"] ?? ".");
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
