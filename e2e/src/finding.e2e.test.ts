// What people expect of the list of chats, on both screens, against a real server.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { program } from './program.ts'
import { screens } from './screens.ts'
import { useStage } from './stage.ts'

const patience = { timeout: 30_000 }

describe('the list of chats', () => {
  const stage = useStage({ RATE_LIMITS: 'off' })

  describe.each(screens)('on a $screen', ({ screen, options }) => {
    let ann: Person
    /** Another tab of hers, which shows the list. */
    let tab: Page
    const order = (page: Page): Promise<string[]> =>
      page
        .getByRole('list', { name: 'Chats' })
        .getByRole('button')
        .evaluateAll((buttons) => buttons.map((button) => /Ada|Ben|Cid/.exec(button.textContent)?.[0] ?? ''))

    beforeAll(async () => {
      ann = await Person.arrive(stage.browser, stage.world.origin, `Ann${screen}`, options)
      await ann.createAccount()
      for (const name of ['Ada', 'Ben', 'Cid']) {
        const email = `${name}-${screen}@example.org`.toLowerCase()
        const body = JSON.stringify({ email, name: `${name} ${screen}`, password: 'correct horse battery' })
        await fetch(`${stage.world.origin}/api/auth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        const call = await program(stage.world.origin, email)
        const { chat } = (await call('/chats', { kind: 'direct', email: ann.email })) as { chat: { id: string } }
        await call(`/chats/${chat.id}/messages`, { text: `Hello from ${name}` })
      }
      tab = await ann.context.newPage()
      await tab.goto(stage.world.origin)
    })
    afterAll(async () => {
      expect(ann.complaints).toEqual([])
      await ann.context.close()
    })
    test('UX 22: pinned, muted and archived at once in every tab; the last message with its state and time', async () => {
      const inTab = (name: string) => tab.getByRole('button', { name: new RegExp(`^${name} ${screen}`) })
      await inTab('Ada').first().waitFor()
      await expect.poll(() => order(ann.page), patience).toEqual(['Cid', 'Ben', 'Ada'])
      /** A page behind another one paints nothing: it can neither be pressed, nor does it show what is new before it is looked at. */
      async function both(act: () => Promise<void>, seen: () => Promise<void>): Promise<void> {
        await ann.page.bringToFront()
        await act()
        await tab.bringToFront()
        await seen()
      }
      await both(
        () => ann.chooseOf(ann.inList('Ada'), 'Pin'),
        () => expect.poll(() => order(tab), patience).toEqual(['Ada', 'Cid', 'Ben']),
      )
      await both(
        async () => {
          await ann.chooseOf(ann.inList('Ben'), 'Mute')
          await ann.page.getByRole('menuitem', { name: 'Always' }).click()
        },
        () => tab.getByRole('button', { name: new RegExp(`^Ben ${screen} muted`) }).waitFor(),
      )
      await both(
        () => ann.chooseOf(ann.inList('Cid'), 'Archive'),
        async () => {
          await expect.poll(() => order(tab), patience).toEqual(['Ada', 'Ben'])
          await tab.getByRole('button', { name: /^Archived/ }).click()
          await tab.getByRole('list', { name: 'Archived' }).getByText(`Cid ${screen}`).waitFor()
        },
      )
      await both(
        async () => {
          await ann.openChat(`Ada ${screen}`)
          await ann.send('Good morning, Ada')
        },
        () =>
          tab
            .getByRole('list', { name: 'Chats' })
            .getByRole('button', { name: new RegExp(`^Ada ${screen} pinned\\b.*\\d.*Sent.*Good morning, Ada`) })
            .waitFor(),
      )
      await ann.page.bringToFront()
      await ann.toList()
    })

    test('UX 21: Ctrl+K finds a chat, Alt with the arrows goes to the next, and ? lists the keys', async () => {
      const { page } = ann
      await page.bringToFront()
      // Keys go on working after a finger was held on an entry.
      await ann.openMenu(ann.inList('Ben'))
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      const filter = page.getByLabel('Filter chats and people')
      await expect.poll(() => filter.evaluate((field) => field.matches(':focus')), patience).toBe(true)
      await page.keyboard.type('ben')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: `Chat with Ben ${screen}` }).waitFor()
      await page.keyboard.press('Alt+ArrowUp')
      await page.getByRole('region', { name: `Chat with Ada ${screen}` }).waitFor()
      await page.keyboard.press('Alt+ArrowDown')
      await page.getByRole('region', { name: `Chat with Ben ${screen}` }).waitFor()
      await page.getByRole('button', { name: 'Chat options' }).focus()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).getByText('Find a chat or somebody').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' })
    })
  })
})
