// Whether the server hears us: by the browser's word, by the socket's, and by a beat that has to be answered.
const BEAT = 2500 // without a word from the server, ask for one
const PATIENCE = 5000 // for the answer
const LOOK = 1000
const HELLO = 4000 // for the journey to come anew

/** `lost` is called when there is no line; `ask` gets the journey anew, and whoever got it calls `back`. */
export function createLine({ state, beat, lost, ask }) {
  let asked = 0, heardAt = Date.now(), helloAt = 0, lookedAt = Date.now(), timer = 0, socket = null

  function cut() {
    if (state.down) return
    state.down = true
    helloAt = 0
    lost()
  }
  /** Anything the server says shows that it is there. */
  function heard() {
    heardAt = Date.now()
    asked = 0
    if (!state.down || !state.loaded || heardAt - helloAt < HELLO) return
    helloAt = heardAt
    ask()
  }
  function back() {
    state.down = false
    heard()
  }
  function look() {
    watchSocket()
    const now = Date.now(), slept = now - lookedAt > 3 * LOOK
    lookedAt = now
    if (asked && slept) asked = now // we did not listen, so we cannot tell
    const open = socket?.connected !== false && navigator.onLine !== false
    if (!open || (asked && now - asked > PATIENCE)) cut()
    if (open && (state.down || now - heardAt > BEAT)) {
      asked ||= now
      beat()
    }
    timer = setTimeout(look, LOOK)
  }
  function soon() {
    clearTimeout(timer)
    look()
  }
  /** NiceGUI's socket is there some time after the page. */
  function watchSocket() {
    if (socket === window.socket || !window.socket) return
    socket = window.socket
    socket.on('disconnect', cut)
    socket.on('connect', soon)
  }

  addEventListener('offline', cut)
  addEventListener('online', soon)
  soon()

  function stop() {
    clearTimeout(timer)
    removeEventListener('offline', cut)
    removeEventListener('online', soon)
    socket?.off('disconnect', cut)
    socket?.off('connect', soon)
  }
  return { heard, back, stop }
}
