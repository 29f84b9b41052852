// reports/evidence/document/pdfkit.d.ts: as much of pdfkit as is used.

declare module 'pdfkit' {
  export default class PDFDocument {
    constructor(options: {
      size: string
      margin: number
      bufferPages: boolean
      info: Record<string, string | Date>
      lang: string
    })
    readonly page: { width: number; height: number }
    y: number
    on(event: 'data', listener: (bytes: Uint8Array) => void): this
    on(event: 'end', listener: () => void): this
    font(name: string): this
    fontSize(size: number): this
    fillColor(color: string): this
    lineWidth(width: number): this
    moveTo(x: number, y: number): this
    lineTo(x: number, y: number): this
    stroke(color: string): this
    text(
      text: string,
      x: number,
      y: number,
      options: { width: number; lineBreak?: boolean; align?: string; goTo?: string },
    ): this
    widthOfString(text: string): number
    heightOfString(text: string, options: { width: number }): number
    addPage(): this
    addNamedDestination(name: string): this
    readonly outline: { addItem(title: string): unknown }
    bufferedPageRange(): { start: number; count: number }
    switchToPage(page: number): this
    end(): void
  }
}
