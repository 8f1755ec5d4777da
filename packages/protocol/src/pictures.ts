// Pictures of people and groups that the server keeps. Whoever has the address of one sees it, since a page's <img> brings no token: the id cannot be guessed.
const kept = /^\/api\/pictures\/([\w-]{22})$/

/** A path on the server. */
export const picturePath = (id: string): string => `/api/pictures/${id}`

/** null: of a picture that is elsewhere. */
export const pictureIdOf = (url: string): string | null => kept.exec(url)?.[1] ?? null
