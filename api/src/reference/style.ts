// The style of the reference page.
export const style = `:root { color-scheme: light dark; --ink: light-dark(#1b1d22, #e7e8ec); --dim: light-dark(#5c6270, #a2a8b6); --paper: light-dark(#fff, #14161b);
  --panel: light-dark(#f4f5f8, #1e2129); --line: light-dark(#dfe2e8, #30343f); --accent: light-dark(#3446c9, #9db0ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; display: grid; grid-template-columns: 15rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100dvh; overflow: auto; padding: 1.5rem; border-inline-end: 1px solid var(--line); display: flex; flex-direction: column; gap: .35rem; }
nav h2 { font-size: 1rem; margin: 0 0 .75rem; }
main { padding: 2rem clamp(1rem, 4vw, 3rem) 6rem; max-width: 60rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; }
main > h2 { margin: 3.5rem 0 0; font-size: 1.35rem; }
section { border-top: 1px solid var(--line); margin-top: 1.25rem; padding-top: 1.25rem; scroll-margin-top: 1rem; }
section:target { border-top-color: var(--accent); }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
h3 b { color: var(--accent); display: inline-block; min-width: 4.5rem; font-size: .85rem; letter-spacing: .03em; }
a { color: var(--accent); text-decoration: none; }
h3 a { color: inherit; }
a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code, pre { font: .85rem/1.55 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { background: var(--panel); border-radius: .6rem; padding: .9rem 1.1rem; overflow-x: auto; margin: .6rem 0; }
i { color: var(--dim); font-style: normal; }
dl { margin: .75rem 0 0; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1rem; }
dt { color: var(--dim); font-size: .9rem; } dt code { color: var(--ink); }
dd { margin: 0; font-size: .95rem; }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; flex-flow: row wrap; gap: .5rem 1rem; border: 0; border-bottom: 1px solid var(--line); padding: 1rem; }
  nav h2 { display: none; }
  dl { grid-template-columns: minmax(0, 1fr); gap: .1rem; } dd { margin-bottom: .6rem; }
}
@media print { nav { display: none; } body { display: block; } }
`
