// A step carried from the palette by a finger: the browser's own dragging knows only the mouse.
const AWAY = 12 // pixels sideways, out of the list
const HOLD = 300 // ms; then every way leads out of the list

/** `began(kind)`, `over(point)`, `dropped(kind, point)`, `ended()`; points are {clientX, clientY}. */
export function createCarry({ began, over, dropped, ended }) {
  let entry = null, from = null, ghost = null, holding = 0, button = null

  function down(event, kind) {
    if (event.pointerType === 'mouse') return
    cancel()
    entry = kind
    button = event.currentTarget
    from = { x: event.clientX, y: event.clientY }
    holding = setTimeout(() => lift(from.x, from.y), HOLD)
    button.addEventListener('touchmove', moved, { passive: false })
    button.addEventListener('touchend', up)
    button.addEventListener('touchcancel', cancel)
  }
  function lift(x, y) {
    ghost = button.cloneNode(true)
    ghost.classList.add('jc-carried')
    button.closest('.jc').append(ghost)
    follow(x, y)
    began(entry)
  }
  function follow(x, y) {
    const { left, top } = button.closest('.jc').getBoundingClientRect()
    ghost.style.transform = `translate(${x - left}px, ${y - top}px) translate(-50%, -120%)`
  }
  function moved(event) {
    const { clientX: x, clientY: y } = event.touches[0]
    if (!ghost) {
      if (Math.abs(x - from.x) > AWAY && Math.abs(x - from.x) > Math.abs(y - from.y)) lift(x, y)
      else if (Math.abs(y - from.y) > AWAY) return cancel() // they scroll
      else return
    }
    event.preventDefault() // the list stays where it is
    follow(x, y)
    over({ clientX: x, clientY: y })
  }
  function up(event) {
    const point = event.changedTouches[0], kind = entry, carried = Boolean(ghost)
    cancel()
    if (!carried) return
    event.preventDefault() // no click
    dropped(kind, { clientX: point.clientX, clientY: point.clientY })
  }
  function cancel() {
    clearTimeout(holding)
    button?.removeEventListener('touchmove', moved)
    button?.removeEventListener('touchend', up)
    button?.removeEventListener('touchcancel', cancel)
    if (ghost) ended()
    ghost?.remove()
    ghost = button = entry = null
  }
  return { down, cancel }
}
