// reports/ui/copy.ts: buttons that copy a command. Where the browser has no clipboard for the page, the command is selected.
// What the button says of it is there until the pointer or the focus leaves it.

export function mountCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', () => void copy(button))
    for (const leaving of ['blur', 'pointerleave']) {
      button.addEventListener(leaving, () => {
        button.textContent = 'Copy'
      })
    }
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(button.dataset['copy'] ?? '')
    button.textContent = 'Copied'
  } catch {
    const command = button.previousElementSibling
    if (command !== null) getSelection()?.selectAllChildren(command)
    button.textContent = 'Selected'
  }
}
