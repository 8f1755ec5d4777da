// The end of a run: troubles stop, and within a bound everybody has everything, nothing waits, and no connection is left over (TigerBeetle's liveness).
import type { ChatId } from '@skein/protocol'
import * as Y from 'yjs'
import { reconcile } from './apart-steps.ts'
import { checkAll } from './checks.ts'
import type { Device, OpenTab } from './device.ts'
import { checkArranged } from './group-steps.ts'
import { checkHealed } from './healing-checks.ts'
import { openWindow, readAll, say, seats } from './steps.ts'
import type { World } from './world.ts'

/** Feed rounds come every ten minutes, with jitter. */
const BOUND_MS = 15 * 60_000
const LOOK_MS = 20_000

/** What a device still lacks; null when it has everything. */
function lacks(world: World, device: Device): string | null {
  const { user } = device
  if (!user) return null
  for (const { engine, tab } of device.tabs) {
    const { session, network } = engine
    if (session.status !== 'logged-in') return `${device.name} is ${session.status}`
    if (session.needsPassword) return `${device.name} needs a password`
    if (!network.connected) return `${tab.actor.name} is not connected: ${JSON.stringify(network)}`
    const waiting = engine.outbox.filter(({ chatId, state }) => state !== 'aside' && !world.isUnhealed(chatId))
    if (waiting.length > 0)
      return `${tab.actor.name} has ${waiting.length} words waiting (${engine.outbox.map(({ id, state, chatId }) => `${id.slice(0, 4)} ${state} in ${chatId.slice(0, 4)}`).join(', ')}), on disk ${[...device.outbox.keys()].map((id) => id.slice(0, 4)).join(', ')}`
    if (network.stuck) return `${device.name} is stuck`
  }
  for (const chat of world.record().chats.values()) {
    if (world.isUnhealed(chat.id)) continue
    const row = device.chats.get(chat.id)
    const isMember = world.record().isMember(chat.id, user)
    if (row && row.document !== null && row.removed === isMember)
      return `${device.name} shows ${chat.id} as one that they are ${isMember ? 'out of' : 'in'}`
    if (!isMember) continue
    if (!row?.position) return `${device.name} knows nothing of ${chat.id}`
    if (row.position.rev !== chat.rev || row.position.head !== chat.heads[chat.rev])
      return `${device.name} has ${chat.id} up to rev ${row.position.rev} of ${chat.rev}`
    if (row.wishes) return `${device.name} has not told what is wanted of ${chat.id}: ${JSON.stringify(row.wishes)}`
    for (const [other, [delivered, seen]] of chat.marks) {
      if (!world.record().isMember(chat.id, other)) continue
      const [hasDelivered, hasSeen] = row.marks[other] ?? [0, 0]
      if (hasDelivered < delivered || hasSeen < seen)
        return `${device.name} knows the marks of ${other} in ${chat.id} as ${hasDelivered}, ${hasSeen} of ${delivered}, ${seen}`
    }
    const [told, toldSeen] = chat.marks.get(user) ?? [0, 0]
    const [own, ownSeen] = row.marks[user] ?? [0, 0]
    if ((told < own || toldSeen < ownSeen) && !world.wasRestored)
      return `${device.name} has ${own}, ${ownSeen} of ${chat.id}, and the server knows ${told}, ${toldSeen}`
    const pins = row.pins?.list.map(({ authorId, id, state }) => (state === undefined ? 'unknown' : `${authorId}/${id}`))
    if (pins?.join() !== chat.pins.join()) return `${device.name} has pinned ${pins?.join()} in ${chat.id}, and should have ${chat.pins.join()}`
    for (const { windows } of device.tabs) {
      const window = windows.get(chat.id)
      if (!window) continue
      if (window.loading !== null) return `${device.name} loads ${chat.id}`
      const stored = window.items.filter(({ seq }) => seq > 0).at(-1)
      if (Math.max(stored?.seq ?? 0, row.historyFrom ?? 0) !== chat.seq && !window.hasNewer)
        return `${device.name} shows ${chat.id} up to ${stored?.seq ?? 0} of ${chat.seq}`
    }
  }
  for (const { engine, windows } of device.tabs) {
    for (const chat of windows.keys()) {
      const state = world.isUnhealed(chat) || !world.record().isMember(chat, user) ? null : engine.documentState(chat)
      const left = state && missingInLedger(world, chat, state)
      if (left) return `${device.name} lacks ${left} entries in the ledger of ${chat}`
    }
  }
  if ([...device.marksWaiting].some((chat) => !world.isUnhealed(chat as ChatId))) return `${device.name} has marks waiting`
  return miscounts(world, device)
}

