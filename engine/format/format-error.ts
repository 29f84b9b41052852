// engine/format/format-error.ts: bytes that are not what the format says.
//
// Decoders know neither path nor position in the file. They say where in the given bytes it went wrong; the layer that
// knows where those bytes came from turns this into E_CORRUPT with path and offset, keeping it as the cause.

/** Bytes from outside break the format. `offsetBytes` is an index into the array that the decoder was given. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly offsetBytes: number

  constructor(message: string, offsetBytes: number) {
    super(message)
    this.offsetBytes = offsetBytes
  }
}
