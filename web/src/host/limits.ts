/** What a run may use. Nothing is unlimited. */
export interface Limits {
  /** The guest's linear memory, in bytes; a multiple of 65,536 counts. */
  readonly memory: number;
  /** The elements of the guest's table. */
  readonly tableElements: number;
  /** From the start of instantiation to the end of the guest's code, in milliseconds. */
  readonly time: number;
  /** The step document, in bytes. */
  readonly input: number;
  /** The result document, in bytes. */
  readonly output: number;
  /** All log lines of a run, in bytes. */
  readonly log: number;
  /** One log line, in bytes. */
  readonly logLine: number;
  /** All host calls, including WASI. */
  readonly hostCalls: number;
}

const MIB = 1 << 20;

/** The resource classes, by their memory. */
export const CLASSES: Readonly<Record<string, number>> = {
  text: 32 * MIB,
  image: 128 * MIB,
  media: 512 * MIB,
};

/** Those of the broker. */
export const DEFAULT_LIMITS: Limits = {
  memory: 32 * MIB,
  tableElements: 10_000,
  time: 30_000,
  input: 16 * MIB,
  output: 4 * MIB,
  log: 64 << 10,
  logLine: 8 << 10,
  hostCalls: 100_000,
};

/** A WebAssembly binary, in bytes. */
export const MAX_MODULE_BYTES = 20 * MIB;

const BOUNDS: Readonly<Record<keyof Limits, readonly [number, number]>> = {
  memory: [64 << 10, 512 * MIB],
  tableElements: [0, 64 << 10],
  time: [1, 86_400_000],
  input: [2, 256 * MIB],
  output: [2, 64 * MIB],
  log: [0, 16 * MIB],
  logLine: [2, MIB],
  hostCalls: [1, 1_000_000_000],
};

/**
 * The defaults with some changed.
 *
 * @throws RangeError naming the limit, its bounds and the value, or a name that is no limit
 */
export function limitsWith(changed: Partial<Limits>): Limits {
  const limits = { ...DEFAULT_LIMITS, ...changed };
  for (const [name, value] of Object.entries(limits)) {
    const bounds = BOUNDS[name as keyof Limits];
    if (bounds === undefined) {
      throw new RangeError(`there is no limit '${name}'; there are ${Object.keys(BOUNDS).join(', ')}`);
    }
    if (!Number.isInteger(value) || value < bounds[0] || value > bounds[1]) {
      throw new RangeError(`${name} must be a whole number from ${bounds[0]} to ${bounds[1]}, was ${value}`);
    }
  }
  return limits;
}