function baseOf(state: Uint8Array): { epoch: string; baseRev: number; ledger: number } | null {
  const document = new Y.Doc()
  Y.applyUpdate(document, state)
  const [info] = document.getArray<{ epoch: string; baseRev: number }>('info').toArray()
  return info ? { epoch: info.epoch, baseRev: info.baseRev, ledger: document.getArray('ledger').length } : null
}

/** How many entries the chat has that the document does not name: on a line that is dead, and not known to be, they come late. */
function missingInLedger(world: World, chat: ChatId, state: Uint8Array): number {
  const base = baseOf(state)
  const record = world.record().chats.get(chat)
  return base && record ? record.rev - base.baseRev - base.ledger : 0
}

/** Their session ended, because the answer with its next token was lost for too long or the server forgot it. */
const asksForPassword = ({ engine: { session } }: OpenTab): boolean =>
  session.status === 'logged-out' || (session.status === 'logged-in' && session.needsPassword)

function logIn(world: World, devices: readonly Device[]): void {
  for (const person of world.people) {
    for (const device of person.devices) {
      if (!devices.includes(device)) continue
      for (const open of device.tabs) if (asksForPassword(open)) world.logIn(person, open)
    }
  }
}

/** Waits until these devices have everything. */
export async function catchUp(world: World, devices: readonly Device[]): Promise<void> {
  const missing = (): string | null => {
    for (const device of devices) {
      const lack = lacks(world, device)
      if (lack) return lack
    }
    return null
  }
  let done = false
  for (let waited = 0; !done && waited < BOUND_MS; waited += LOOK_MS) {
    logIn(world, devices)
    done = await world.run(LOOK_MS, () => missing() === null)
  }
  if (!done) world.broken('liveness', missing() ?? 'nothing is missing')
}

/** Waits until these devices have everything, and for so long more; once again where a session ends meanwhile. */
export async function catchUpFor(world: World, devices: readonly Device[], ms: number): Promise<void> {
  do {
    await catchUp(world, devices)
    await world.run(ms)
  } while (world.violations.length === 0 && devices.some(({ tabs }) => tabs.some(asksForPassword)))
}

export async function settle(world: World): Promise<void> {
  world.troubles.on = false
  // From here on a chat that a restore rewound is a chat like any other.
  world.healed = true
  for (const device of world.devices) {
    Object.assign(device.link, { up: true, lost: 0, doubled: 0, unanswered: 0, slowMs: Math.min(device.link.slowMs, 80) })
    for (const open of device.tabs) {
      if (open.frozen) world.scheduler.thaw(open.tab.actor)
      open.tab.dispatch('resume')
      open.frozen = false
      open.tab.visible = true
      open.tab.dispatch('online')
    }
  }
  world.machine.slowMs = 3
  world.say('troubles stop')
  await world.until('a server', () => world.nodes.some(({ isUp }) => isUp), 60_000)
  // Requests that are under way end, also those that nobody will answer.
  await world.run(30_000)
  // Nobody has told the others what each of several servers did last: one goes on, and is started anew.
  if (world.options.nodes > 1) {
    for (const node of world.nodes.slice()) world.killNode(node, false)
    world.startNode()
    await world.until('the last server', () => world.nodes.some(({ isUp }) => isUp), 60_000)
  }
  await reconcile(world)
  // Not all: what nobody looks at must come to every device too.
  for (const seat of seats(world)) for (const { id } of seat.open.engine.chats) if (world.random.chance(0.6)) openWindow(world, seat, id)
  lastWords(world)
  await world.run(2_000)
  await catchUp(world, world.devices)
  // And it stays so.
  await world.run(2_000)
  await catchUp(world, world.devices)
  checkAll(world)
  world.record().audit()
  checkReplicas(world)
  checkPinned(world)
  checkHealed(world)
  checkArranged(world)
  await checkConnections(world)
}

/** Nothing that comes may fall between what is just being sent; nothing that is read between what is just being told. */
function lastWords(world: World): void {
  for (const seat of seats(world)) {
    const chat = world.random.pick(seat.open.engine.chats.filter(({ removed }) => !removed))?.id
    const speak = (): void => {
      if (chat && seat.open.tab.actor.alive && seat.open.engine.session.status === 'logged-in') say(world, seat, chat)
    }
    for (let count = world.random.between(0, 3); count > 0; count--)
      world.scheduler.post(world.scheduler.harness, world.random.between(0, 2_000), speak)
    for (const window of seat.open.windows.values())
      world.scheduler.post(world.scheduler.harness, world.random.between(0, 2_500), () => {
        if (seat.open.tab.actor.alive) readAll(world, seat.open, window)
      })
  }
}

