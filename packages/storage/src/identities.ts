// People whom another issuer vouches for: found by what it calls them, never by their email (attack 34).
import { base64url, pictureIdOf, userIdOf, type UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session as DatabaseSession } from './database.ts'
import { takeInvitation } from './links.ts'
import { lockAccount } from './lock-account.ts'
import { emailKey, ISSUED, nameKey, NO_PASSWORD, toUser, withoutEmail } from './rows.ts'
import { columns, type UsersTable } from './schema.ts'
import { insertRows } from './statements.ts'
import { newSession } from './sessions.ts'
import type { Session, User } from './types.ts'

/** What an issuer says of somebody. */
export interface Identity {
  issuer: string
  subject: string
  name: string
  email: string | null
  isEmailVerified: boolean
  avatarUrl: string | null
  /** It says who somebody is and nothing of them: name, email and picture of whom is known stay. */
  isBare?: boolean
}

/** On which terms somebody who logs in by an issuer may come in. */
export interface LoginTerms {
  /** Whether who has no account gets one; `invitation`: the hash of the token by which they do. */
  newcomers: 'welcome' | 'refused' | { invitation: string }
  /** Who is not known to have their email gets no account. */
  verifiedOnly: boolean
}

/** A token of an issuer, beside whom it is about; `issuedAt` in milliseconds. */
export interface VouchingToken {
  tokenHash: string
  issuedAt: number
}

export interface IdentityStorage {
  /** Whose token this is; null: nobody's who was here before. 'ended': its session was ended, or the person has logged out everywhere since it was issued. */
  vouchedFor(token: VouchingToken & Pick<Identity, 'issuer' | 'subject'>): Promise<UserId | 'ended' | null>
  /**
   * The person behind an identity; who comes for the first time gets an account without a password. An account that has none has the name, email and
   * picture that its identity has now; one with a password keeps its own. An email that another account has stays with that one: this person has none then.
   */
  personOf(identity: Identity): Promise<{ user: User; is: 'new' | 'changed' | 'same' }>
  /**
   * The same for who logs in at this server itself, by a provider that they may share with an account of theirs. An unknown identity becomes one more way
   * ('linked') into the account with its email only where both know that the email is theirs: the provider verified it, the account confirmed it. The
   * account must have a password, and no identity of this issuer: a provider gives an email to somebody else, but not a subject. Else it is 'email-held'.
   * 'no-invitation': none is good (any more) for this email.
   */
  logInByIdentity(
    identity: Identity,
    terms: LoginTerms,
  ): Promise<{ user: User; is: 'new' | 'changed' | 'same' | 'linked' } | 'email-held' | 'not-welcome' | 'no-invitation' | 'email-unverified'>
  /**
   * Starts a session of somebody who was vouched for, or goes on with the one of this id. `issuedAt` null: they have just logged in, by no token that
   * somebody kept. 'gone': the account is disabled or erased; 'ended' as for `vouchedFor`.
   */
  createVouchedSession(
    session: Pick<Session, 'id' | 'userId' | 'tokenHash' | 'expiresAt' | 'device'> & { issuedAt: number | null },
  ): Promise<'started' | 'gone' | 'ended'>
}

const MAX_TRIES = 4

