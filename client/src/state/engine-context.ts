// The engine, handed from <chat-app> to everything inside it; and what re-renders an element when the engine says that something changed.
import { ContextConsumer, createContext } from '@lit/context'
import type { Engine } from '@skein/engine'
import type { LitElement, ReactiveController } from 'lit'

export const engineContext = createContext<Engine | undefined>(Symbol('skein engine'))

/** Gives an element the engine around it, and renders it anew whenever the engine changes. */
export class EngineController implements ReactiveController {
  #host: LitElement
  #engine: Engine | undefined
  #unsubscribe: (() => void) | undefined

  constructor(host: LitElement) {
    this.#host = host
    host.addController(this)
    new ContextConsumer(host, { context: engineContext, subscribe: true, callback: (engine) => this.#follow(engine) })
  }

  get engine(): Engine | undefined {
    return this.#engine
  }

  /** For event handlers: what can be pressed was rendered, and nothing is rendered without an engine. */
  get required(): Engine {
    if (!this.#engine) throw new Error('This element stands outside of <chat-app>, or before its engine')
    return this.#engine
  }

  hostConnected(): void {
    if (this.#engine) this.#follow(this.#engine)
  }

  hostDisconnected(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #follow(engine: Engine | undefined): void {
    this.#unsubscribe?.()
    this.#engine = engine
    this.#unsubscribe = engine?.subscribe(() => this.#host.requestUpdate())
    this.#host.requestUpdate()
  }
}
