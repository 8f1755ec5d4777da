// The page around the chat in what was chosen: its background, and the browser's bars.
import { preferences } from '../state/preferences.ts'

const SHADES = { light: '#f7f7f9', dark: '#191a1f' }

export function followLook(): void {
  const bars = [...document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')]
  const before = bars.map(({ content }) => content)
  const follow = (): void => {
    const { theme } = preferences
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    for (const [index, bar] of bars.entries()) bar.content = theme === 'system' ? (before[index] ?? '') : SHADES[theme]
  }
  preferences.subscribe(follow)
  follow()
}
