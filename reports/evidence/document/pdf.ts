// reports/evidence/document/pdf.ts: the report in print, A4, without a browser.
//
// 1. Of the same document the same bytes: the only date in the file is the document's.
// 2. The fonts are those that every reader has. Letters that they lack are printed as a question mark; the page has them.
//
// pdfkit is loaded when a report is printed, and only then.

import { QUESTIONS, type Block, type EvidenceDocument, type QuestionRow, type Tone } from './document.ts'

const MARGIN = 48
const FOOT = 30
const COLORS: Readonly<Record<Tone, string>> = { plain: '#1c2024', good: '#1d7a46', bad: '#b3261a' }
/** What the standard fonts have: Windows-1252 above ASCII. */
const LACKING =
  /[^\n\u0020-\u007e\u00a0-\u00ff\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]/gu
const CELL_LENGTH_MAX = 600
const CELL_SIZE = 7.5
/** Words up to this length are not broken, if the page has room for it. */
const WORD_LENGTH_MAX = 24
/** Between columns. */
const CELL_GAP = 8
const LINK = '#1f5fbf'

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
    pdf.font(font).fontSize(CELL_SIZE).fillColor(COLORS.plain)
    const shown = cells.map((cell, at) =>
      breakable(
        printable(cell.length > 300 ? `${cell.slice(0, 300)}…` : cell),
        (word) => pdf.widthOfString(word),
        (widths[at] ?? 40) - CELL_GAP,
      ),
    )
    const heights = shown.map((cell, at) => pdf.heightOfString(cell, { width: (widths[at] ?? 40) - CELL_GAP }))
    const height = Math.max(8, ...heights)
    room(height + 5)
    let x = MARGIN
    shown.forEach((cell, at) => {
      pdf.text(cell, x, y, { width: (widths[at] ?? 40) - CELL_GAP })
      x += widths[at] ?? 40
    })
    y += height + 5
    rule()
  }
  /** Places where the page of a chapter is written once it is known. */
  const wanted: { page: number; y: number; chapter: string }[] = []
  const pages = new Map<string, number>()
  const putQuestion = ({ question, answer, chapter, title }: QuestionRow, at: number): void => {
    room(70)
    put(`${at + 1}. ${question}`, 9.5, 'Helvetica-Bold', COLORS.plain, 2)
    put(answer, 9, 'Helvetica', COLORS.plain, 2, 14)
    const link = printable(`The whole: ${chapter} ${title}`)
    room(20)
    pdf.font('Helvetica').fontSize(9).fillColor(LINK)
    pdf.text(link, MARGIN + 14, y, { width: width - 80, lineBreak: false, goTo: `chapter-${chapter}` })
    wanted.push({ page: pdf.bufferedPageRange().count - 1, y, chapter })
    y += 24
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
      case 'questions':
        return block.rows.forEach(putQuestion)
      case 'table': {
        pdf.font('Helvetica-Bold').fontSize(CELL_SIZE)
        const widths = columnWidths([block.head, ...block.rows], width, (word) => pdf.widthOfString(word))
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
    pages.set(id, pdf.bufferedPageRange().count)
    pdf.addNamedDestination(`chapter-${id}`)
    pdf.outline.addItem(printable(`${id} ${title}`))
    put(`${id}  ${title}`, 15, 'Helvetica-Bold', COLORS.plain, 8)
    for (const number of answers)
      put(`Question ${number}: ${QUESTIONS[number - 1] ?? ''}`, 9.5, 'Helvetica-Oblique', LINK, 6)
    blocks.forEach(putBlock)
  })
  const { count } = pdf.bufferedPageRange()
  for (const { page, y: top, chapter } of wanted) {
    pdf.switchToPage(page)
    pdf.font('Helvetica').fontSize(9).fillColor(LINK)
    pdf.text(`page ${pages.get(chapter) ?? '?'}`, MARGIN + width - 60, top, { width: 60, lineBreak: false })
  }
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

/** Room for the longest usual word of each column; the rest of the width by how much there is in it. */
function columnWidths(
  rows: readonly (readonly string[])[],
  width: number,
  widthOf: (word: string) => number,
): readonly number[] {
  const columns = Math.max(...rows.map((row) => row.length))
  const cells = Array.from({ length: columns }, (_, at) => rows.map((row) => printable(row[at] ?? '')))
  const least = cells.map((column) => {
    const words = new Set(column.flatMap((cell) => cell.split(/\s+/)).map((word) => word.slice(0, WORD_LENGTH_MAX)))
    return Math.max(20, ...[...words].map(widthOf)) + CELL_GAP
  })
  const weights = cells.map((column) => Math.max(1, ...column.map((cell) => Math.min(cell.length, 80))))
  const needed = least.reduce((sum, one) => sum + one, 0)
  if (needed >= width) return least.map((one) => (width * one) / needed)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return least.map((one, at) => one + ((width - needed) * (weights[at] ?? 0)) / total)
}

function printable(text: string): string {
  const short = text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX)}…` : text
  return short
    .replaceAll('→', '->')
    .replaceAll(/[\t\r]/g, ' ')
    .replaceAll(LACKING, '?')
}

/** Words that are wider than their column get places to break at: hashes and paths would run out of it. */
function breakable(text: string, widthOf: (word: string) => number, width: number): string {
  return text.replaceAll(/\S{9,}/g, (word) => {
    if (widthOf(word) <= width) return word
    const parts: string[] = []
    let part = ''
    // At a sign that separates names, if there is one; else wherever the column ends.
    for (const piece of word.split(/(?<=[/#.,:_-])/)) {
      if (part !== '' && widthOf(part + piece) > width) {
        parts.push(part)
        part = ''
      }
      for (const letter of piece) {
        if (part !== '' && widthOf(part + letter) > width) {
          parts.push(part)
          part = ''
        }
        part += letter
      }
    }
    return [...parts, part].join(' ')
  })
}
