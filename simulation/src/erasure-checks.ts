// Erasure from outside: an hour after a deletion, and at once after a person went, the words stand in no row, log, snapshot or document of a server, and on no device that came back.
import type { ChatId, UserId } from '@skein/protocol'
import * as Y from 'yjs'
import { catchUpFor } from './liveness.ts'
import { seats } from './steps.ts'
import { reopen } from './trouble-steps.ts'
import type { World } from './world.ts'

/** Until the words of a deletion must be gone on the servers: deletions gather, one epoch an hour ends for them, and a pass comes every minute. */
const AFTER_MS = { low: 5 * 60_000, asWritten: 75 * 60_000 }
/** What a device that has everything may still have to take out. */
const COME_BACK_MS = 20_000
const isWord = (text: string): boolean => /^w\d+$/.test(text)

/** Words of operations by what they are about, as they were committed. */
function wordsOf(world: World, test: (chat: ChatId, author: string, message: string) => boolean): Set<string> {
  const found = new Set<string>()
  for (const chat of world.record().chats.values())
    for (const { authorId, operation, id } of chat.entries)
      if (operation && (operation.type === 'message' || operation.type === 'edit') && isWord(operation.text))
        if (test(chat.id, authorId, `${authorId}/${operation.type === 'edit' ? operation.target : id}`)) found.add(operation.text)
  return found
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (value instanceof Uint8Array) yield* stringsInUpdate(value)
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* stringsIn(inner)
}
function* stringsInUpdate(bytes: Uint8Array): Generator<string> {
  let structs: Y.Item[]
  try {
    structs = Y.decodeUpdate(bytes).structs.filter((struct) => struct instanceof Y.Item)
  } catch {
    return // Other bytes than an update's hold no words.
  }
  for (const { content } of structs) if (content instanceof Y.ContentAny) yield* stringsIn(content.arr)
}
/** A word by itself, or as the value of a field in JSON. */
const wordsIn = (text: string): string[] => (isWord(text) ? [text] : Array.from(text.matchAll(/"(w\d+)"/g), ([, word]) => word ?? ''))

function checkGone(world: World, gone: ReadonlySet<string>, why: string, except: UserId | null): void {
  const look = (value: unknown, where: string): void => {
    for (const text of stringsIn(value))
      for (const word of wordsIn(text)) if (gone.has(word)) world.broken('erasure', `"${word}", ${why}, still stands in ${where}`)
  }
  const { database } = world.machine
  for (const { name } of database.prepare("select name from sqlite_master where type = 'table'").all())
    for (const row of database.prepare(`select * from ${String(name)}`).all()) look(row, `the table ${String(name)}`)
  for (const device of world.devices) {
    if (device.user === except || device.tabs.length === 0) continue
    // Who was taken out of a chat is told nothing of it any more.
    const isIn = (chat: ChatId): boolean => device.user !== null && !world.record().hasLeft(chat, device.user)
    for (const row of device.messages.values()) if (isIn(row.chat)) look(row, `a message of ${device.name}`)
    for (const row of device.entries.values()) if (isIn(row.chat)) look(row, `an entry of ${device.name}`)
    for (const row of device.chats.values()) if (isIn(row.id)) look([row.lastMessage, row.pins], `the list of chats of ${device.name}`)
  }
  for (const { device, open } of seats(world)) {
    if (device.user === except) continue
    for (const [chat, window] of open.windows) {
      if (!device.user || world.record().hasLeft(chat, device.user)) continue
      const stored = window.items.filter(({ seq, pending }) => seq > 0 && !pending)
      look(
        stored.map(({ text }) => text),
        `the window of ${open.tab.actor.name}`,
      )
      look(open.engine.documentState(chat), `the document of ${open.tab.actor.name}`)
    }
  }
}

/** Everybody is away for a while, and comes back: the cheap way to let time pass. */
async function away(world: World, ms: number): Promise<void> {
  const windows = new Map(world.devices.map((device) => [device, device.tabs.flatMap((open) => [...open.windows.keys()])]))
  let closing = 0
  for (const device of world.devices) {
    for (const open of device.tabs.slice()) {
      closing++
      device.close(open, () => closing--)
    }
  }
  await world.until('every page to close', () => closing === 0, 60_000)
  await world.run(ms)
  for (const device of world.devices) reopen(world, device, [...new Set(windows.get(device))])
  await world.until('every page to open', () => world.devices.every(({ tabs }) => tabs.length > 0), 60_000)
  await catchUpFor(world, world.devices, COME_BACK_MS)
}

export async function checkErasure(world: World): Promise<void> {
  const isDeleted = (chat: ChatId, _author: string, message: string): boolean =>
    world.record().chats.get(chat)?.messages.get(message)?.at(-1)?.deleted === true
  const deleted = wordsOf(world, isDeleted)
  // It takes its time, here too.
  if (world.options.seed % 5 !== 0) return
  const after = world.options.seed % 2 === 1 ? AFTER_MS.low : AFTER_MS.asWritten
  if (deleted.size > 0) {
    world.say('an hour passes')
    await away(world, after)
    checkGone(world, deleted, 'deleted long ago', null)
  }
  const person = world.people.at(-1)
  const node = world.nodes.find(({ isUp }) => isUp)
  if (!person || !node?.sync || world.violations.length > 0) return
  const theirs = wordsOf(world, (_chat, author) => author === person.id)
  world.say(`${person.name} is erased`)
  const { sync } = node
  let isDone = false
  world.scheduler.post(node.actor, 0, () => {
    sync.eraseUser(person.id).then(
      () => (isDone = true),
      (error: unknown) => world.scheduler.failures.push(error),
    )
  })
  await world.until(`the erasing of ${person.name}`, () => isDone, 60_000)
  await catchUpFor(
    world,
    world.devices.filter(({ user }) => user !== person.id),
    COME_BACK_MS,
  )
  checkGone(world, theirs, `of ${person.name}, who was erased`, person.id)
}
