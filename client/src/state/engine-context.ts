// The engine, handed from <chat-provider> or <chat-app> to everything inside it; and what re-renders an element when the engine says that something changed.
import { ContextConsumer, createContext } from '@lit/context'
import type { Engine } from '@skein/engine'
import type { LitElement, ReactiveController } from 'lit'

export const engineContext = createContext<Engine | undefined>(Symbol('skein engine'))

/** Gives an element the engine around it, and renders it anew whenever the engine changes. */
export class EngineController implements ReactiveController {
  #host: LitElement
  #consumer: ContextConsumer<typeof engineContext, LitElement>
  #unsubscribe: (() => void) | undefined

  constructor(host: LitElement) {
    this.#host = host
    this.#consumer = new ContextConsumer(host, { context: engineContext, subscribe: true, callback: (engine) => this.#follow(engine) })
    host.addController(this)
  }

  get engine(): Engine | undefined {
    return this.#consumer.value
  }

  /** For event handlers: what can be pressed was rendered, and nothing is rendered without an engine. */
  get required(): Engine {
    if (!this.engine) throw new Error('This element stands outside of <chat-provider> and <chat-app>, or before its engine')
    return this.engine
  }

  hostDisconnected(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #follow(engine: Engine | undefined): void {
    this.#unsubscribe?.()
    this.#unsubscribe = engine?.subscribe(() => this.#host.requestUpdate())
    this.#host.requestUpdate()
  }
}
