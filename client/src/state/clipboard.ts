// Copies text, also where the page is not secure and browsers give no clipboard.

export async function copyText(text: string): Promise<void> {
  // Typed as always there; outside a secure context it is not.
  const { clipboard } = navigator as { clipboard?: Clipboard }
  if (clipboard) return clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (!copied) throw new Error('The browser does not let this page copy.')
}
