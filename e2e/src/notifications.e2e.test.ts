// Notifications of new messages by the page's service worker, while nobody looks at the page.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('notifications', () => {
  const stage = useStage()

  test('UX 23: who asked for it is told of new messages while the page is in the background, of none that they see, and a click leads to the chat', async () => {
    const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann', { permissions: ['notifications'] })
    await ann.createAccount()
    await ann.installed()
    const ben = await Person.arrive(stage.browser, stage.world.origin, 'Ben')
    await ben.createAccount()
    const { page } = ann
    const shown = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`)
      })
    await ben.openChat('Ann')
    await ben.send('before she asked for it')

    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Settings' }).click()
    const wish = page.getByRole('switch', { name: 'Tell me of new messages' })
    await wish.click()
    await expect.poll(() => wish.getAttribute('aria-checked')).toBe('true')
    await page.keyboard.press('Escape')

    const session = await ann.context.newCDPSession(page)
    await session.send('Emulation.setFocusEmulationEnabled', { enabled: false })
    const other = await ann.context.newPage()
    await other.bringToFront()
    await ben.send('while she is away')
    await expect.poll(shown, { timeout: 20_000 }).toEqual(['Ben: while she is away'])
    await ben.send('and once more')
    await expect.poll(shown, { timeout: 20_000 }).toEqual(['Ben: and once more'])

    // As the system says that it was pressed.
    const [worker] = ann.context.serviceWorkers()
    await worker?.evaluate(async () => {
      const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration }
      const [notification] = await registration.getNotifications()
      const pressed = Reflect.get(globalThis, 'NotificationEvent') as new (type: string, init: object) => Event
      globalThis.dispatchEvent(new pressed('notificationclick', { notification }))
    })
    await page.bringToFront()
    await ann.message('and once more').waitFor()
    await expect.poll(shown, { timeout: 20_000 }).toEqual([])
    await ben.send('while she looks')
    await ann.message('while she looks').waitFor()
    expect(await shown()).toEqual([])
    expect(ann.complaints).toEqual([])
  })
})