export function identities({ database, ports }: Context): IdentityStorage {
  const { build, engine } = database
  const keyOf = ({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): string =>
    base64url(ports.sha256(new TextEncoder().encode(JSON.stringify([issuer, subject]))))

  async function free(session: DatabaseSession, email: string | null, id: UserId): Promise<string> {
    if (email === null) return withoutEmail(id)
    const holder = await session.row(build.selectFrom('users').select('id').where('email', '=', emailKey(email)))
    return holder && holder.id !== id ? withoutEmail(id) : emailKey(email)
  }

  /** Since when it is known that the email, as the account has it, is the person's. */
  const confirmedAt = (identity: Identity, email: string, id: UserId): number | null =>
    identity.isEmailVerified && email !== withoutEmail(id) ? ports.now() : null

  async function known(session: DatabaseSession, identity: Pick<Identity, 'issuer' | 'subject'>): Promise<UserId | null> {
    const row = await session.row(build.selectFrom('identities').select('user_id').where('identity', '=', keyOf(identity)))
    return row?.user_id ?? null
  }
  const belongsTo = (identity: Identity, id: UserId) => {
    const { issuer, subject } = identity
    return insertRows(engine, 'identities', [{ identity: keyOf(identity), user_id: id, issuer, subject, valid_from: 0 }])
  }

  async function create(session: DatabaseSession, identity: Identity): Promise<{ user: User; is: 'new' }> {
    const id = userIdOf(ports.randomBytes(17))
    const email = await free(session, identity.email, id)
    const row: UsersTable = {
      id,
      email,
      name: identity.name,
      name_key: nameKey(identity.name),
      avatar_url: identity.avatarUrl,
      password_hash: NO_PASSWORD,
      created_at: ports.now(),
      last_seen_at: null,
      disabled_at: null,
      email_confirmed_at: confirmedAt(identity, email, id),
    }
    await session.write([...insertRows(engine, 'users', [row]), ...belongsTo(identity, id)])
    return { user: toUser(row), is: 'new' }
  }

  async function follow(session: DatabaseSession, identity: Identity, id: UserId): Promise<{ user: User; is: 'changed' | 'same' }> {
    const before = await session.row(build.selectFrom('users').select(columns.users).where('id', '=', id))
    if (!before) throw new Error('An identity of nobody')
    if (identity.isBare || before.password_hash !== NO_PASSWORD) return { user: toUser(before), is: 'same' }
    const email = await free(session, identity.email, id)
    const confirmed = confirmedAt(identity, email, id)
    const now = {
      email,
      name: identity.name,
      name_key: nameKey(identity.name),
      // One that was chosen here stays.
      avatar_url: pictureIdOf(before.avatar_url ?? '') === null ? identity.avatarUrl : before.avatar_url,
      email_confirmed_at: before.email === email ? (before.email_confirmed_at ?? confirmed) : confirmed,
    }
    const isChanged = (Object.keys(now) as (keyof typeof now)[]).some((column) => before[column] !== now[column])
    if (!isChanged) return { user: toUser(before), is: 'same' }
    await session.change(build.updateTable('users').set(now).where('id', '=', id).where('password_hash', '<>', ''))
    return { user: toUser({ ...before, ...now }), is: 'changed' }
  }

  async function settle(session: DatabaseSession, identity: Identity): ReturnType<IdentityStorage['personOf']> {
    const id = await known(session, identity)
    return id === null ? create(session, identity) : follow(session, identity, id)
  }

  async function link(session: DatabaseSession, identity: Identity, id: UserId): Promise<{ user: User; is: 'linked' } | 'email-held'> {
    // Held until the end: neither email nor confirmation changes meanwhile, and of two identities one comes first.
    const account = await lockAccount(session, build, id)
    const isTheirs = identity.isEmailVerified && account?.email_confirmed_at != null && account.email === emailKey(identity.email ?? '')
    if (!account || !isTheirs || account.password_hash === NO_PASSWORD) return 'email-held'
    const others = build.selectFrom('identities').select('identity').where('user_id', '=', id).where('issuer', '=', identity.issuer)
    if (await session.row(others)) return 'email-held'
    await session.write(belongsTo(identity, id))
    const row = await session.row(build.selectFrom('users').select(columns.users).where('id', '=', id))
    if (!row) throw new Error('An account that is held is gone')
    return { user: toUser(row), is: 'linked' }
  }

  async function logIn(session: DatabaseSession, identity: Identity, terms: LoginTerms): ReturnType<IdentityStorage['logInByIdentity']> {
    const id = await known(session, identity)
    if (id !== null) return follow(session, identity, id)
    const holder =
      identity.email === null ? undefined : await session.row(build.selectFrom('users').select('id').where('email', '=', emailKey(identity.email)))
    if (holder) return link(session, identity, holder.id)
    if (terms.newcomers === 'refused') return 'not-welcome'
    if (terms.verifiedOnly && !(identity.isEmailVerified && identity.email !== null)) return 'email-unverified'
    if (terms.newcomers !== 'welcome' && !(await takeInvitation(session, terms.newcomers.invitation, identity.email ?? '', ports.now())))
      return 'no-invitation'
    return create(session, identity)
  }

  /** What loses against another who takes the same email, or comes for the first time too, is tried again. */
  async function transaction<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.transaction(work)
      } catch (error) {
        if (database.kindOf(error) !== 'duplicate' || attempt === MAX_TRIES) throw error
      }
    }
  }

  /** Read under the person's row, or as a hint before it. */
  async function isEnded(session: DatabaseSession, user: UserId | null, { tokenHash, issuedAt }: VouchingToken): Promise<boolean> {
    const [tokens, later] = await session.rows(
      build
        .selectFrom('ended_tokens')
        .select('token_hash')
        .where('token_hash', '=', ISSUED + tokenHash),
      build
        .selectFrom('identities')
        .select('identity')
        .where('user_id', '=', user ?? ('' as UserId))
        .where('valid_from', '>', issuedAt),
    )
    return tokens.length + later.length > 0
  }

  return {
    personOf: (identity) => transaction((session) => settle(session, identity)),
    logInByIdentity: (identity, terms) => transaction((session) => logIn(session, identity, terms)),

    vouchedFor: (token) =>
      database.read(async (session) => {
        const user = await known(session, token)
        return (await isEnded(session, user, token)) ? 'ended' : user
      }),

    createVouchedSession: ({ issuedAt, ...begun }) =>
      database.transaction(async (session) => {
        const { userId, tokenHash } = begun
        if (!(await lockAccount(session, build, userId))) return 'gone'
        if (issuedAt !== null && (await isEnded(session, userId, { tokenHash, issuedAt }))) return 'ended'
        const row = newSession(issuedAt === null ? begun : { ...begun, tokenHash: ISSUED + tokenHash }, ports.now())
        await session.write(insertRows(engine, 'sessions', [row], { key: ['id'], columns: ['token_hash', 'last_used_at'] }))
        return 'started'
      }),
  }
}
