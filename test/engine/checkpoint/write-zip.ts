import { crc32 } from 'node:zlib';

const FULL32 = 0xffffffff;

/**
 * A zip archive of stored entries with right checksums.
 *
 * @param options.zip64 sizes, offsets and counts in the 64-bit fields, as in archives above 4 GiB.
 */
export function zip(
  entries: readonly (readonly [name: string, bytes: Buffer])[],
  { zip64 = false }: { zip64?: boolean } = {},
): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of entries) {
    const extra = zip64 ? wide([bytes.length, bytes.length, offset]) : Buffer.alloc(0);
    const fields = Buffer.alloc(26);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(bytes.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), bytes]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(zip64 ? FULL32 : offset, 10);
    const listed = Buffer.from(fields);
    if (zip64) listed.fill(0xff, 14, 22);
    listed.writeUInt16LE(extra.length, 24);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\0\0'), listed, rest, Buffer.from(name), extra]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(zip64 ? 0xffff : entries.length, 4);
  end.writeUInt16LE(zip64 ? 0xffff : entries.length, 6);
  end.writeUInt32LE(zip64 ? FULL32 : directory.length, 8);
  end.writeUInt32LE(zip64 ? FULL32 : offset, 12);
  const wideEnd = zip64 ? end64(entries.length, directory.length, offset) : Buffer.alloc(0);
  return Buffer.concat([...locals, directory, wideEnd, Buffer.from('PK\x05\x06'), end]);
}

/** The ZIP64 extra field: only what does not fit, in the order of the specification. */
function wide(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, k) => {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * k);
  });
  return field;
}

/** The ZIP64 end record and its locator. */
function end64(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  [count, count, size, offset].forEach((value, k) => {
    record.writeBigUInt64LE(BigInt(value), 24 + 8 * k);
  });
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  return Buffer.concat([record, locator]);
}
