// The list of messages in a real Chromium, over the in-memory engine of the dev page.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPage, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

/** From the end, a screen or two at a time. */
async function goToBeginning({ page, drive }: Pick<DevPage, 'page' | 'drive'>): Promise<void> {
  await page.getByRole('article').last().waitFor()
  while (!(await page.getByText('This is the beginning of your chat').isVisible())) await drive('scrollBy', -1_000)
}

describe('the list of messages', () => {
  for (const seed of [1, 2, 3]) {
    test(`V1: nothing moves what one reads, 100 prepends, appends, edits and resizes, seed ${seed}`, async () => {
      const { page, drive, failures } = await pages.open('?open=first&messages=400&delay=0', { now: '2026-11-27T01:30:00Z' })
      await page.getByRole('log', { name: 'Messages' }).waitFor()
      await drive('goToMiddle')
      expect(await drive('wander', 100, seed)).toEqual([])
      expect(failures).toEqual([])
      await page.context().close()
    })
  }

  test('V2: a jump into any tenth of 20,000 messages shows rows without gap or overlap', async () => {
    const { page, drive } = await pages.open('?open=first&delay=0')
    await page.getByRole('log', { name: 'Messages' }).waitFor()
    const seen = (await drive('jumpAround', 20_000)) as { gaps: number; overlaps: number; rows: number }[]
    for (const one of seen) expect(one).toMatchObject({ gaps: 0, overlaps: 0 })
    expect(Math.min(...seen.map((one) => one.rows))).toBeGreaterThan(2)
    await page.context().close()
  })

  test('UX 11: stays at the end only for who is there, or has just sent', async () => {
    const { page, drive, message } = await pages.open('?open=first&delay=0')
    const latest = page.getByRole('button', { name: /^Jump to latest/ })
    await page.getByRole('article').last().waitFor()
    await drive('receive', 'Something new at the end')
    await page.getByText('Something new at the end').last().waitFor()
    expect(await drive('distanceFromEnd')).toBe(0)
    await drive('scrollBy', -600)
    await latest.waitFor()
    const before = await drive('distanceFromEnd')
    await drive('receive', 'Not for who reads above')
    await page.getByRole('button', { name: 'Jump to latest, 1 new' }).waitFor()
    expect(await drive('distanceFromEnd')).toBeGreaterThan(before as number)
    await message.fill('My own words')
    await message.press('Enter')
    await page.getByRole('article').filter({ hasText: 'My own words' }).waitFor()
    await latest.waitFor({ state: 'detached' })
    expect(await drive('distanceFromEnd')).toBe(0)
    await page.context().close()
  })

  test('UX 12: opens at the first unread message, with a line above it', async () => {
    const { page, drive } = await pages.open('?open=first&state=unread&unread=30&delay=0')
    await page.getByText('New messages').waitFor()
    const rows = (await drive('rows')) as { key: string; top: number }[]
    // Near the top, below a message or two that were read; what is above may still grow when the font comes.
    const top = rows.find((row) => row.key === 'unread')?.top
    expect(top).toBeGreaterThan(20)
    expect(top).toBeLessThan(180)
    // What is below was not seen.
    await page.getByRole('button', { name: /^Jump to latest, (1|2)\d new/ }).click()
    expect(await drive('distanceFromEnd')).toBe(0)
    await page.context().close()
  })

  test('UX 12: opens there too when it is pages away', async () => {
    const { page, drive } = await pages.open('?open=first&state=unread&unread=120&messages=400&delay=20')
    await page.getByText('New messages').waitFor()
    const top = ((await drive('rows')) as { key: string; top: number }[]).find((row) => row.key === 'unread')?.top
    expect(top).toBeLessThan(180)
    await page.getByRole('button', { name: /^Jump to latest, 1\d\d new/ }).waitFor()
    await page.context().close()
  })

  test('V3: the focus is not lost when its message leaves the screen', async () => {
    const { page, drive } = await pages.open('?open=first&messages=400&delay=0')
    await page.getByRole('article').last().focus()
    await drive('goToMiddle')
    expect(await drive('focused')).toBe('log')
    await page.context().close()
  })

  test('older pages come on scrolling up until the beginning says so, and what one reads stays', async () => {
    const { page, drive } = await pages.open('?open=first&messages=180&delay=30')
    await goToBeginning({ page, drive })
    expect(await drive('faults')).toMatchObject({ overlaps: 0 })
    await page.context().close()
  })

  test('C6: a message that leaves the list leaves no node behind', async () => {
    const { page, drive } = await pages.open('?open=first&messages=180&delay=0')
    await goToBeginning({ page, drive })
    const list = page.getByRole('log', { name: 'Messages' }).locator('> *').first()
    const [rows, nodes] = await list.evaluate(({ children, childNodes }) => [children.length, childNodes.length])
    expect(rows).toBeGreaterThan(5)
    // Each with the two marks by which Lit finds it.
    expect(nodes).toBeLessThanOrEqual(3 * (rows ?? 0) + 10)
    await page.context().close()
  })

  test('a page that cannot be loaded says why, where it happened, and can be tried again', async () => {
    const { page, drive } = await pages.open('?open=first&messages=180&delay=0')
    await page.getByRole('article').last().waitFor()
    await drive('setConnected', false)
    await drive('scrollBy', -100_000)
    await page.getByRole('alert').filter({ hasText: 'the server cannot be reached' }).waitFor()
    await drive('setConnected', true)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await page.context().close()
  })
})
