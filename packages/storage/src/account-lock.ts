// Holding a person's row while something of theirs is made, so that nothing of who is erased or disabled at the same moment is left behind.
import type { UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import type { Session } from './database.ts'

/** Whether there is such a person who may log in; their row is held until the transaction ends. */
export async function lockAble(session: Session, { database }: Context, id: UserId): Promise<boolean> {
  const able = database.build.selectFrom('users').select('id').where('id', '=', id).where('password_hash', '<>', '').where('disabled_at', 'is', null)
  return (await session.row(database.engine === 'mysql' ? able.forUpdate() : able)) !== undefined
}
