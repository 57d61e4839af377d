// One table of keys: what runs and what the help sheet says are the same lines.
export function createKeys({ commands, camera, store, open }) {
  const nudgeBy = (x, y) => () => commands.nudge(x, y)
  const edit = true
  const keys = [
    { keys: ['n'], shown: 'N', does: 'Add a step here or after the picked one', edit, run: () => open.picker() },
    { keys: ['c'], shown: 'C', does: 'Connect the picked step to another', edit, run: () => open.connector() },
    { keys: ['Enter'], shown: 'Enter', does: 'Open the settings of the picked step, write the picked note', run: () => open.inspector() },
    { keys: ['ArrowRight'], shown: '← →', does: 'Walk along the journey', run: () => commands.walk('right') },
    { keys: ['ArrowLeft'], run: () => commands.walk('left') },
    { keys: ['ArrowDown'], shown: '↑ ↓', does: 'Go to the step above or below', run: () => commands.walk('down') },
    { keys: ['ArrowUp'], run: () => commands.walk('up') },
    { keys: ['e'], shown: 'E', does: 'Pick the next wire out of the step', run: () => commands.nextEdge() },
    { keys: ['Shift+ArrowRight'], shown: 'Shift + arrows', does: 'Move the picked steps', edit, run: nudgeBy(8, 0) },
    { keys: ['Shift+ArrowLeft'], edit, run: nudgeBy(-8, 0) },
    { keys: ['Shift+ArrowDown'], edit, run: nudgeBy(0, 8) },
    { keys: ['Shift+ArrowUp'], edit, run: nudgeBy(0, -8) },
    { keys: ['Delete', 'Backspace'], shown: 'Del', does: 'Delete what is picked', edit, run: () => commands.remove() },
    { keys: ['Mod+z'], shown: 'Ctrl + Z', does: 'Undo', edit, run: () => commands.undo() },
    { keys: ['Mod+y', 'Mod+Shift+z'], shown: 'Ctrl + Y', does: 'Redo', edit, run: () => commands.redo() },
    { keys: ['Mod+c'], shown: 'Ctrl + C, X, V', does: 'Copy, cut, paste, also into another journey', edit, run: () => commands.copy() },
    { keys: ['Mod+x'], edit, run: () => commands.cut() },
    { keys: ['Mod+v'], edit, run: () => commands.paste(open.pointer()) },
    { keys: ['Mod+d'], shown: 'Ctrl + D', does: 'Duplicate', edit, run: () => commands.duplicate() },
    { keys: ['Mod+a'], shown: 'Ctrl + A', does: 'Pick everything', run: () => commands.pickAll() },
    { keys: ['Escape'], shown: 'Esc', does: 'Close, or pick nothing', run: () => open.nothing() },
    { keys: ['a'], shown: 'A', does: 'Align or spread the picked steps', edit, run: () => open.aligns() },
    { keys: ['t'], shown: 'T', does: 'Tidy up: lay everything out anew', edit, run: () => commands.tidy() },
    { keys: ['s'], shown: 'S', does: 'Stick a note', edit, run: () => commands.addNote() },
    { keys: ['w'], shown: 'W', does: 'Go to the next note', run: () => commands.nextNote() },
    { keys: ['1'], shown: '1', does: 'See everything', run: () => camera.fit() },
    { keys: ['0'], shown: '0', does: 'Full size', run: () => camera.zoomTo(1) },
    { keys: ['+', '=', 'Shift++'], shown: '+ −', does: 'Closer, farther', run: () => camera.zoomBy(1.25) },
    { keys: ['-'], run: () => camera.zoomBy(0.8) },
    { keys: ['Alt+ArrowRight'], shown: 'Alt + arrows', does: 'Move the view', run: () => camera.panBy(-120, 0) },
    { keys: ['Alt+ArrowLeft'], run: () => camera.panBy(120, 0) },
    { keys: ['Alt+ArrowDown'], run: () => camera.panBy(0, -120) },
    { keys: ['Alt+ArrowUp'], run: () => camera.panBy(0, 120) },
    { keys: ['m', 'ContextMenu', 'Shift+F10'], shown: 'M', does: 'Menu of what is picked', run: () => open.menu() },
    { keys: ['/'], shown: '/', does: 'Search the palette', edit, run: () => open.palette() },
    { keys: ['?', 'Shift+?'], shown: '?', does: 'This sheet', run: () => open.help() },
  ]
  const byKey = new Map(keys.flatMap((line) => line.keys.map((key) => [key, line])))

  function onKey(event) {
    if (event.defaultPrevented || elsewhere(event)) return
    const line = byKey.get(spelled(event))
    if (!line || (line.edit && store.state.readonly)) return
    if (line.keys[0] === 'Mod+c' && String(getSelection())) return // somebody copies words
    event.preventDefault()
    line.run()
  }

  const sheet = () => keys.filter((line) => line.shown && !(line.edit && store.state.readonly))
  return { onKey, sheet }
}

/** Keys belong to the canvas while nothing else on the page has them. */
function elsewhere(event) {
  const at = event.target
  if (at?.closest?.('input, textarea, select, [contenteditable="true"], .q-dialog, .q-menu') || document.querySelector('.q-dialog')) return true
  if (at?.closest?.('[data-canvas]')) {
    const button = at.closest('button, a')
    return Boolean(button) && ['Enter', ' ', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'].includes(event.key)
  }
  return at !== document.body
}

function spelled(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const mods = [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt', event.shiftKey && 'Shift'].filter(Boolean)
  return [...mods, key].join('+')
}
