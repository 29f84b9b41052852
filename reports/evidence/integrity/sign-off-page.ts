// reports/evidence/integrity/sign-off-page.ts: signoffs.html, who signed a bundle, in print. A function of the sign-offs alone, so that
// a check can make it again and compare.

import { html, raw } from '../../html/index.ts'
import { publicKeyFromText, keyIdOf } from './dsse.ts'
import { INDEPENDENT_ROLES, SIGN_OFF_ROLES, type SignOff } from './sign-off.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.4rem;text-align:left;vertical-align:top}
code{overflow-wrap:anywhere}.unsigned{color:#b3261a;font-weight:700}`

/** `signOffs` in any order. */
export function signOffPageText(manifestSha256: string, signOffs: readonly SignOff[]): string {
  const rows = SIGN_OFF_ROLES.flatMap((role) => {
    const ofRole = signOffs.filter((one) => one.role === role).toSorted((a, b) => (a.publicKey < b.publicKey ? -1 : 1))
    return ofRole.length > 0
      ? ofRole.map(
          (one) =>
            html`<tr>
              <td>${role}</td>
              <td>${one.name}</td>
              <td>${one.organisation}</td>
              <td>${one.statement}</td>
              <td>${one.date}</td>
              <td><code>${keyIdOf(publicKeyFromText(one.publicKey, 'sign-off'))}</code></td>
            </tr> `,
        )
      : INDEPENDENT_ROLES.includes(role)
        ? [
            html`<tr>
              <td>${role}</td>
              <td colspan="5" class="unsigned">UNSIGNED</td>
            </tr> `,
          ]
        : []
  })
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Sign-offs</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>Sign-offs</h1>
        <p>
          Of the manifest with SHA-256 <code>${manifestSha256}</code>. Names, organisations and dates are what the
          signers say of themselves.
        </p>
        <table>
          <thead>
            <tr>
              <th>role</th>
              <th>name</th>
              <th>organisation</th>
              <th>says</th>
              <th>date</th>
              <th>key</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
        <p>
          This page proves nothing: <code>powercut verify-evidence</code> does, and holds this page to the envelopes.
        </p>
      </body>
    </html> `.text
}
