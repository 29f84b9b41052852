// reports/ui/copy.ts: buttons that copy a command. Where the browser has no clipboard for the page, the command is selected.

const TOLD_MS = 1500

export function mountCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', () => void copy(button))
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
  setTimeout(() => {
    button.textContent = 'Copy'
  }, TOLD_MS)
}
