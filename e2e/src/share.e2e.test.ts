// The app as one that other apps share with, once it is installed.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('what another app shares', () => {
  const stage = useStage()

  /** The address that the manifest makes the browser open. */
  async function shareAddress(given: Record<string, string>): Promise<string> {
    const manifest = new URL('/manifest.webmanifest', stage.world.origin)
    const { share_target: target, ...app } = (await (await fetch(manifest)).json()) as {
      share_target: { action: string; method: string; params: Record<string, string> }
      id: string
      icons: { sizes: string; purpose?: string }[]
    }
    expect(target.method).toBe('GET')
    expect(app.icons.some(({ purpose, sizes }) => purpose === 'maskable' && sizes === '512x512')).toBe(true)
    const address = new URL(target.action, manifest)
    for (const [part, value] of Object.entries(given)) address.searchParams.set(target.params[part] ?? '', value)
    return address.href
  }

  test('goes into the composer of the chat that one chooses, behind what stands there: logged out first, then offline; it stays in no address', async () => {
    const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann')
    await ann.createAccount()
    const ben = await Person.arrive(stage.browser, stage.world.origin, 'Ben')
    await ben.createAccount()
    await ann.openChat('Ben')
    await ann.send('hello there')
    await ann.sees('hello there', 'Sent')
    await ann.page.getByRole('button', { name: 'Account' }).click()
    await ann.page.getByRole('button', { name: 'Log out' }).click()
    await ann.page.getByLabel('Password').waitFor()

    const { page } = ann
    await page.goto(await shareAddress({ title: 'A lake', text: 'Look at this', url: 'https://example.org/lake?a=1&b=2' }))
    await page.getByText('Log in to share this in a chat.').waitFor()
    expect(page.url()).toBe(`${stage.world.origin}/`)
    // It survives that one leaves the page for a while.
    await page.reload()
    await page.getByText('Log in to share this in a chat.').waitFor()
    await ann.logIn()
    const dialog = page.getByRole('dialog', { name: 'Share to' })
    await dialog.getByRole('button', { name: /^Ben/ }).click()
    const field = page.getByRole('textbox', { name: 'Message' })
    await expect.poll(() => field.inputValue()).toBe('A lake\nLook at this\nhttps://example.org/lake?a=1&b=2')

    await ann.installed()
    await ann.offline()
    // What the text says already is not said again.
    await page.goto(await shareAddress({ text: 'and https://example.org/boat', url: 'https://example.org/boat' }))
    await dialog.getByRole('button', { name: /^Ben/ }).click()
    await expect.poll(() => field.inputValue()).toMatch(/lake\?a=1&b=2\nand https:\/\/example\.org\/boat$/)
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('button', { name: 'Send' }).click()
    await ann.sees('and https://example.org/boat', 'Queued')

    // Who does not want to share after all is not asked again.
    await page.goto(await shareAddress({ text: 'never mind' }))
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('list', { name: 'Chats' }).waitFor()
    expect(await dialog.count()).toBe(0)
    expect(ann.complaints).toEqual([])
  })
})
