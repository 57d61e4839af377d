// Intents go up numbered; each waits for the server's answer. Nothing but a drag changes here before the server agrees.
export function createLink(emit, store) {
  let last = 0
  const waiting = new Map()

  /** Resolves with the server's answer; `revert` runs when it says no. */
  function send(intent, revert) {
    if (store.state.readonly) return Promise.resolve({ ok: false })
    return new Promise((resolve) => {
      const seq = ++last
      waiting.set(seq, { resolve, revert })
      emit('intent', { seq, intent })
    })
  }

  function ack(answer) {
    const sent = waiting.get(answer.seq)
    waiting.delete(answer.seq)
    if (!answer.ok) {
      store.toast(answer.error || 'That did not work; try again.')
      sent?.revert?.()
    }
    sent?.resolve(answer)
  }

  return { send, ack }
}