/** Promise 5: replicas of one document encode to the same bytes. Where a line is dead and not known to be, it is the document of an epoch that is over. */
function checkReplicas(world: World): void {
  const states = new Map<string, Map<string, string>>()
  for (const { device, open } of seats(world)) {
    for (const chat of open.windows.keys()) {
      const state = open.engine.documentState(chat)
      if (!state || world.isUnhealed(chat) || !(device.user && world.record().isMember(chat, device.user))) continue
      const document = `${chat}/${baseOf(state)?.epoch ?? 'none'}`
      const known = states.get(document) ?? new Map<string, string>()
      states.set(document, known)
      known.set(Buffer.from(state).toString('base64'), device.name)
      checkDocument(world, chat, state, device.name)
    }
  }
  for (const [document, replicas] of states)
    if (replicas.size > 1) world.broken('promise 5', `the replicas of ${document} differ: ${[...replicas.values()].join(', ')}`)
}

/** The document says what the rows say: each log its author's operations, the ledger the chain. */
function checkDocument(world: World, chat: ChatId, state: Uint8Array, who: string): void {
  const record = world.record().chats.get(chat)
  const document = new Y.Doc()
  Y.applyUpdate(document, state)
  const ledger = document.getArray<unknown[]>('ledger').toArray()
  const [info] = document.getArray<{ epoch: string; baseRev: number }>('info').toArray()
  if (!record || !info) return
  const expected = record.entries.slice(info.baseRev)
  if (ledger.length !== expected.length)
    world.broken('promise 5', `the ledger of ${chat} at ${who} has ${ledger.length} entries of ${expected.length}`)
  ledger.forEach((value, i) => {
    if (value[0] !== expected[i]?.id) world.broken('promise 5', `entry ${info.baseRev + i + 1} of ${chat} at ${who} is another`)
  })
  if (document.store.pendingStructs || document.store.pendingDs) world.broken('promise 5', `the document of ${chat} at ${who} waits for something`)
}

/** What a tab counts as unread is what its device has and has not seen; another tab's writing is told a moment later. */
function miscounts(world: World, device: Device): string | null {
  for (const { engine, tab } of device.tabs) {
    for (const item of engine.chats) {
      const record = world.record().chats.get(item.id)
      if (!record || !device.user || item.removed || world.isUnhealed(item.id)) continue
      const seen = device.chats.get(item.id)?.marks[device.user]?.[1] ?? 0
      const unread = record.order.slice(seen).filter((key) => !key.startsWith(device.user ?? '')).length
      if (item.unread !== unread)
        return `${tab.actor.name} counts ${item.unread} unread in ${item.id}, and there are ${unread}: seen ${seen} of ${record.seq}, on disk ${JSON.stringify(device.chats.get(item.id))}`
    }
  }
  return null
}

/** A window shows what is pinned and can be seen, the last pinned first. */
function checkPinned(world: World): void {
  for (const { device, open } of seats(world)) {
    for (const [chat, window] of open.windows) {
      const record = world.record().chats.get(chat)
      const row = device.chats.get(chat)
      if (!record || !device.user || !row || window.isOver || row.removed || world.isUnhealed(chat)) continue
      const isSeen = (pin: string): boolean => {
        const seq = record.order.indexOf(pin) + 1
        return !record.messages.get(pin)?.at(-1)?.deleted && seq > (row.historyFrom ?? 0) && !row.mine?.hidden?.includes(seq)
      }
      const expected = record.pins.filter(isSeen).reverse()
      const shown = window.pinned.map(({ key }) => key)
      if (shown.join() !== expected.join())
        world.broken('PIN-1', `${open.tab.actor.name} shows ${shown.join()} as pinned in ${chat}, and should show ${expected.join()}`)
    }
  }
}

/** Each device has one connection, and the server knows of no other (a zombie). */
async function checkConnections(world: World): Promise<void> {
  const expected = world.devices.filter(({ tabs }) => tabs.length > 0).length
  const open = (): number => world.syncs().reduce((sum, sync) => sum + sync.connections, 0)
  if (!(await world.run(180_000, () => open() === expected)))
    world.broken('no zombies', `the server has ${open()} connections, and there are ${expected} devices`)
}
