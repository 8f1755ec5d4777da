// The elements that few visits need, loaded when one of them is first opened.
import { register } from './define.ts'
import { ChatLoggingOut } from './elements/chat-logging-out.ts'
import { ChatOutbox } from './elements/chat-outbox.ts'
import { ChatPicture } from './elements/chat-picture.ts'
import { ChatSettingsAccount } from './elements/chat-settings-account.ts'
import { ChatSettingsDevices } from './elements/chat-settings-devices.ts'
import { ChatSettingsLeaving } from './elements/chat-settings-leaving.ts'
import { ChatSettingsLook } from './elements/chat-settings-look.ts'
import { ChatSettingsNotifications } from './elements/chat-settings-notifications.ts'
import { ChatSettingsStorage } from './elements/chat-settings-storage.ts'
import { ChatSettings } from './elements/chat-settings.ts'

register({
  'chat-logging-out': ChatLoggingOut,
  'chat-outbox': ChatOutbox,
  'chat-picture': ChatPicture,
  'chat-settings': ChatSettings,
  'chat-settings-account': ChatSettingsAccount,
  'chat-settings-devices': ChatSettingsDevices,
  'chat-settings-leaving': ChatSettingsLeaving,
  'chat-settings-look': ChatSettingsLook,
  'chat-settings-notifications': ChatSettingsNotifications,
  'chat-settings-storage': ChatSettingsStorage,
})
