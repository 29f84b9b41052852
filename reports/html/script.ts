// reports/html/script.ts: what moves in the report: copy buttons, the detail under the pointer or the arrow keys, and
// everything unfolded for print. The page is whole without it.

export const SCRIPT = `
'use strict'
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const text = button.dataset.copy
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      const range = document.createRange()
      range.selectNodeContents(button.previousElementSibling)
      getSelection().removeAllRanges()
      getSelection().addRange(range)
      button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected'
    }
    setTimeout(() => { button.textContent = 'Copy' }, 1500)
  })
}
const lines = JSON.parse(document.getElementById('time-lines').textContent)
for (const figure of document.querySelectorAll('[data-time-line]')) {
  const buckets = lines[figure.dataset.timeLine]
  const plot = figure.querySelector('.plot')
  const cursor = figure.querySelector('.cursor')
  const readout = figure.querySelector('.readout')
  const hint = readout.textContent
  const first = Number(figure.dataset.first)
  const span = Number(figure.dataset.last) - first + 1
  let at = -1
  const show = (index) => {
    at = Math.max(0, Math.min(buckets.length - 1, index))
    const bucket = buckets[at]
    cursor.hidden = false
    cursor.style.left = (100 * (bucket.from - first)) / span + '%'
    cursor.style.width = (100 * (bucket.to - bucket.from + 1)) / span + '%'
    readout.textContent = bucket.text
    readout.classList.add('on')
  }
  const hide = () => {
    cursor.hidden = true
    readout.textContent = hint
    readout.classList.remove('on')
  }
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect()
    const point = first + Math.floor(((event.clientX - box.left) / box.width) * span)
    show(buckets.findIndex((bucket) => point >= bucket.from && point <= bucket.to))
  })
  plot.addEventListener('pointerleave', () => { if (document.activeElement !== plot) hide() })
  plot.addEventListener('blur', hide)
  plot.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined) return
    event.preventDefault()
    show(step === Infinity ? buckets.length - 1 : step === -Infinity ? 0 : at + step)
  })
}
addEventListener('beforeprint', () => { for (const fold of document.querySelectorAll('details')) fold.open = true })
`
