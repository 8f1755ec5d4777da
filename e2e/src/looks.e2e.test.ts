// What people expect of the look, however they see: dark, enlarged, with colours or motion of their own, and with words of either direction.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { screens } from './screens.ts'
import { useStage } from './stage.ts'

describe('the look', () => {
  const stage = useStage()

  /** Run inside the page: what all of the page's elements, however deep, make of `look`. */
  const everything = (page: Page, look: 'sideways' | 'moving'): Promise<string[]> =>
    page.evaluate((what) => {
      const deep = (root: ParentNode): Element[] =>
        [...root.querySelectorAll('*')].flatMap((one) => [one, ...(one.shadowRoot ? deep(one.shadowRoot) : [])])
      const name = (one: Element): string => `${one.localName}.${one.getAttribute('class') ?? ''}`.slice(0, 80)
      if (what === 'moving')
        return document
          .getAnimations()
          .filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration) > 10)
          .map(({ effect }) => name((effect as KeyframeEffect).target ?? document.body))
      return deep(document)
        .filter((one) => one.checkVisibility() && getComputedStyle(one).overflowX !== 'hidden' && one.scrollWidth > one.clientWidth + 1)
        .filter((one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) || one === document.documentElement)
        .map(name)
    }, look)

  describe.each(screens)('on a $screen', ({ screen, options }) => {
    test('UX 26: dark as the system has it, no motion where none is wanted, 200 % without a sideways scroll, controls with edges in forced colours, each message in its own direction', async () => {
      const ann = await Person.arrive(stage.browser, stage.world.origin, `Ann${screen}`, options)
      await ann.createAccount()
      const ben = await Person.arrive(stage.browser, stage.world.origin, `Ben${screen}`, options)
      await ben.createAccount()
      const { page } = ann
      await ann.openChat(ben.name)
      const words = { ltr: 'Good morning, and welcome', rtl: 'صباح الخير وأهلا وسهلا' }
      for (const text of Object.values(words)) await ann.send(text)
      for (const [direction, text] of Object.entries(words)) {
        const line = ann.message(text).getByText(text)
        expect(await line.evaluate((one) => getComputedStyle(one).direction)).toBe(direction)
      }

      const background = (): Promise<string> =>
        page.getByRole('region', { name: `Chat with ${ben.name}` }).evaluate((one) => getComputedStyle(one).backgroundColor)
      const light = await background()
      await page.emulateMedia({ colorScheme: 'dark' })
      await expect.poll(background, { timeout: 30_000 }).not.toBe(light)
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await ann.openMenu(ann.message(words.ltr))
      expect(await everything(page, 'moving')).toEqual([])
      await page.keyboard.press('Escape')

      await page.emulateMedia({ reducedMotion: null, forcedColors: 'active' })
      for (const name of ['Send', 'Chat options', 'Emoji']) {
        const button = page.getByRole('button', { name, exact: true })
        if (!(await button.isVisible())) continue
        const edge = await button.evaluate((one) => {
          const { borderTopStyle, borderTopWidth, outlineStyle } = getComputedStyle(one)
          return (borderTopStyle !== 'none' && borderTopWidth !== '0px') || outlineStyle !== 'none'
        })
        expect([name, edge]).toEqual([name, true])
      }
      await page.emulateMedia({ forcedColors: null })

      // 200 % of a page is half of its window.
      const { width, height } = page.viewportSize() ?? expect.fail('There is no window')
      await page.setViewportSize({ width: Math.max(195, width / 2), height: height / 2 })
      await ann.message(words.ltr).waitFor()
      expect(await everything(page, 'sideways')).toEqual([])
      const title = page.getByRole('button', { name: /^Info about/ }).getByText(ben.name, { exact: true })
      expect(await title.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true)
      for (const control of [ann.field, page.getByRole('button', { name: 'Send' }), page.getByRole('button', { name: 'Chat options' })]) {
        const box = (await control.boundingBox()) ?? expect.fail('It is not on the screen')
        expect(box.x >= 0 && box.x + box.width <= width / 2 && box.y >= 0 && box.y + box.height <= height / 2).toBe(true)
      }
      await page.getByRole('button', { name: /^Back to chats/ }).click()
      await ann.inList(ben.name).waitFor()
      expect(await everything(page, 'sideways')).toEqual([])
      expect(ann.complaints).toEqual([])
      for (const person of [ann, ben]) await person.context.close()
    })
  })
})
