export { COLUMN_TYPES, valueProblem, type ColumnType, type ColumnValue } from './column.ts'
export { bytesForCaller, copyForCaller } from './caller-bytes.ts'
export { FormatError } from './format-error.ts'
export {
  decodeKey,
  decodeKeyColumn,
  encodeKey,
  encodeKeyColumn,
  keyColumnSizeBytes,
  keySizeBytes,
  prefixToUpperBound,
  skipKeyColumn,
} from './key-codec.ts'
export {
  decodeReference,
  encodeReference,
  PACK_NUMBER_MAX,
  PACK_SIZE_LIMIT_BYTES,
  REFERENCE_SIZE_BYTES_MAX,
  referenceSizeBytes,
  type Reference,
} from './reference.ts'
export { RowCodec, type RowColumn } from './row-codec.ts'
export { decodeUtf8, encodeUtf8, utf8SizeBytes } from './utf8.ts'
export {
  decodeVarint,
  decodeVaruint,
  encodeVarint,
  encodeVaruint,
  VARINT_BYTES_MAX,
  varintSizeBytes,
  varuintSizeBytes,
} from './varint.ts'
export { crc32, crc32Before, crc32BeforeUint32, crc32OfUint32, fnv1a, FNV_START, packSeed } from './checksum.ts'
export {
  CLOSE_PAYLOAD_BYTES,
  MARK_PAYLOAD_BYTES,
  MARK_RECORD_BYTES,
  decodeClose,
  decodeMark,
  encodeClose,
  encodeMark,
  type CommitMark,
} from './commit-mark.ts'
export {
  CLOSE_RESERVE_BYTES,
  DEFAULT_LIMITS,
  FORMAT_VERSION,
  HEADER_BYTES,
  MARKER_BYTES,
  MARK_RECORD_BYTES_MAX,
  NOWHERE,
  chunkBytesMax,
  comparePositions,
  corrupt,
  packName,
  packNumberOf,
  recordStart,
  streamBytes,
  streamEnd,
  wrongLimits,
  type PackLimits,
  type Position,
} from './layout.ts'
export { decodeMarker, encodeMarker, type Marker } from './marker.ts'
export { DATABASE_ID_BYTES, FIELD, decodeHeader, encodeHeader, type PackHeader } from './pack-header.ts'
export {
  RECORD,
  VOUCHER_PAYLOAD_BYTES,
  encodeRecordHeader,
  recordHeaderBytes,
  recordPayloadBytes,
  type RecordType,
} from './record.ts'
