// Before anything is painted: light or dark, where somebody has chosen it (client/src/state/preferences.ts keeps it). A script of its own, since a strict CSP allows none inside the page.
try {
  const theme = /"theme":"(light|dark)"/.exec(localStorage.getItem('skein-preferences') ?? '')?.[1]
  if (theme) document.documentElement.dataset.theme = theme
} catch {
  // A page may be denied its storage: as the system has it.
}
