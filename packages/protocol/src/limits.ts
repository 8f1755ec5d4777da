// Every limit of the protocol, by name. Bytes unless the name says otherwise.

/** One frame on a socket. */
export const MAX_FRAME_BYTES = 256 * 1024
/** One operation as canonical JSON, in UTF-8. */
export const MAX_OPERATION_BYTES = 64 * 1024
/** A message's text, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 16_000
/** An emoji of a reaction, in UTF-16 units. */
export const MAX_EMOJI_LENGTH = 32
export const MAX_MENTIONS = 50
/** Nesting of a value in a log. */
export const MAX_DEPTH = 8
/** Values (objects, arrays, strings, numbers) in one operation. */
export const MAX_NODES = 200
/** Operations in one update; a longer outbox goes in several. */
export const MAX_OPERATIONS_PER_UPDATE = 1_000
/** Yjs client ids in one update; above it the client rebases. */
export const MAX_CLIENT_IDS_PER_UPDATE = 64
/** Yjs client ids of one person in one epoch; above it the client rebases, then is told to slow down. */
export const MAX_CLIENT_IDS_PER_USER = 200
/** What ends an epoch, so that a live document's cost stays bounded: Yjs client ids (they cost most), entries, and bytes of updates. */
export const MAX_CLIENT_IDS_PER_EPOCH = 500
export const MAX_ENTRIES_PER_EPOCH = 5_000
export const MAX_BYTES_PER_EPOCH = 1024 * 1024
/** An epoch that one person fills with client ids alone ends at most this often, in milliseconds. */
export const MIN_EPOCH_MS = 60_000
/** So long deletions of a chat gather before their words are erased, and at least so long is between two epochs that end for it; in milliseconds. */
export const ERASE_AFTER_MS = 10 * 60_000
export const MIN_ERASING_MS = 60 * 60_000
/** Entries on one page of `erased`. */
export const MAX_ERASED_PAGE = 1_000
/** A reading client's state vector, encoded. */
export const MAX_STATE_VECTOR_BYTES = 64 * 1024
/** Reactions of one person to one message. */
export const MAX_REACTIONS_PER_PERSON = 20
/** Messages of one chat that are pinned at the same time; one more takes out the first. */
export const MAX_PINS = 3
/** One awareness entry, encoded. */
export const MAX_AWARENESS_BYTES = 1024
/** Awareness frames a second and document, over which they are dropped. */
export const MAX_AWARENESS_PER_SECOND = 10

// Sockets. Rates are a burst that refills by so many a second.

/** A peer has this time for the head of its request, a socket until it has authenticated something, in milliseconds. */
export const HANDSHAKE_MS = 5_000
export const UNAUTHENTICATED_MS = 5_000
/** Connections of one address (of one /64 in IPv6) that have sent no whole request yet, and its open sockets. */
export const MAX_HALF_OPEN_PER_ADDRESS = 500
export const MAX_SOCKETS_PER_ADDRESS = 2_000
/** Documents open on one socket. */
export const MAX_DOCUMENTS_PER_SOCKET = 100
/** Fragments of one frame, and pieces of it as the network brought them. */
export const MAX_FRAGMENTS = 1_024
export const MAX_CHUNKS = 4_096
/** Bytes of a socket that were received and not yet handled; above it the socket is paused. */
export const MAX_IN_FLIGHT_BYTES = 1024 * 1024
/** Bytes waiting to be sent to one reader: above the first its socket is not read from, above the second it is closed as `slow-reader`. */
export const MAX_UNREAD_BYTES = 1024 * 1024
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024
/** Frames and pings of one socket, over which it is paused. */
export const MAX_FRAMES_BURST = 10_000
export const MAX_FRAMES_PER_SECOND = 5_000
/** Openings and state vectors of one socket, over which it is closed as `slow-down`: a question of some bytes is answered with a whole document. */
export const MAX_QUESTIONS_BURST = 400
export const MAX_QUESTIONS_PER_SECOND = 20
/** New operations of one connection, and of one person, over which the document closes with `slow-down`. */
export const MAX_OPERATIONS_BURST = 10_000
export const MAX_OPERATIONS_PER_SECOND = 2_000
export const MAX_OPERATIONS_BURST_PER_USER = 20_000
export const MAX_OPERATIONS_PER_SECOND_PER_USER = 4_000
/** How often a silent socket is asked for a sign of life, in milliseconds, and how many times in a row it may fail to answer. */
export const HEARTBEAT_MS = 10_000
export const MAX_MISSED_HEARTBEATS = 3
/** Heartbeats without a word on `/sync`, where each client speaks every 15 seconds: a page that is frozen answers pings all the same. */
export const MAX_SPEECHLESS_HEARTBEATS = 6
/** The lifetime of a ticket for `/yjs`, in seconds. */
export const TICKET_LIFETIME = 60
/** Entries on one page of `changes`. */
export const MAX_CHANGES_PAGE = 500
/** Entries on one page of a run that is offered for healing, and the bytes of the request. */
export const MAX_RUN_ENTRIES = 1_000
export const MAX_RUN_BYTES = 1024 * 1024
/** Heads in one question for the last common one. */
export const MAX_HEADS_PER_QUESTION = 100
/** Messages on one page of history. */
export const MAX_HISTORY_PAGE = 200
/** Ids in one question to `stored`, and in `seen`. */
export const MAX_IDS_PER_QUESTION = 1_000
/** Members above which marks are counted, not named. */
export const MAX_NAMED_MARKS = 64
/** People in one page of the people list. */
export const MAX_USERS_PAGE = 100
export const MAX_CHATS_PAGE = 200
/** Chats with words that somebody typed and did not send, as far as they follow that person to other devices; of more the latest do. */
export const MAX_DRAFTS = 100
/** Messages of one chat that one person has hidden from themselves. */
export const MAX_HIDDEN_MESSAGES = 1_000
export const MAX_NAME_LENGTH = 80
export const MAX_EMAIL_LENGTH = 254
/** What another issuer calls a person. */
export const MAX_SUBJECT_LENGTH = 255
export const MAX_AVATAR_URL_LENGTH = 2_000
/** Of a picture of a person or group that the server keeps; and its greater side in pixels. */
export const MAX_PICTURE_BYTES = 64 * 1024
export const MAX_PICTURE_SIDE = 512
export const MIN_PASSWORD_LENGTH = 8
export const MAX_PASSWORD_LENGTH = 256

