// Text can be read in every colour that one can choose, in light and dark: WCAG 2.2's 4.5 to 1.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CHOICES } from '../state/preferences.ts'

const sheet = readFileSync(new URL('sheet.css', import.meta.url), 'utf8')
const host = String.raw`:is\(chat-app, chat-provider\)`
/** Tokens of one block, each for light and dark. */
function tokensOf(selector: string): Record<string, [string, string]> {
  const [, block = ''] = new RegExp(`:host\\(${selector}\\) \\{([^}]*)\\}`).exec(sheet) ?? []
  const found = [...block.matchAll(/--sk-([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));/g)]
  return Object.fromEntries(found.map(([, name = '', light, dark, both = '']) => [name, [light ?? both, dark ?? both]]))
}
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const base = tokensOf(host)
const pairs = [
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['accent-ink', 'canvas'],
  ['accent-ink', 'side'],
  ['accent-ink', 'raised'],
  ['accent-ink', 'own'],
  ['own-ink', 'own'],
  ['own-muted', 'own'],
  ['ink', 'raised'],
  ['muted', 'raised'],
  ['muted', 'side'],
  ['danger', 'raised'],
  ['warn', 'warn-soft'],
] as const

test.each(CHOICES.accent)('UX 26: contrast with the colour %s', (accent) => {
  const own = tokensOf(`${host}\\[data-accent='${accent}'\\]`)
  expect(Object.keys(own).length > 0).toBe(accent !== CHOICES.accent[0])
  const tokens = { ...base, ...own }
  const weak = pairs.flatMap(([text, ground]) =>
    [0, 1].flatMap((scheme) => {
      const ratio = contrast(tokens[text]?.[scheme] ?? '', tokens[ground]?.[scheme] ?? '')
      return ratio >= 4.5 ? [] : [`${text} on ${ground}, ${scheme ? 'dark' : 'light'}: ${ratio.toFixed(2)}`]
    }),
  )
  expect(weak).toEqual([])
})
