// The button for an OpenID provider, and what came of it, as people and assistive technology find them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

describe('P3: log-in by an OpenID provider', () => {
  test('the button is there where a provider is offered, and creating an account is not where registration is closed', async () => {
    const { page } = await pages.open('?state=login&delay=0')
    await page.getByRole('button', { name: 'Create account' }).waitFor()
    expect(await page.getByRole('button', { name: /Continue with/ }).count()).toBe(0)
    const { page: offered } = await pages.open('?state=login&provider=Example&closed&delay=0')
    await offered.getByRole('button', { name: 'Continue with Example' }).waitFor()
    expect(await offered.getByRole('button', { name: 'Create account' }).count()).toBe(0)
    for (const one of [page, offered]) await one.context().close()
  })

  test('what went wrong stands above the form until something is typed', async () => {
    const { page } = await pages.open('?state=login&provider=Example&entry-problem=The+log-in+was+called+off.&delay=0')
    const alert = page.getByRole('alert').filter({ hasText: 'The log-in was called off.' })
    await alert.waitFor()
    await page.getByLabel('Email', { exact: true }).fill('m')
    await alert.waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('on a phone a long name and a long alert push nothing out, on the form and in the bar of a session that has ended', async () => {
    const label = 'The Example Organisation of Everything'
    for (const state of ['login', 'password'])
      for (const colorScheme of ['light', 'dark'] as const) {
        const query = `?state=${state}&provider=${encodeURIComponent(label)}&entry-problem=${encodeURIComponent('It did not work. '.repeat(12))}&delay=0`
        const { page } = await pages.open(query, { viewport: { width: 320, height: 640 }, colorScheme, hasTouch: true })
        const box = await page.getByRole('button', { name: `Continue with ${label}` }).boundingBox()
        expect(box?.x).toBeGreaterThanOrEqual(0)
        expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(320)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
        await page.context().close()
      }
  })
})
