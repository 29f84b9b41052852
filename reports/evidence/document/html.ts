// reports/evidence/document/html.ts: the report, and each profile, as one page without scripts, that opens without a network.

import { html, raw, type Html } from '../../html/index.ts'
import { CLAUSE_MARKS, type JudgedRow, type Profile } from '../profiles/index.ts'
import { QUESTIONS, type Block, type Chapter, type EvidenceDocument } from './document.ts'

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.8rem}h2{margin-top:3rem;border-bottom:1px solid #999}table{border-collapse:collapse;width:100%;margin:.7rem 0;font-size:13px}
td:first-child{min-width:1.6rem}td,th{border:1px solid #9996;padding:.25rem .45rem;text-align:left;vertical-align:top;overflow-wrap:break-word}th{background:#8882}
pre{background:#8882;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere}.bad{color:#b3261a;font-weight:600}.good{color:#1d7a46;font-weight:600}
.question{border-left:4px solid #1f5fbf;padding-left:.7rem}.void{border:3px solid #b3261a;padding:1rem}
@media(prefers-color-scheme:dark){body{background:#14171a;color:#e7eaed}.bad{color:#ff8472}.good{color:#62c48d}a{color:#7fb2f5}}
@media print{h2{break-before:page}body{background:#fff;color:#000}}`

export function documentHtml({ title, void: reasons, chapters }: EvidenceDocument): string {
  return page(
    title,
    html`<h1>${title}</h1>
      ${reasons.length > 0 && html`<div class="void bad">VOID: this bundle must not be used.</div>`}
      <nav>
        <ul>
          ${chapters.map(({ id, title: name }) => html`<li><a href="#chapter-${id}">${id} ${name}</a></li>`)}
        </ul>
      </nav>
      ${chapters.map(chapterHtml)}`,
  )
}

export function profileHtml(profile: Profile, rows: readonly JudgedRow[], reasons: readonly string[]): string {
  return page(
    profile.standard,
    html`<h1>${profile.standard}</h1>
      <p>${profile.title}</p>
      ${reasons.length > 0 && html`<div class="void bad">VOID: this bundle must not be used: ${reasons.join('; ')}</div>`}
      <p>
        ${Object.entries(CLAUSE_MARKS).map(([mark, meaning]) => `${mark} ${meaning} `)} Nothing here says that anything
        conforms to it.
      </p>
      <table>
        <thead>
          <tr>
            <th>clause</th>
            <th>demand</th>
            <th>status</th>
            <th>artefacts</th>
            <th>what is short</th>
            <th>note</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (one) =>
              html`<tr>
                <td>${one.clause} ${one.mark}</td>
                <td>${one.demand}</td>
                <td>${one.status}</td>
                <td>${one.artefacts.join(', ')}</td>
                <td>${one.reasons.join('; ')}</td>
                <td>${one.note}</td>
              </tr> `,
          )}
        </tbody>
      </table>
      ${(profile.sources ?? []).length > 0 && html`<p>‡ Cited by: ${(profile.sources ?? []).join('; ')}.</p>`}
      <p>Artefacts by number: <a href="../evidence.html#chapter-0">the report</a>.</p>`,
  )
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text
}

function chapterHtml({ id, title, answers, blocks }: Chapter): Html {
  return html`<section id="chapter-${id}">
    <h2>${id} ${title}</h2>
    ${answers.map((at) => html`<p class="question">Question ${at}: ${QUESTIONS[at - 1] ?? ''}</p>`)}
    ${blocks.map(blockHtml)}
  </section> `
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'text':
      return html`<p class="${block.tone ?? 'plain'}">${block.text}</p>`
    case 'heading':
      return html`<h3>${block.text}</h3>`
    case 'list':
      return html`<ul>
        ${block.items.map((item) => html`<li>${item}</li>`)}
      </ul>`
    case 'code':
      return html`<pre>${block.text}</pre>`
    case 'questions':
      return html`<ol>
        ${block.rows.map(
          ({ question, answer, chapter, title }) =>
            html`<li>
              <p class="question">${question}</p>
              <p>${answer}</p>
              <p>The whole: <a href="#chapter-${chapter}">${chapter} ${title}</a></p>
            </li> `,
        )}
      </ol>`
    case 'table':
      return html`<table>
        <thead>
          <tr>
            ${block.head.map((cell) => html`<th>${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${block.rows.map(
            (cells) =>
              html`<tr>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr> `,
          )}
        </tbody>
      </table>`
  }
}
