// Where the focus is, so that it can go back there.

/** The element with the focus, through all open shadow roots. */
export function focusedIn(root: DocumentOrShadowRoot): HTMLElement | undefined {
  const { activeElement } = root
  if (!(activeElement instanceof HTMLElement)) return undefined
  return (activeElement.shadowRoot && focusedIn(activeElement.shadowRoot)) ?? activeElement
}
