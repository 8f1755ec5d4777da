// The virtualizer's layout for messages. The library's own knows rows by index, so a page put before them moves what one reads (V1); this one
// knows them by key and holds on to what is on screen: an anchor (the key of a row and its distance from the top) or the end of the list.
// Everything is in whole pixels, so that nothing drifts.
import type { virtualize } from '@lit-labs/virtualizer/virtualize.js'
import { KeyedPositions } from '../model/keyed-positions.ts'

type LayoutType = Extract<NonNullable<NonNullable<Parameters<typeof virtualize>[0]>['layout']>, { type: unknown }>['type']
type Layout = InstanceType<LayoutType>
type Sink = ConstructorParameters<LayoutType>[0]
type Sizes = Parameters<NonNullable<Layout['updateItemSizes']>>[0]

export interface LayoutItem {
  key: string
  /** Only messages are held on to: a day's line moves up when older messages of that day come. */
  kind: string
}

/** What the list around it wants to know after each change. */
export interface ListView {
  atEnd: boolean
  /** Within two screens of the first or last row. */
  nearStart: boolean
  nearEnd: boolean
  /** Rows that can be seen, by index. */
  first: number
  last: number
}

export interface MessageLayoutConfig {
  connect: (layout: MessageLayout) => void
  changed: (view: ListView) => void
  /** Scrolls the list. The virtualizer's own correction is relative, and wrong once the browser has clamped a shrinking list. */
  scrollTo: (top: number) => void
  /** Whether the list's end is the chat's end, so that one who is there wants to see what comes next. */
  sticks: boolean
}

type Anchor = { key: string; offset: number }

/** Rows kept beyond both edges of the screen, in pixels. */
const OVERHANG = 900
/** The list counts as being at its end within this distance. */
const END_SLACK = 24

export class MessageLayout implements Layout {
  readonly direction = 'vertical'
  readonly measureChildren = (element: Element) => ({
    width: 0,
    height: Math.ceil(element.getBoundingClientRect().height),
    key: element instanceof HTMLElement ? (element.dataset['key'] ?? '') : '',
  })
  pin = null
  totalScrollSize = { width: 0, height: 0 }
  offsetWithinScroller = { left: 0, top: 0 }

  #sink: Sink
  #config: MessageLayoutConfig
  #positions = new KeyedPositions()
  #items: LayoutItem[] = []
  #laid: LayoutItem[] = []
  #anchors: Anchor[] | 'end' = 'end'
  #target: Anchor | undefined
  #arrived: (() => void) | undefined
  /** On the way to a row whose surroundings are still being measured. */
  #going = false
  #view = { width: 0, height: 0 }
  #scroll = 0
  #range = { first: -1, last: -1 }
  #stale = false

  constructor(sink: Sink, config?: object) {
    this.#sink = sink
    this.#config = config as MessageLayoutConfig
    this.#config.connect(this)
  }

  get config(): object {
    return this.#config
  }
  set config(config: object) {
    this.#config = config as MessageLayoutConfig
  }

