/**
 * A guest's linear memory during one host call. Pointers and lengths come from the guest as unsigned 32-bit numbers; a
 * range is checked before a byte of it is touched.
 */
export class GuestMemory {
  private readonly view: DataView;
  private readonly bytes: Uint8Array;

  /**
   * @param buffer the whole memory, as large as it is now
   */
  constructor(buffer: ArrayBuffer) {
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** Whether the range lies in the memory; an empty range may start at its very end. */
  contains(offset: number, length: number): boolean {
    return (offset >>> 0) + length <= this.bytes.length;
  }

  /** A copy of a range that the caller has checked and capped. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const at = offset >>> 0;
    return this.bytes.slice(at, at + length);
  }

  /** The range itself, for bytes that are copied at once. */
  range(offset: number, length: number): Uint8Array {
    const at = offset >>> 0;
    return this.bytes.subarray(at, at + length);
  }

  /** Copies bytes into a range that the caller has checked. */
  write(offset: number, source: Uint8Array): void {
    this.bytes.set(source, offset >>> 0);
  }

  u8(offset: number): number {
    return this.view.getUint8(offset >>> 0);
  }

  u32(offset: number): number {
    return this.view.getUint32(offset >>> 0, true);
  }

  i64(offset: number): bigint {
    return this.view.getBigInt64(offset >>> 0, true);
  }

  writeU32(offset: number, value: number): void {
    this.view.setUint32(offset >>> 0, value, true);
  }

  writeI64(offset: number, value: bigint): void {
    this.view.setBigInt64(offset >>> 0, value, true);
  }
}
