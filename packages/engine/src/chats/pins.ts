// The pinned messages of a chat as a device holds them: the server's list, and on it what the chain has said since. Pure.
import { fold, foldPins, messageOfErased, targetAuthor, type AnyOperation, type Entry, type MessageState } from '@skein/protocol'
import type { ChatAnswer } from '@skein/http/answers'
import type { ChatRow, PinRow, Pins } from '../store/rows.ts'
import { stateOf } from './pages.ts'

export const toldPins = ({ rev, pins }: Pick<ChatAnswer, 'rev' | 'pins'>): Pins => ({
  rev,
  list: pins.map(({ authorId, id, message }) => ({ authorId, id, state: message && stateOf(message) })),
})

/** Whether it is known what is pinned, and with which words. An older program in another tab goes on in the chain and leaves the list behind. */
export const knowsPins = ({ pins, position }: Pick<ChatRow, 'pins' | 'position'>): boolean =>
  pins !== undefined && pins.rev >= (position?.rev ?? 0) && pins.list.every((pin) => 'state' in pin)

/** After an accepted entry; `target` is the message that it is about, as it stands then, where this device holds it. */
export function pinsAfter(pins: Pins, entry: Entry, operation: AnyOperation, target: MessageState | undefined): Pins {
  const authorId = target?.authorId ?? targetAuthor(operation, entry.authorId)
  if (!('target' in operation) || authorId === null) return pins
  const aim: PinRow = { authorId, id: operation.target, ...(target ? { state: target } : {}) }
  const list = (entry.rev > pins.rev ? foldPins(pins.list, operation, aim) : pins.list).map((pin) => {
    if (!pin.state || pin.id !== aim.id || pin.authorId !== authorId) return pin
    return { ...pin, state: target ?? fold(pin.state, entry, operation) }
  })
  return { ...pins, list }
}

/** Without the words of what the server has erased. */
export const scrubbedPins = (pins: Pins, rev: number, seq: number): Pins => ({
  ...pins,
  list: pins.list.map((pin) => (pin.state?.seq === seq ? { ...pin, state: erasedAt(rev, pin.state) } : pin)),
})

/** What is left of a message of the entry `rev`. */
export const erasedAt = (rev: number, state: MessageState): MessageState => messageOfErased({ ...state, rev, at: state.receivedAt })
