// What throws in one element reaches no other, in a real Chromium.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

/** Where an element is to be seen; of all others the open chat. */
const shownAt: Partial<Record<string, string>> = {
  'chat-login': '?state=login&delay=0',
  'chat-link': '?link=confirm&token=x&delay=0',
  'chat-pinned': '?open=first&state=pinned&delay=0',
  'chat-refused': '?open=first&state=aside&delay=0',
}
/** Shown only on the way through another, or with nothing of its own. */
const rare = new Set(['chat-forgot', 'chat-provider'])

describe('a component that throws', () => {
  test('in render: a notice with Reload stands in its place, its neighbours live on, the page is told', async () => {
    const first = await pages.open('?open=first&delay=0')
    const names = (await first.drive('names')) as string[]
    expect(names.length).toBeGreaterThan(14)
    await first.page.context().close()
    for (const name of names.filter((one) => !rare.has(one))) {
      const { page, drive, failures } = await pages.open(shownAt[name] ?? '?open=first&delay=0')
      await page.locator(name).first().waitFor({ state: 'attached' })
      // Also what a page loads only when it is first used.
      await drive('names')
      await drive('settle', 10)
      const whole = await page.locator('chat-app').innerText()
      expect(await drive('breakRender', name), name).toEqual([{ component: name, during: 'render', message: `Error: ${name} is broken` }])
      const notice = page.locator(name).locator('[role=alert]').filter({ hasText: 'This part has stopped working.' })
      expect(await notice.count(), name).toBe(1)
      if (name !== 'chat-app' && !(name in shownAt)) expect(await page.locator('chat-avatar').count(), name).toBeGreaterThan(0)
      await notice.locator('button').dispatchEvent('click')
      await notice.waitFor({ state: 'detached' })
      await drive('settle', 10)
      expect(await page.locator('chat-app').innerText(), name).toBe(whole)
      expect(failures, name).toEqual([])
      await page.context().close()
    }
  })

  test('in a handler, at once or later: the same', async () => {
    const { page, drive, failures } = await pages.open('?open=first&delay=0')
    await page.getByRole('article').last().waitFor()
    for (const name of (await drive('names')) as string[]) {
      for (const [later, kind] of [
        [false, 'now'],
        [true, 'later'],
      ] as const)
        expect(await drive('breakHandler', name, later)).toEqual([
          { component: `${name}-${kind}`, during: 'event', message: `Error: ${name}-${kind} is broken` },
        ])
    }
    expect(await page.getByRole('article').count()).toBeGreaterThan(5)
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('a page that does not take the error hears it as it hears any other', async () => {
    const { page, failures } = await pages.open('?open=first&delay=0')
    await page.getByRole('article').last().waitFor()
    await page.evaluate(`document.querySelector('chat-app').engine.send = () => { throw new Error('no engine') }`)
    const message = page.getByRole('textbox', { name: 'Message' })
    await message.fill('Words')
    await message.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'This part has stopped working.' }).waitFor()
    expect(failures).toEqual(['no engine'])
    // The list of chats is not touched, and what was typed is kept.
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().waitFor()
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.getByRole('article').last().waitFor()
    await page.context().close()
  })
})
