// A finger held still opens what a right click does, and pressing ends there: lifting it presses nothing. iOS sends no contextmenu event.
import type { ReactiveController, ReactiveControllerHost } from 'lit'

export interface Pressed {
  x: number
  y: number
  /** What the finger came down on, from the innermost element outwards; something else may have moved under it meanwhile. */
  path: readonly EventTarget[]
}

const HELD_MS = 450
const STILL_PX = 10

export class LongPressController implements ReactiveController {
  #host: ReactiveControllerHost & HTMLElement
  #pressed: (at: Pressed) => boolean
  #timer: ReturnType<typeof setTimeout> | undefined
  #start = { x: 0, y: 0 }
  /** Something has opened under the finger that is down. */
  #held = false

  /** `pressed`: whether something opens. */
  constructor(host: ReactiveControllerHost & HTMLElement, pressed: (at: Pressed) => boolean) {
    this.#host = host
    this.#pressed = pressed
  }

  hostConnected(): void {
    this.#host.addEventListener('pointerdown', this.#down)
    for (const type of ['pointerup', 'pointercancel', 'pointermove'] as const) this.#host.addEventListener(type, this.#end)
    this.#host.addEventListener('touchend', this.#lifted)
    this.#host.addEventListener('contextmenu', this.#toldAgain, { capture: true })
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#host.removeEventListener('pointerdown', this.#down)
    for (const type of ['pointerup', 'pointercancel', 'pointermove'] as const) this.#host.removeEventListener(type, this.#end)
    this.#host.removeEventListener('touchend', this.#lifted)
    this.#host.removeEventListener('contextmenu', this.#toldAgain, { capture: true })
  }

  #down = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch' || !event.isPrimary) return
    this.#start = { x: event.clientX, y: event.clientY }
    clearTimeout(this.#timer)
    const path = event.composedPath()
    this.#held = false
    this.#timer = setTimeout(() => {
      this.#held = this.#pressed({ ...this.#start, path })
    }, HELD_MS)
  }

  /** A browser may take it for a tap, and would press what the finger came down on, or what has opened under it. */
  #lifted = (event: TouchEvent): void => {
    if (this.#held && event.cancelable) event.preventDefault()
  }

  /** Some browsers say it of a held finger, too, where it is now: something else may have moved under it. */
  #toldAgain = (event: PointerEvent): void => {
    if (!this.#held || event.pointerType !== 'touch') return
    event.preventDefault()
    event.stopPropagation()
  }

  #end = (event: PointerEvent): void => {
    const moved = Math.hypot(event.clientX - this.#start.x, event.clientY - this.#start.y)
    if (event.type !== 'pointermove' || moved > STILL_PX) clearTimeout(this.#timer)
  }
}
