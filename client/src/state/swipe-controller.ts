// A finger drawn across a row, the way one reads: the row follows, and far enough it does what it is for. How far it is stands in `--swiped`, from 0 to 1.
import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** From here on it is no tap and no scrolling. */
const BEGINS_PX = 12
const REACHED_PX = 56

export class SwipeController implements ReactiveController {
  #host: ReactiveControllerHost & HTMLElement
  #may: () => boolean
  #swiped: () => void
  #start: { x: number; y: number } | null = null
  #along = 0

  /** `may`: whether a swipe does anything now. The host's style has to leave sideways movements to it (`touch-action`). */
  constructor(host: ReactiveControllerHost & HTMLElement, may: () => boolean, swiped: () => void) {
    this.#host = host
    this.#may = may
    this.#swiped = swiped
    host.addController(this)
  }

  hostConnected(): void {
    this.#host.addEventListener('pointerdown', this.#down)
    this.#host.addEventListener('pointermove', this.#move)
    this.#host.addEventListener('pointerup', this.#up)
    this.#host.addEventListener('pointercancel', this.#leave)
  }

  hostDisconnected(): void {
    this.#leave()
    this.#host.removeEventListener('pointerdown', this.#down)
    this.#host.removeEventListener('pointermove', this.#move)
    this.#host.removeEventListener('pointerup', this.#up)
    this.#host.removeEventListener('pointercancel', this.#leave)
  }

  #down = ({ pointerType, isPrimary, clientX, clientY }: PointerEvent): void => {
    this.#start = pointerType === 'touch' && isPrimary && this.#may() ? { x: clientX, y: clientY } : null
  }

  #move = (event: PointerEvent): void => {
    if (!this.#start) return
    const toLeft = getComputedStyle(this.#host).direction === 'rtl'
    const along = (event.clientX - this.#start.x) * (toLeft ? -1 : 1)
    const across = Math.abs(event.clientY - this.#start.y)
    if (this.#along === 0) {
      if (across > BEGINS_PX || along < -BEGINS_PX) this.#start = null
      if (along <= BEGINS_PX || along < across * 2) return
      this.#host.setPointerCapture(event.pointerId)
    }
    // Never back to 0 before the finger is lifted: it stays a swipe.
    this.#along = Math.max(1, Math.min(along - BEGINS_PX, REACHED_PX))
    this.#host.style.translate = `${toLeft ? -this.#along : this.#along}px`
    this.#host.style.setProperty('--swiped', String(this.#along / REACHED_PX))
  }

  #up = (): void => {
    const reached = this.#along >= REACHED_PX
    this.#leave()
    if (reached) this.#swiped()
  }

  #leave = (): void => {
    this.#start = null
    if (this.#along === 0) return
    this.#along = 0
    this.#host.style.translate = ''
    this.#host.style.removeProperty('--swiped')
  }
}
