// docs/components.md is true: its examples run as they stand there, in a page of their own over the in-memory engine, and it names what there is, no more and no less.
import { globSync, readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const models = globSync('*.ts', { cwd: new URL('../model', import.meta.url) })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()
const written = read('docs/components.md')
/** By its heading. */
const sections = new Map(
  written
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => [/^[^\n:]+/.exec(section)?.[0].replaceAll(/[`<>]/g, '') ?? '', section]),
)
const blockOf = (text: string, kind: string): string => new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? ''
/** The first columns of the table with this heading. */
const tableOf = (section: string, heading: string): string[][] =>
  section
    .split('\n\n')
    .filter((part) => part.startsWith(`| ${heading} |`))
    .flatMap((part) => part.trim().split('\n').slice(2))
    .map((row) => row.replace(/^\| /, '').split(/(?<!\\) \| /))

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

/** What a bundler makes of the names; the engine is the one in memory. */
const imports: Record<string, string> = {
  '@skein/engine': '/dev/engine-in-memory.js',
  '@skein/client': '/src/index.ts',
  '@skein/client/elements/chat-avatar': '/src/elements/chat-avatar.ts',
  ...Object.fromEntries(models.map((name) => [`@skein/client/model/${name}`, `/src/model/${name}.ts`])),
}
const inMemory = `import { scenario } from '/dev/scenario.ts'
export const createEngine = () => scenario(new URLSearchParams(location.search))
export const indexedDbStores = () => null
export const browserPorts = () => null`

async function run(example: string, query = ''): Promise<{ page: Page; failures: string[] }> {
  const opened = await pages.open('', {}, 'host.html')
  const serve = async (path: string, contentType: string, body: string): Promise<void> => {
    await opened.page.route(`**/dev/${path}*`, (route) => route.fulfill({ contentType, body }))
  }
  await serve('engine-in-memory.js', 'text/javascript', inMemory)
  await serve('engine.js', 'text/javascript', blockOf(written, 'js'))
  await serve('shown.html', 'text/html', `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>${example}`)
  await opened.page.goto(`${pages.origin}/dev/shown.html${query}`)
  return opened
}

/** What somebody sees and does in the example of a section. */
const shows: Record<string, (page: Page) => Promise<unknown>> = {
  'chat-provider': async (page) => {
    await page
      .getByRole('list', { name: 'Chats' })
      .getByRole('button', { name: /^Weekend hike/ })
      .click()
    await page.getByRole('region', { name: 'Chat with Weekend hike' }).waitFor()
    // The window stands beside the list: there is no way back to it; and Ctrl+K leads there from the composer.
    expect(await page.getByRole('button', { name: 'Back to chats' }).isVisible()).toBe(false)
    await page.getByRole('textbox', { name: 'Message' }).press('Control+k')
    await page.waitForFunction(() => document.activeElement?.localName === 'chat-list')
    const send = page.getByRole('button', { name: 'Send' })
    await page.getByRole('textbox', { name: 'Message' }).fill('In our colours')
    await expect.poll(() => send.evaluate((button) => getComputedStyle(button).backgroundColor)).toBe('rgb(15, 116, 128)')
  },
  'chat-list': async (page) => {
    await page
      .getByRole('button', { name: /^Dmitri Volkov/ })
      .first()
      .click()
    await page.getByText('open: Dmitri Volkov').waitFor()
    expect(await page.locator('[aria-current=true]').count()).toBe(1)
  },
  'chat-window': async (page) => {
    await page.getByRole('textbox', { name: 'Message' }).fill('Alone, and whole')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('article').filter({ hasText: 'Alone, and whole' }).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy text' }).waitFor()
  },
  'chat-composer': async (page) => {
    await page.getByRole('textbox', { name: 'Message' }).fill('Hello @Ada')
    // The first one takes the name that is offered.
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    const last = (): Promise<unknown> =>
      page.evaluate("import('./engine.js').then(({ engine: { chats: [{ lastMessage: { text, mentions } }] } }) => [text, mentions.length])")
    await expect.poll(last).toEqual(['Hello @Ada Okafor', 1])
  },
  'chat-message': async (page) => {
    expect(await page.getByRole('article').count()).toBe(10)
    const reaction = page.getByRole('article').getByRole('button', { pressed: false }).first()
    await reaction.click()
    await page.getByRole('article').getByRole('button', { pressed: true }).first().waitFor()
  },
  'chat-avatar': async (page) => {
    const initials = (name: string) => page.locator(`${name} [data-initials]`).getAttribute('data-initials')
    expect([await initials('chat-avatar'), await initials('our-avatar')]).toEqual(['AO', 'BI'])
  },
  'chat-app': async (page) => {
    await page
      .getByRole('button', { name: /^Dmitri Volkov/ })
      .first()
      .click()
    await page.waitForFunction(() => location.hash.length > 20)
  },
  'View models': async (page) => {
    await page.getByText('Weekend hike | ').waitFor()
    await page.locator('input[name=text]').fill('From another face')
    await page.keyboard.press('Enter')
    await page.getByText('You: From another face').waitFor()
    expect(await page.evaluate(() => customElements.get('chat-app'))).toBeUndefined()
  },
}

describe('docs/components.md', () => {
  const examples = [...sections].map(([name, text]): [string, string] => [name, blockOf(text, 'html')])
  test.each(examples)('the example of %s does what it says', async (name, example) => {
    const opened = await run(example)
    await shows[name]?.(opened.page)
    expect([opened.failures, await opened.page.getByText('This part has stopped working.').count()]).toEqual([[], 0])
    expect(Object.keys(shows)).toContain(name)
    await opened.page.context().close()
  })

  test.each(['chat-list', 'chat-window'])('%s shows nothing while nobody is logged in, and what there is as soon as somebody is', async (name) => {
    const { page, failures } = await run(`<chat-provider><${name}></${name}></chat-provider><script type="module">
      import '@skein/client'
      import { scenario } from '/dev/scenario.ts'
      import { MemoryEngine } from '/dev/memory-engine.ts'
      const engine = Object.assign(scenario(new URLSearchParams()), { session: { status: 'logged-out' } })
      document.querySelector('${name}').chat = engine.first
      document.querySelector('chat-provider').engine = window.engine = engine
    </script>`)
    const shown = () => page.locator(name).evaluate((element) => (element.shadowRoot?.querySelectorAll('button').length ?? 0) > 0)
    await page.waitForFunction((of) => document.querySelector(of)?.shadowRoot, name)
    expect(await shown()).toBe(false)
    const session = (status: object) =>
      page.evaluate((to) => (Reflect.get(window, 'engine') as { set(patch: object): void }).set({ session: to }), status)
    await session({
      status: 'logged-in',
      needsPassword: false,
      user: { id: '0'.padEnd(26, '7'), email: 'mara@example.org', name: 'Mara', emailConfirmed: true },
    })
    await expect.poll(shown).toBe(true)
    await session({ status: 'logged-out' })
    await expect.poll(shown).toBe(false)
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('names every property with its attribute, and no other', async () => {
    const opened = await run(blockOf(sections.get('chat-app') ?? '', 'html'))
    const names = [...sections.keys()].filter((name) => name.startsWith('chat-'))
    const real = await opened.page.evaluate(async (all) => {
      await customElements.whenDefined('chat-app')
      return all.map((name) => {
        const { elementProperties } = customElements.get(name) as unknown as {
          elementProperties: Map<string, { state?: boolean; attribute?: boolean }>
        }
        const open = [...elementProperties].filter(([, { state }]) => !state)
        return [name, open.map(([property, { attribute }]) => `${property} ${attribute === false ? '—' : property.toLowerCase()}`).sort()]
      })
    }, names)
    const said = names.map((name) => [
      name,
      tableOf(sections.get(name) ?? '', 'property')
        .map(([property, attribute]) => `${property} ${attribute}`.replaceAll('`', ''))
        .sort(),
    ])
    expect(said).toEqual(real)
    await opened.page.context().close()
  })

  test('names every event that an element has of its own, and no other', () => {
    const files = {
      'chat-list': ['chat-list', 'chat-account'],
      'chat-window': ['chat-window', 'window-parts'],
      'chat-composer': ['chat-composer'],
      'chat-message': ['chat-message'],
    }
    for (const [name, sources] of Object.entries(files)) {
      const told = sources.flatMap((file) =>
        Array.from(read(`client/src/elements/${file}.ts`).matchAll(/emit\(\w+, '([\w-]+)'/g), ([, event]) => event),
      )
      const said = tableOf(sections.get(name) ?? '', 'event').map(([event]) => event?.replaceAll('`', ''))
      expect([name, [...new Set(said)].sort()]).toEqual([name, [...new Set(told)].sort()])
    }
  })

  test('names every view model, each of which loads without a DOM, and all that it exports', async () => {
    const rows = tableOf(sections.get('View models') ?? '', '`@skein/client/model/…`')
    expect(rows.map(([name]) => name?.replaceAll('`', '')).sort()).toEqual(models)
    for (const [cell = '', , gives = ''] of rows) {
      const name = cell.replaceAll('`', '')
      const { default: none, ...exported } = (await import(`../model/${name}.ts`)) as Record<string, unknown>
      expect(none).toBeUndefined()
      const named = Array.from(gives.matchAll(/`(\w+)`/g), ([, one]) => one)
      expect([name, named.toSorted()]).toEqual([name, Object.keys(exported).sort()])
    }
  })
})
