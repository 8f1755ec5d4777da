// RT19: the oracle. Whatever the check takes of 200,000 mutated updates can be applied, replayed and joined, and touches the sender's own root alone;
// of 10,000 honest histories it refuses none.
import * as Y from 'yjs'
import { expect, test } from 'vitest'
import { checkUpdate } from './check.ts'
import { encodeLedger } from './entries.ts'
import { base32Of, parseUserId, type UserId } from './ids.ts'
import { logRoot } from './names.ts'
import { mutatedUpdate, seeded, testMessage, wireUpdate } from './testing-updates.ts'

const mallory = parseUserId('m'.repeat(26))
const alice = parseUserId('a'.repeat(26))
const own = logRoot(mallory)
const hex = (doc: Y.Doc): string => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex')
const ids = (doc: Y.Doc, root: string): string[] =>
  doc
    .getArray<{ id: string }>(root)
    .toArray()
    .map((value) => value.id)

test('promise 3, RT19: what is taken of 200,000 mutated updates is sound (seed 11)', () => {
  const pick = seeded(11)
  let n = 100
  const tally = new Map<string, number>()
  const base = new Y.Doc()
  Y.applyUpdate(base, wireUpdate([{ client: 77, clock: 0, structs: [{ root: own, values: [testMessage(1)] }] }]))
  Y.applyUpdate(base, wireUpdate([{ client: 1001, clock: 0, structs: [{ root: logRoot(alice), values: [testMessage(2)] }] }]))
  Y.applyUpdate(base, encodeLedger(0, [['x']]))
  const start = Y.encodeStateAsUpdate(base)
  const owners = new Map<number, UserId>([
    [77, mallory],
    [78, mallory],
    [1001, alice],
  ])
  for (let i = 0; i < 200_000; i++) {
    const raw = mutatedUpdate(pick, () => n++, {
      own,
      other: logRoot(alice),
      next: (client) => (client === 77 || client === 1001 || client === 1 ? 1 : 0),
    })
    const doc = new Y.Doc()
    Y.applyUpdate(doc, start)
    const result = checkUpdate(raw, { doc, user: mallory, ownerOf: (client) => owners.get(client), upToDate: true })
    const kind = result.kind === 'refused' ? result.reason : result.kind
    tally.set(kind, (tally.get(kind) ?? 0) + 1)
    if (result.kind !== 'new') continue
    const before = ids(doc, own)
    Y.applyUpdate(doc, result.update)
    expect(doc.store.pendingStructs, `update ${i} leaves something pending`).toBeNull()
    expect(doc.store.pendingDs).toBeNull()
    expect(Y.getState(doc.store, 1001) + Y.getState(doc.store, 1), `update ${i} writes for others`).toBe(2)
    expect(
      [...doc.share.keys()].filter((root) => ![own, logRoot(alice), 'ledger'].includes(root)),
      `update ${i} makes a root`,
    ).toEqual([])
    expect([...before, ...result.operations.map((checked) => checked.operation.id)].sort(), `update ${i}: rows and document differ`).toEqual(
      ids(doc, own).sort(),
    )
    const joined = new Y.Doc()
    Y.applyUpdate(joined, Y.encodeStateAsUpdate(doc))
    expect(hex(joined)).toBe(hex(doc))
    const replayed = new Y.Doc()
    Y.applyUpdate(replayed, start)
    Y.applyUpdate(replayed, result.update)
    expect(hex(replayed)).toBe(hex(doc))
    const again = checkUpdate(raw, {
      doc,
      user: mallory,
      ownerOf: (client) => owners.get(client) ?? (result.clients.includes(client) ? mallory : undefined),
      upToDate: true,
    })
    expect(again.kind, `update ${i} offered again`).toBe('nothing-new')
  }
  process.stdout.write(`mutated updates: ${JSON.stringify(Object.fromEntries([...tally].sort()))}\n`)
  for (const reason of [
    'new',
    'nothing-new',
    'gap',
    'bad-struct',
    'foreign-client',
    'foreign-write',
    'foreign-root',
    'reserved-client',
    'has-delete',
    'garbage',
    'client-id-taken',
  ])
    expect(tally.get(reason) ?? 0, `${reason} was never met`).toBeGreaterThan(0)
})

interface Device {
  user: UserId
  doc: Y.Doc
  saved: Uint8Array
  raws: Uint8Array[]
}

