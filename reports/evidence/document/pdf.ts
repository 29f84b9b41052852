// reports/evidence/document/pdf.ts: the report in print, A4, without a browser.
//
// 1. Of the same document the same bytes: the only date in the file is the document's.
// 2. The fonts are those that every reader has. Letters that they lack are printed as a question mark; the page has them.
//
// pdfkit is loaded when a report is printed, and only then.

import { QUESTIONS, type Block, type EvidenceDocument, type Tone } from './document.ts'

const MARGIN = 48
const FOOT = 30
const COLORS: Readonly<Record<Tone, string>> = { plain: '#1c2024', good: '#1d7a46', bad: '#b3261a' }
/** What the standard fonts have: Windows-1252 above ASCII. */
const LACKING =
  /[^\n\u0020-\u007e\u00a0-\u00ff\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]/gu
const CELL_LENGTH_MAX = 600

/** The bytes of the file. */
export async function documentPdf(document: EvidenceDocument): Promise<Uint8Array> {
  const { default: PDFDocument } = await import('pdfkit')
  const date = new Date(document.date)
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    lang: 'en',
    info: {
      Title: printable(document.title),
      Producer: 'powercut',
      Creator: 'powercut',
      CreationDate: date,
      ModDate: date,
    },
  })
  const parts: Uint8Array[] = []
  pdf.on('data', (bytes) => parts.push(bytes))
  const ended = new Promise<void>((resolve) => pdf.on('end', () => resolve()))
  const width = pdf.page.width - 2 * MARGIN
  const bottom = pdf.page.height - MARGIN - FOOT
  let y = MARGIN

  const room = (height: number): void => {
    if (y + height <= bottom) return
    pdf.addPage()
    y = MARGIN
  }
  const put = (words: string, size: number, font: string, color: string, after: number, indent = 0): void => {
    const shown = printable(words)
    pdf.font(font).fontSize(size).fillColor(color)
    const height = pdf.heightOfString(shown, { width: width - indent })
    room(Math.min(height, bottom - MARGIN))
    pdf.text(shown, MARGIN + indent, y, { width: width - indent })
    // A text longer than a page goes on by itself: where it ended is where the next begins.
    y = height > bottom - MARGIN ? pdf.y + after : y + height + after
  }
  const rule = (): void => {
    pdf
      .lineWidth(0.5)
      .moveTo(MARGIN, y - 2)
      .lineTo(MARGIN + width, y - 2)
      .stroke('#c0c4c8')
  }
  const putRow = (cells: readonly string[], widths: readonly number[], font: string): void => {
    pdf.font(font).fontSize(7.5).fillColor(COLORS.plain)
    const shown = cells.map((cell) => breakable(printable(cell.length > 300 ? `${cell.slice(0, 300)}…` : cell)))
    const heights = shown.map((cell, at) => pdf.heightOfString(cell, { width: (widths[at] ?? 40) - 6 }))
    const height = Math.max(8, ...heights)
    room(height + 5)
    let x = MARGIN
    shown.forEach((cell, at) => {
      pdf.text(cell, x, y, { width: (widths[at] ?? 40) - 6 })
      x += widths[at] ?? 40
    })
    y += height + 5
    rule()
  }
  const putBlock = (block: Block): void => {
    switch (block.kind) {
      case 'text':
        return put(
          block.text,
          9.5,
          block.tone === 'bad' ? 'Helvetica-Bold' : 'Helvetica',
          COLORS[block.tone ?? 'plain'],
          6,
        )
      case 'heading':
        room(60)
        y += 6
        return put(block.text, 11.5, 'Helvetica-Bold', COLORS.plain, 5)
      case 'list':
        for (const item of block.items) put(`•  ${item}`, 9.5, 'Helvetica', COLORS.plain, 3, 10)
        y += 4
        return
      case 'code':
        return put(block.text, 8.5, 'Courier', COLORS.plain, 8, 10)
      case 'table': {
        const widths = columnWidths([block.head, ...block.rows], width)
        putRow(block.head, widths, 'Helvetica-Bold')
        for (const row of block.rows) putRow(row, widths, 'Helvetica')
        y += 8
      }
    }
  }

  put(document.title, 20, 'Helvetica-Bold', COLORS.plain, 10)
  if (document.void.length > 0) put('VOID: this bundle must not be used.', 16, 'Helvetica-Bold', COLORS.bad, 10)
  document.chapters.forEach(({ id, title, answers, blocks }, at) => {
    if (at > 0) {
      pdf.addPage()
      y = MARGIN
    }
    pdf.addNamedDestination(`chapter-${id}`)
    pdf.outline.addItem(printable(`${id} ${title}`))
    put(`${id}  ${title}`, 15, 'Helvetica-Bold', COLORS.plain, 8)
    for (const number of answers)
      put(`Question ${number}: ${QUESTIONS[number - 1] ?? ''}`, 9.5, 'Helvetica-Oblique', '#1f5fbf', 6)
    blocks.forEach(putBlock)
  })
  const { count } = pdf.bufferedPageRange()
  for (let at = 0; at < count; at += 1) {
    pdf.switchToPage(at)
    const foot = document.void.length > 0 ? 'VOID' : 'UNSIGNED in this print'
    pdf.font('Helvetica').fontSize(7.5).fillColor(COLORS.bad)
    pdf.text(`${foot}: page ${at + 1} of ${count}`, MARGIN, pdf.page.height - MARGIN - 12, { width, lineBreak: false })
  }
  pdf.end()
  await ended
  return Buffer.concat(parts)
}

/** Shares of the width by the longest word and the usual length of each column. */
function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const columns = Math.max(...rows.map((row) => row.length))
  const weights = Array.from({ length: columns }, (_, at) => {
    const lengths = rows.map((row) => row[at]?.length ?? 0)
    return Math.min(60, Math.max(8, ...lengths.map((length) => Math.min(length, 60))))
  })
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => (width * weight) / total)
}

function printable(text: string): string {
  const short = text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX)}…` : text
  return short
    .replaceAll('→', '->')
    .replaceAll(/[\t\r]/g, ' ')
    .replaceAll(LACKING, '?')
}

/** Long words get places to break at: hashes and paths would run out of their column. */
function breakable(text: string): string {
  return text.replaceAll(/\S{13,}/g, (word) => word.replaceAll(/.{12}/g, '$& ').trimEnd())
}
