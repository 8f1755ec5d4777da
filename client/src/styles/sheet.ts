// The shared sheet as Lit takes it: one constructable style sheet, made when the first element is, adopted by every root.
import { unsafeCSS, type CSSResult } from 'lit'
import css from './sheet.css?inline'

export const sheet: CSSResult = unsafeCSS(css)
