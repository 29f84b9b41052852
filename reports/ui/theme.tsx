// reports/ui/theme.tsx: light, dark, or as the reader's system has it. Kept for the next report where the browser keeps it.

import { useEffect, useState } from 'preact/hooks'

const KEY = 'powercut-theme'
const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

export function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(kept)
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    keep(theme)
    dispatchEvent(new Event('themechange'))
  }, [theme])
  return (
    <button
      type="button"
      class="theme"
      data-theme-button
      title={`Show it ${after(theme)} (t)`}
      onClick={() => setTheme(after)}
    >
      {theme === 'auto' ? 'Light or dark: auto' : theme === 'light' ? 'Light' : 'Dark'}
    </button>
  )
}

function after(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
}

/** A page that was opened from a file may not be allowed to keep anything. */
function kept(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto'
  } catch {
    return 'auto'
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // The choice then lasts as long as the page.
  }
}
