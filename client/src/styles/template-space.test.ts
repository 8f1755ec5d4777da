import { expect, test } from 'vitest'
import { withoutIndentation } from '../../vite-template-space.ts'

test('indentation in templates becomes one space, also in those within them; every other text stays as it is', () => {
  const code = 'const a = html`<p\n  class="x"\n>${b ? html`<b>\n    ${c}</b>` : `\n  ${d}`}\n</p>`; const e = `\n  f`'
  expect(withoutIndentation(code)).toBe('const a = html`<p class="x" >${b ? html`<b> ${c}</b>` : `\n  ${d}`} </p>`; const e = `\n  f`')
})
