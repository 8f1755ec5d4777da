// What the browser tests do inside the dev page: they import this module there. Each function returns what it saw.
import type { ChatId } from '@skein/protocol'
import { html, LitElement, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { entryNames } from '../src/define-entry.ts'
import { elementNames, register } from '../src/define.ts'
import { ChatApp } from '../src/elements/chat-app.ts'
import { ChatMenu } from '../src/elements/chat-menu.ts'
import { ChatPinned } from '../src/elements/chat-pinned.ts'
import { ChatRefused } from '../src/elements/chat-refused.ts'
import { defineElement } from '../src/elements/error-boundary.ts'
import type { SkeinEvents } from '../src/state/events.ts'
import { itemOf, MemoryEngine, type MemoryWindow } from './memory-engine.ts'

function app(): ChatApp {
  const found = document.querySelector('chat-app')
  if (!(found instanceof ChatApp)) throw new Error('No <chat-app>')
  return found
}
export function engine(): MemoryEngine {
  const found = app().engine
  if (!(found instanceof MemoryEngine)) throw new Error('No in-memory engine')
  return found
}
export function openWindow(): MemoryWindow {
  const [found] = engine().windows
  if (!found) throw new Error('No open chat')
  return found
}
/** What another device of the person has put into the open chat's draft, and what this one has. */
export function draftElsewhere(draft: string): void {
  engine().patchChat(openWindow().chat.id, { draft })
}
export const draft = (): string => openWindow().chat.draft
/** A chat is pinned on another device, so that the others make room. */
export async function pinElsewhere(title: string): Promise<void> {
  const chat = engine().chats.find((one) => one.title === title)
  if (!chat) throw new Error(`No chat ${title}`)
  engine().patchChat(chat.id, { pinned: true })
  await settle()
}
const inside = (...path: string[]): ParentNode =>
  path.reduce<ParentNode>((root, selector) => root.querySelector(selector)?.shadowRoot ?? root, document)
const list = (): ParentNode => inside('chat-app', 'chat-window', 'chat-messages')
export function log(): HTMLElement {
  const found = list().querySelector<HTMLElement>('[role=log]')
  if (!found) throw new Error('No list of messages')
  return found
}
export const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
export async function settle(frames = 4): Promise<void> {
  for (let i = 0; i < frames; i++) await frame()
}

interface Placed {
  key: string
  top: number
  bottom: number
}
/** The rows on screen, from the top of the list's box. */
export function rows(): Placed[] {
  const box = log().getBoundingClientRect()
  const all = [...list().querySelectorAll<HTMLElement>('[data-key]')].map((row) => {
    const { top, bottom } = row.getBoundingClientRect()
    return { key: row.dataset['key'] ?? '', top: top - box.top, bottom: bottom - box.top }
  })
  return all.filter((row) => row.bottom > 0 && row.top < box.height).sort((a, b) => a.top - b.top)
}

/** Pixels of the list's box that no row covers, and pixels that two rows share, beyond the rounding of one row. */
export function faults(): { gaps: number; overlaps: number } {
  const shown = rows()
  const { height } = log().getBoundingClientRect()
  let gaps = Math.max(0, shown[0]?.top ?? height)
  let overlaps = 0
  for (const [index, row] of shown.entries()) {
    const next = shown[index + 1]
    const distance = (next?.top ?? Math.max(row.bottom, height)) - row.bottom
    if (distance >= 1) gaps += distance
    if (distance < 0) overlaps -= distance
  }
  return { gaps, overlaps }
}

/** Small and seeded (mulberry32), so that a failing run can be had again. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Loads the whole chat and reads in its middle. */
export async function goToMiddle(): Promise<void> {
  openWindow().show(engine().of(openWindow().chat.id).messages.length, 0)
  await settle()
  log().scrollTop = log().scrollHeight / 2
  await settle()
}

/** Does `steps` random things around a reader in the middle. Returns each painted frame in which the row read had moved. */
export async function wander(steps: number, seed: number): Promise<string[]> {
  const next = random(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const open = openWindow()
  const chat: ChatId = open.chat.id
  const author = open.chat.peer ?? engine().me
  const words = (): string => 'word '.repeat(1 + below(120)).trim()
  const message = (at: number, seq: number) => itemOf({ chatId: chat, authorId: author, own: false, text: words(), at, seq })
  let first = 0
  let last = open.items.length
  const moved: string[] = []
  for (let step = 0; step < steps; step++) {
    const held = rows().find((row) => row.top >= 0 && row.key.includes('/') && row.key !== open.items[0]?.key)
    if (!held) throw new Error(`Nothing to read at step ${step}`)
    const what = ['prepend', 'append', 'edit', 'react', 'width', 'height'][below(6)] ?? ''
    if (what === 'prepend') {
      const oldest = Date.parse(open.items[0]?.createdAt ?? '')
      const page = Array.from({ length: 1 + below(60) }, () => message(oldest - ++first * 60_000, 1))
      open.prepend(page.toReversed())
    } else if (what === 'append') engine().append(chat, message(Date.now(), 1_000 + ++last))
    else if (what === 'edit' || what === 'react') {
      const items = open.items.filter((item) => item.key !== held.key)
      const item = items[below(items.length)]
      if (item) engine().patchItem(chat, item.id, what === 'edit' ? { text: words() } : { reactions: [{ emoji: '👍', userIds: [author] }] })
    } else app().style[what === 'width' ? 'width' : 'height'] = `${700 + below(500)}px`
    for (let shown = 0; shown < 5; shown++) {
      await frame()
      const now = rows().find((row) => row.key === held.key)
      // Narrower or wider, lines break anew: the row may be gone only if it cannot be on screen any more.
      if (Math.abs((now?.top ?? Number.NaN) - held.top) > 0.01 || !now) moved.push(`step ${step} ${what} frame ${shown}: ${held.top} → ${now?.top}`)
    }
    // Another place now and then, as readers do.
    if (below(10) === 0) {
      log().scrollTop = Math.floor(log().scrollHeight * (0.25 + next() / 2))
      await settle()
    }
  }
  return moved
}

/** Jumps to each tenth of a long chat. Returns what was wrong on screen after each. */
export async function jumpAround(count: number): Promise<{ gaps: number; overlaps: number; rows: number }[]> {
  const open = openWindow()
  const author = open.chat.peer ?? engine().me
  const start = Date.now() - count * 60_000
  const one = engine().of(open.chat.id)
  one.messages = Array.from({ length: count }, (_, index) =>
    itemOf({
      chatId: open.chat.id,
      authorId: author,
      own: false,
      text: `Message ${index} ${'more '.repeat(index % 50)}`,
      at: start + index * 60_000,
      seq: index + 1,
    }),
  )
  const seen = []
  for (const tenth of [10, 1, 9, 2, 8, 3, 7, 4, 6, 5, 10]) {
    const to = Math.floor((count * tenth) / 10)
    open.show(to, Math.max(0, to - 2_000))
    await settle(6)
    log().scrollTop = log().scrollHeight / 2
    await settle(6)
    seen.push({ ...faults(), rows: rows().length })
  }
  return seen
}

/** The other person writes. */
export async function receive(text: string): Promise<void> {
  const { chat, items } = openWindow()
  const seq = Math.max(0, ...items.map((item) => item.seq)) + 1
  engine().append(chat.id, itemOf({ chatId: chat.id, authorId: chat.peer ?? engine().me, own: false, text, at: Date.now(), seq }))
  await settle()
}
/** Somebody answers the message at an index, in words of their own. */
export async function quoteOld(index: number, text: string): Promise<void> {
  const { chat } = openWindow()
  const { messages } = engine().of(chat.id)
  const replyTo = messages[index]?.id ?? null
  engine().append(
    chat.id,
    itemOf({ chatId: chat.id, authorId: chat.peer ?? engine().me, own: false, text, at: Date.now(), seq: messages.length + 1, replyTo }),
  )
  await settle()
}
/** The message at an index of the chat is pinned or taken out, by oneself or by the other one. */
export async function pin(index: number, on: boolean, byPeer = false): Promise<void> {
  const { id, peer } = openWindow().chat
  const item = engine().of(id).messages[index]
  if (item) await engine().pin(id, { id: item.id }, on, (byPeer && peer) || engine().me)
  await settle()
}
/** Whether the message at an index of the chat is on the screen. */
export async function isShown(index: number): Promise<boolean> {
  await settle(10)
  const key = engine().of(openWindow().chat.id).messages[index]?.key
  return rows().some((row) => row.key === key)
}
export function distanceFromEnd(): number {
  const { scrollHeight, scrollTop, clientHeight } = log()
  return scrollHeight - scrollTop - clientHeight
}
export async function scrollBy(pixels: number): Promise<void> {
  log().scrollTop += pixels
  await settle()
}
export const diskFails = (failed: boolean): void => void Object.assign(engine().storage, { failed })
export async function setConnected(connected: boolean): Promise<void> {
  const offlineSince = connected ? null : Date.now()
  engine().set({ network: { ...engine().network, connected, offlineSince, nextTryAt: null } })
  await settle()
}
/** What an element inside the shadow roots looks like to the browser. */
export function styleOf(path: string[], selector: string, properties: string[]): string[] {
  const element = inside(...path).querySelector(selector)
  if (!element) throw new Error(`No ${selector}`)
  const style = getComputedStyle(element)
  return properties.map((property) => style.getPropertyValue(property))
}
/** The role of what has the focus in the list of messages. */
export const focused = (): string => (log().getRootNode() as ShadowRoot).activeElement?.getAttribute('role') ?? 'nothing'

/** All elements of a name, however deep. */
function everyOne(name: string, root: ParentNode = document): LitElement[] {
  return [...root.querySelectorAll('*')].flatMap((element) => [
    ...(element.localName === name && element instanceof LitElement ? [element] : []),
    ...(element.shadowRoot ? everyOne(name, element.shadowRoot) : []),
  ])
}

type Failure = SkeinEvents['component-failed']
/** What the page was told of components that threw while `work` ran. */
async function failuresOf(work: () => Promise<void>): Promise<{ component: string; during: string; message: string }[]> {
  const told: { component: string; during: string; message: string }[] = []
  const listener = (event: Event): void => {
    const { component, during, error } = (event as CustomEvent<Failure>).detail
    told.push({ component, during, message: String(error) })
    event.preventDefault()
  }
  document.addEventListener('component-failed', listener)
  await work()
  document.removeEventListener('component-failed', listener)
  return told
}

/** Lets the first element of a name throw once when it renders. */
export const breakRender = (name: string) =>
  failuresOf(async () => {
    const [element] = everyOne(name)
    if (!element) throw new Error(`No <${name}>`)
    Object.assign(element, {
      render: () => {
        Reflect.deleteProperty(element, 'render')
        throw new Error(`${name} is broken`)
      },
    })
    element.requestUpdate()
    await settle()
  })

/** An element of this class that renders one button, with a handler that throws; it is pressed. `later`: it returns what fails later. */
export const breakHandler = (name: string, later: boolean) =>
  failuresOf(async () => {
    const Whole = customElements.get(name) as typeof LitElement
    class Broken extends Whole {
      override willUpdate(): void {}
      override updated(): void {}
      override render(): TemplateResult {
        return html`<section>${[keyed(1, html`<button @click=${this.press}>Break</button>`)]}</section>`
      }
      press(): unknown {
        const error = new Error(`${this.localName} is broken`)
        if (later) return Promise.reject(error)
        throw error
      }
    }
    defineElement(`${name}-${later ? 'later' : 'now'}`, Broken)
    const element = document.createElement(`${name}-${later ? 'later' : 'now'}`) as Broken
    log().after(element)
    await settle()
    element.renderRoot.querySelector('button')?.click()
    await settle()
    if (!element.renderRoot.querySelector('[role=alert]')) throw new Error(`No notice in <${name}>`)
    element.renderRoot.querySelector('button')?.click()
    await settle()
    if (element.renderRoot.querySelector('button')?.textContent !== 'Break') throw new Error(`<${name}> did not come back`)
    element.remove()
  })
const lateParts = { 'chat-menu': ChatMenu, 'chat-pinned': ChatPinned, 'chat-refused': ChatRefused }
export function names(): readonly string[] {
  register(lateParts)
  return [...elementNames, ...entryNames, ...Object.keys(lateParts)]
}
