// What people expect of a chat without a network, in several tabs, and after a long time away. On both screens, against a real server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { program } from './program.ts'
import { screens } from './screens.ts'
import { useStage } from './stage.ts'
import { openWorld } from './world.ts'

const patience = { timeout: 30_000 }
const AWAY_DAYS = 90

describe('without a network', () => {
  const stage = useStage({ RATE_LIMITS: 'off' })

  describe.each(screens)('on a $screen', ({ screen, options }) => {
    let ann: Person
    let ben: Person
    let cleo: Person
    beforeAll(async () => {
      ann = await Person.arrive(stage.browser, stage.world.origin, `Ann${screen}`, options)
      ben = await Person.arrive(stage.browser, stage.world.origin, `Ben${screen}`, options)
      cleo = await Person.arrive(stage.browser, stage.world.origin, `Cleo${screen}`, options)
      for (const person of [ann, ben, cleo]) await person.createAccount()
      await ann.openChat(cleo.name)
      await ann.send('Hello, Cleo')
      await ann.toList()
      await ann.openChat(ben.name)
      await ann.send('Hello, Ben')
      await ben.openChat(ann.name)
      await ben.message('Hello, Ben').waitFor()
      await cleo.openChat(ann.name)
      await ann.sees('Hello, Ben', 'Seen')
    })
    afterAll(async () => {
      expect([...ann.complaints, ...ben.complaints, ...cleo.complaints]).toEqual([])
      for (const person of [ann, ben, cleo]) await person.context.close()
    })

    test('UX 3, 5, 6, 7: one quiet line, a composer that takes words, an outbox over all chats that outlives a reload; all of it is sent by itself, in order', async () => {
      const { page } = ann
      const line = page.getByRole('button', { name: 'Show what waits' }).filter({ visible: true })
      await ann.installed()
      await ann.send('While there is a network')
      await ann.sees('While there is a network', 'Seen')
      expect(await line.count()).toBe(0)
      await ann.offline()
      await ann.openMenu(ann.message('Hello, Ben'))
      await page.getByRole('menuitem', { name: 'Delete' }).click()
      await page.getByRole('menuitem', { name: 'Delete for everyone?' }).click()
      await ann.message('Hello, Ben').getByRole('button', { name: 'Undo deletion' }).waitFor()
      expect(await ann.message('Hello, Ben').locator('.line-through').innerText()).toBe('Hello, Ben')
      for (const text of ['One for Ben', 'Two for Ben']) await ann.send(text)
      await ann.sees('Two for Ben', 'Queued')
      await page
        .getByText(/^Offline since .* · 3 changes waiting$/)
        .filter({ visible: true })
        .waitFor()
      expect(await page.getByRole('dialog').count()).toBe(0)
      await ann.toList()
      await ann.openChat(cleo.name)
      for (const text of ['One for Cleo', 'Two for Cleo']) await ann.send(text)

      await page.reload()
      await line.click()
      const outbox = page.getByRole('dialog', { name: 'Outbox' })
      await outbox.getByText('5 waiting').waitFor()
      for (const text of ['One for Ben', 'Two for Ben', 'One for Cleo', 'Two for Cleo'])
        await outbox.getByRole('listitem').filter({ hasText: text }).getByText('Waits for the network').waitFor()
      await ann.online()
      await outbox.getByText('Nothing is waiting').waitFor()
      await outbox.getByRole('button', { name: 'Close' }).click()
      await line.waitFor({ state: 'detached' })
      await ben.expectOrder(['While there is a network', 'One for Ben', 'Two for Ben'])
      await cleo.expectOrder(['Hello, Cleo', 'One for Cleo', 'Two for Cleo'])
      expect(await ben.message('Hello, Ben').count()).toBe(0)
    })

    test('UX 27: a chat is kept on the device, with its size, and read from the beginning without a network; the settings say whether the browser may clear it', async () => {
      const call = await program(stage.world.origin, ben.email)
      const { chats } = (await call('/chats')) as { chats: { id: string }[] }
      for (let n = 1; n <= 120; n++) await call(`/chats/${chats[0]?.id}/messages`, { text: `Kept number ${n}.` })
      const { page } = ann
      // A fresh device has the newest page and nothing else.
      await page.goto(stage.world.origin)
      const back = page.getByRole('button', { name: /^Back to chats/ })
      if (await back.isVisible()) await back.click()
      await ann.openChat(ben.name)
      await page.getByRole('button', { name: 'Chat options' }).click()
      await page.getByRole('menuitem', { name: 'Keep offline' }).click()
      await expect
        .poll(async () => {
          await page.getByRole('button', { name: 'Chat options' }).click()
          const text = await page.getByRole('menu').innerText()
          await page.keyboard.press('Escape')
          return text
        }, patience)
        .toMatch(/All of it is on this device, \d/)
      await ann.offline()
      await page.reload()
      if (await ann.inList(ben.name).isVisible()) await ann.openChat(ben.name)
      await ann.messages.last().waitFor()
      await page.getByRole('log').hover()
      await expect
        .poll(async () => {
          await page.mouse.wheel(0, -3_000)
          return page.getByText(/beginning of your chat/).isVisible()
        }, patience)
        .toBe(true)
      await ann.message('One for Ben').waitFor()
      await ann.online()
      await ann.toList()
      await page.getByRole('button', { name: 'Account', exact: true }).click()
      await page.getByRole('button', { name: 'Settings' }).click()
      await page
        .getByText(/^Your browser (keeps|may clear|does not say)/)
        .first()
        .waitFor()
      await page.keyboard.press('Escape')
    })

    test('UX 28: of two tabs one leads; frozen, it blocks nobody, and closed, it is followed', async () => {
      const first = ann.page
      await first.goto(stage.world.origin)
      const second = await ann.context.newPage()
      await second.goto(stage.world.origin)
      const open = async (page: typeof second): Promise<void> => {
        const entry = page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: new RegExp(`^${cleo.name}`) })
        const field = page.getByRole('textbox', { name: 'Message' })
        await entry.or(field).first().waitFor()
        if (await entry.isVisible()) await entry.click()
        await field.waitFor()
      }
      const say = async (page: typeof second, text: string): Promise<void> => {
        await page.getByRole('textbox', { name: 'Message' }).fill(text)
        await page.getByRole('button', { name: 'Send' }).click()
        await cleo.message(text).waitFor()
      }
      for (const page of [first, second]) await open(page)
      await say(second, 'From the second tab')
      await first.getByRole('article').filter({ hasText: 'From the second tab' }).waitFor()
      const session = await ann.context.newCDPSession(first)
      await session.send('Page.enable')
      await session.send('Page.setWebLifecycleState', { state: 'frozen' })
      await say(second, 'While the first one sleeps')
      await session.send('Page.setWebLifecycleState', { state: 'active' })
      await first.getByRole('article').filter({ hasText: 'While the first one sleeps' }).waitFor()
      await second.close()
      await say(first, 'After the second one closed')
    })
  })

  test.each(screens)(
    'UX 29: after ninety days, what one wrote and what was said meanwhile are both there, after logging in once more, on a $screen',
    async ({ options }) => {
      await using away = await openWorld({ RATE_LIMITS: 'off' })
      const dee = await Person.arrive(stage.browser, away.origin, 'Dee', options)
      await dee.createAccount()
      const eli = await Person.arrive(stage.browser, away.origin, 'Eli', options)
      await eli.createAccount()
      await dee.openChat(eli.name)
      await dee.send('Before the journey')
      await dee.sees('Before the journey', 'Delivered')
      await dee.installed()
      await dee.offline()
      await dee.send('Written on the way')
      await dee.sees('Written on the way', 'Queued')
      await eli.context.close()
      await away.stop()
      await away.start(AWAY_DAYS)
      const call = await program(away.origin, eli.email)
      const { chats } = (await call('/chats')) as { chats: { id: string }[] }
      for (let n = 1; n <= 130; n++) await call(`/chats/${chats[0]?.id}/messages`, { text: `Said meanwhile ${n}.` })

      const { page } = dee
      await page.addInitScript((days) => {
        const now = Date.now
        Date.now = () => now() + days * 86_400_000
      }, AWAY_DAYS)
      await page.reload()
      if (await dee.inList(eli.name).isVisible()) await dee.openChat(eli.name)
      for (const text of ['Before the journey', 'Written on the way']) await dee.message(text).waitFor()
      await dee.sees('Written on the way', 'Queued')
      await dee.online()
      const again = page.getByRole('form', { name: 'Log in again' })
      await again.getByLabel('Password').fill('correct horse battery')
      await again.getByRole('button', { name: 'Log in' }).click()
      await again.waitFor({ state: 'detached' })
      await dee.sees('Written on the way', 'Sent')
      await page.getByRole('log').hover()
      const found = new Set<string>()
      await expect
        .poll(async () => {
          for (const text of await dee.messages.allInnerTexts()) for (const [words] of text.matchAll(/Said meanwhile \d+/g)) found.add(words)
          await page.mouse.wheel(0, -600)
          return found.size
        }, patience)
        .toBe(130)
      expect(dee.complaints).toEqual([])
      await dee.context.close()
    },
  )
})
