// A finger held still opens what a right click does. iOS sends no contextmenu event.
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
  #pressed: (at: Pressed) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #start = { x: 0, y: 0 }

  constructor(host: ReactiveControllerHost & HTMLElement, pressed: (at: Pressed) => void) {
    this.#host = host
    this.#pressed = pressed
  }

  hostConnected(): void {
    this.#host.addEventListener('pointerdown', this.#down)
    for (const type of ['pointerup', 'pointercancel', 'pointermove'] as const) this.#host.addEventListener(type, this.#end)
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#host.removeEventListener('pointerdown', this.#down)
    for (const type of ['pointerup', 'pointercancel', 'pointermove'] as const) this.#host.removeEventListener(type, this.#end)
  }

  #down = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch' || !event.isPrimary) return
    this.#start = { x: event.clientX, y: event.clientY }
    clearTimeout(this.#timer)
    const path = event.composedPath()
    this.#timer = setTimeout(() => this.#pressed({ ...this.#start, path }), HELD_MS)
  }

  #end = (event: PointerEvent): void => {
    const moved = Math.hypot(event.clientX - this.#start.x, event.clientY - this.#start.y)
    if (event.type !== 'pointermove' || moved > STILL_PX) clearTimeout(this.#timer)
  }
}