  get items(): unknown[] {
    return this.#items
  }
  set items(items: unknown[]) {
    if (items === this.#items) return
    this.#holdForChange()
    // Laid at the next reflow: until then a scroll event speaks of the rows that are on screen.
    this.#items = items as LayoutItem[]
    this.#stale = true
  }

  get viewportSize() {
    return this.#view
  }
  set viewportSize(size) {
    const { width, height } = this.#view
    if (size.width === width && size.height === height) return
    if (width && size.width && size.width !== width) {
      this.#holdForChange()
      const shown = this.#laid.slice(this.#range.first, this.#range.last + 1)
      this.#positions.forgetAllBut(new Set(shown.map((item) => item.key)))
    }
    this.#view = { ...size }
    this.#stale = true
  }

  get viewportScroll() {
    return { left: 0, top: this.#scroll }
  }
  set viewportScroll({ top }) {
    // Less than a pixel is rounding, not a person.
    if (Math.abs(top - this.#scroll) < 1) return
    this.#scroll = Math.round(top)
    this.#going = false
    this.#holdWhatIsShown()
    const { first, last } = this.#range
    const lead = this.#lead
    const covered = first >= 0 && this.#positions.top(first) + lead <= Math.max(0, this.#scroll - OVERHANG / 2)
    const until = Math.min(this.#positions.end + lead, this.#scroll + this.#view.height + OVERHANG / 2)
    if (!covered || this.#positions.bottom(last) + lead < until) this.#stale = true
    else this.#tell()
  }

  updateItemSizes(sizes: Sizes): void {
    for (const size of Object.values(sizes)) {
      if ('key' in size && typeof size.key === 'string' && size.height > 0 && this.#positions.setHeight(size.key, size.height)) this.#stale = true
    }
  }

  unpin(): void {}

  getScrollIntoViewCoordinates({ index }: { index: number }) {
    return { top: this.#positions.top(index) + this.#lead }
  }

  /** Goes to the last row and stays there while more come. */
  toEnd(): void {
    this.#anchors = 'end'
    this.#going = false
    this.#target = undefined
    this.reflowIfNeeded(true)
  }

  /** Puts a row at a distance from the top, as soon as it is in the list, and says so. */
  toKey(key: string, offset: number, done?: () => void): void {
    this.#target = { key, offset }
    this.#arrived = done
    this.reflowIfNeeded(true)
  }

  reflowIfNeeded(force = false): void {
    if (!force && !this.#stale) return
    // While it is not shown (the other pane of a phone) there is nothing to lay; it stays to be done.
    if (!this.#view.height) return
    this.#stale = false
    this.#lay()
    const lead = this.#lead
    const held = this.#held
    const wanted = held ? this.#clamp(this.#positions.top(this.#positions.indexOf(held.key)) + lead - held.offset) : this.#furthest
    this.#scroll = wanted
    if (held && !this.#going) this.#holdWhatIsShown(held.key)
    const first = this.#positions.indexAt(wanted - lead - OVERHANG)
    const last = this.#positions.indexAt(wanted - lead + this.#view.height + OVERHANG)
    this.#range = { first, last }
    const childPositions = new Map<number, { left: number; top: number }>()
    for (let index = first; index >= 0 && index <= last; index++) childPositions.set(index, { left: 0, top: this.#positions.top(index) + lead })
    this.#sink({
      type: 'stateChanged',
      scrollSize: { width: 0, height: this.#positions.end + lead },
      range: { first, last, firstVisible: this.#firstShown, lastVisible: this.#lastShown },
      childPositions,
    })
    this.#config.scrollTo(wanted)
    this.#tell()
  }

  /** Takes over new items, and sets out for the row that was asked for. */
  #lay(): void {
    if (this.#laid !== this.#items) {
      if (this.#going) this.#holdWhatIsShown()
      this.#going = false
      this.#laid = this.#items
      this.#positions.setKeys(this.#items.map((item) => item.key))
    }
    if (!this.#target || this.#positions.indexOf(this.#target.key) < 0) return
    this.#anchors = [this.#target]
    this.#going = true
    this.#target = undefined
    this.#arrived?.()
  }

  /** A short chat stands at the bottom, above the composer. */
  get #lead(): number {
    return Math.max(0, Math.floor(this.#view.height) - this.#positions.end)
  }
  get #furthest(): number {
    return Math.max(0, this.#positions.end - Math.floor(this.#view.height))
  }
  get #atEnd(): boolean {
    return this.#scroll >= this.#furthest - END_SLACK
  }
  get #firstShown(): number {
    return this.#positions.indexAt(this.#scroll - this.#lead)
  }
  get #lastShown(): number {
    return this.#positions.indexAt(this.#scroll - this.#lead + this.#view.height - 1)
  }

  get #held(): Anchor | undefined {
    return this.#anchors === 'end' ? undefined : this.#anchors.find(({ key }) => this.#positions.indexOf(key) >= 0)
  }
  #clamp(top: number): number {
    return Math.min(Math.max(0, top), this.#furthest)
  }

  #holdWhatIsShown(before?: string): void {
    if (this.#atEnd && this.#config.sticks) this.#anchors = 'end'
    else this.#holdRows(before)
  }

  /**
   * Several rows, since the one held may be deleted or fall out of the window; the window's very first message comes last, since its head changes
   * when others join it. `before`: what was held stays so while it is shown, since rows that have just come above it are still to be measured.
   */
  #holdRows(before?: string): void {
    const head = this.#laid.findIndex((item) => item.kind === 'message')
    const anchors: (Anchor & { rank: number })[] = []
    for (let index = this.#firstShown; index >= 0 && index <= this.#lastShown; index++) {
      const item = this.#laid[index]
      if (item?.kind !== 'message') continue
      const offset = this.#positions.top(index) + this.#lead - this.#scroll
      anchors.push({ key: item.key, offset, rank: item.key === before ? -1 : index === head ? 2 : offset < 0 ? 1 : 0 })
    }
    if (anchors.length) this.#anchors = anchors.sort((a, b) => a.rank - b.rank)
  }

  /** What is read as a change begins is held until all of it is measured; only while the rows are known to be where they are shown. */
  #holdForChange(): void {
    if (!this.#stale && this.#anchors !== 'end') this.#holdRows()
  }

  #tell(): void {
    const reach = this.#view.height * 2
    this.#config.changed({
      atEnd: this.#atEnd,
      nearStart: this.#scroll < reach,
      nearEnd: this.#furthest - this.#scroll < reach,
      first: this.#firstShown,
      last: this.#lastShown,
    })
  }
}
