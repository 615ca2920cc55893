import { PbfWriter } from 'pbf';
import { maskedCrc } from './masked-crc.js';

/** What one record of an event file says (tensorflow/core/util/event.proto). */
export interface EventRecord {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** Numbers by name; a name's parts stand between slashes. */
  readonly scalars?: Readonly<Record<string, number>>;
  /** The first record's: `brain.Event:2`. */
  readonly fileVersion?: string;
}

/** A record as it stands in an event file: length, its checksum, the event, its checksum. */
export function eventRecord({ wallTime, step, scalars, fileVersion }: EventRecord): Uint8Array {
  return framed(
    message((event) => {
      event.writeDoubleField(1, wallTime);
      if (step !== undefined) event.writeVarintField(2, step);
      if (fileVersion !== undefined) event.writeStringField(3, fileVersion);
      if (scalars) event.writeBytesField(5, summary(scalars));
    }),
  );
}

const summary = (scalars: Readonly<Record<string, number>>): Uint8Array =>
  message((all) => {
    for (const [tag, value] of Object.entries(scalars))
      all.writeBytesField(
        1,
        message((one) => {
          one.writeStringField(1, tag);
          one.writeFloatField(2, value);
        }),
      );
  });

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}
