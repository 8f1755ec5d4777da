// The elements around a chat as a whole and groups, loaded when one of them is first shown.
import { register } from './define.ts'
import { ChatInfo } from './elements/chat-info.ts'
import { ChatInviteLinks } from './elements/chat-invite-links.ts'
import { ChatJoin } from './elements/chat-join.ts'
import { ChatKeys } from './elements/chat-keys.ts'
import { ChatNewGroup } from './elements/chat-new-group.ts'
import { ChatOptions } from './elements/chat-options.ts'
import { ChatPicker } from './elements/chat-picker.ts'
import { ChatPicture } from './elements/chat-picture.ts'
import { ChatQuestion } from './elements/chat-question.ts'

register({
  'chat-info': ChatInfo,
  'chat-invite-links': ChatInviteLinks,
  'chat-join': ChatJoin,
  'chat-keys': ChatKeys,
  'chat-new-group': ChatNewGroup,
  'chat-options': ChatOptions,
  'chat-picker': ChatPicker,
  'chat-picture': ChatPicture,
  'chat-question': ChatQuestion,
})
