/** Its only use is to wait on; a shared memory of one page can be had without the page being isolated. */
const WAITED_ON = new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);

/** Lets the worker's thread sleep; the page can end the worker meanwhile. */
export function pause(millis: number): void {
  Atomics.wait(WAITED_ON, 0, 0, millis);
}
