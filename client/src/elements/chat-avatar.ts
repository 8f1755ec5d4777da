// A person's or chat's picture, with initials on their colour until it is there and where there is none, and a dot while they are online.
import { html, LitElement, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { hueOf, initialsOf } from '../model/people.ts'
import { sheet } from '../styles/sheet.ts'

const sizes = { small: 'size-7 text-[10px]', medium: 'size-10 text-[14px]', large: 'size-12 text-[16px]', huge: 'size-24 text-[32px]' }

/** Through what is transparent the initials would be seen; until it is there they are to be. */
const covers = (event: Event): void => (event.currentTarget as HTMLElement).classList.add('bg-side')

export class ChatAvatar extends LitElement {
  static override styles = sheet
  static override properties = { name: {}, person: {}, picture: {}, size: {}, online: { type: Boolean } }
  declare name: string
  /** What the colour follows from; stays when the name changes. */
  declare person: string
  /** Its address. */
  declare picture: string | null
  declare size: keyof typeof sizes
  declare online: boolean

  constructor() {
    super()
    this.name = ''
    this.person = ''
    this.picture = null
    this.size = 'medium'
    this.online = false
  }

  override render(): TemplateResult {
    return html`<span class="relative inline-flex align-top" aria-hidden="true">
      <span
        class="hue hue-${hueOf(this.person)} ${sizes[this.size]} inline-flex items-center justify-center rounded-full font-semibold select-none before:content-[attr(data-initials)]"
        data-initials=${initialsOf(this.name)}
      ></span>
      ${repeat(
        this.picture ? [this.picture] : [],
        (url) => url,
        (url) => html`<img class="absolute inset-0 size-full rounded-full object-cover" src=${url} alt="" draggable="false" @load=${covers} />`,
      )}
      ${this.online ? html`<span class="absolute -end-px -bottom-px size-3 rounded-full border-2 border-side bg-good"></span>` : ''}
    </span>`
  }
}
