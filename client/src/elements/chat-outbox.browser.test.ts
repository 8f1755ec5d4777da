// UX 6: one view of all that waits and all that was not taken, and what can be done about each.
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPage, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

async function openOutbox(query: string): Promise<DevPage & { dialog: Locator; items: Locator }> {
  const opened = await pages.open(query)
  await opened.page.getByRole('button', { name: 'Account', exact: true }).click()
  await opened.page.getByRole('button', { name: /^Outbox/ }).click()
  const dialog = opened.page.getByRole('dialog', { name: 'Outbox' })
  await dialog.waitFor()
  return { ...opened, dialog, items: dialog.getByRole('listitem') }
}

describe('the outbox', () => {
  test('UX 5, UX 6: the network line leads to it; everything stands by chat, with its state or the reason in words', async () => {
    const { page, failures } = await pages.open('?state=outbox&delay=0', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await page.getByRole('button', { name: 'Show what waits' }).tap()
    const dialog = page.getByRole('dialog', { name: 'Outbox' })
    await dialog.getByText('3 waiting, 1 not sent.').waitFor()
    const said = await Promise.all(
      (await dialog.getByRole('list').all()).map(async (list) => (await list.getByRole('listitem').allInnerTexts()).length),
    )
    expect(said).toEqual([3, 1])
    for (const text of ['Waits for the network', 'Handed over, not confirmed yet', 'The message was deleted in the meantime.'])
      await dialog.getByText(text).first().waitFor()
    await dialog.getByRole('button', { name: 'Weekend hike' }).tap()
    await page.getByRole('region', { name: 'Chat with Weekend hike' }).waitFor()
    expect([await dialog.count(), failures]).toEqual([0, []])
    await page.context().close()
  })

  test('UX 4: words are changed in place, Esc leaves the words alone; discarding asks first', async () => {
    const { page, dialog, items } = await openOutbox('?state=outbox&delay=0')
    const stove = items.filter({ hasText: 'stove' })
    await stove.getByRole('button', { name: 'Edit' }).click()
    const field = dialog.getByRole('textbox', { name: 'Words' })
    await expect.poll(() => field.evaluate((input) => input.matches(':focus'))).toBe(true)
    await field.fill('Other words')
    await page.keyboard.press('Escape')
    await stove.filter({ hasText: 'I bring the stove.' }).waitFor()
    const train = items.filter({ hasText: 'The train has no signal' })
    await train.getByRole('button', { name: 'Discard' }).click()
    await train.getByRole('button', { name: 'Keep' }).click()
    expect(await items.count()).toBe(4)
    await train.getByRole('button', { name: 'Discard' }).click()
    await train.getByRole('button', { name: 'Discard for good?' }).click()
    await expect.poll(() => items.count()).toBe(3)
    await items.filter({ hasText: 'north entrance' }).getByRole('button', { name: 'Retry' }).click()
    await expect.poll(() => items.count()).toBe(2)
    expect(await items.filter({ hasText: 'Handed over' }).getByRole('button').count()).toBe(0)
    await page.context().close()
  })

  test('all of it can be kept elsewhere, as text or JSON', async () => {
    const { page, dialog } = await openOutbox('?state=outbox&delay=0')
    for (const [name, file] of [
      ['Text file', 'skein-outbox.txt'],
      ['JSON file', 'skein-outbox.json'],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name }).click()])
      expect(download.suggestedFilename()).toBe(file)
    }
    await page.context().close()
  })

  test('empty, it says that nothing waits', async () => {
    const { page, dialog } = await openOutbox('?delay=0')
    await dialog.getByText('Nothing is waiting').waitFor()
    await page.context().close()
  })
})
