// The main job: two people talk, one goes offline, and not a word is lost.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('two people talk', () => {
  const stage = useStage()

  test('CHAT-1, promises 1 and 5: three messages, an edit and a reload offline; on reconnect one order, and the ticks go from queued to seen without a reload', async () => {
    const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann')
    await ann.createAccount()
    const ben = await Person.arrive(stage.browser, stage.world.origin, 'Ben')
    await ben.createAccount()

    await ann.openChat('Ben')
    await ann.send('hello from Ann')
    await ben.openChat('Ann')
    await ben.message('hello from Ann').waitFor()
    await ben.send('hello from Ben')
    await ann.message('hello from Ben').waitFor()
    await ann.sees('hello from Ann', 'Seen')

    // The app itself must open offline: its worker has taken the page over.
    await ann.installed()
    await ann.offline()
    for (const text of ['first offline', 'second offline', 'third offline']) await ann.send(text)
    await ann.sees('third offline', 'Queued')
    await ann.page.getByRole('textbox', { name: 'Message' }).press('ArrowUp')
    await ann.page.getByRole('textbox', { name: 'Message' }).fill('third, edited')
    await ann.page.getByRole('textbox', { name: 'Message' }).press('Enter')
    await ann.message('third, edited').waitFor()

    await ann.page.reload()
    await ann.openChat('Ben')
    for (const text of ['hello from Ann', 'hello from Ben', 'first offline', 'second offline', 'third, edited']) await ann.message(text).waitFor()
    expect(await ann.message('third offline').count()).toBe(0)
    await ann.sees('first offline', 'Queued')

    for (const text of ['one meanwhile', 'two meanwhile']) await ben.send(text)
    await ben.sees('two meanwhile', 'Sent')

    await ann.online()
    const order = ['hello from Ann', 'hello from Ben', 'one meanwhile', 'two meanwhile', 'first offline', 'second offline', 'third, edited']
    await ann.expectOrder(order)
    await ben.expectOrder(order)
    for (const text of ['first offline', 'second offline', 'third, edited']) await ann.sees(text, 'Seen')
    await ben.sees('two meanwhile', 'Seen')
    expect(ann.complaints).toEqual([])
    expect(ben.complaints).toEqual([])
  })

  test('O2: the server is gone and comes back; what was written meanwhile arrives, without a reload', async () => {
    const cid = await Person.arrive(stage.browser, stage.world.origin, 'Cid')
    await cid.createAccount()
    const dee = await Person.arrive(stage.browser, stage.world.origin, 'Dee')
    await dee.createAccount()
    await cid.openChat('Dee')
    await dee.openChat('Cid')
    await cid.send('before')
    await dee.message('before').waitFor()
    await stage.world.kill()
    await cid.send('while it was dead')
    await cid.sees('while it was dead', 'Queued')
    await dee.send('me too')
    await stage.world.start()
    for (const person of [cid, dee]) for (const text of ['while it was dead', 'me too']) await person.message(text).waitFor()
    await cid.sees('while it was dead', 'Seen')
    await dee.sees('me too', 'Seen')
    expect(await cid.order(['before', 'while it was dead', 'me too'])).toEqual(await dee.order(['before', 'while it was dead', 'me too']))
  })
})
