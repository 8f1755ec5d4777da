// L1: every screen and state, on a phone and on a desktop, light and dark, by the rules of WCAG 2.2 AA that a program can check.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPage, type DevPages } from './dev-page.suite.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

interface Violation {
  id: string
  nodes: { target: unknown; failureSummary?: string }[]
}

/** What is wrong with what the page shows now, in both colour schemes. */
async function audit({ page, drive }: DevPage): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await drive('settle')
    const violations = (await page.evaluate(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations'],
    }).then(({ violations }) => violations)`)) as Violation[]
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes)
        found.push(`${colorScheme}: ${id} ${JSON.stringify(target)} ${failureSummary?.split('\n').slice(1).join(' ') ?? ''}`)
  }
  return found
}

/** A state that is reached from the one before it; the first of a scene is what the address shows. */
type Step = [name: string, act: (at: DevPage) => Promise<unknown>]
type Scene = [query: string, ...steps: Step[]]

const press =
  (name: string | RegExp, role: 'button' | 'menuitem' | 'checkbox' | 'radio' = 'button'): Step[1] =>
  ({ page }) =>
    page
      .getByRole(role, { name, ...(typeof name === 'string' ? { exact: true } : {}) })
      .first()
      .click()
const escape: Step[1] = ({ page }) => page.keyboard.press('Escape')
const both =
  (...acts: Step[1][]): Step[1] =>
  async (at) => {
    for (const act of acts) await act(at)
  }
const article = ({ page }: DevPage, words: string): Locator => page.getByRole('article').filter({ hasText: words }).last()
const menuOf =
  (words: string): Step[1] =>
  (at) =>
    article(at, words).click({ button: 'right' })
const listed =
  (name: string): Step[1] =>
  ({ page }) =>
    page
      .getByRole('list', { name: 'Chats' })
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click({ button: 'right' })

const scenes: Scene[] = [
  [
    '?state=login&hint',
    [
      'what is wrong',
      both(
        ({ page }) => page.getByLabel('Email').fill('mara@example.org'),
        ({ page }) => page.getByLabel('Password').fill('wrong'),
        press('Log in'),
        ({ page }) => page.getByRole('alert').first().waitFor(),
      ),
    ],
    ['forgotten password', press(/forgot/i)],
  ],
  ['?state=login&provider=Example', ['register', press('Create account')]],
  ['?state=login&join=good'],
  ['?state=login&link=reset&token=new'],
  ['?state=login&link=reset&token=old'],
  ['?state=login&link=confirm&token=old'],
  ['?join=good', ['what it is', ({ page }) => page.getByRole('button', { name: 'Join group' }).waitFor()]],
  ['?state=empty', ['account', press('Account')]],
  [
    '?state=arranged',
    ['archive', press(/^Archived/)],
    ['options of a chat', listed('Weekend hike')],
    ['how long muted', press('Mute', 'menuitem')],
    ['filter', both(escape, ({ page }) => page.getByLabel('Filter chats and people').fill('ada@example.org'))],
    ['new group', both(({ page }) => page.getByLabel('Filter chats and people').fill(''), press('New group'))],
    ['people chosen', both(press(/^Bence/, 'checkbox'), press(/^Camille/, 'checkbox'))],
    ['its name', press(/^Next/)],
  ],
  [
    '?open=first',
    ['menu of a message', menuOf('I will fix the first')],
    ['deleting asks', press('Delete', 'menuitem')],
    ['details', both(escape, menuOf('I will fix the first'), press('Details', 'menuitem'))],
    ['forwarding', both(escape, menuOf('I will fix the first'), press('Forward', 'menuitem'))],
    [
      'all emoji',
      both(escape, menuOf('I will fix the first'), press('All emoji', 'menuitem'), ({ page }) =>
        page
          .getByRole('button', { name: /grinning/i })
          .first()
          .waitFor(),
      ),
    ],
    ['an answer', both(escape, menuOf('I will fix the first'), press('Reply', 'menuitem'))],
    ['an edit', both(escape, menuOf('I will fix the first'), press('Edit', 'menuitem'))],
    ['pinned', both(escape, menuOf('I will fix the first'), press('Pin', 'menuitem'))],
    ['selecting', both(escape, menuOf('I will fix the first'), press('Select', 'menuitem'))],
    ['deleting what is selected', press('Delete')],
    ['far back', both(escape, ({ drive }) => drive('scrollBy', -900))],
    [
      'keys',
      both(
        ({ page }) => page.getByRole('button', { name: 'Chat options' }).focus(),
        ({ page }) => page.keyboard.press('?'),
      ),
    ],
    ['too long', both(escape, ({ page }) => page.getByRole('textbox', { name: 'Message' }).fill('long '.repeat(3_400)))],
  ],
  [
    '?open=team&state=rich',
    ['somebody is named', ({ page }) => page.getByRole('textbox', { name: 'Message' }).pressSequentially('@')],
    ['options', both(({ page }) => page.getByRole('textbox', { name: 'Message' }).fill(''), press('Chat options'))],
    ['leaving asks', press('Leave group', 'menuitem')],
    ['group info', both(escape, press(/^Info about Weekend hike/))],
    ['a link', press('Make a link')],
    ['renaming', press('Rename group')],
  ],
  ['?open=first&state=unread&unread=30', ['back to the first unread', press(/^Jump to latest/)]],
  ['?open=first&state=typing', ['typing', ({ page }) => page.getByText('typing…').waitFor()]],
  ['?open=first&state=offline', ['the line', ({ page }) => page.getByRole('button', { name: 'Try now' }).filter({ visible: true }).waitFor()]],
  ['?open=first&state=aside'],
  [
    '?state=outbox',
    ['the outbox', press('Show what waits')],
    ['words changed', both(({ page }) => page.getByRole('dialog').getByRole('button', { name: 'Edit' }).first().click())],
    ['discarding asks', both(escape, ({ page }) => page.getByRole('dialog').getByRole('button', { name: 'Discard' }).first().click())],
  ],
  [
    '?state=unconfirmed',
    ['settings', both(press('Account'), press(/^Settings/))],
    ['name', press('Change name')],
    ['password', both(press('Cancel'), press('Change password'))],
    ['deleting the account', both(press('Cancel'), press('Delete my account'))],
  ],
  ['?open=first&state=password'],
  ['?open=first&state=password-offline'],
  ['?notice&open=first&messages=200&delay=60000', ['older ones are loading', ({ drive }) => drive('scrollBy', -9_000)]],
  [
    '?open=first',
    ['a part that is broken', ({ drive }) => drive('breakRender', 'chat-composer')],
    ['a message that is broken', ({ drive }) => drive('breakRender', 'chat-message')],
  ],
]

describe.each([
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ['desktop', { viewport: { width: 1280, height: 800 } }],
])('L1: on a %s', (_, options) => {
  let at: DevPage
  beforeAll(async () => {
    at = await pages.open('?state=login', { ...options, reducedMotion: 'reduce' })
    at.page.setDefaultTimeout(30_000)
  })
  afterAll(() => at.page.context().close())

  test.each(scenes)('%s: no violation', async (query, ...steps) => {
    await at.page.goto(`${pages.origin}/dev/index.html${query}${query.includes('delay=') ? '' : '&delay=0'}`)
    await at.page.getByRole('heading', { level: 1 }).or(at.page.getByRole('main')).first().waitFor({ state: 'attached' })
    await at.drive('settle', 10)
    await at.page.evaluate(axe)
    const found = (await audit(at)).map((text) => `at first: ${text}`)
    for (const [name, act] of steps) {
      await act(at)
      await at.drive('settle', 10)
      found.push(...(await audit(at)).map((text) => `${name}: ${text}`))
    }
    expect(found).toEqual([])
    expect(at.failures).toEqual([])
  })
})