/** A token that a link carries. */
export const MAX_LINK_TOKEN_LENGTH = 100

// Groups.

/** Members of one group: each word in it is told to each of them. */
export const MAX_GROUP_MEMBERS = 500
/** Links of one group that work at the same time, and how long one may work, in milliseconds. */
export const MAX_LINKS_PER_CHAT = 50
export const MAX_LINK_MS = 365 * 24 * 60 * 60_000
export const MAX_LINK_USES = 10_000
/** People whom one person has blocked. */
export const MAX_BLOCKS = 1_000

/** Requests over HTTP within a window, by network (an address of IPv4, a /64 of IPv6) or by person. */
export const HTTP_RATES = {
  /** Of a network, what no person can be counted for: strangers behind an address cannot use up what its people have. */
  network: { quota: 1_200, seconds: 60 },
  person: { quota: 3_000, seconds: 60 },
  /** Questions for an email, of one person. */
  lookup: { quota: 60, seconds: 600 },
  /** Links that one person tries, and that are tried from one network. */
  join: { quota: 30, seconds: 600 },
  /** Groups that one person makes, and members they invite. */
  group: { quota: 200, seconds: 3_600 },
  /** Chats as a file, of one person: each is read from its beginning. */
  export: { quota: 20, seconds: 600 },
  /** Reports of one person. */
  report: { quota: 20, seconds: 3_600 },
  /** New accounts, of one network. */
  register: { quota: 60, seconds: 3_600 },
  /** Log-ins that fail: into one account from one network, and from one network altogether. A right password forgets those into its account. */
  login: { quota: 10, seconds: 900 },
  logins: { quota: 200, seconds: 3_600 },
  /** Mails that are asked for: to one email, whether it has an account or not, and of one network. */
  mail: { quota: 5, seconds: 3_600 },
  mails: { quota: 60, seconds: 3_600 },
}

// Keys, webhooks and reports.

/** So long a token of an issuer from when it was issued, or a log-in by a provider, stands in for a password; in milliseconds. */
export const MAX_PROOF_AGE_MS = 5 * 60_000

/** API keys and webhooks of one person. */
export const MAX_API_KEYS_PER_PERSON = 50
export const MAX_WEBHOOKS_PER_PERSON = 10
export const MAX_WEBHOOK_URL_LENGTH = 2_000
/** Deliveries that wait for one webhook; beyond it the oldest are given up. */
export const MAX_WAITING_DELIVERIES = 10_000
/** Requests of one server to receivers at the same moment. */
export const MAX_WEBHOOK_REQUESTS = 32
/** A receiver has this long to begin its answer, from the first question for its address on; in milliseconds. */
export const WEBHOOK_MS = 10_000
/** A failed delivery waits at least so long, three times as long after each further failure up to the second, and is given up once it is as old as the third; in milliseconds. */
export const WEBHOOK_RETRY_MS = 5_000
export const MAX_WEBHOOK_RETRY_MS = 4 * 60 * 60_000
export const WEBHOOK_GIVE_UP_MS = 24 * 60 * 60_000
/** What was given up is kept this long, to be sent again by hand; in milliseconds. */
export const WEBHOOK_DEAD_MS = 30 * 24 * 60 * 60_000
/** The reason of a report, in UTF-16 units, and the messages that it names. */
export const MAX_REPORT_REASON_LENGTH = 2_000
export const MAX_REPORTED_MESSAGES = 20

// Importing an exported chat.

/** One line of the file. */
export const MAX_IMPORT_LINE_BYTES = 1024 * 1024
/** Members, and everybody else who wrote or reacted. */
export const MAX_IMPORT_PEOPLE = 5_000
export const MAX_IMPORT_MESSAGES = 1_000_000
