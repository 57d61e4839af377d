// Intents go up numbered, each waits for the server's answer, and is kept here until the server has stored what came
// of it. Without a line they are drawn here (sketch.js) and sent in their order when it is back; the server carries out
// each of them once, however often it hears it.
import { draw, isDrawn } from './sketch.js'
import { createUnsent } from './unsent.js'

const token = (length) => Array.from(crypto.getRandomValues(new Uint8Array(length)), (n) => (n % 36).toString(36)).join('')

export function createLink({ emit, store, redraw, journey, person }) {
  const { graph, state } = store
  const page = token(16), unsent = createUnsent(journey, person), waiting = new Map()
  let last = 0, base = null, taken = [], refused = []

  const here = () => unsent.all().filter((entry) => !entry.seq) // have not left this browser
  function count() {
    state.unsent = unsent.all().filter((entry) => !entry.done).length
    state.undoHere = here().length > 0
    state.redoHere = taken.length > 0
  }

  /** Resolves with the server's answer; `revert` runs when it says no. */
  function send(intent, revert) {
    if (state.readonly) return Promise.resolve({ ok: false })
    if (state.down) return Promise.resolve(keepFor(intent))
    return new Promise((resolve) => {
      const entry = { intent }
      unsent.add(entry)
      give(entry)
      waiting.set(entry.seq, { resolve, revert })
      count()
    })
  }
  function give(entry) {
    if (!entry.seq) Object.assign(entry, { page, seq: ++last })
    unsent.keep()
    emit('intent', { page: entry.page, seq: entry.seq, oldest: unsent.oldest(entry.page), intent: entry.intent })
  }

  // ── without a line ──
  function keepFor(intent) {
    if (intent.op === 'undo' || intent.op === 'redo') return goBack(intent.op === 'redo')
    if (intent.op === 'copy' || intent.op === 'fix') return no('This needs the connection; try again when it is back.')
    taken = []
    const made = intent.op === 'add' || (intent.op === 'note' && !intent.id)
    const drawn = made ? { ...intent, as: `${(intent.kind ?? 'note').replaceAll('_', '-')}-${token(5)}` } : intent
    hold({ intent: drawn, kept: true })
    if (!isDrawn(drawn)) store.toast('This is kept, and done when the connection is back.')
    return { ok: true, select: made ? [drawn.as] : [] }
  }
  function hold(entry) {
    base ??= graph.copy()
    unsent.add(entry)
    unsent.keep()
    draw(entry.intent, store)
    count()
    redraw()
  }
  /** Only what has not left this browser can be taken back here. */
  function goBack(forward) {
    if (forward) {
      if (!taken.length) return no('There is nothing to do again without the connection.')
      hold(taken.pop())
      return { ok: true }
    }
    if (!here().length) return no('What was sent can be undone when the connection is back.')
    taken.push(unsent.pop())
    graph.take(base)
    for (const entry of here()) draw(entry.intent, store)
    count()
    redraw()
    return { ok: true }
  }
  function no(sentence) {
    store.toast(sentence)
    return { ok: false }
  }

  // ── with one again ──
  /** The journey has just come anew: lay over it what the server does not know yet, and tell it. */
  function loaded() {
    base = null
    taken = []
    for (const entry of unsent.all()) if (entry.kept && !entry.done) draw(entry.intent, store)
    for (const entry of unsent.all()) give(entry)
    count()
  }
  function ack(answer) {
    const entry = unsent.find(answer.page, answer.seq), asked = answer.page === page && waiting.get(answer.seq)
    if (asked) waiting.delete(answer.seq)
    if (entry) entry.done = true
    if (!answer.ok && entry?.kept) refused.push(answer.error)
    else if (!answer.ok) store.toast(answer.error || 'That did not work; try again.')
    if (!answer.ok && asked) asked.revert?.()
    if (state.saved) stored()
    count()
    if (!state.unsent && refused.length) tellRefused()
    if (asked) asked.resolve(answer)
  }
  /** Whatever has been answered is stored now. */
  function stored() {
    unsent.drop((entry) => entry.done)
    count()
  }
  function tellRefused() {
    const [first] = refused, many = refused.length > 1
    const what = many ? `${refused.length} changes made without a connection were` : 'A change made without a connection was'
    refused = []
    store.toast(`${what} not possible any more. ${first ?? ''}`)
    emit('hello', { rev: -1 }) // what was drawn here for it goes away
  }

  count()
  return { send, ack, loaded, stored }
}
