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
