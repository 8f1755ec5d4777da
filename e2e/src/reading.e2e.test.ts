// What people expect of reading, in a chat of 100,000 messages on a real server, on both screens.
import type { Browser, CDPSession } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { program, type Call } from './program.ts'
import { screens } from './screens.ts'
import { openBrowser, openWorld, type World } from './world.ts'

const MESSAGES = 100_000
const DAYS = 100
const SHORT = 100
/** What filling a database may take on a busy machine. */
const SEEDING_MS = 600_000
const PASSWORD = 'seed-tries-skein'
const patience = { timeout: 30_000 }

/** Run inside the page: where the top of a message stands in each frame. */
const watchTop = (words: string): void => {
  const inside = (root: ParentNode, name: string): ShadowRoot | undefined => root.querySelector(name)?.shadowRoot ?? undefined
  const list = ['chat-app', 'chat-window', 'chat-messages'].reduce<ParentNode>((root, name) => inside(root, name) ?? root, document)
  const tops = new Set<number>()
  Object.assign(globalThis, { tops })
  const look = (): void => {
    const held = [...list.querySelectorAll('chat-message')].find((one) => one.shadowRoot?.textContent?.includes(words))
    tops.add(held ? Math.round(held.getBoundingClientRect().top * 10) / 10 : -1)
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
/** Without the time and the state below them. */
const wordsOf = (text: string): string => text.split(/\n\d{1,2}:\d\d/)[0] ?? ''
const topsSeen = (): number[] => [...(Reflect.get(globalThis, 'tops') as Set<number>)]

describe('a chat of 100,000 messages', () => {
  let world: World
  let browser: Browser
  /** The other person of the long chat. */
  let other: Call
  let chat = ''
  beforeAll(async () => {
    world = await openWorld({ RATE_LIMITS: 'off' }, ['--chats', '1', '--messages', String(MESSAGES), '--days', String(DAYS)])
    browser = await openBrowser()
    other = await program(world.origin, 'person-1@seed.example', PASSWORD)
    const { chats } = (await other('/chats')) as { chats: { id: string }[] }
    chat = chats[0]?.id ?? expect.fail('There is no chat')
    const short = await program(world.origin, await register('short@example.org', 'Short'))
    const { chat: begun } = (await short('/chats', { kind: 'direct', email: 'person-0@seed.example' })) as { chat: { id: string } }
    for (let n = 1; n <= SHORT; n++) await short(`/chats/${begun.id}/messages`, { text: `Short message ${n}.` })
  }, SEEDING_MS)
  afterAll(async () => {
    await browser.close()
    await world[Symbol.asyncDispose]()
  })

  async function register(email: string, name: string): Promise<string> {
    const body = JSON.stringify({ email, name, password: 'correct horse battery' })
    await fetch(`${world.origin}/api/auth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return email
  }
  const say = async (text: string): Promise<string> => {
    const { message } = (await other(`/chats/${chat}/messages`, { text })) as { message: { id: string } }
    return message.id
  }

  describe.each(screens)('on a $screen', ({ screen, options }) => {
    let seed: Person
    let devtools: CDPSession
    beforeAll(async () => {
      seed = await Person.arrive(browser, world.origin, 'Seed', options)
      await seed.logIn('person-0@seed.example', PASSWORD)
      devtools = await seed.context.newCDPSession(seed.page)
      await devtools.send('Performance.enable')
    })
    afterAll(async () => {
      expect(seed.complaints).toEqual([])
      await seed.context.close()
    })

    const log = () => seed.page.getByRole('log', { name: 'Messages' })
    const latest = () => seed.page.getByRole('button', { name: /^Jump to latest/ })
    const scroll = async (pixels: number): Promise<void> => {
      await log().hover()
      await seed.page.mouse.wheel(0, pixels)
    }
    /** To the end of the long chat, wherever one was. */
    async function openLong(): Promise<void> {
      if (await seed.page.getByRole('region', { name: 'Chat with Person 1' }).isHidden()) {
        if (await log().isVisible()) await seed.toList()
        await seed.openChat('Person 1')
      }
      await seed.messages.last().waitFor()
      if (await latest().isVisible()) await latest().click()
      await latest().waitFor({ state: 'detached' })
    }
    /** Of what is loaded, the number of the first message; and whether older ones are on their way. */
    const loaded = (): Promise<{ oldest: number; loading: boolean }> =>
      log().evaluate((list) => {
        const { window: open } = (list.getRootNode() as ShadowRoot).host as unknown as {
          window: { items: { seq: number }[]; loading: string | null }
        }
        return { oldest: open.items[0]?.seq ?? 0, loading: open.loading === 'older' }
      })
    const oldest = async (): Promise<number> => (await loaded()).oldest
    const isLoading = async (): Promise<boolean> => (await loaded()).loading
    /** The words of the messages that are wholly on the screen. */
    async function shown(): Promise<string[]> {
      const box = (await log().boundingBox()) ?? expect.fail('There is no list')
      const all = await seed.messages.evaluateAll((messages) =>
        messages.map((one) => {
          const { top, bottom } = one.getBoundingClientRect()
          return { top, bottom, text: one.querySelector('p')?.firstChild ? (one as HTMLElement).innerText : '' }
        }),
      )
      return all.filter(({ top, bottom }) => top >= box.y && bottom <= box.y + box.height).map(({ text }) => wordsOf(text))
    }
    const seesWhole = (words: string): Promise<void> =>
      expect.poll(async () => (await shown()).some((text) => text.includes(words)), patience).toBe(true)
    /** The topmost of them, or one below it, once nothing scrolls any more. */
    async function atRest(below = 0): Promise<string> {
      let before: string[] = []
      const isAtRest = async (): Promise<boolean> => {
        const now = [...(await shown()), String((await seed.messages.first().boundingBox())?.y)]
        const same = now.join() === before.join()
        before = now
        return same && now.length > 1
      }
      await expect.poll(isAtRest, { ...patience, interval: 100 }).toBe(true)
      return before[below] ?? ''
    }
    async function weigh(): Promise<{ nodes: number; listeners: number }> {
      for (let round = 0; round < 2; round++) await devtools.send('HeapProfiler.collectGarbage')
      const { metrics } = await devtools.send('Performance.getMetrics')
      const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
      return { nodes: of('Nodes'), listeners: of('JSEventListeners') }
    }

    test('C6: the list has as many nodes and listeners with 100,000 messages as with 100, also after paging', async () => {
      await seed.openChat('Short')
      await seed.messages.last().waitFor()
      for (const pixels of [-3_000, -3_000, 9_000]) {
        await scroll(pixels)
        await seed.messages.first().waitFor()
      }
      await seed.message(`Short message ${SHORT}.`).waitFor()
      const short = await weigh()
      await seed.toList()
      await openLong()
      for (let page = 0; page < 5; page++) {
        const before = await oldest()
        await expect
          .poll(async () => {
            await scroll(-8_000)
            return oldest()
          }, patience)
          .toBeLessThan(before)
      }
      await openLong()
      // What was on the screen before may be held a moment longer, by what still fades or measures.
      const growth = async (): Promise<number> => {
        const long = await weigh()
        return Math.max(long.nodes / short.nodes, long.listeners / short.listeners)
      }
      await expect.poll(growth, patience).toBeLessThan(1.25)
    })

    test('UX 10: older pages, an edit, a reaction and new words move nothing that one reads', async () => {
      await openLong()
      const ids = [await say(`Above on a ${screen}`)]
      for (let n = 1; n <= 24; n++) await say(`Read ${n} on a ${screen}.\n\nOf several lines.`)
      ids.push(await say(`Below on a ${screen}`))
      await seesWhole(`Below on a ${screen}`)
      await scroll(-500)
      await latest().waitFor()
      await seed.page.evaluate(watchTop, await atRest())
      await other(`/chats/${chat}/messages/${ids[0]}`, { text: `Above on a ${screen}, ${'and much longer now '.repeat(20)}` }, 'PATCH')
      await other(`/chats/${chat}/messages/${ids[1]}/reactions/${encodeURIComponent('👍')}`, {}, 'PUT')
      await seed
        .message(`Below on a ${screen}`)
        .getByRole('button', { name: /1 from/ })
        .waitFor()
      await say('New words at the end.')
      await seed.page.getByRole('button', { name: 'Jump to latest, 1 new' }).waitFor()
      expect(await seed.page.evaluate(topsSeen)).toHaveLength(1)

      await openLong()
      const before = await oldest()
      world.pause()
      for (let n = 0; n < 40 && !(await isLoading()); n++) await scroll(-4_000)
      // The very first message of what is loaded may move a little: what it joins was not known.
      await seed.page.evaluate(watchTop, await atRest(1))
      world.goOn()
      await expect.poll(oldest, patience).toBeLessThan(before)
      await expect.poll(isLoading, patience).toBe(false)
      expect(await seed.page.evaluate(topsSeen)).toHaveLength(1)
    })

    test('UX 11: new words are followed only by who is at the end or has just sent; the way to the latest counts, and lands there', async () => {
      await openLong()
      await say(`Followed on a ${screen}`)
      await seesWhole(`Followed on a ${screen}`)
      await scroll(-1_500)
      await latest().waitFor()
      for (const n of [1, 2, 3]) await say(`Missed ${n} on a ${screen}`)
      await seed.page.getByRole('button', { name: 'Jump to latest, 3 new' }).click()
      await seesWhole(`Missed 3 on a ${screen}`)
      await latest().waitFor({ state: 'detached' })
      await scroll(-1_500)
      await latest().waitFor()
      await seed.field.fill(`My own on a ${screen}`)
      await seed.submit()
      await seesWhole(`My own on a ${screen}`)
    })

    test('UX 12, 23: it opens at the first of 60 unread ones under a line that stays, with a way back to it; what was not in front of anybody is not seen, and the title counts it', async () => {
      await openLong()
      await seed.sees(`My own on a ${screen}`, 'Sent')
      await seed.toList()
      if (!seed.isPhone) await seed.openChat('Short')
      for (let n = 1; n <= 60; n++) await say(`Unread ${n} on a ${screen}.`)
      await seed
        .inList('Person 1')
        .filter({ hasText: /60\s+unread/ })
        .waitFor()
      expect(await seed.page.title()).toMatch(/^\(60\) /)
      await seed.openChat('Person 1')
      const line = log().getByText('New messages')
      await line.waitFor()
      await seesWhole(`Unread 1 on a ${screen}.`)
      expect(await seed.message(`Unread 60 on a ${screen}.`).count()).toBe(0)
      await expect.poll(() => seed.page.title(), patience).toMatch(/^\([45]\d\) /)
      await latest().click()
      await seesWhole(`Unread 60 on a ${screen}.`)
      await expect.poll(() => seed.page.title(), patience).not.toMatch(/^\(/)
      await seed.page.getByRole('button', { name: 'Jump to first unread' }).click()
      await seesWhole(`Unread 1 on a ${screen}.`)
      await line.waitFor()
      await openLong()

      // Another window is in front of this one.
      await seed.page.evaluate(() => (document.hasFocus = () => false))
      await say(`Behind another window on a ${screen}`)
      await seesWhole(`Behind another window on a ${screen}`)
      await expect.poll(() => seed.page.title(), patience).toMatch(/^\(1\) /)
      await seed.page.evaluate(() => {
        Reflect.deleteProperty(document, 'hasFocus')
        dispatchEvent(new FocusEvent('focus'))
      })
      await expect.poll(() => seed.page.title(), patience).not.toMatch(/^\(/)
    })

    test('UX 13, 14: a day floats above and its calendar leads to the first day; a link and a quote lead to the oldest message, which lights up, and back', async () => {
      await seed.context.grantPermissions(['clipboard-read', 'clipboard-write'])
      await openLong()
      await scroll(-900)
      await seed.page
        .getByRole('button', { name: /\. Go to a date$/ })
        .first()
        .click()
      const first = new Date(Date.now() - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10)
      await seed.page.locator('input[type=date]').fill(first)
      const old = seed.messages.filter({ hasText: /Message \d{1,4} of the seed/ })
      await old.first().waitFor()
      const name = /Message \d+ of the seed\./.exec(await old.first().innerText())?.[0] ?? expect.fail('No old message')
      await seed.chooseOf(seed.message(name).first(), 'Copy link')
      await seed.chooseOf(seed.message(name).first(), 'Reply')
      await seed.field.fill(`An answer on a ${screen}`)
      await seed.submit()
      const answer = seed.message(`An answer on a ${screen}`)
      await answer.waitFor()
      await answer.getByTitle('Go to this message').click()
      await seed.page.locator('chat-message .animate-flash').filter({ hasText: name }).waitFor()
      await seesWhole(name)
      await seed.page.getByRole('button', { name: 'Back to where you were' }).click()
      await seesWhole(`An answer on a ${screen}`)

      const link = await seed.page.evaluate(() => navigator.clipboard.readText())
      await seed.page.goto(link)
      await seed.page.reload()
      await seesWhole(name)
      await latest().click()
      await seesWhole(`An answer on a ${screen}`)
    })

    test('UX 25: a log with one Tab stop and arrows; new words are announced once, older pages never; what cannot be shown is told at once', async () => {
      await openLong()
      const spoken = seed.page.getByRole('region', { name: 'Chat with Person 1' }).locator('[aria-live=polite]').last()
      const before = await spoken.innerText()
      const first = await oldest()
      await expect
        .poll(async () => {
          await scroll(-8_000)
          return oldest()
        }, patience)
        .toBeLessThan(first)
      expect([await spoken.innerText(), await log().getAttribute('aria-live')]).toEqual([before, 'off'])
      await openLong()
      await say(`Spoken on a ${screen}`)
      await expect.poll(() => spoken.innerText(), patience).toBe(`Person 1: Spoken on a ${screen}`)
      const stops = seed.messages.and(seed.page.locator('[tabindex="0"]'))
      await stops.filter({ hasText: `Spoken on a ${screen}` }).focus()
      expect(await stops.count()).toBe(1)
      await seed.page.keyboard.press('ArrowUp')
      await seed.page.keyboard.press('ArrowUp')
      await seed.page.keyboard.press('ArrowDown')
      const focused = await seed.messages.evaluateAll((all) => all.findIndex((one) => one.matches(':focus')) - all.length)
      expect([focused, await stops.count()]).toEqual([-2, 1])
      await seed.offline()
      await seed.page.locator('input[type=date]').fill(new Date(Date.now() - 50 * 86_400_000).toISOString().slice(0, 10))
      await seed.page
        .getByRole('alert')
        .filter({ hasText: /connection|network|offline|server/i })
        .waitFor()
      await seed.online()
    })
  })
})
