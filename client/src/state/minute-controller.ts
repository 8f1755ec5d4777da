// "5 minutes ago" grows old: renders its element anew twice a minute while it is shown.
import type { ReactiveController, ReactiveControllerHost } from 'lit'

const EVERY_MS = 30_000

/** Hand it to `addController`. */
export class MinuteController implements ReactiveController {
  #host: ReactiveControllerHost
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  hostConnected(): void {
    this.#timer = setInterval(() => this.#host.requestUpdate(), EVERY_MS)
  }

  hostDisconnected(): void {
    clearInterval(this.#timer)
  }
}