test('promise 3: of 10,000 honest histories none is refused, and all replicas end byte-equal (seed 7)', () => {
  const pick = seeded(7)
  const people = [parseUserId(base32Of(new Uint8Array(17).fill(1))), parseUserId(base32Of(new Uint8Array(17).fill(2)))]
  let nextClient = 100
  let n = 0
  const tally = new Map<string, number>()
  for (let history = 0; history < 10_000; history++) {
    const nodes = [0, 1].map(() => ({ doc: new Y.Doc(), owners: new Map<number, UserId>() }))
    const log: { update: Uint8Array; clients: number[]; user: UserId | null }[] = []
    const read = nodes.map(() => 0)
    /** Reads the log up to its newest position, as a server reads the database. */
    const catchUp = (at: number): void => {
      const node = nodes[at]
      for (; node && (read[at] ?? 0) < log.length; read[at] = (read[at] ?? 0) + 1) {
        const row = log[read[at] ?? 0]
        if (!row) break
        Y.applyUpdate(node.doc, row.update)
        for (const client of row.clients) if (row.user) node.owners.set(client, row.user)
      }
    }
    const stored = new Set<string>()
    const offer = (device: Device, raw: Uint8Array, at: number): string => {
      const node = nodes[at]
      if (!node) return ''
      const ask = (upToDate: boolean) =>
        checkUpdate(raw, { doc: node.doc, user: device.user, ownerOf: (client) => node.owners.get(client), upToDate })
      let result = ask(false)
      if (result.kind === 'behind') {
        catchUp(at)
        result = ask(true)
      }
      if (result.kind === 'new') {
        catchUp(at) // the commit's lock: positions follow each other
        log.push({ update: result.update, clients: result.clients, user: device.user })
        const entries = result.operations.map((checked) => checked.operation.id).filter((id) => !stored.has(id))
        if (entries.length)
          log.push({
            update: encodeLedger(
              stored.size,
              entries.map((id) => [id]),
            ),
            clients: [],
            user: null,
          })
        for (const id of entries) stored.add(id)
        catchUp(at)
        expect(node.doc.store.pendingStructs).toBeNull()
      }
      return result.kind === 'refused' ? result.reason : result.kind
    }
    const load = (device: Device): void => {
      device.doc = new Y.Doc()
      device.doc.clientID = nextClient++
      Y.applyUpdate(device.doc, device.saved)
      device.doc.on('update', (update: Uint8Array, origin: unknown) => void (origin === 'net' || device.raws.push(update)))
    }
    const devices: Device[] = people.flatMap((user) =>
      [0, 1].map(() => ({ user, doc: new Y.Doc(), saved: Y.encodeStateAsUpdate(new Y.Doc()), raws: [] })),
    )
    devices.forEach(load)
    const sync = (device: Device, at: number): void => {
      const node = nodes[at]
      if (!node) return
      const kind = offer(device, Y.encodeStateAsUpdate(device.doc, Y.encodeStateVector(node.doc)), at)
      tally.set(kind, (tally.get(kind) ?? 0) + 1)
      expect(['new', 'nothing-new'], `history ${history}`).toContain(kind)
      Y.applyUpdate(device.doc, Y.encodeStateAsUpdate(node.doc, Y.encodeStateVector(device.doc)), 'net')
    }
    for (let step = 0; step < 30; step++) {
      const device = devices[pick(4)]
      if (!device) continue
      const what = pick(10)
      if (what < 4) device.doc.getArray(logRoot(device.user)).push([testMessage(n++)])
      else if (what < 6) {
        device.saved = Y.encodeStateAsUpdate(device.doc)
        load(device)
      } else if (what < 7 && device.raws.length) {
        const kind = offer(device, device.raws[pick(device.raws.length)] ?? new Uint8Array(), pick(2))
        tally.set(`old update: ${kind}`, (tally.get(`old update: ${kind}`) ?? 0) + 1)
        expect(['new', 'nothing-new', 'gap']).toContain(kind)
      } else if (what < 8) {
        const kind = offer(device, Y.encodeStateAsUpdate(device.doc), pick(2))
        tally.set(`full state: ${kind}`, (tally.get(`full state: ${kind}`) ?? 0) + 1)
        expect(['new', 'nothing-new']).toContain(kind)
      } else sync(device, pick(2))
    }
    nodes.forEach((_, at) => catchUp(at))
    for (let round = 0; round < 2; round++) devices.forEach((device) => sync(device, 0))
    catchUp(1)
    expect(
      new Set([...devices.map((device) => device.doc), ...nodes.map((node) => node.doc)].map(hex)).size,
      `history ${history}: replicas differ`,
    ).toBe(1)
  }
  process.stdout.write(`honest offers: ${JSON.stringify(Object.fromEntries([...tally].sort()))}\n`)
})
