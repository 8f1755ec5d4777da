// Keeps what throws in one element from reaching others: a notice stands in its place until somebody reloads it, and the page is told by an event.
// Lit has no such thing. What it offers: every rendering goes through `performUpdate`, and every handler of a template is called with the element as `this`.
import { msg, updateWhenLocaleChanges } from '@lit/localize'
import { html, LitElement, render } from 'lit'
import { isDirectiveResult, isTemplateResult, TemplateResultType } from 'lit/directive-helpers.js'
import type { SkeinEvents } from '../state/events.ts'
import { icons } from './icons.ts'

type Handler = (this: unknown, event: Event) => unknown
/** What the compiler keeps inside the class. */
interface Inside {
  performUpdate(): void
  render(): unknown
}
const insideOf = (element: LitElement): Inside => element as unknown as Inside

const failed = new WeakSet<LitElement>()

/** Registers an element behind its boundary, unless the page has one of that name: it may load two bundles that bring Skein along, and the first one serves both. */
export function defineElement(name: string, element: typeof LitElement): void {
  if (customElements.get(name)) return
  guard(element)
  element.addInitializer((instance) => void updateWhenLocaleChanges(instance as LitElement))
  customElements.define(name, element)
}

function guard(element: typeof LitElement): void {
  const own = insideOf(element.prototype)
  const { performUpdate } = own
  own.performUpdate = function (this: LitElement & Inside) {
    if (failed.has(this)) return
    try {
      performUpdate.call(this)
    } catch (error) {
      fail(this, 'render', error)
    }
  }
  const draw = own.render
  own.render = function (this: LitElement & Inside) {
    return guarded(draw.call(this))
  }
}

/** Handlers in a template, and in those within it, fail with their element. By itself for what `render` returns; call it for what a directive renders later. */
export function guarded<T>(template: T): T {
  if (Array.isArray(template)) for (const one of template) guarded(one)
  else if (isDirectiveResult(template)) guarded((template as { values?: unknown[] }).values)
  else if (isTemplateResult(template, TemplateResultType.HTML)) {
    for (const [index, value] of template.values.entries()) {
      if (typeof value !== 'function') guarded(value)
      else if (/@[\w-]+=["']?$/.test(template.strings[index] ?? '')) template.values[index] = caught(value as Handler)
    }
  }
  return template
}

const catching = new WeakMap<Handler, Handler>()

function caught(handler: Handler): Handler {
  const before = catching.get(handler)
  if (before) return before
  const made: Handler = function (event) {
    const blame = (error: unknown): void => {
      if (!(this instanceof LitElement)) throw error
      fail(this, 'event', error)
    }
    try {
      const result = handler.call(this, event)
      if (result instanceof Promise) result.catch(blame)
    } catch (error) {
      blame(error)
    }
  }
  catching.set(handler, made)
  catching.set(made, made)
  return made
}

function fail(element: LitElement, during: 'render' | 'event', error: unknown): void {
  failed.add(element)
  const place = document.createElement('div')
  place.className = 'flex size-full items-center justify-center'
  element.renderRoot.replaceChildren(place)
  const notice = html`<p role="alert" class="flex flex-wrap items-center justify-center gap-x-2 px-3 py-1 text-small text-danger">
    ${icons.alert}<span>${msg('This part has stopped working.')}</span>
    <button type="button" class="button-soft" @click=${() => reload(element)}>${msg('Reload')}</button>
  </p>`
  render(notice, place)
  const detail: SkeinEvents['component-failed'] = { component: element.localName, during, error }
  // Unless the page has it, it is as loud as any other bug.
  if (element.dispatchEvent(new CustomEvent('component-failed', { detail, bubbles: true, composed: true, cancelable: true }))) reportError(error)
}

function reload(element: LitElement): void {
  failed.delete(element)
  // What Lit knows of the old rendering is as broken as that was: it begins anew before another node.
  const start = document.createComment('')
  element.renderRoot.replaceChildren(start)
  element.renderOptions.renderBefore = start
  if (element.isUpdatePending) insideOf(element).performUpdate()
  else element.requestUpdate()
}
