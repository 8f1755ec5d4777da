// What a page says to its service worker.

export type ToWorker =
  | 'take-over'
  /** A message in a chat that nobody looks at. */
  | { is: 'new'; chat: string; title: string; words: string; lang: string; dir: 'ltr' | 'rtl' }
  /** There is nothing new in it any more. */
  | { is: 'seen'; chat: string }
