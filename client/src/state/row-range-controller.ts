// Long lists of rows that are all equally high: renders only those near the screen. (Messages, which are not, have a virtualizer and a layout of their own.)
import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Rows kept beyond both edges. */
const SPARE = 12
/** Rows rendered before anything was measured. */
const FIRST_ROWS = 30

export class RowRangeController implements ReactiveController {
  #host: ReactiveControllerHost
  #list: () => HTMLElement | null
  #count = 0
  #first = 0
  #last = FIRST_ROWS
  #scroller: HTMLElement | null = null
  #observer: ResizeObserver | undefined

  /** `list` finds the list's element; its parent is what scrolls. */
  constructor(host: ReactiveControllerHost, list: () => HTMLElement | null) {
    this.#host = host
    this.#list = list
    host.addController(this)
  }

  /** Call in render: what of all rows to render. */
  slice<T>(rows: readonly T[]): T[] {
    this.#count = rows.length
    return rows.slice(this.#first, this.#last)
  }

  hostUpdated(): void {
    const list = this.#list()
    const scroller = list?.parentElement ?? null
    if (scroller !== this.#scroller) this.#watch(scroller)
    this.#place()
  }

  hostDisconnected(): void {
    this.#watch(null)
  }

  #watch(scroller: HTMLElement | null): void {
    this.#scroller?.removeEventListener('scroll', this.#place)
    this.#observer?.disconnect()
    this.#scroller = scroller
    if (!scroller) return
    scroller.addEventListener('scroll', this.#place, { passive: true })
    this.#observer = new ResizeObserver(this.#place)
    this.#observer.observe(scroller)
  }

  #place = (): void => {
    const list = this.#list()
    const height = list?.firstElementChild?.getBoundingClientRect().height
    if (!list || !this.#scroller || !height) return
    const top = this.#scroller.getBoundingClientRect().top - list.getBoundingClientRect().top
    // In steps, so that not each pixel scrolled renders anew.
    const step = (row: number): number => Math.max(0, Math.floor(row / SPARE) * SPARE)
    const first = Math.min(step(top / height - SPARE), step(this.#count - 1))
    const last = Math.max(first, step((top + this.#scroller.clientHeight) / height + 2 * SPARE))
    list.style.paddingTop = `${Math.min(this.#first, this.#count) * height}px`
    list.style.paddingBottom = `${Math.max(0, this.#count - this.#last) * height}px`
    if (first === this.#first && last === this.#last) return
    this.#first = first
    this.#last = last
    this.#host.requestUpdate()
  }
}
