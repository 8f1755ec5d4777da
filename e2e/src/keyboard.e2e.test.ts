// The whole app by keyboard alone, from logging in to logging out; wherever the focus comes to, it is seen.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { screens } from './screens.ts'
import { useStage } from './stage.ts'

/** More stops than any screen has. */
const STOPS = 40

/** Run inside the page: what has the focus, by its name, and whether it, or what is around it, looks different without. */
async function focusNow(): Promise<{ name: string; seen: boolean }> {
  const active = (root: DocumentOrShadowRoot): Element | null => {
    const found = root.activeElement
    return (found?.shadowRoot && active(found.shadowRoot)) ?? found
  }
  const element = active(document)
  if (!(element instanceof HTMLElement) || element === document.body) return { name: '', seen: true }
  const around = [element, element.nextElementSibling, element.parentElement, element.parentElement?.parentElement, element.closest('form > div')]
  const look = (): string =>
    around
      .map((one) => {
        if (!one) return ''
        const { outlineStyle, outlineColor, borderColor, backgroundColor, boxShadow } = getComputedStyle(one)
        return [outlineStyle, outlineStyle === 'none' ? '' : outlineColor, borderColor, backgroundColor, boxShadow].join()
      })
      .join(';')
  const painted = async (): Promise<void> => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
  }
  await painted()
  const withFocus = look()
  element.blur()
  await painted()
  const without = look()
  element.focus({ preventScroll: true })
  const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])].map((label) => label.innerText) : []
  return { name: element.getAttribute('aria-label') ?? labels[0] ?? element.innerText.trim(), seen: withFocus !== without }
}

describe('by keyboard alone', () => {
  const stage = useStage()

  /** Presses a key until the focus is on what has this name; every stop on the way shows that it has the focus. */
  async function goTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
    const stops: string[] = []
    for (let stop = 0; stop < STOPS; stop++) {
      await page.keyboard.press(key)
      let now = ''
      const unseen = async (): Promise<string> => {
        const focus = await page.evaluate(focusNow)
        now = focus.name
        return focus.seen ? '' : now
      }
      // A page that has just been loaded may paint it a little later.
      await expect.poll(unseen, { timeout: 10_000 }).toBe('')
      stops.push(now)
      if (name.test(now)) return
    }
    expect.fail(`${String(name)} is not among ${JSON.stringify(stops)}`)
  }
  async function choose(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
    await goTo(page, name, key)
    await page.keyboard.press('Enter')
  }

  test.each(screens)(
    'UX 21, 25: log in, find somebody, write, edit, answer, react, a group, the settings, and out again, on a $screen',
    async ({ screen, options }) => {
      for (const name of ['Ann', 'Ben']) {
        const body = JSON.stringify({ email: `${name}-${screen}@example.org`, name: `${name} ${screen}`, password: 'correct horse battery' })
        await fetch(`${stage.world.origin}/api/auth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      }
      const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann', { ...options, reducedMotion: 'reduce' })
      const { page } = ann
      const { keyboard } = page
      await page.bringToFront()
      const send = (): Promise<void> => keyboard.press(ann.isPhone ? 'Control+Enter' : 'Enter')
      await page.getByRole('button', { name: 'Log in' }).waitFor()
      await goTo(page, /^Email/)
      await keyboard.type(`ann-${screen}@example.org`)
      await goTo(page, /^Password/)
      await keyboard.type('correct horse battery')
      await keyboard.press('Enter')
      await page.getByRole('button', { name: 'Account' }).waitFor()

      await goTo(page, /^Filter chats and people/)
      await keyboard.type('ben')
      await page.getByRole('button', { name: new RegExp(`^Ben ${screen}`) }).waitFor()
      await choose(page, /^Ben/, 'ArrowDown')
      await ann.field.waitFor()
      if (ann.isPhone) await goTo(page, /^Message$/)
      await keyboard.type('Written by keyboard')
      await send()
      await ann.sees('Written by keyboard', 'Sent')
      await keyboard.press('ArrowUp')
      await keyboard.type(', and changed')
      await send()
      await ann.message('Written by keyboard, and changed').waitFor()

      const actions = page.getByRole('menu', { name: 'Actions' })
      await choose(page, /^You, /, 'Shift+Tab')
      await actions.waitFor()
      await choose(page, /^Reply$/, 'ArrowDown')
      await keyboard.type('And answered')
      await send()
      await ann.message('And answered').waitFor()
      await goTo(page, /^You, /, 'Shift+Tab')
      await goTo(page, /^You, /, 'ArrowUp')
      await keyboard.press('Enter')
      await actions.waitFor()
      await choose(page, /^React with ❤️$/, 'ArrowRight')
      await ann
        .message('Written by keyboard, and changed')
        .getByRole('button', { name: /1 from you/ })
        .waitFor()

      await keyboard.press('Control+,')
      const settings = page.getByRole('dialog', { name: 'Settings' })
      await settings.waitFor()
      await goTo(page, /^As the system|^System/)
      await goTo(page, /^Dark$/, 'ArrowRight')
      await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme']), { timeout: 30_000 }).toBe('dark')
      await keyboard.press('Escape')
      await settings.waitFor({ state: 'detached' })

      if (ann.isPhone) await choose(page, /^Back to chats/, 'Shift+Tab')
      await choose(page, /^New group$/, 'Shift+Tab')
      await page.getByRole('textbox', { name: 'Filter people' }).waitFor()
      await goTo(page, /^Ben/)
      await keyboard.press('Space')
      await choose(page, /^Next, with 1 person/)
      await page.getByLabel('Group name').waitFor()
      await page.evaluate(focusNow)
      await keyboard.type('Crew')
      await keyboard.press('Enter')
      await page.getByRole('region', { name: 'Chat with Crew' }).waitFor()
      await choose(page, /^Info about Crew/, ann.isPhone ? 'Tab' : 'Shift+Tab')
      await page.getByRole('complementary', { name: 'Group info' }).waitFor()
      await choose(page, /^Close info/, 'Shift+Tab')
      await choose(page, /^Chat options/)
      await page.getByRole('menu', { name: 'Chat options' }).waitFor()
      await choose(page, /^Leave group/, 'ArrowDown')
      await page.getByRole('dialog').waitFor()
      await choose(page, /^Leave group/)
      await page.getByText('You are no longer in this chat').filter({ visible: true }).first().waitFor()

      if (ann.isPhone) await choose(page, /^Back to chats/, 'Shift+Tab')
      await choose(page, /^Account$/, 'Shift+Tab')
      await choose(page, /^Log out$/)
      await page.getByLabel('Password').waitFor()
      expect(ann.complaints).toEqual([])
      await ann.context.close()
    },
  )
})
